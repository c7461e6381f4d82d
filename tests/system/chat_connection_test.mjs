/** The sample chat when a page or its connection is lost, or the server. */

import assert from 'node:assert/strict';

import {enter, onStage, open, shot, stage, story} from './support/chat_stage.mjs';
import {start} from './support/program.mjs';

onStage(() => {
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

  story('it survives the server: the pages come back and the chat goes on', async () => {
    const alice = await enter('Alice');
    const bob = await enter('Bob');
    for (const x of [alice, bob])
      await x.goTo('#after');
    await alice.sees('Alice', 'Bob');
    await alice.say('before');
    await bob.hears('before');

    const {port} = stage.server;
    await stage.server.stop('SIGKILL');
    for (const x of [alice, bob]) {
      await x.isConnected(false);
      await x.page.getByText('Connection lost.').waitFor();
    }
    await alice.say('not lost');
    await alice.page.getByText('Your text is kept').waitFor();
    assert.equal(await alice.text.inputValue(), 'not lost');
    await shot(alice, 'offline');

    stage.server = await start('troupe-chat', port);
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
