/**
 * Shows a chat: reads the model, writes the page, and knows no events of the
 * server. Everything is rendered from the model, at most once per frame.
 */

import {fold} from './chat.js';
import {attribute, byId, h, icon, keyed, text} from './dom.js';

/** Messages of one author within this time form a group. */
const GROUP = 5 * 60_000;

const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const day = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long'});
const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'medium'});

/** A colour of one's own, the same for everybody. */
function hueOf(nick) {
  let hash = 7;
  for (const x of fold(nick))
    hash = (hash * 31 + x.codePointAt(0)) % 3_600;
  return hash % 360;
}

function avatar(nick, size = '') {
  const letter = Array.from(nick.trim())[0] ?? '?';
  const element = h('span', {class: `avatar ${size}`, 'aria-hidden': 'true',
                             text: letter.toUpperCase()});
  element.style.setProperty('--hue', String(hueOf(nick)));
  return element;
}

/** Text with its http(s) addresses as links; everything else stays text. */
function linked(body) {
  const result = document.createDocumentFragment();
  let from = 0;
  for (const match of body.matchAll(/\bhttps?:\/\/[^\s<>"]+/g)) {
    const address = match[0].replace(/[.,;:!?')\]}]+$/, '');
    if (!URL.canParse?.(address))
      continue;
    result.append(body.slice(from, match.index),
                  h('a', {href: address, target: '_blank',
                          rel: 'noopener noreferrer', text: address}));
    from = match.index + address.length;
  }
  result.append(body.slice(from));
  return result;
}

const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

function list(names) {
  if (names.length > 3)
    return `${names.length} people are typing…`;
  const most = names.slice(0, -1).join(', ');
  const all = most ? `${most} and ${names.at(-1)}` : names[0];
  return `${all} ${most ? 'are' : 'is'} typing…`;
}

export class View {
  #chat;
  #socket;
  #isDue = false;
  #shown = null; // The conversation that is in the log.
  #follows = true; // The log shows the latest line.

  /**
   * @param {import('./chat.js').Chat} chat
   * @param {import('./troupe.mjs').Ws} socket
   */
  constructor(chat, socket) {
    this.#chat = chat;
    this.#socket = socket;
    for (const [id, name] of Object.entries({
      'rooms-open': 'menu', 'rooms-close': 'close', 'people-open': 'people',
      'people-close': 'close', leave: 'leave', rename: 'edit', help: 'help',
      send: 'send',
    }))
      byId(id).prepend(icon(name));
    byId('jump').append(icon('down'), 'Latest messages');
    byId('log').addEventListener('scroll', () => this.#onScroll());
    new ResizeObserver(() => this.#keepUp()).observe(byId('log'));
    setInterval(() => this.#renderStatus(), 1_000);
  }

  /** Renders soon; often called, rarely done. */
  refresh() {
    if (this.#isDue)
      return;
    this.#isDue = true;
    const now = () => {
      this.#isDue = false;
      this.render();
    };
    // A hidden page has no frames, but its title shows what is unread.
    if (document.hidden)
      setTimeout(now, 200);
    else
      requestAnimationFrame(now);
  }

  render() {
    const chat = this.#chat;
    if (!chat.isNamed && byId('door').hidden)
      requestAnimationFrame(() => byId('signin-nick').focus());
    byId('door').hidden = chat.isNamed;
    byId('stage').hidden = !chat.isNamed;
    const {unread} = chat;
    document.title = (unread > 0 ? `(${unread}) ` : '') + 'troupe chat';
    this.#renderStatus();
    if (!chat.isNamed) {
      this.#renderDoor();
      return;
    }
    this.#renderConversations();
    this.#renderHeader();
    this.#renderPeople();
    this.#renderLog();
    this.#renderComposer();
    text(byId('typing'), chat.typists.length ? list(chat.typists) : '');
  }

  notice(words) {
    const element = h('p', {class: 'notice', text: words});
    byId('notices').append(element);
    setTimeout(() => element.remove(), 6_000);
  }

  toLatest() {
    const log = byId('log');
    log.scrollTop = log.scrollHeight;
    this.#onScroll();
  }

  // -- the door ---------------------------------------------------------------

  #renderDoor() {
    keyed(byId('signin-rooms'), this.#chat.rooms.slice(0, 5), (x) => x.name,
          () => h('li'),
          (element, x) => text(element, `${x.name} ${x.here}`));
  }

  // -- the connection ---------------------------------------------------------

  #renderStatus() {
    const socket = this.#socket;
    const chat = this.#chat;
    const isFirst = chat.loss === null;
    const isElsewhere = chat.loss?.code === 4001;
    const short = {
      connecting: isFirst ? 'Connecting…' : 'Reconnecting…',
      open: chat.isConnected || !chat.isNamed ? 'Connected' : 'Signing in…',
      waiting: 'Offline',
      closed: 'Disconnected',
    }[socket.state];
    text(byId('status-text'), short);
    attribute(byId('status'), 'data-state',
              socket.state === 'open' && short !== 'Connected' ? 'connecting'
                                                               : socket.state);
    text(byId('signin-status'),
         short === 'Connected' ? '' : socket.state === 'waiting'
           ? 'The server cannot be reached. Retrying…' : short);

    const seconds = Math.max(0, Math.ceil((socket.retryAt - Date.now()) / 1_000));
    const words = {
      connecting: isFirst ? '' : 'Connection lost. Retrying…',
      open: '',
      waiting: `Connection lost. Retrying in ${seconds} s`,
      closed: isElsewhere
        ? 'This chat is open in another window.'
        : 'The server closed the connection.',
    }[socket.state];
    byId('banner').hidden = words === '';
    text(byId('banner-text'), words);
    byId('banner-button').hidden = socket.state === 'connecting';
    text(byId('banner-button'), {
      waiting: 'Retry now',
      closed: isElsewhere ? 'Use it here' : 'Reconnect',
    }[socket.state] ?? '');
  }

  // -- conversations ----------------------------------------------------------

  #renderConversations() {
    const chat = this.#chat;
    const wanted = fold(byId('find-text').value.trim().replace(/^#+/, ''));
    const fits = (name) => fold(name).includes(wanted);
    const counts = new Map(chat.rooms.map((x) => [x.name, x.here]));
    const order = chat.order.filter((x) => fits(x.title));
    const make = (x) => h('li', {},
      h('button', {type: 'button', class: 'row', 'data-open': x.key},
        x.isRoom ? null : avatar(x.title, 'little'),
        h('span', {class: 'name', text: x.title}),
        h('span', {class: 'count'}),
        h('span', {class: 'badge'})));
    const update = (element, x) => {
      const [button] = element.children;
      const count = button.querySelector('.count');
      const badge = button.querySelector('.badge');
      attribute(button, 'aria-current', x.key === chat.active && 'true');
      button.classList.toggle('unread', x.unread > 0);
      const here = x.held ? counts.get(x.key) : x.here.size;
      text(count, x.isRoom && x.unread === 0 ? String(here ?? '') : '');
      attribute(count, 'title', x.isRoom && plural(here ?? 0, 'person', 'people'));
      badge.hidden = x.unread === 0;
      badge.classList.toggle('calls', x.calls);
      text(badge, x.unread > 99 ? '99+' : String(x.unread));
      attribute(button, 'aria-label',
                x.title + (x.unread ? `, ${x.unread} unread` : '')
                + (x.isRoom ? `, ${plural(here ?? 0, 'person', 'people')}` : ', private'));
    };
    const rooms = order.filter((x) => x.isRoom);
    keyed(byId('rooms'), rooms, (x) => x.key, make, update);
    byId('rooms-section').hidden = rooms.length === 0;
    const whispers = order.filter((x) => !x.isRoom);
    keyed(byId('whispers'), whispers, (x) => x.key, make, update);
    byId('whispers-section').hidden = whispers.length === 0;

    const others = chat.rooms.filter(
      (x) => !chat.conversations.has(x.name) && fits(x.name));
    keyed(byId('others'), others, (x) => x.name,
          (x) => h('li', {},
            h('button', {type: 'button', class: 'row other', 'data-join': x.name},
              h('span', {class: 'name', text: x.name}),
              h('span', {class: 'count'}))),
          (element, x) => {
            text(element.querySelector('.count'), String(x.here));
            attribute(element.firstChild, 'aria-label',
                      `Join ${x.name}, ${plural(x.here, 'person', 'people')}`);
          });
    byId('others-section').hidden = others.length === 0;

    const name = '#' + wanted.replace(/\s+/g, '-');
    const create = byId('create');
    create.hidden = wanted === '' || counts.has(name)
                    || chat.conversations.has(name);
    create.dataset.join = name;
    if (!create.firstChild)
      create.append(icon('plus'), h('span', {class: 'name'}));
    text(create.lastChild, `Create ${name}`);
    const found = this.found(name);
    for (const button of byId('conversations').querySelectorAll('button'))
      button.classList.toggle('found', wanted !== '' && button === found);

    const {nick} = chat.me;
    keyed(byId('me-avatar'), [nick], (x) => x, (x) => avatar(x, 'little'));
    text(byId('me-nick'), nick);
    attribute(byId('me-nick'), 'title', nick);
    const elsewhere = chat.unread - (chat.current?.unread ?? 0);
    byId('rooms-badge').hidden = elsewhere === 0;
    byId('rooms-badge').classList.toggle('calls', chat.order.some((x) => x.calls));
    text(byId('rooms-badge'), elsewhere > 99 ? '99+' : String(elsewhere));
    attribute(byId('rooms-open'), 'aria-label',
              'Conversations' + (elsewhere ? `, ${elsewhere} unread` : ''));
  }

  /** The button that Enter presses: the room of that name, else the first. */
  found(name = '#' + fold(byId('find-text').value.trim().replace(/^#+/, ''))) {
    const buttons = [...byId('conversations').querySelectorAll('button:not([hidden])')];
    return buttons.find((x) => (x.dataset.open ?? x.dataset.join) === name
                               && x.id !== 'create') ?? buttons[0];
  }

  #renderHeader() {
    const {current} = this.#chat;
    const isRoom = current?.isRoom ?? false;
    byId('stage').classList.toggle('private', !isRoom);
    text(byId('title'), current?.title ?? 'No conversation');
    text(byId('subtitle'),
         !current ? 'Choose or create a room'
           : !isRoom ? 'Private: only you two see this'
           : !this.#chat.isConnected ? 'Not connected'
           : current.held ? 'Joining…'
           : plural(current.here.size, 'person', 'people') + ' here');
    byId('leave').hidden = !current;
    const what = isRoom ? 'Leave this room' : 'Close this conversation';
    byId('leave').querySelector('use').setAttribute(
      'href', isRoom ? '#icon-leave' : '#icon-close');
    attribute(byId('leave'), 'aria-label', what);
    attribute(byId('leave'), 'title', what);
  }

  #renderPeople() {
    const {current, me} = this.#chat;
    byId('people').classList.toggle('stale', !this.#chat.isConnected);
    const people = [...current?.here ?? []].map(([who, nick]) => ({who, nick}));
    people.sort((x, y) => x.nick.localeCompare(y.nick));
    text(byId('people-title'), people.length ? `Here – ${people.length}` : 'Here');
    text(byId('people-count'), String(people.length || ''));
    attribute(byId('people-open'), 'aria-label',
              plural(people.length, 'person', 'people') + ' here');
    keyed(byId('people'), people, (x) => `${x.who} ${x.nick}`, (x) => h('li', {},
      h('button', {type: 'button', class: 'row', 'data-whisper': x.nick,
                   title: x.who === me.who ? 'You' : `Talk to ${x.nick} in private`},
        avatar(x.nick, 'little'),
        h('span', {class: 'name', text: x.nick}),
        x.who === me.who ? h('span', {class: 'count', text: 'you'}) : null)));
  }

  // -- messages ---------------------------------------------------------------

  #renderLog() {
    const conversation = this.#chat.current;
    const log = byId('log');
    const isOther = this.#shown !== conversation;
    // Another conversation is no news to be read out.
    attribute(log, 'aria-busy', isOther && 'true');
    attribute(log, 'aria-label', `Messages in ${conversation?.title ?? 'no conversation'}`);
    keyed(log, this.#rows(conversation), (x) => x.key, (x) => this.#makeRow(x),
          (element, x) => this.#updateRow(element, x));
    if (isOther) {
      this.#shown = conversation;
      this.#follows = true;
      log.querySelector('.new')?.scrollIntoView({block: 'center'});
      if (!log.querySelector('.new'))
        this.toLatest();
      this.#onScroll();
      requestAnimationFrame(() => attribute(log, 'aria-busy', false));
    } else {
      this.#keepUp();
    }
  }

  /** What the log shows: messages and notes with what lies between them. */
  #rows(conversation) {
    if (!conversation)
      return [];
    const rows = [];
    const prefix = `${conversation.key} `;
    const lines = [...conversation.lines, ...conversation.pending];
    if (lines.length === 0)
      rows.push({key: `${prefix}empty`, kind: 'empty', text:
        conversation.held ? 'Joining…'
          : conversation.isRoom ? 'No messages yet.'
          : `This is the beginning of your conversation with ${conversation.title}.`});
    let before = null;
    for (const line of lines) {
      const date = new Date(line.time).toDateString();
      if (!before || new Date(before.time).toDateString() !== date) {
        rows.push({key: `${prefix}day ${date}`, kind: 'day', text: day.format(line.time)});
        before = null;
      }
      if (line.id === conversation.newFrom) {
        rows.push({key: `${prefix}new ${line.id}`, kind: 'new', text: 'New'});
        before = null;
      }
      const isNote = line.nick === undefined;
      const first = !before || before.nick !== line.nick
                    || line.time - before.time > GROUP;
      rows.push({
        key: `${prefix}${line.id}`,
        kind: isNote ? 'note' : 'message',
        line,
        first,
        pending: conversation.pending.includes(line),
        text: line.text,
      });
      before = line;
    }
    return rows;
  }

  #makeRow(row) {
    if (row.kind !== 'message')
      return h('div', {class: row.kind, text: row.text});
    const {line} = row;
    const body = h('div', {class: 'body', dir: 'auto'});
    body.append(linked(line.text));
    return h('article', {class: 'message'}, body);
  }

  #updateRow(element, row) {
    if (row.kind !== 'message')
      return;
    const {line, first, pending} = row;
    const state = `${first} ${pending} ${line.mine} ${line.failed ?? ''} ${line.time}`;
    if (element.state === state)
      return;
    element.state = state;
    const calls = !line.mine && this.#shown?.isRoom !== false
                  && fold(line.text).includes('@' + fold(this.#chat.me.nick));
    element.classList.toggle('first', first);
    element.classList.toggle('mine', Boolean(line.mine));
    element.classList.toggle('calls', calls);
    element.classList.toggle('pending', pending);
    for (const old of element.querySelectorAll(':scope > :not(.body)'))
      old.remove();
    const time = h('time', {
      datetime: new Date(line.time).toISOString(),
      title: moment.format(line.time),
      text: pending ? 'sending…' : clock.format(line.time),
    });
    if (line.failed)
      time.textContent = '';
    if (first) {
      const nick = h('span', {class: 'nick', dir: 'auto', text: line.nick});
      nick.style.setProperty('--hue', String(hueOf(line.nick)));
      element.prepend(avatar(line.nick), h('div', {class: 'head'}, nick,
        line.mine ? h('span', {class: 'you', text: 'you'}) : null, time));
    } else {
      element.prepend(h('span', {class: 'hidden-text', text: `${line.nick}: `}),
                      h('span', {class: 'side'}, time));
    }
    if (line.failed)
      element.append(h('div', {class: 'failure'},
        h('span', {text: `Not sent. ${line.failed}`}),
        h('button', {type: 'button', text: 'Try again',
                     onclick: () => this.#chat.retry(line)}),
        h('button', {type: 'button', text: 'Discard',
                     onclick: () => this.#chat.discard(line)})));
  }

  #onScroll() {
    const log = byId('log');
    this.#follows = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    byId('jump').hidden = this.#follows;
  }

  #keepUp() {
    if (this.#follows)
      this.toLatest();
    else
      this.#onScroll();
  }

  // -- the composer -----------------------------------------------------------

  #renderComposer() {
    const chat = this.#chat;
    const {current} = chat;
    const box = byId('text');
    if (box.conversation !== current) {
      box.conversation = current;
      box.value = current?.draft ?? '';
    }
    const label = current ? `Message ${current.title}` : 'Message';
    attribute(box, 'placeholder', label);
    attribute(box, 'aria-label', label);
    this.resizeComposer();
  }

  /** As high as its text; tells when that gets too long. */
  resizeComposer() {
    const box = byId('text');
    const most = this.#chat.limits.text;
    const length = Array.from(box.value).length;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + 2}px`;
    const counter = byId('counter');
    counter.hidden = length < most * .8;
    counter.classList.toggle('over', length > most);
    text(counter, `${length} / ${most}`);
    byId('send').disabled = box.value.trim() === '' || length > most
                            || !this.#chat.isConnected;
  }
}
