/** The sample chat: what people at its page do and see of each other. */

import assert from 'node:assert/strict';

import {enter, leave, onStage, open, story} from './support/chat_stage.mjs';

onStage(() => {
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

    await leave(bob);
    const failure = alice.log.getByText('No user named Bob is online.');
    do { // It takes a moment until he is gone.
      await alice.say('Are you there?');
      await alice.until(() => !document.querySelector('.pending:not(:has(.failure))'));
    } while (await failure.count() === 0);
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
});
