/**
 * Shows a chat: reads the model, writes the page, and knows no events of the
 * server. Everything is rendered from the model, at most once per frame.
 */

import {avatar} from './avatar.js';
import {fold} from './conversation.js';
import {attribute, byId, h, icon, keyed, text} from './dom.js';
import {Log} from './log.js';

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
  #log;

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
    this.#log = new Log(chat);
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
    const {unread} = chat.conversations;
    document.title = (unread > 0 ? `(${unread}) ` : '') + 'troupe chat';
    this.#renderStatus();
    if (!chat.isNamed) {
      this.#renderDoor();
      return;
    }
    this.#renderConversations();
    this.#renderHeader();
    this.#renderPeople();
    this.#log.render();
    this.#renderComposer();
    text(byId('typing'), chat.typists.length ? list(chat.typists) : '');
  }

  notice(words) {
    const element = h('p', {class: 'notice', text: words});
    byId('notices').append(element);
    setTimeout(() => element.remove(), 6_000);
  }

  toLatest() {
    this.#log.toLatest();
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
    const order = chat.conversations.order.filter((x) => fits(x.title));
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
      attribute(button, 'aria-current', x.key === chat.conversations.active && 'true');
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
    const elsewhere = chat.conversations.unread - (chat.conversations.current?.unread ?? 0);
    byId('rooms-badge').hidden = elsewhere === 0;
    byId('rooms-badge').classList.toggle('calls', chat.conversations.order.some((x) => x.calls));
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
    const {current} = this.#chat.conversations;
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
    const {me, conversations: {current}} = this.#chat;
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

  // -- the composer -----------------------------------------------------------

  #renderComposer() {
    const chat = this.#chat;
    const {current} = chat.conversations;
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
