/**
 * Building the page. Text reaches it by `textContent` alone, so what people
 * write never becomes markup.
 */

/**
 * @param {string} id of an element that index.html has
 * @returns {any} each kind has members of its own, such as `value`
 */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * @param {string} tag
 * @param {Object} [props] `class`, `text`, `on…` for listeners, else attributes
 *   (false and null leave one out)
 * @param {...(Node|null)} children
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'text')
      element.textContent = value;
    else if (name.startsWith('on'))
      element.addEventListener(name.slice(2), value);
    else
      attribute(element, name, value);
  }
  element.append(...children.filter((x) => x));
  return element;
}

/** Sets, or removes for false and null. Leaves alone what is right already. */
export function attribute(element, name, value) {
  if (value === false || value === null || value === undefined)
    element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value))
    element.setAttribute(name, value === true ? '' : value);
}

/** Sets the text unless it is right already: screen readers hear changes. */
export function text(element, value) {
  if (element.textContent !== value)
    element.textContent = value;
}

/** One of the icons at the top of index.html. */
export function icon(name) {
  const svg = 'http://www.w3.org/2000/svg';
  const element = document.createElementNS(svg, 'svg');
  element.setAttribute('class', 'icon');
  element.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svg, 'use');
  use.setAttribute('href', `#icon-${name}`);
  element.append(use);
  return element;
}

/**
 * Makes the children of `parent` those of `items`, in order. Elements of items
 * that stay are kept, and with them focus and selection.
 * @param {Element & {byKey?: Map<string, Element>}} parent
 * @param {Array} items
 * @param {function(*): string} keyOf
 * @param {function(*): Element} make
 * @param {function(any, any): void} [update] the element, the item
 */
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const old = parent.byKey ?? new Map();
  const byKey = new Map();
  for (const item of items) {
    const key = keyOf(item);
    byKey.set(key, old.get(key) ?? make(item));
  }
  for (const [key, element] of old)
    if (!byKey.has(key))
      element.remove();
  let at = parent.firstChild;
  for (const item of items) {
    const element = byKey.get(keyOf(item));
    update(element, item);
    if (element === at)
      at = at.nextSibling;
    else
      parent.insertBefore(element, at);
  }
  parent.byKey = byKey;
}
