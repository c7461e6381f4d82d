/** Rooms of version 2 of the protocol. */

import {equal, throws} from './support/harness.mjs';
import {HELLO, again, meet, outcome, sent} from './support/protocol2.mjs';
import {recorder, scene} from './support/stage.mjs';

scene('a room is joined, and joined again on each connection', async (stage) => {
  const ws = stage.dial({protocol: 2});
  const tea = ws.room('tea;%');
  equal(ws.room('tea;%') === tea, true);
  const joined = tea.join({seat: 1});
  equal([tea.state, tea.join() === joined], ['joining', true]);
  equal(tea.emit('say', 'waits'), true);
  ws.emit('first');
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(sent(stage), ['j1;tea%3B%25;4;{"seat":1}', 'e;first;0;']);
  stage.socket.receive('a1;4;{"owner":"Ann"}');
  equal(await joined, {owner: 'Ann'});
  equal([tea.state, sent(stage)], ['in', ['e#tea%3B%25;say;0;waits']]);
  again(stage);
  equal([tea.state, sent(stage)], ['joining', ['j2;tea%3B%25;4;{"seat":1}']]);
  stage.socket.receive('a2;0;');
  await stage.settle();
  equal(tea.state, 'in');
});

scene('a room that is left stays left', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  const first = tea.join();
  tea.leave();
  equal([tea.state, await outcome(stage, first)], ['out', 'gone']);
  stage.socket.receive('a1;0;'); // The answer was on its way.
  await stage.settle();
  equal([tea.state, sent(stage)], ['out', ['j1;tea;0;', 'ltea;']]);
  again(stage);
  equal(sent(stage), []);
  tea.join();
  stage.socket.end();
  tea.leave(); // Counts offline as well.
  stage.pass(1000);
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(sent(stage), []);
});

scene('a room that is refused is not tried again, unless the server says when', async (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.onDrop(({why, event}) => note('drop', why, event));
  const [tea, pub] = [ws.room('tea'), ws.room('pub')];
  tea.onRefused((x) => note('tea', x.kind));
  pub.onRefused((x) => note('pub', x.kind, x.after));
  const joins = [tea.join(), pub.join()];
  tea.emit('say', 1);
  stage.socket.receive('x1;refused;0;no');
  stage.socket.receive('x2;full;4;{"message":"full","after":3000}');
  equal([await outcome(stage, joins[0]), await outcome(stage, joins[1])], ['refused', 'full']);
  equal([tea.state, pub.state], ['refused', 'refused']);
  equal(log, [['drop', 'not_member', 'say'], ['tea', 'refused'], ['pub', 'full', 3000]]);
  equal(tea.emit('say', 2), false);
  equal(sent(stage), ['j1;tea;0;', 'j2;pub;0;']);
  stage.pass(3000);
  equal([tea.state, pub.state, sent(stage)], ['refused', 'joining', ['j3;pub;0;']]);
});

scene('the answer to a join of an earlier connection does not count', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  const joined = tea.join();
  again(stage);
  stage.socket.receive('a1;0;');
  await stage.settle();
  equal([tea.state, await outcome(stage, joined)], ['joining', 'pending']);
  stage.socket.receive('a2;0;');
  equal([await joined, tea.state], ['', 'in']);
});

scene('the server changes who is in a room', async (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  const tea = ws.room('tea');
  tea.onChange((why) => note(why, tea.state));
  tea.join();
  stage.socket.receive('a1;0;');
  await stage.settle();
  stage.socket.receive('ytea;left;');
  again(stage);
  equal(sent(stage), []);
  stage.socket.receive('ytea;joined;');
  equal(log, [['left', 'out'], ['joined', 'in']]);
  equal([tea.emit('say', 1), sent(stage)], [true, ['e#tea;say;1;1']]);
});

scene('a change that crosses a join is older than the answer', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  const {log, note} = recorder();
  tea.onChange(note);
  tea.join();
  stage.socket.receive('a1;0;');
  await stage.settle();
  tea.leave(); // Meanwhile, the server removes it.
  const again = tea.join();
  equal(sent(stage), ['j1;tea;0;', 'ltea;', 'j2;tea;0;']);
  stage.socket.receive('ytea;left;');
  equal([tea.state, await outcome(stage, again)], ['joining', 'pending']);
  stage.socket.receive('a2;4;{"seat":2}');
  equal([await again, tea.state, log], [{seat: 2}, 'in', []]);
  tea.leave();
  const refused = tea.join();
  stage.socket.receive('ytea;joined;'); // And left again: see the answer.
  stage.socket.receive('x3;refused;0;');
  equal([await outcome(stage, refused), tea.state], ['refused', 'refused']);
  tea.leave();
  stage.socket.receive('ytea;joined;');
  stage.socket.receive('ytea;left;');
  equal([tea.state, log], ['out', ['joined', 'left']]);
});

scene('requests of a room wait for the join', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  tea.join();
  const asked = tea.request('pour', 2);
  await stage.settle();
  equal(sent(stage), ['j1;tea;0;']);
  stage.socket.receive('a1;0;');
  await stage.settle();
  equal(sent(stage), ['q2;#tea;pour;1;2']);
  stage.socket.receive('a2;2;true');
  equal(await asked, true);
  throws(() => ws.room(''), TypeError);
  throws(() => ws.room('ä'.repeat(128)), TypeError);
});

scene('rooms survive the end, if the page connects again', async (stage) => {
  const ws = meet(stage);
  const tea = ws.room('tea');
  tea.join();
  stage.socket.receive('a1;0;');
  await stage.settle();
  const next = tea.once('said');
  ws.close();
  stage.socket.end(1000);
  equal(await outcome(stage, next), 'closed');
  ws.reconnect();
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(sent(stage), ['j2;tea;0;']);
});
