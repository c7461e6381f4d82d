/**
 * The sample chat on three nodes, and a fourth with bots: real processes, pages
 * in a real browser.
 */

import assert from 'node:assert/strict';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {Guest} from './support/guest.mjs';
import {start} from './support/program.mjs';

const artifacts = process.env.TROUPE_TEST_ARTIFACTS
                  ?? mkdtempSync(path.join(tmpdir(), 'troupe-cluster-'));

// Short, so that a test does not wait; long enough for a busy machine.
const times = ['--cluster.heartbeat=300ms', '--cluster.timeout=3s'];

const nodes = []; // {program, address, name}
const guests = [];
let worker;
let browser;

/** Starts a node of the chat that meets those there are. */
async function startNode(listen = '127.0.0.1:0', port = 0) {
  const known = nodes.map((x) => x.address).join();
  const program = await start('troupe-chat', port, [
    `--cluster.listen=${listen}`, ...known ? [`--cluster.join=${known}`] : [], ...times,
  ]);
  const [, name, address] = await program.logs(/this is node (\S+) of .* at (\S+)/);
  return {program, name, address};
}

async function startWorker() {
  const program = await start('troupe-node', 0, [
    `--cluster.join=${nodes.map((x) => x.address).join()}`,
    '--node.words=darn,heck', ...times,
  ]);
  for (const x of nodes)
    await program.logs(new RegExp(`node ${x.name} .* is up`));
  return program;
}

async function enter(node, nick) {
  guests.push(await Guest.enter(browser, nodes[node].program.url, nick));
  return guests.at(-1);
}

/** Runs a test and sees all guests out, who must not have had any trouble. */
function story(name, f) {
  test(name, {timeout: 120_000}, async () => {
    try {
      await f();
    } catch (e) {
      for (const x of nodes)
        e.message += `\n-- node ${x.name}\n${x.program.log()}`;
      throw e;
    } finally {
      const ends = await Promise.allSettled(guests.splice(0).map((x) => x.close()));
      const failed = ends.find((x) => x.status === 'rejected');
      if (failed)
        throw failed.reason; // eslint-disable-line no-unsafe-finally
    }
  });
}

describe('troupe-chat on several nodes', () => {
  before(async () => {
    for (let i = 0; i < 3; ++i)
      nodes.push(await startNode());
    for (const x of nodes)
      for (const y of nodes)
        if (x !== y)
          await x.program.logs(new RegExp(`node ${y.name} .* is up`));
    worker = await startWorker();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    const all = [worker, ...nodes.map((x) => x.program)];
    await Promise.all(all.map((x) => x?.endsWell()));
  });

  story('people on different nodes see each other and talk', async () => {
    const alice = await enter(0, 'Alice');
    const bob = await enter(1, 'Bob');
    const carol = await enter(2, 'Carol');
    for (const x of [alice, bob, carol])
      await x.sees('Alice', 'Bob', 'Carol');
    await alice.counts('#lobby', 3);
    await alice.say('Hello, Bob!');
    await bob.hears('Hello, Bob!');
    await bob.say('Hello, Alice!');
    await alice.hears('Hello, Alice!');
    await carol.hears('Hello, Alice!');
    assert.equal(await alice.message('Hello, Bob!').count(), 1);
    await alice.page.screenshot({path: path.join(artifacts, 'cluster-chat.png')});
  });

  story('a newcomer sees what was said at another node', async () => {
    const alice = await enter(0, 'Alice');
    await alice.goTo('#tea');
    await alice.say('Anybody?');
    await alice.hears('Anybody?');
    const bob = await enter(1, 'Bob');
    await bob.counts('#tea', 1);
    await bob.goTo('#tea');
    await bob.hears('Anybody?');
    await alice.sees('Alice', 'Bob');
  });

  story('a nickname belongs to one person of all nodes', async () => {
    const alice = await enter(0, 'Alice');
    guests.push(await Guest.open(browser, nodes[1].program.url));
    const other = guests.at(-1);
    await other.signIn('ALICE');
    await other.page.getByText('This nickname is taken.').waitFor();
    await other.signIn('Bob');
    await other.isIn('#lobby');
    await alice.sees('Alice', 'Bob');
  });

  story('whispers cross nodes', async () => {
    const alice = await enter(0, 'Alice');
    const bob = await enter(2, 'Bob');
    await alice.sees('Alice', 'Bob');
    await alice.page.locator('#people').getByText('Bob').click();
    await alice.say('Between you and me …');
    await bob.conversation('Alice').click();
    await bob.hears('Between you and me …');
    await bob.say('Understood.');
    await alice.hears('Understood.');
  });

  story('bots on a node of their own hear all and answer', async () => {
    const alice = await enter(0, 'Alice');
    const bob = await enter(1, 'Bob');
    await alice.goTo('#bots');
    await bob.goTo('#bots');
    await alice.say('tea tea');
    await bob.hears('tea tea');
    await bob.say('more tea');
    await alice.hears('more tea');
    await bob.say('!words');
    await alice.hears('tea: 3, more: 1');
    await bob.hears('tea: 3, more: 1');

    for (const i of [1, 2]) {
      await bob.conversation('#bots').click();
      await bob.say(`Darn! ${i}`);
      await bob.conversation('Moderator').click();
      await bob.log.locator('.message .body').nth(i - 1).getByText('"darn"').waitFor();
    }
    assert.equal(await alice.conversation('Moderator').count(), 0);
    await bob.conversation('#bots').click();
    await bob.say('What the heck.');
    await alice.sees('Alice'); // Bob was sent away.
    await bob.isConnected(false);
  });

  story('bots can be killed and come back', async () => {
    const alice = await enter(0, 'Alice');
    await alice.goTo('#restart');
    await worker.stop('SIGKILL');
    await alice.say('one');
    await alice.hears('one');
    worker = await startWorker();
    const answer = alice.log.getByText(/^Nothing was said|: \d/).first();
    do { // It takes a moment until it is in the room.
      await alice.say('!words');
      await answer.waitFor({timeout: 1000}).catch(() => {});
    } while (await answer.count() === 0);
  });

  story('a node is killed: the others chat on, and it comes back', async () => {
    for (const dead of [0, 1, 2]) {
      const [here, there] = [0, 1, 2].filter((x) => x !== dead);
      const victim = await enter(dead, 'Victor');
      const alice = await enter(here, 'Alice');
      const bob = await enter(there, 'Bob');
      await alice.sees('Alice', 'Bob', 'Victor');
      const {program, address} = nodes[dead];
      await program.stop('SIGKILL');
      await alice.say(`without ${dead}`);
      await bob.hears(`without ${dead}`);
      await bob.say(`never mind ${dead}`);
      await alice.hears(`never mind ${dead}`);
      await alice.sees('Alice', 'Bob'); // Its guests went with it.

      const others = nodes.splice(dead, 1);
      assert.equal(others.length, 1);
      nodes.splice(dead, 0, await startNode(address, program.port));
      await victim.isConnected();
      for (const x of [alice, bob, victim])
        await x.sees('Alice', 'Bob', 'Victor');
      await victim.say(`back at ${dead}`);
      await alice.hears(`back at ${dead}`);
      await bob.hears(`back at ${dead}`);
      await Promise.all(guests.splice(0).map((x) => x.close()));
    }
  });
});
