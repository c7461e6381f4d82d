/** What comes late in version 2: timers of a hidden page, and answers. */

import {equal} from './support/harness.mjs';
import {HELLO, again, meet, outcome, sent} from './support/protocol2.mjs';
import {recorder, scene} from './support/stage.mjs';

const MINUTE = 60_000;

/** A scene in which timers fire once a minute. */
const hidden = (name, f) => scene(name, (stage) => {
  stage.grain = MINUTE;
  stage.now = 10 * MINUTE;
  return f(stage);
});

/** Lets time pass, in which the server says something every 25 seconds. */
function hears(stage, minutes) {
  for (let i = 0; i < minutes * 60 / 25; ++i) {
    stage.pass(25_000);
    stage.socket.receive('.');
  }
}

// -- timers that fire once a minute -------------------------------------------

hidden('a hidden page keeps a connection that lives', (stage) => {
  const ws = meet(stage);
  hears(stage, 600);
  equal([ws.state, stage.dialed, sent(stage)], ['open', 1, []]);
});

hidden('a hidden page gives a dead connection up, and comes back', (stage) => {
  const ws = meet(stage);
  stage.pass(MINUTE);
  equal(sent(stage), ['?']);
  stage.pass(MINUTE); // Its timer is late, and the answer may be unread.
  equal([ws.state, sent(stage)], ['open', ['?']]);
  stage.pass(MINUTE);
  equal(ws.state, 'waiting');
  stage.pass(MINUTE);
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(ws.state, 'open');
  hears(stage, 60);
  equal([ws.state, stage.dialed], ['open', 2]);
});

hidden('a hidden page is answered, or not in time', async (stage) => {
  const ws = meet(stage);
  const [answered, late] = [ws.request('pour'), ws.request('boil', 1, {timeout: 50})];
  stage.pass(30_000);
  stage.socket.receive('a1;2;true');
  equal([await outcome(stage, answered), await outcome(stage, late)], [[true], 'pending']);
  stage.pass(30_000);
  equal(await outcome(stage, late), 'timeout');
  stage.socket.receive('a2;2;true');
  equal([await outcome(stage, late), ws.state, stage.warnings], ['timeout', 'open', []]);
});

hidden('a hidden page whose right ends comes back with a new one', async (stage) => {
  let count = 0;
  const ws = stage.dial({protocol: 2, auth: () => ++count});
  const tea = ws.room('tea');
  tea.join().catch(() => {});
  await stage.settle();
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO.replace('"beat"', '"until":30000,"beat"'));
  stage.socket.receive('a1;0;');
  await stage.settle();
  equal(tea.state, 'in');
  stage.pass(30_000); // The timer that would have renewed it waits for the minute.
  stage.socket.receive('s{"again":true,"after":0,"window":0,"why":"expired"}');
  stage.socket.end(1008, 'expired');
  stage.pass(MINUTE);
  await stage.settle();
  stage.socket.open('troupe.2');
  equal(stage.socket.sent.splice(0), ['h{"v":2,"auth":2}']);
  stage.socket.receive(HELLO);
  equal([ws.state, sent(stage)], ['open', ['j2;tea;0;']]);
});

hidden('a hidden page leaves what it has not joined yet', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  const joined = tea.join();
  stage.socket.end();
  tea.leave();
  equal(await outcome(stage, joined), 'gone');
  const second = tea.join();
  stage.pass(MINUTE);
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(sent(stage), ['j2;tea;0;']);
  stage.socket.receive('a1;0;first');
  stage.socket.receive('a2;0;second');
  equal([await second, tea.state], ['second', 'in']);
});

// -- answers ------------------------------------------------------------------

scene('an answer after the time-out answers nothing, and nobody else', async (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.onError(note);
  const first = ws.request('slow', 1, {timeout: 50});
  stage.pass(50);
  const second = ws.request('slow', 2);
  stage.socket.receive('a1;0;first');
  equal([await outcome(stage, first), await outcome(stage, second)], ['timeout', 'pending']);
  stage.socket.receive('x1;failed;0;');
  stage.socket.receive('a2;0;second');
  stage.socket.receive('a2;0;again');
  equal([await outcome(stage, second), log], [['second'], []]);
});

scene('no id of a connection is used on the next one', async (stage) => {
  const ws = meet(stage);
  const lost = ws.request('slow');
  again(stage);
  const next = ws.request('slow');
  stage.socket.receive('a1;0;of the former connection');
  equal([await outcome(stage, lost), await outcome(stage, next)], ['unknown_outcome', 'pending']);
  stage.socket.receive('a2;0;of this one');
  equal(await next, 'of this one');
});

scene('the server uses its ids again: each answer is for its own connection', async (stage) => {
  const ws = meet(stage);
  const answers = [];
  ws.onRequest('slow', () => new Promise((resolve) => answers.push(resolve)));
  stage.socket.receive('q1;;slow;0;');
  await stage.settle();
  again(stage);
  stage.socket.receive('q1;;slow;0;');
  await stage.settle();
  answers[0]('old');
  await stage.settle();
  equal(sent(stage), []);
  answers[1]('new');
  await stage.settle();
  equal(sent(stage), ['a1;0;new']);
});
