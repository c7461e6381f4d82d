/**
 * What the page knows, without a view: rooms and private conversations, who is
 * where, what was said, and what is still on its way.
 */

/** Messages kept per conversation. */
const MOST_LINES = 500;

/** "alice is typing" is told so often while it is true, and believed so long. */
const TYPING_EVERY = 2_500;
const TYPING_LASTS = 5_000;

/** A message that did not come back by then: ask whether the server lives. */
const ECHO_EXPECTED = 6_000;

/** A server that is asked and says nothing for so long is gone. */
const ANSWER_EXPECTED = 8_000;

/** In rooms of more people nobody wants to know who comes and goes. */
const MOST_ANNOUNCED = 25;

export const fold = (nick) => nick.toLowerCase();

/** 128 random bits, as letters and digits. */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (x) => x.toString(16).padStart(2, '0')).join('');
}

/**
 * A line of a conversation: a message, or a note such as "alice joined".
 * @typedef {{id: string, text: string, time: number, who?: string,
 *            nick?: string, mine?: boolean, failed?: string}} Line
 */

/** A room, or what two people say to each other in private. */
class Conversation {
  /** @param {string} key `#room` or `@nickname`, folded */
  constructor(key, title) {
    this.key = key;
    this.title = title;
    this.isRoom = key.startsWith('#');
    /** @type {Line[]} */ this.lines = [];
    /** @type {Line[]} Sent, but not come back yet. */ this.pending = [];
    /** @type {Map<string, string>} Nicknames by connection. */
    this.here = new Map();
    /** @type {Map<string, {nick: string, until: number}>} */
    this.typing = new Map();
    /** Events of a room that came before the room itself; null once in. */
    this.held = this.isRoom ? [] : null;
    this.unread = 0;
    this.calls = false; // Among the unread is one that calls for me.
    this.newFrom = null; // The line at which the unread begin.
    this.draft = '';
    this.typedAt = 0;
  }

  /** @returns {boolean} whether it is new here */
  add(line) {
    const sent = this.pending.findIndex((x) => x.id === line.id);
    if (sent >= 0)
      this.pending.splice(sent, 1);
    if (this.lines.some((x) => x.id === line.id))
      return false;
    line.mine ||= sent >= 0;
    this.lines.push(line);
    if (this.lines.length > MOST_LINES)
      this.lines.shift();
    return true;
  }
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
  #notes = 0;
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
    this.conversations = new Map();
    this.active = null;
    this.me = {who: '', nick: '', key: randomId()};
    this.isWatched = () => true; // Whether the user sees the active one.
    this.#recall();
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

  /** @returns {Conversation | undefined} */
  get current() {
    return this.conversations.get(this.active);
  }

  /** Rooms first, then people, in the order in which they are shown. */
  get order() {
    const all = [...this.conversations.values()];
    const by = (x, y) => x.title.localeCompare(y.title);
    return [...all.filter((x) => x.isRoom).sort(by),
            ...all.filter((x) => !x.isRoom).sort(by)];
  }

  get unread() {
    return this.order.reduce((sum, x) => sum + x.unread, 0);
  }

  /** @returns {string[]} who is typing in the active conversation */
  get typists() {
    const now = Date.now();
    return [...this.current?.typing.values() ?? []]
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
    this.active = key;
    if (conversation.unread === 0)
      conversation.newFrom = null;
    this.seen();
    this.#remember();
    this.#changed();
  }

  /** Goes `step` conversations on, or to the next with something unread. */
  move(step, onlyUnread = false) {
    const order = this.order;
    const at = order.findIndex((x) => x.key === this.active);
    for (let i = 1; i <= order.length; ++i) {
      const next = order[(at + step * i + order.length * i) % order.length];
      if (!onlyUnread || next.unread > 0)
        return this.open(next.key);
    }
  }

  whisperTo(nick) {
    if (fold(nick) === fold(this.me.nick))
      return this.#notice('You cannot message yourself.');
    this.#whispers(nick);
    this.open('@' + fold(nick));
  }

  /** The user has seen the active conversation. */
  seen() {
    const conversation = this.current;
    if (!conversation || conversation.unread === 0)
      return;
    conversation.unread = 0;
    conversation.calls = false;
    this.#changed();
  }

  draft(text) {
    const conversation = this.current;
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
    const conversation = this.current;
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
    const conversation = this.current;
    if (!this.isConnected || !conversation?.pending.includes(line))
      return;
    conversation.pending = conversation.pending.filter((x) => x !== line);
    this.#post(conversation, line);
    this.#changed();
  }

  discard(line) {
    const conversation = this.current;
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
    if (isNew)
      this.conversations.set(name, new Conversation(name, name));
    const room = this.conversations.get(name);
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
    if (isNew && (this.#follow || !this.active)) {
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
    const isMe = x.who === this.me.who;
    switch (event) {
      case 'message':
        room.typing.delete(x.who);
        this.#onMessage(room, x);
        break;
      case 'entered':
        if (!room.here.has(x.who) && !isMe)
          this.#note(room, `${x.nick} joined`);
        room.here.set(x.who, x.nick);
        break;
      case 'left':
        room.typing.delete(x.who);
        if (room.here.delete(x.who) && !isMe)
          this.#note(room, `${x.nick} left`);
        break;
      case 'renamed': {
        const before = room.here.get(x.who);
        room.typing.delete(x.who);
        room.here.set(x.who, x.nick);
        if (before && before !== x.nick)
          this.#note(room, `${before} is now ${x.nick}`);
        break;
      }
      case 'typing':
        room.typing.set(x.who, {nick: x.nick, until: Date.now() + TYPING_LASTS});
        setTimeout(() => this.#changed(), TYPING_LASTS + 50);
        break;
    }
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
    const sent = this.order.find((x) => x.pending.some((y) => y.id === id));
    const mine = Boolean(sent) || fold(from) === fold(this.me.nick);
    const conversation = sent ?? this.#whispers(mine ? to : from);
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

  #whispers(nick) {
    const key = '@' + fold(nick);
    if (!this.conversations.has(key))
      this.conversations.set(key, new Conversation(key, nick));
    return this.conversations.get(key);
  }

  #arrived(conversation, calls) {
    if (conversation.key === this.active && this.isWatched())
      return;
    if (conversation.unread++ === 0)
      conversation.newFrom = conversation.lines.at(-1).id;
    conversation.calls ||= calls;
  }

  #note(room, text) {
    if (room.here.size <= MOST_ANNOUNCED)
      room.add({id: `note-${++this.#notes}`, text, time: Date.now()});
  }

  #remove(key) {
    const order = this.order;
    const at = order.findIndex((x) => x.key === key);
    this.conversations.delete(key);
    if (this.active === key) {
      this.active = null;
      const next = order[at + 1] ?? order[at - 1];
      if (next)
        this.open(next.key);
    }
    this.#remember();
    this.#changed();
  }

  #remember() {
    const {me: {nick, key}, active} = this;
    const open = this.order.map((x) => [x.key, x.title, x.draft]);
    this.#storage.setItem('troupe-chat', JSON.stringify({nick, key, active, open}));
  }

  #recall() {
    try {
      const saved = JSON.parse(this.#storage.getItem('troupe-chat')) ?? {};
      this.me.nick = saved.nick ?? '';
      this.me.key = saved.key ?? this.me.key;
      this.active = saved.active ?? null;
      for (const [key, title, draft] of saved.open ?? []) {
        this.conversations.set(key, new Conversation(key, title));
        this.conversations.get(key).draft = draft;
      }
    } catch {
      // Not ours, or of an older page: begin anew.
    }
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
