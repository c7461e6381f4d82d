/**
 * The page of the sample chat: what it allows, how it is used and how it looks.
 * Leaves screenshots behind in TROUPE_TEST_ARTIFACTS.
 */

import assert from 'node:assert/strict';

import {enter, onStage, open, shot, stage, story} from './support/chat_stage.mjs';

const dark = {colorScheme: 'dark'};
const phone = {
  viewport: {width: 390, height: 844},
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

onStage(() => {
  story('the page needs nothing from elsewhere and allows nothing else', async () => {
    const answer = await fetch(stage.server.url);
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
      assert.ok(url.startsWith(stage.server.url), url);
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
      const color = getComputedStyle(document.querySelector('#conversation')).backgroundColor;
      return Number(/\d+/.exec(color)[0]);
    });
    assert.ok(await lightness(alice) > 200);
    assert.ok(await lightness(bob) < 60);
  });
});
