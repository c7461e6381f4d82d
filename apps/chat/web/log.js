import {avatar, hueOf} from './avatar.js';
import {fold} from './conversation.js';
import {attribute, byId, h, keyed} from './dom.js';

/** Messages of one author within this time form a group. */
const GROUP = 5 * 60_000;

const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const day = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long'});
const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'medium'});

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

/** The messages and notes of the conversation on the screen. */
export class Log {
  #chat;
  #shown = null; // The conversation that is in the log.
  #follows = true; // The log shows the latest line.

  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    byId('log').addEventListener('scroll', () => this.#onScroll());
    new ResizeObserver(() => this.#keepUp()).observe(byId('log'));
  }

  render() {
    const conversation = this.#chat.conversations.current;
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

  toLatest() {
    const log = byId('log');
    log.scrollTop = log.scrollHeight;
    this.#onScroll();
  }
}
