/**
 * Makes a server of version 1 give a sign of life, as far as there is a way to.
 * @param {any} socket
 * @param {() => void} heard is called when it does
 * @returns {boolean} false: no sign within the time means nothing
 */
export function probe(socket, heard) {
  if (typeof socket.ping === 'function') { // The package ws; browsers have no pings.
    socket.once('pong', heard);
    socket.ping();
    return true;
  }
  const url = new URL(socket.url.replace(/^ws/, 'http'));
  url.search = ''; // What is secret in it is not for logs.
  globalThis.fetch?.(url.href, {
    method: 'HEAD', mode: 'no-cors', credentials: 'omit', cache: 'no-store',
  }).then(() => {
    answering.add(url.host);
    heard();
  }, () => {}); // The silence goes on.
  return answering.has(url.host);
}

/** Hosts that have answered: only of these, silence is a bad sign. */
const answering = new Set();
