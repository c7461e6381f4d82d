/** What apps/bench/clients compares: bytes of protocols and sizes of clients. */

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {dialogues, table} from '../../apps/bench/clients/bytes.mjs';
import {sizes} from '../../apps/bench/clients/sizes.mjs';

const textsOf = (messages) => messages.map((x) => x.text);

test('all protocols have the same dialogue', () => {
  const troupe = dialogues['troupe.2'];
  assert.deepEqual(textsOf(troupe.join), ['j1;room:tea;0;', 'a1;4;null']);
  assert.deepEqual(textsOf(troupe['10 requests']).slice(-2),
                   ['q11;;add;4;{"numbers":[1,2,3]}', 'a11;4;{"sum":6}']);
  assert.deepEqual(textsOf(troupe.leave), ['lroom:tea;']);
  for (const [name, steps] of Object.entries(dialogues)) {
    assert.equal(steps['10 events'].length, 10, name);
    assert.equal(steps['10 requests'].length, 20, name);
    for (const {text} of steps['10 events'])
      assert.match(text, /said.*\{"from":"Ada","text":"good morning"\}/, name);
    for (const messages of Object.values(steps))
      assert.ok(messages.length > 0, name);
  }
});

test('a frame of the client has a mask, one of the server has none', () => {
  const [question, answer] = dialogues['socket.io']['10 requests'];
  assert.equal(question.text, '422["add",{"numbers":[1,2,3]}]');
  assert.equal(question.bytes, question.text.length + 6);
  assert.equal(answer.text, '432[{"sum":6}]');
  assert.equal(answer.bytes, answer.text.length + 2);
});

test('the documented bytes are those of the protocols', () => {
  const page = path.join(import.meta.dirname, '../../docs/performance.md');
  assert.ok(readFileSync(page, 'utf8').includes(table()), table());
});

test('the clients are bundled in the same way', () => {
  const all = sizes();
  assert.equal(all.length, 6);
  for (const {name, minified, gzip} of all) {
    assert.ok(gzip > 4000, `${name}: ${gzip}`);
    assert.ok(minified > gzip, name);
  }
  const troupe = all.find((x) => x.name === 'troupe-client');
  assert.ok(troupe.gzip <= 8192, troupe.gzip);
});
