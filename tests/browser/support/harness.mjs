/**
 * What the tests of the client are written with. Under Node.js these are tests
 * of node:test; in a browser, `run` runs them and tells the results.
 */

export const isNode = typeof process !== 'undefined';

const here = isNode ? await import('node:test') : null;
const found = [];

/** @param {() => void | Promise<void>} f */
export function test(name, f) {
  if (here)
    here.test(name, f);
  else
    found.push({name, f});
}

/** @returns {Promise<{name: string, error?: string}[]>} */
export async function run() {
  const results = [];
  for (const {name, f} of found.splice(0)) {
    try {
      await f();
      results.push({name});
    } catch (error) {
      results.push({name, error: error.stack});
    }
  }
  return results;
}

/** Reads a file beside the tests. */
export async function read(name) {
  const url = new URL(`../../${name}`, import.meta.url);
  if (!isNode)
    return (await fetch(url)).text();
  const {readFile} = await import('node:fs/promises');
  return readFile(url, 'utf8');
}

const show = (x) => JSON.stringify(x, (_, y) =>
  typeof y === 'bigint' ? `${y}n`
    : typeof y === 'function' || y === undefined ? String(y)
      : ArrayBuffer.isView(y) ? [y.constructor.name, ...y] : y);

function isSame(x, y) {
  if (Object.is(x, y))
    return true;
  if (typeof x !== 'object' || typeof y !== 'object' || !x || !y
      || Object.getPrototypeOf(x) !== Object.getPrototypeOf(y))
    return false;
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length
         && keys.every((key) => Object.hasOwn(y, key) && isSame(x[key], y[key]));
}

/** Deep, strict. */
export function equal(actual, expected, what = '') {
  if (!isSame(actual, expected))
    throw new Error(`${what} is ${show(actual)}, not ${show(expected)}`);
}

/** @returns what `f` throws, which must match: a class, or its `kind` */
export function throws(f, expected) {
  let result;
  try {
    result = f();
  } catch (error) {
    if (error.kind === expected || (typeof expected === 'function' && error instanceof expected))
      return error;
    throw error;
  }
  throw new Error(`returned ${show(result)}`);
}
