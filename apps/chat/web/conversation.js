/** Messages kept per conversation. */
const MOST_LINES = 500;

/** "alice is typing" is believed so long. */
export const TYPING_LASTS = 5_000;

/** In rooms of more people nobody wants to know who comes and goes. */
const MOST_ANNOUNCED = 25;

export const fold = (nick) => nick.toLowerCase();

let notes = 0;

/**
 * A line of a conversation: a message, or a note such as "alice joined".
 * @typedef {{id: string, text: string, time: number, who?: string,
 *            nick?: string, mine?: boolean, failed?: string}} Line
 */

/** A room, or what two people say to each other in private. */
export class Conversation {
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

  note(text) {
    if (this.here.size <= MOST_ANNOUNCED)
      this.add({id: `note-${++notes}`, text, time: Date.now()});
  }

  /** Takes an event of the room other than a message. */
  follow(event, {who, nick}, isMe) {
    switch (event) {
      case 'entered':
        if (!this.here.has(who) && !isMe)
          this.note(`${nick} joined`);
        this.here.set(who, nick);
        break;
      case 'left':
        this.typing.delete(who);
        if (this.here.delete(who) && !isMe)
          this.note(`${nick} left`);
        break;
      case 'renamed': {
        const before = this.here.get(who);
        this.typing.delete(who);
        this.here.set(who, nick);
        if (before && before !== nick)
          this.note(`${before} is now ${nick}`);
        break;
      }
      case 'typing':
        this.typing.set(who, {nick, until: Date.now() + TYPING_LASTS});
        break;
    }
  }
}
