import {Conversation, fold} from './conversation.js';

/**
 * The conversations that are open, by their keys, of which one is on the screen.
 * @extends {Map<string, Conversation>}
 */
export class Conversations extends Map {
  /** @type {string | null} The key of the one on the screen. */
  active = null;

  /** @returns {Conversation | undefined} */
  get current() {
    return this.get(this.active);
  }

  /** Rooms first, then people, in the order in which they are shown. */
  get order() {
    const all = [...this.values()];
    const by = (x, y) => x.title.localeCompare(y.title);
    return [...all.filter((x) => x.isRoom).sort(by),
            ...all.filter((x) => !x.isRoom).sort(by)];
  }

  get unread() {
    return this.order.reduce((sum, x) => sum + x.unread, 0);
  }

  /** The one `step` further on, or the next with something unread. */
  next(step, onlyUnread) {
    const order = this.order;
    const at = order.findIndex((x) => x.key === this.active);
    for (let i = 1; i <= order.length; ++i) {
      const next = order[(at + step * i + order.length * i) % order.length];
      if (!onlyUnread || next.unread > 0)
        return next;
    }
    return undefined;
  }

  /** Opens the room unless it is open. */
  room(name) {
    if (!this.has(name))
      this.set(name, new Conversation(name, name));
    return this.get(name);
  }

  /** The same, with one person. */
  whispers(nick) {
    const key = '@' + fold(nick);
    if (!this.has(key))
      this.set(key, new Conversation(key, nick));
    return this.get(key);
  }

  /** @returns {Conversation | undefined} what to show instead, if anything */
  remove(key) {
    const order = this.order;
    const at = order.findIndex((x) => x.key === key);
    this.delete(key);
    if (this.active !== key)
      return undefined;
    this.active = null;
    return order[at + 1] ?? order[at - 1];
  }
}
