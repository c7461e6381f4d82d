/** @typedef {(...args: any[]) => any} Listener */
/** @typedef {{f: Listener, isOnce: boolean}} Entry */

/** Who wants to be told something. One that fails does not stop the rest. */
export class Listeners {
  /**
   * @param {(error: any) => void} onThrow
   * @param {() => void} [onEmpty] the last one is gone
   */
  constructor(onThrow, onEmpty) {
    this._onThrow = onThrow;
    this._onEmpty = onEmpty;
    /** @type {Set<Entry>} */
    this.all = new Set();
    /** @type {Map<Listener, Set<Entry>>} The same, so that `off` need not search. */
    this._entries = new Map();
  }

  /**
   * @param {Listener} f
   * @returns {() => void} takes it away again
   */
  add(f, isOnce = false) {
    if (typeof f !== 'function')
      throw new TypeError('a listener must be a function');
    const entry = {f, isOnce};
    this.all.add(entry);
    this._entries.set(f, (this._entries.get(f) ?? new Set()).add(entry));
    return () => this.remove(f, entry);
  }

  /**
   * @param {Listener} [f] without: all
   * @param {Entry} [only] without: as often as `f` was added
   */
  remove(f, only) {
    const same = f ? this._entries.get(f) : this.all;
    for (const x of only ? [only] : [...same ?? []]) {
      if (!this.all.delete(x))
        return;
      const others = this._entries.get(x.f);
      others?.delete(x);
      if (others?.size === 0)
        this._entries.delete(x.f);
    }
    if (this.all.size === 0)
      this._onEmpty?.();
  }

  fire(/** @type {any[]} */ ...args) {
    for (const entry of [...this.all]) {
      if (!this.all.has(entry))
        continue; // An earlier one has taken it away.
      if (entry.isOnce)
        this.remove(entry.f, entry);
      this.call(entry.f, ...args);
    }
  }

  /** @param {Listener} f */
  call(f, /** @type {any[]} */ ...args) {
    try {
      const result = f(...args);
      if (typeof result?.then === 'function')
        result.then(undefined, this._onThrow);
    } catch (error) {
      this._onThrow(error);
    }
  }
}

/** Listeners by the names of events; a name without any costs nothing. */
export class EventListeners {
  /** @param {(error: any) => void} onThrow */
  constructor(onThrow) {
    this._onThrow = onThrow;
    /** @type {Map<string, Listeners>} */
    this.lists = new Map();
  }

  /**
   * @param {any} event
   * @param {Listener} f
   */
  add(event, f, isOnce = false) {
    const name = String(event);
    const list = this.lists.get(name) ?? new Listeners(
      this._onThrow, () => this.lists.get(name) === list && this.lists.delete(name));
    const remove = list.add(f, isOnce);
    this.lists.set(name, list);
    return remove;
  }

  /**
   * @param {any} event
   * @param {Listener} [f] without: all
   */
  remove(event, f) {
    this.lists.get(String(event))?.remove(f);
  }

  /** @returns {boolean} whether there are any */
  fire(/** @type {string} */ event, /** @type {any[]} */ ...args) {
    const list = this.lists.get(event);
    list?.fire(...args);
    return !!list;
  }
}

/** Lets the platform report it, like an error that nobody catches. */
export function raise(/** @type {any} */ error) {
  queueMicrotask(() => {
    throw error;
  });
}
