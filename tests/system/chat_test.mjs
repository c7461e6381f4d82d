/**
 * The sample chat as people use it: the program, and its page in a real
 * browser. Leaves screenshots behind in TROUPE_TEST_ARTEFACTS.
 */

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import WebSocket from 'ws';

import {launch} from './support/browser.mjs';
import {Guest} from './support/guest.mjs';
import {start} from './support/program.mjs';

const artefacts = process.env.TROUPE_TEST_ARTEFACTS
                  ?? mkdtempSync(path.join(tmpdir(), 'troupe-chat-'));

const dark = {colorScheme: 'dark'};
const phone = {
  viewport: {width: 390, height: 844},
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

let browser;
let server;
const guests = [];

const open = async (options) => {
  guests.push(await Guest.open(browser, server.url, options));
  return guests.at(-1);
};

const enter = async (nick, options) => {
  guests.push(await Guest.enter(browser, server.url, nick, options));
  return guests.at(-1);
};

/** Runs a test and sees all guests out, who must not have had any trouble. */
function story(name, f) {
  test(name, {timeout: 90_000}, async () => {
    try {
      await f();
    } finally {
      const all = guests.splice(0);
      const ends = await Promise.allSettled(all.map((x) => x.close()));
      const failed = ends.find((x) => x.status === 'rejected');
      if (failed)
        throw failed.reason; // eslint-disable-line no-unsafe-finally
    }
  });
}

const shot = (guest, name) =>
  guest.page.screenshot({path: path.join(artefacts, `chat-${name}.png`)});

describe('troupe-chat', () => {
  before(async () => {
    server = await start('troupe-chat');
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.endsWell();
  });

  story('the page needs nothing from elsewhere and allows nothing else', async () => {
    const answer = await fetch(server.url);
    const policy = answer.headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');

    const alice = await open();
    const loaded = [];
    alice.page.on('request', (x) => loaded.push(x.url()));
    await alice.page.reload();
    await alice.signIn('Alice');
    await alice.isIn('#lobby');
    assert.ok(loaded.length > 3);
    for (const url of loaded)
      assert.ok(url.startsWith(server.url), url);
  });

  story('two people talk, both ways', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    await alice.sees('Alice', 'Bob');
    await alice.say('Hello, Bob!');
    await bob.hears('Hello, Bob!');
    await bob.say('Hello, Alice!\nHow are you?');
    await alice.hears('Hello, Alice!\nHow are you?');

    const heard = bob.log.locator('.message', {hasText: 'Hello, Bob!'});
    assert.equal(await heard.locator('.nick').textContent(), 'Alice');
    const time = Date.parse(await heard.locator('time').getAttribute('datetime'));
    assert.ok(Math.abs(Date.now() - time) < 60_000);
    // What one has said comes back from the room, too, and is shown once.
    await alice.log.locator('.message.mine:not(.pending)', {hasText: 'Hello, Bob!'}).waitFor();
    assert.equal(await alice.message('Hello, Bob!').count(), 1);
  });

  story('who comes later sees what was said', async () => {
    const alice = await enter('Alice');
    await alice.goTo('#history');
    for (const x of ['one', 'two', 'three'])
      await alice.say(x);
    await alice.hears('three');
    const bob = await enter('Bob');
    await bob.goTo('#history');
    await bob.hears('three');
    assert.deepEqual(await bob.log.locator('.body').allTextContents(),
                     ['one', 'two', 'three']);
  });

  story('a nickname belongs to one person, whatever its case', async () => {
    const jörg = await enter('Jörg Ähm');
    const other = await open();
    const problem = other.page.getByRole('alert').filter({hasText: /./});
    await other.signIn('  jÖRG   äHM ');
    await problem.getByText('This nickname is taken.').waitFor();
    await other.signIn('   ');
    await problem.getByText('Please enter a nickname.').waitFor();
    await other.signIn('x'.repeat(25));
    await problem.getByText('at most 24 characters').waitFor();
    await other.signIn('Jörg\u200b Ähm');
    await problem.getByText('invisible').waitFor();
    await other.signIn('😀'.repeat(24));
    await other.isIn('#lobby');

    // A name that is given back is free again.
    await jörg.page.getByRole('button', {name: 'Change your nickname'}).click();
    const field = jörg.page.locator('#rename-nick');
    await field.fill('😀'.repeat(24));
    await field.press('Enter');
    await jörg.page.locator('#rename-problem').getByText('taken').waitFor();
    await field.fill('George');
    await field.press('Enter');
    await other.sees('George', '😀'.repeat(24));
    await other.log.getByText('Jörg Ähm is now George').waitFor();
    const third = await enter('jörg ähm');
    await third.sees('George', '😀'.repeat(24), 'jörg ähm');
  });

  story('rooms: create, switch, leave; counts and presence follow', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    await alice.goTo('#tea-room');
    await bob.counts('#tea-room', 1);
    await bob.page.getByRole('button', {name: 'Join #tea-room'}).click();
    await bob.isIn('#tea-room');
    await alice.sees('Alice', 'Bob');
    await alice.counts('#tea-room', 2);
    await alice.say('Tea?');
    await bob.hears('Tea?');

    // Being in another room, one does not see it but is told.
    await alice.conversation('#lobby').click();
    await alice.isIn('#lobby');
    await bob.say('Yes, please.');
    await alice.conversation('#tea-room').locator('.badge').getByText('1').waitFor();
    assert.equal(await alice.message('Yes, please.').count(), 0);
    assert.match(await alice.page.title(), /^\(1\) /);
    await alice.conversation('#tea-room').click();
    await alice.hears('Yes, please.');
    await alice.conversation('#tea-room').locator('.badge').waitFor({state: 'hidden'});

    await bob.page.getByRole('button', {name: 'Leave this room'}).click();
    await bob.isIn('#lobby');
    await alice.sees('Alice');
    await bob.counts('#tea-room', 1);

    // Whoever closes the page leaves all rooms.
    await alice.page.goto('about:blank');
    await bob.sees('Bob');
    await bob.counts('#tea-room', 0);
  });

  story('one sees who is typing, and only while they do', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    const typing = bob.page.locator('#typing');
    await alice.text.pressSequentially('Well');
    await typing.getByText('Alice is typing…').waitFor();
    assert.equal(await alice.page.locator('#typing').textContent(), '');
    await alice.text.press('Enter');
    await bob.hears('Well');
    await bob.until(() => document.querySelector('#typing').textContent === '');

    // Who thinks better of it is no longer believed to type.
    await alice.text.pressSequentially('Hm');
    await typing.getByText('Alice is typing…').waitFor();
    await bob.until(() => document.querySelector('#typing').textContent === '');
  });

  story('a private message reaches one person', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    const carol = await enter('Carol');
    await alice.page.locator('#people').getByText('Bob').click();
    await alice.say('Between you and me …');
    await alice.hears('Between you and me …');
    await bob.conversation('Alice').locator('.badge').getByText('1').waitFor();
    await bob.conversation('Alice').click();
    await bob.hears('Between you and me …');
    await bob.say('Understood.');
    await alice.hears('Understood.');
    // Had Carol got anything, it would have come before this.
    await bob.conversation('#lobby').click();
    await bob.say('Carol?');
    await carol.hears('Carol?');
    assert.equal(await carol.page.locator('#whispers button').count(), 0);

    await bob.close();
    guests.splice(guests.indexOf(bob), 1);
    const failure = alice.log.getByText('No user named Bob is online.');
    do { // It takes a moment until he is gone.
      await alice.say('Are you there?');
      await alice.until(() => !document.querySelector('.pending:not(:has(.failure))'));
    } while (await failure.count() === 0);
  });

  story('markup in nicknames and messages is text', async () => {
    const nick = '<img src=x onerror=p()>';
    const evil = await enter(nick);
    const bob = await enter('Bob');
    const texts = [
      '<script>window.hurt = 1</script>',
      '<img src=x onerror="window.hurt = 1">',
      '"><svg onload=alert(1)>',
      '</article></div><h1>big</h1>',
      '<a href="javascript:alert(1)">click</a> javascript:alert(1)',
      '&lt;b&gt; &amp; {{7*7}} ${7*7}',
    ];
    for (const x of texts)
      await evil.say(x);
    await bob.hears(texts.at(-1));
    for (const x of texts)
      await bob.hears(x);
    await bob.sees('Bob', nick);
    await bob.log.getByText(nick, {exact: true}).first().waitFor();
    // In private, where the name is also the title.
    await bob.page.locator('#people').getByText(nick).click();
    await bob.say(texts[1]);
    await bob.hears(texts[1]);
    await evil.conversation('Bob').click();
    await evil.hears(texts[1]);
    await bob.until((x) => document.querySelector('#title').textContent === x, nick);

    for (const {page} of [evil, bob]) {
      assert.equal(await page.evaluate(() => window.hurt), undefined);
      const made = 'script:not([src]), img:not([src="icon.svg"]), a[href^="javascript"], '
                   + '#stage svg:not(.icon), #log h1, [onerror], [onload]';
      assert.equal(await page.locator(made).count(), 0);
      // Not even our own code could turn text into markup.
      await assert.rejects(page.evaluate(() => {
        document.createElement('div').innerHTML = '<b>x</b>';
      }), /Trusted/);
    }
    for (const x of [evil, bob]) // The attempt above is reported as well.
      x.troubles = x.troubles.filter((y) => !y.includes('Trusted'));
  });

  story('addresses become links, and nothing else does', async () => {
    const alice = await enter('Alice');
    await alice.say('See https://example.org/a?b=1&c=2. Or http://[::bad or ftp://x');
    const links = alice.log.locator('a');
    await links.first().waitFor();
    assert.equal(await links.count(), 1);
    assert.equal(await links.getAttribute('href'), 'https://example.org/a?b=1&c=2');
    assert.equal(await links.getAttribute('rel'), 'noopener noreferrer');
  });

  story('the keyboard does it all', async () => {
    const alice = await enter('Alice');
    const {page} = alice;
    const focus = () => page.evaluate(() => document.activeElement.id);
    await alice.until(() => document.activeElement.id === 'text');
    await page.keyboard.type('first');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second');
    await page.keyboard.press('Enter');
    await alice.hears('first\nsecond');
    assert.equal(await alice.text.inputValue(), '');

    await alice.goTo('#keys');
    await page.keyboard.press('Alt+ArrowUp');
    await alice.isIn('#lobby'); // #keys, #lobby: up from the first is the last.
    await page.keyboard.press('Alt+ArrowDown');
    await alice.isIn('#keys');
    await alice.until(() => document.activeElement.id === 'text');
    await page.keyboard.press('Control+k');
    assert.equal(await focus(), 'find-text');
    await page.keyboard.press('Escape');
    await alice.until(() => document.activeElement.id === 'text');
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog', {name: 'Keyboard and commands'}).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#help-dialog').waitFor({state: 'hidden'});

    await alice.say('/join made by command');
    await alice.isIn('#made-by-command');
    await alice.say('/leave');
    await alice.isIn('#lobby');
    await alice.say('/nick Alicia');
    await alice.sees('Alicia');
  });

  story('what is too long or too fast is refused, and said so', async () => {
    const alice = await enter('Alice');
    await alice.goTo('#limits');
    await alice.text.fill('😀'.repeat(2001));
    await alice.page.locator('#counter').getByText('2001 / 2000').waitFor();
    assert.ok(await alice.page.getByRole('button', {name: 'Send'}).isDisabled());
    await alice.text.press('Enter');
    assert.equal((await alice.text.inputValue()).length, 4002); // Kept.
    await alice.text.fill('😀'.repeat(2000));
    await alice.text.press('Enter');
    await alice.hears('😀'.repeat(2000));

    await alice.page.evaluate(() => {
      const box = document.querySelector('#text');
      for (let i = 0; i < 50; ++i) {
        box.value = `flood ${i}`;
        box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
      }
    });
    await alice.log.getByText('You are sending too fast.').first().waitFor();
    // Those are shown as not sent and can be sent later.
    await alice.until(() => !document.querySelector('.pending:not(:has(.failure))'));
    const failed = alice.log.locator('.failure');
    const before = await failed.count();
    assert.ok(before > 0);
    await alice.page.waitForFunction(() => {
      document.querySelector('.failure button')?.click();
      return !document.querySelector('.pending');
    }, null, {polling: 300});
    assert.equal(await alice.log.locator('.body', {hasText: /^flood/}).count(), 50);
    await alice.isConnected();
  });

  test('a client without manners harms nobody', {timeout: 60_000}, async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/chat`);
    await once(socket, 'open');
    const heard = [];
    socket.on('message', (x) => heard.push(x.toString()));
    const refusals = async (n) => {
      while (heard.filter((x) => x.startsWith('m:refused;')).length < n)
        await once(socket, 'message', {signal: AbortSignal.timeout(20_000)});
      return heard.filter((x) => x.startsWith('m:refused;'));
    };
    const nonsense = [
      'raw', 'm:', 'm:say', 'm:say;4;{', 'm:say;4;[]', 'm:say;4;null',
      'm:say;4;{"room":1,"text":2,"id":3}', 'm:say;9;x', 'm:join;4;{}',
      'm:nick;0;me', 'm:nick;4;{"nick":{},"key":[]}', 'm:whisper;1;7',
      // Well-formed, but from nobody.
      'm:join;0;lobby',
      'm:say;4;{"room":"#lobby","text":"x","id":"12345678"}',
      'm:say;4;{"room":"","text":"x","id":"12345678"}',
      'm:say;4;{"room":"#lobby","text":"x","id":"<b>"}',
      'm:whisper;4;{"to":"Alice","text":"x","id":"12345678"}',
      Buffer.from('m:join;0;\xff\xfe', 'latin1'),
      Buffer.from([0, 1, 2, 255]),
    ];
    for (const x of nonsense)
      socket.send(x);
    await refusals(nonsense.length);

    // No end of it: told for a while, then sent away.
    const closed = once(socket, 'close');
    for (let i = 0; i < 400; ++i)
      socket.send('m:join;0;');
    const [code] = await closed;
    assert.equal(code, 1008);
  });

  test('who comes into a talk misses nothing of it', {timeout: 60_000}, async () => {
    const url = `${server.url.replace('http', 'ws')}/chat`;
    const clients = [];
    /** Joins a room and notes the ids of its messages, history first. */
    const join = async (nick) => {
      const socket = new WebSocket(url);
      clients.push(socket);
      const heard = {history: null, live: [], socket};
      const isIn = new Promise((resolve) => socket.on('message', (x) => {
        const [, name, body] = /^m:([^;]+);4;([^]*)$/.exec(x) ?? [];
        if (name === 'message') {
          heard.live.push(JSON.parse(body).id);
        } else if (name === 'room') {
          heard.history = JSON.parse(body).messages.map((y) => y.id);
          resolve(heard);
        }
      }));
      await once(socket, 'open');
      socket.send(`m:nick;4;${JSON.stringify({nick, key: ''})}`);
      socket.send('m:join;0;talk');
      return isIn;
    };
    const first = await join('first');
    const speakers = await Promise.all(
      Array.from({length: 20}, (_, i) => join(`speaker ${i}`)));
    const latecomers = [];
    await Promise.all(speakers.map(async ({socket}, i) => {
      for (let k = 0; k < 30; ++k) {
        socket.send('m:say;4;' + JSON.stringify(
          {room: '#talk', text: 'word', id: `message-${i}-${k}`}));
        if (k % 10 === 5)
          latecomers.push(await join(`latecomer ${i} ${k}`));
      }
    }));
    const patient = {signal: AbortSignal.timeout(30_000)};
    while (first.live.length < 600)
      await once(first.socket, 'message', patient);
    const last = 'message-the-last';
    first.socket.send(`m:say;4;${JSON.stringify({room: '#talk', text: '!', id: last})}`);
    const all = [first, ...speakers, ...latecomers];
    for (const x of all)
      while (x.live.at(-1) !== last)
        await once(x.socket, 'message', patient);

    assert.equal(first.live.length, 601);
    assert.equal(latecomers.length, 60);
    for (const {history, live} of all) {
      // On a slow machine much may be heard before the history comes.
      const known = new Set(live);
      const heard = [...history.filter((x) => !known.has(x)), ...live];
      assert.deepEqual(heard, first.live.slice(-heard.length));
    }
    for (const x of clients)
      x.close();
    await Promise.all(clients.map((x) => once(x, 'close')));
  });

  story('a room tells all the same, in the same order', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    const carol = await enter('Carol');
    const all = [alice, bob, carol];
    for (const x of all)
      await x.goTo('#order');
    await alice.sees('Alice', 'Bob', 'Carol');
    await Promise.all(all.map(async (x, i) => {
      for (let k = 0; k < 10; ++k)
        await x.say(`${i} says ${k}`);
    }));
    for (const x of all)
      await x.until(() => document.querySelectorAll('#log .message:not(.pending)').length === 30);
    const [a, b, c] = await Promise.all(
      all.map((x) => x.log.locator('.body').allTextContents()));
    assert.deepEqual(a, b);
    assert.deepEqual(b, c);
  });

  story('a reload keeps the nickname, the rooms and what was being written', async () => {
    const alice = await enter('Alice');
    await alice.goTo('#reloaded');
    await alice.text.fill('unfinished');
    await alice.page.reload();
    await alice.isIn('#reloaded');
    await alice.sees('Alice');
    assert.equal(await alice.text.inputValue(), 'unfinished');
    await alice.conversation('#lobby').click();
    await alice.isIn('#lobby');
    assert.equal(await alice.text.inputValue(), '');
  });

  story('a message that was lost with the connection is sent again, once', async () => {
    const bob = await enter('Bob');
    const alice = await open();
    let lost = '';
    // Between page and server: swallows the first message and hangs up.
    await alice.page.routeWebSocket(/\/chat$/, (page) => {
      const through = page.connectToServer();
      page.onMessage((x) => {
        if (lost === '' && x.startsWith('m:say;')) {
          lost = x;
          through.close();
          page.close({code: 1012});
        } else {
          through.send(x);
        }
      });
    });
    await alice.page.reload();
    await alice.signIn('Alice');
    await alice.isIn('#lobby');
    await alice.say('against all odds');
    await bob.hears('against all odds');
    await alice.log.locator('.message:not(.pending)', {hasText: 'against all odds'}).waitFor();
    assert.ok(lost.includes('against all odds'));
    assert.equal(await bob.message('against all odds').count(), 1);
    assert.equal(await alice.message('against all odds').count(), 1);
  });

  story('who comes back takes the nickname over from the connection before', async () => {
    const alice = await enter('Alice');
    // A second window of the same browser tab: same nickname, same key.
    const saved = await alice.page.evaluate(() => sessionStorage.getItem('troupe-chat'));
    const again = await open();
    await again.page.evaluate((x) => sessionStorage.setItem('troupe-chat', x), saved);
    await again.page.reload();
    await again.isIn('#lobby');
    await again.sees('Alice');
    await alice.page.getByText('This chat is open in another window.').waitFor();
    await alice.page.getByRole('button', {name: 'Use it here'}).click();
    await alice.isIn('#lobby');
    await again.page.getByText('This chat is open in another window.').waitFor();
  });

  story('on a phone, panels are drawers and nothing is cut off', async () => {
    const bob = await enter('Bob');
    const alice = await enter('Alice', phone);
    const {page} = alice;
    await bob.say('A word that is ' + 'very'.repeat(60) + ' long');
    await alice.log.getByText('A word that is').waitFor();
    const fits = () => page.evaluate(
      () => document.documentElement.scrollWidth <= innerWidth
            && document.querySelector('#log').scrollWidth <= innerWidth);
    assert.ok(await fits());
    await alice.text.fill('From the train');
    await page.getByRole('button', {name: 'Send'}).tap();
    await bob.hears('From the train');
    await shot(alice, 'phone');

    const rooms = page.getByRole('navigation', {name: 'Conversations'});
    const isShown = (id, x) => alice.until(([panel, expected]) => {
      const box = document.querySelector(panel).getBoundingClientRect();
      const shown = box.width > 0 && box.left >= 0 && box.right <= innerWidth + 1;
      return shown === expected;
    }, [id, x]);
    await isShown('#rooms-panel', false);
    await page.getByRole('button', {name: /^Conversations/}).tap();
    await isShown('#rooms-panel', true);
    await shot(alice, 'phone-rooms');
    await rooms.getByRole('button', {name: 'Join #random'}).tap();
    await alice.isIn('#random');
    await isShown('#rooms-panel', false);
    await page.getByRole('button', {name: /^Conversations/}).tap();
    await alice.conversation('#lobby').tap();
    await alice.isIn('#lobby');
    await page.getByRole('button', {name: '2 people here'}).tap();
    await isShown('#people-panel', true);
    await page.locator('#people').getByText('Bob').tap();
    await isShown('#people-panel', false);
    await alice.say('psst');
    await bob.conversation('Alice').click();
    await bob.hears('psst');
    assert.ok(await fits());
    for (const box of await page.locator('.bar button:visible, #send').all()) {
      const {width, height} = await box.boundingBox();
      assert.ok(width >= 40 && height >= 40, 'large enough for a finger');
    }
  });

  story('it looks good by day and by night', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob', dark);
    await shot(await open(), 'door');
    for (const x of [alice, bob])
      await x.goTo('#tea-room');
    await alice.say('Good morning! Has anybody tried the new server?');
    await bob.hears('Good morning! Has anybody tried the new server?');
    await bob.say('I have: one actor per connection, one per room.\n'
                  + 'It reads like a play:\n  – who is on stage\n  – what is said');
    await bob.say('See https://www.actor-framework.org, @Alice.');
    await alice.hears('See https://www.actor-framework.org, @Alice.');
    await alice.say('<b>Thank you!</b>');
    await bob.hears('<b>Thank you!</b>');
    await alice.conversation('#lobby').click();
    await bob.say('Lunch, @Alice?');
    await alice.conversation('#tea-room').locator('.badge.calls').waitFor();
    await bob.text.pressSequentially('I would');
    await alice.conversation('#tea-room').click();
    await alice.log.getByText('New', {exact: true}).waitFor();
    await shot(alice, 'light');
    await shot(bob, 'dark');

    const lightness = (x) => x.page.evaluate(() => {
      const colour = getComputedStyle(document.querySelector('#conversation')).backgroundColor;
      return Number(/\d+/.exec(colour)[0]);
    });
    assert.ok(await lightness(alice) > 200);
    assert.ok(await lightness(bob) < 60);
  });

  story('it survives the server: the pages come back and the chat goes on', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    for (const x of [alice, bob])
      await x.goTo('#after');
    await alice.sees('Alice', 'Bob');
    await alice.say('before');
    await bob.hears('before');

    const {port} = server;
    await server.stop('SIGKILL');
    for (const x of [alice, bob]) {
      await x.isConnected(false);
      await x.page.getByText('Connection lost.').waitFor();
    }
    await alice.say('not lost');
    await alice.page.getByText('Your text is kept').waitFor();
    assert.equal(await alice.text.inputValue(), 'not lost');
    await shot(alice, 'offline');

    server = await start('troupe-chat', port);
    for (const x of [alice, bob]) {
      await x.isConnected();
      await x.isIn('#after');
      await x.sees('Alice', 'Bob');
    }
    assert.equal(await alice.text.inputValue(), 'not lost');
    await alice.text.press('Enter');
    await bob.hears('not lost');
    await bob.say('Welcome back.');
    await alice.hears('Welcome back.');
    await alice.hears('before'); // Still on the screen.
    await alice.conversation('#lobby').click();
    await alice.isIn('#lobby');
    await alice.sees('Alice', 'Bob');
  });
});
