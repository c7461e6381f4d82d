/** A server of version 2, as a test plays it. */

export const HELLO = 'h{"v":2,"id":"7@a","limits":{"message":100,"requests":4,"rooms":3},"beat":25000}';

/** A client of version 2 that the server has greeted. */
export function meet(stage, options, hello = HELLO) {
  const ws = stage.dial({protocol: 2, ...options});
  stage.socket.open('troupe.2');
  stage.socket.receive(hello);
  return ws;
}

/** Loses the connection; the next one is greeted. */
export function again(stage, code = 1006) {
  stage.socket.end(code);
  stage.pass(1000);
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
}

/** What was sent since, without the hello. */
export const sent = (stage) => stage.socket.sent.splice(0).filter((x) => x[0] !== 'h');

/** @returns how a promise ends: `[value]`, or the kind of its error */
export async function outcome(stage, promise) {
  let result = 'pending';
  promise.then((x) => result = [x], (x) => result = x.kind ?? x.name);
  await stage.settle();
  return result;
}
