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
