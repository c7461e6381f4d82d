/** Connects the chat, its view and the user's hands. */

import {Chat} from './chat.js';
import {byId} from './dom.js';
import {Ws} from './troupe.mjs';
import {View} from './view.js';

const on = (id, event, f) => byId(id).addEventListener(event, f);

const socket = new Ws(new URL('chat', location.href).href, null, {
  reconnect: {maxDelay: 10_000},
  maxQueue: {messages: 0}, // What was not sent is shown, and sent again.
});
const chat = new Chat(socket, sessionStorage);
const view = new View(chat, socket);
chat.isWatched = () => !document.hidden && document.hasFocus();
chat.addEventListener('change', () => view.refresh());
chat.addEventListener('notice', (/** @type {CustomEvent} */ {detail}) => view.notice(detail));

// -- nickname -----------------------------------------------------------------

on('signin', 'submit', (event) => {
  event.preventDefault();
  byId('signin-problem').textContent = '';
  chat.claim(byId('signin-nick').value);
});

on('rename', 'click', () => {
  byId('rename-nick').value = chat.me.nick;
  byId('rename-problem').textContent = '';
  closeDrawer();
  byId('rename-dialog').showModal();
  byId('rename-nick').select();
});
on('rename-cancel', 'click', () => byId('rename-dialog').close());
on('rename-form', 'submit', (event) => {
  event.preventDefault();
  byId('rename-problem').textContent = '';
  chat.claim(byId('rename-nick').value);
});

chat.addEventListener('claimed', () => {
  if (byId('rename-dialog').open)
    byId('rename-dialog').close();
  byId('signin-problem').textContent = '';
  focusComposer();
});
chat.addEventListener('declined', (/** @type {CustomEvent} */ {detail}) => {
  if (!chat.isNamed) {
    byId('signin-problem').textContent = detail;
    byId('signin-nick').select();
  } else if (byId('rename-dialog').open) {
    byId('rename-problem').textContent = detail;
  } else {
    view.notice(detail);
  }
});

// -- conversations ------------------------------------------------------------

/** Does what a button in a list says. */
function follow(event) {
  const button = event.target.closest('button[data-open], button[data-join], button[data-whisper]');
  if (!button)
    return;
  const {open, join, whisper} = button.dataset;
  if (open)
    chat.open(open);
  else if (join)
    chat.join(join);
  else
    chat.whisperTo(whisper);
  byId('find-text').value = '';
  closeDrawer();
  focusComposer();
}
on('rooms-panel', 'click', follow);
on('people-panel', 'click', follow);

on('find-text', 'input', () => view.refresh());
on('find', 'submit', (event) => {
  event.preventDefault();
  if (byId('find-text').value.trim() === '')
    return;
  view.render();
  view.found()?.click();
  view.refresh();
});
on('leave', 'click', () => {
  chat.leave(chat.conversations.active);
  focusComposer();
});

// -- writing ------------------------------------------------------------------

const commands = {
  join: (name) => chat.join(name),
  leave: () => chat.leave(chat.conversations.active),
  nick: (name) => chat.claim(name),
  msg: (name) => chat.whisperTo(name.replace(/^@/, '')),
  help: () => byId('help-dialog').showModal(),
};

/** @returns {boolean} whether the text is dealt with */
function command(text) {
  const [, name, rest] = /^\/(\w+)\s*([^]*)$/.exec(text) ?? [];
  if (!name)
    return false;
  if (!Object.hasOwn(commands, name) || (rest === '') !== ['leave', 'help'].includes(name)) {
    view.notice('Unknown command. Press Ctrl + / for help.');
    return false;
  }
  setText('');
  commands[name](rest.trim());
  return true;
}

function setText(text) {
  byId('text').value = text;
  chat.draft(text);
  view.resizeComposer();
}

function submit() {
  const text = byId('text').value;
  if (text.trim() === '')
    return;
  if (/^\/\w/.test(text)) {
    command(text);
    return;
  }
  if (Array.from(text).length > chat.limits.text) {
    view.notice(`A message has at most ${chat.limits.text} characters.`);
  } else if (chat.say(text)) {
    setText('');
    view.render();
    view.toLatest();
  } else if (chat.conversations.current) {
    view.notice('Not connected. Your text is kept until it can be sent.');
  }
}

on('composer', 'submit', (event) => {
  event.preventDefault();
  submit();
  focusComposer();
});
on('text', 'input', () => {
  chat.draft(byId('text').value);
  view.resizeComposer();
});
on('text', 'keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});

/** Not on touch screens, where the keyboard would cover the page. */
function focusComposer() {
  if (matchMedia('(pointer: coarse)').matches)
    return;
  view.render(); // It may be hidden yet.
  if (!document.querySelector('dialog[open]'))
    byId('text').focus();
}

// -- drawers: panels that a small screen has no room for ----------------------

const drawers = {
  rooms: {panel: byId('rooms-panel'), opener: byId('rooms-open'), media: matchMedia('(max-width: 700px)')},
  people: {panel: byId('people-panel'), opener: byId('people-open'), media: matchMedia('(max-width: 1000px)')},
};
let drawer = '';

function setDrawer(name) {
  drawer = name;
  byId('stage').dataset.drawer = name;
  for (const [key, {panel, opener, media}] of Object.entries(drawers)) {
    const isOpen = key === name;
    panel.inert = media.matches && !isOpen;
    opener.setAttribute('aria-expanded', String(isOpen));
  }
  byId('conversation').inert = name !== '';
}

function openDrawer(name) {
  setDrawer(name);
  drawers[name].panel.querySelector('button.drawer-only').focus();
}

function closeDrawer() {
  if (drawer === '')
    return;
  const {opener} = drawers[drawer];
  setDrawer('');
  opener.focus();
}

for (const [name, {opener, media}] of Object.entries(drawers)) {
  opener.addEventListener('click', () => openDrawer(name));
  on(`${name}-close`, 'click', closeDrawer);
  media.addEventListener('change', () => setDrawer(''));
}
on('veil', 'click', closeDrawer);
setDrawer('');

// -- keyboard -----------------------------------------------------------------

on('help', 'click', () => {
  closeDrawer();
  byId('help-dialog').showModal();
});
on('help-close', 'click', () => byId('help-dialog').close());
on('help-dialog', 'close', focusComposer);
on('rename-dialog', 'close', focusComposer);

document.addEventListener('keydown', (event) => {
  if (!chat.isNamed || document.querySelector('dialog[open]'))
    return;
  const {key, altKey, shiftKey} = event;
  const control = event.ctrlKey || event.metaKey;
  if (altKey && !control && (key === 'ArrowUp' || key === 'ArrowDown')) {
    event.preventDefault();
    chat.move(key === 'ArrowUp' ? -1 : 1, shiftKey);
    focusComposer();
  } else if (control && key.toLowerCase() === 'k') {
    event.preventDefault();
    if (drawers.rooms.media.matches)
      openDrawer('rooms');
    byId('find-text').select();
  } else if (control && key === '/') {
    event.preventDefault();
    byId('help-dialog').showModal();
  } else if (key === 'Escape' && !event.isComposing) {
    if (drawer !== '') {
      closeDrawer();
      return;
    }
    byId('find-text').value = '';
    view.refresh();
    view.toLatest();
    focusComposer();
  } else if (!control && !altKey && key.length === 1 && key !== ' '
             && event.target === document.body) {
    byId('text').focus(); // Whoever just types, types a message.
  }
});

// -- the connection -----------------------------------------------------------

on('jump', 'click', () => {
  view.toLatest();
  focusComposer();
});
on('banner-button', 'click', () => socket.reconnect());
addEventListener('online', () => {
  if (socket.state === 'waiting')
    socket.reconnect();
  else
    chat.probe();
});
addEventListener('focus', () => chat.seen());
document.addEventListener('visibilitychange', () => {
  if (document.hidden)
    return;
  chat.seen();
  view.refresh();
  if (socket.state === 'waiting')
    socket.reconnect();
  else
    chat.probe();
});

view.render();
