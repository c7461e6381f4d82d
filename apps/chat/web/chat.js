/**
 * What the page knows, without a view: rooms and private conversations, who is
 * where, what was said, and what is still on its way.
 */

import {TYPING_LASTS, fold} from './conversation.js';
import {Conversations} from './conversations.js';
import {recall, remember} from './memory.js';

/** "alice is typing" is told so often while it is true. */
const TYPING_EVERY = 2_500;

/** A message that did not come back by then: ask whether the server lives. */
const ECHO_EXPECTED = 6_000;

/** A server that is asked and says nothing for so long is gone. */
const ANSWER_EXPECTED = 8_000;

/** 128 random bits, as letters and digits. */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (x) => x.toString(16).padStart(2, '0')).join('');
}

/**
 * Events: `change` whenever something is to be shown anew; `notice` with a
 * sentence for the user; `claimed` and `declined` (with a sentence) for the
 * nickname that was asked for.
 */
export class Chat extends EventTarget {
  #socket;
  #storage;
  #asked = null; // The nickname we want.
  #isIn = false; // The server has taken us in, on this connection.
  #left = new Set(); // Rooms that we have left of our own will.
  #early = new Map(); // Events of rooms that have not taken us in yet.
  #follow = false; // Open the next room that takes us in.
  #probe; // The timer for an answer.

  /**
   * @param {import('./troupe.mjs').Ws} socket
   * @param {Storage} storage survives a reload, not the window
   */
  constructor(socket, storage) {
    super();
    this.#socket = socket;
    this.#storage = storage;
    this.loss = null; // How the last connection ended, while there is none.
    this.limits = {text: 2000};
    this.rooms = []; // All there are: {name, here}.
    this.conversations = new Conversations();
    this.me = {who: '', nick: '', key: randomId()};
    this.isWatched = () => true; // Whether the user sees the active one.
    recall(storage, this.me, this.conversations);
    socket.onConnect(() => this.#onOpen());
    socket.onDisconnect((x) => this.loss = x);
    socket.onState(() => this.#onState());
    socket.onDrop(() => {}); // Whoever emits looks at the result.
    this.#on('hello', (x) => this.limits = x);
    this.#on('rooms', (x) => this.rooms = x);
    this.#on('welcome', (x) => this.#onWelcome(x));
    this.#on('room', (x) => this.#onRoom(x));
    this.#on('whisper', (x) => this.#onWhisper(x));
    this.#on('refused', (x) => this.#onRefused(x));
    for (const name of ['message', 'entered', 'left', 'renamed', 'typing'])
      this.#on(name, (x) => this.#onRoomEvent(name, x));
  }

  // -- queries ----------------------------------------------------------------

  get isNamed() {
    return this.me.nick !== '';
  }

  get isConnected() {
    return this.#socket.state === 'open' && this.#isIn;
  }

  /** @returns {string[]} who is typing in the active conversation */
  get typists() {
    const now = Date.now();
    return [...this.conversations.current?.typing.values() ?? []]
        .filter((x) => x.until > now).map((x) => x.nick);
  }

  // -- what the user does -----------------------------------------------------

  claim(nick) {
    this.#asked = nick.normalize('NFC').trim().replace(/\s+/g, ' ');
    const sent = this.#socket.emit('nick', {nick: this.#asked, key: this.me.key});
    if (!sent && this.isNamed) // Who is new waits for the connection.
      this.#tell('declined', 'Not connected to the server.');
  }

  join(name) {
    const key = '#' + name.trim().replace(/^#+/, '').toLowerCase();
    if (this.conversations.has(key))
      return this.open(key);
    this.#left.delete(key);
    this.#follow = true;
    if (!this.#socket.emit('join', name))
      this.#notice('Not connected: please try again in a moment.');
  }

  /** Leaves a room, or puts a private conversation away. */
  leave(key) {
    const conversation = this.conversations.get(key);
    if (!conversation)
      return;
    if (conversation.isRoom) {
      this.#left.add(key);
      this.#early.delete(key);
      this.#socket.emit('leave', key);
    }
    this.#remove(key);
  }

  open(key) {
    const conversation = this.conversations.get(key);
    if (!conversation)
      return;
    this.conversations.active = key;
    if (conversation.unread === 0)
      conversation.newFrom = null;
    this.seen();
    this.#remember();
    this.#changed();
  }

  /** Goes `step` conversations on, or to the next with something unread. */
  move(step, onlyUnread = false) {
    const next = this.conversations.next(step, onlyUnread);
    if (next)
      this.open(next.key);
  }

  whisperTo(nick) {
    if (fold(nick) === fold(this.me.nick))
      return this.#notice('You cannot message yourself.');
    this.conversations.whispers(nick);
    this.open('@' + fold(nick));
  }

  /** The user has seen the active conversation. */
  seen() {
    const conversation = this.conversations.current;
    if (!conversation || conversation.unread === 0)
      return;
    conversation.unread = 0;
    conversation.calls = false;
    this.#changed();
  }

  draft(text) {
    const conversation = this.conversations.current;
    if (!conversation)
      return;
    const grows = text.length > conversation.draft.length;
    conversation.draft = text;
    this.#remember();
    const now = Date.now();
    if (grows && conversation.isRoom
        && now - conversation.typedAt > TYPING_EVERY) {
      conversation.typedAt = now;
      this.#socket.emit('typing', conversation.key);
    }
  }

  /** @returns {boolean} whether it is on its way; else the text stays */
  say(text) {
    const conversation = this.conversations.current;
    if (!conversation || !this.isConnected)
      return false;
    this.#post(conversation, {
      id: randomId(),
      text,
      time: Date.now(),
      who: this.me.who,
      nick: this.me.nick,
      mine: true,
    });
    conversation.typedAt = 0;
    conversation.newFrom = null;
    this.#changed();
    return true;
  }

  /** Sends a message that failed once more. */
  retry(line) {
    const conversation = this.conversations.current;
    if (!this.isConnected || !conversation?.pending.includes(line))
      return;
    conversation.pending = conversation.pending.filter((x) => x !== line);
    this.#post(conversation, line);
    this.#changed();
  }

  discard(line) {
    const conversation = this.conversations.current;
    conversation.pending = conversation.pending.filter((x) => x !== line);
    this.#changed();
  }

  /** Finds out whether the server is still there. */
  probe() {
    if (!this.isConnected)
      return;
    this.#socket.emit('nick', {nick: this.me.nick, key: this.me.key});
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => this.#socket.reconnect(), ANSWER_EXPECTED);
  }

  // -- what the server says ---------------------------------------------------

  #on(name, f) {
    this.#socket.on(name, (x) => {
      clearTimeout(this.#probe); // Whatever it is: the other side lives.
      f(x);
      this.#changed();
    });
  }

  #onOpen() {
    const nick = this.me.nick || this.#asked;
    if (nick)
      this.claim(nick);
  }

  #onState() {
    if (this.#socket.state !== 'open') {
      clearTimeout(this.#probe);
      this.#isIn = false;
      this.#early.clear();
      for (const x of this.conversations.values()) {
        x.typing.clear();
        if (x.isRoom)
          x.held = [];
      }
    }
    this.#changed();
  }

  #onWelcome({who, nick}) {
    const isNew = !this.#isIn;
    this.me.who = who;
    this.me.nick = nick;
    this.#asked = null;
    this.#isIn = true;
    this.loss = null;
    this.#remember();
    this.#tell('claimed', nick);
    if (!isNew)
      return;
    for (const x of this.conversations.values()) {
      if (x.isRoom)
        this.#socket.emit('join', x.key);
      else
        this.#doubt(x);
    }
    if (this.conversations.size === 0)
      this.join('#lobby');
  }

  /** We are in: who is here, and what was said before we came. */
  #onRoom({name, here, messages}) {
    if (this.#left.has(name)) {
      this.#socket.emit('leave', name);
      return;
    }
    const isNew = !this.conversations.has(name);
    const room = this.conversations.room(name);
    const held = this.#early.get(name) ?? room.held ?? [];
    this.#early.delete(name);
    room.held = null;
    room.here = new Map(here.map((x) => [x.who, x.nick]));
    const wasEmpty = room.lines.length === 0;
    for (const x of messages)
      this.#onMessage(room, x, wasEmpty);
    for (const [event, x] of held)
      this.#onRoomEvent(event, x);
    // What was on its way when the connection broke and has not arrived.
    for (const line of room.pending.splice(0)) {
      if (line.failed)
        room.pending.push(line);
      else
        this.#post(room, line);
    }
    if (isNew && (this.#follow || !this.conversations.active)) {
      this.#follow = false;
      this.open(name);
    }
    this.#remember();
  }

  #onRoomEvent(event, x) {
    const room = this.conversations.get(x.room);
    if (!room) {
      if (!this.#left.has(x.room))
        this.#early.set(x.room, [...this.#early.get(x.room) ?? [], [event, x]]);
      return;
    }
    if (room.held) {
      room.held.push([event, x]);
      return;
    }
    if (event === 'message') {
      room.typing.delete(x.who);
      this.#onMessage(room, x);
    } else {
      room.follow(event, x, x.who === this.me.who);
    }
    if (event === 'typing')
      setTimeout(() => this.#changed(), TYPING_LASTS + 50);
  }

  #onMessage(room, {id, who, nick, text, time}, isOld = false) {
    const mine = who === this.me.who || fold(nick) === fold(this.me.nick);
    const line = {id, who, nick, text, time, mine};
    if (!room.add(line) || isOld || line.mine)
      return;
    const calls = fold(text).includes('@' + fold(this.me.nick));
    this.#arrived(room, calls);
  }

  #onWhisper({id, from, to, text, time}) {
    const sent = this.conversations.order.find((x) => x.pending.some((y) => y.id === id));
    const mine = Boolean(sent) || fold(from) === fold(this.me.nick);
    const conversation = sent ?? this.conversations.whispers(mine ? to : from);
    const line = {id, who: '@' + fold(from), nick: from, text, time, mine};
    if (conversation.add(line) && !mine)
      this.#arrived(conversation, true);
    this.#remember();
  }

  #onRefused({about, reason}) {
    for (const conversation of this.conversations.values()) {
      const line = conversation.pending.find((x) => x.id === about);
      if (line) {
        line.failed = reason;
        return;
      }
    }
    this.#follow = false;
    if (this.#asked !== null && (about === this.#asked || !this.#isIn)) {
      this.#asked = null;
      if (!this.#isIn)
        this.me.nick = ''; // Somebody took it while we were away.
      this.#tell('declined', reason);
      return;
    }
    const room = this.conversations.get(about);
    if (room?.held)
      this.#remove(about);
    this.#notice(reason);
  }

  // -- helpers ----------------------------------------------------------------

  /** Puts a line among the pending and sends it. */
  #post(conversation, line) {
    delete line.failed;
    conversation.pending.push(line);
    const {id, text} = line;
    if (conversation.isRoom)
      this.#socket.emit('say', {room: conversation.key, text, id});
    else
      this.#socket.emit('whisper', {to: conversation.title, text, id});
    setTimeout(() => {
      if (conversation.pending.includes(line) && !line.failed)
        this.probe();
    }, ECHO_EXPECTED);
  }

  /** Nobody can tell whether a private message on its way has arrived. */
  #doubt(conversation) {
    for (const line of conversation.pending)
      line.failed ??= 'The connection was lost: this may not have arrived.';
  }

  #arrived(conversation, calls) {
    if (conversation.key === this.conversations.active && this.isWatched())
      return;
    if (conversation.unread++ === 0)
      conversation.newFrom = conversation.lines.at(-1).id;
    conversation.calls ||= calls;
  }

  #remove(key) {
    const next = this.conversations.remove(key);
    if (next)
      this.open(next.key);
    this.#remember();
    this.#changed();
  }

  #remember() {
    remember(this.#storage, this.me, this.conversations);
  }

  #notice(text) {
    this.#tell('notice', text);
  }

  #tell(event, text) {
    this.dispatchEvent(new CustomEvent(event, {detail: text}));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
