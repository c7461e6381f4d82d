/**
 * Watches for signs that the network or the page is back, where there are such.
 * @param {() => void} f
 * @returns {() => void} ends it
 */
export function onWake(f) {
  const {document} = globalThis;
  const told = (/** @type {Event} */ {type}) =>
    (type === 'visibilitychange' && document.hidden) || f();
  /** @type {[any, string][]} */
  const signs = [[globalThis, 'online'], [globalThis, 'pageshow'],
                 [document, 'resume'], [document, 'visibilitychange']];
  const each = (/** @type {string} */ method) =>
    signs.forEach(([target, type]) => target?.[method]?.(type, told));
  each('addEventListener');
  return () => each('removeEventListener');
}
