/** @typedef {(...args: any[]) => void} Listener */

/** Who wants to be told something. One that throws does not stop the rest. */
export class Listeners {
  /** @param {(error: any) => void} onThrow */
  constructor(onThrow) {
    this.onThrow = onThrow;
    /** @type {{f: Listener, isOnce: boolean}[]} Replaced, never changed. */
    this.all = [];
  }

  /**
   * @param {Listener} f
   * @returns {() => void} takes it away again
   */
  add(f, isOnce = false) {
    if (typeof f !== 'function')
      throw new TypeError('a listener must be a function');
    const entry = {f, isOnce};
    this.all = [...this.all, entry];
    return () => this.remove((x) => x === entry);
  }

  /** @param {(x: {f: Listener}) => boolean} which */
  remove(which) {
    this.all = this.all.filter((x) => !which(x));
  }

  fire(/** @type {any[]} */ ...args) {
    for (const entry of this.all) {
      if (entry.isOnce)
        this.remove((x) => x === entry);
      this.call(entry.f, ...args);
    }
  }

  /** @param {Listener} f */
  call(f, /** @type {any[]} */ ...args) {
    try {
      f(...args);
    } catch (error) {
      this.onThrow(error);
    }
  }
}

/** Lets the platform report it, like an error that nobody catches. */
export function raise(/** @type {any} */ error) {
  queueMicrotask(() => {
    throw error;
  });
}
