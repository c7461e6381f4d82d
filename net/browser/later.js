/** What is known later. */

/** A promise that is settled from outside, and that nobody need handle. */
export function deferred() {
  /** @type {any} */
  const result = {};
  result.promise = new Promise((resolve, reject) => {
    Object.assign(result, {resolve, reject});
  });
  result.promise.catch(() => {});
  return result;
}

/** @param {any} x a value, or a function that returns it */
export function valueOf(x) {
  return typeof x === 'function' ? x() : x;
}
