/** @returns {URL | null} the address of the page, also of a frame or worker that has none itself */
function pageUrl() {
  const {location, document} = globalThis;
  // A worker may come from a blob of the page; a frame without an address has its parent's base.
  const found = [location?.href?.replace(/^blob:/, ''), document?.baseURI]
      .find((x) => /^https?:/.test(x ?? ''));
  return found ? new URL(found) : null;
}

/**
 * @param {string} endpoint
 * @returns {string} a WebSocket's address, as safe as the page it is for
 * @throws {TypeError} there is no page to which it could be relative
 */
export function resolve(endpoint) {
  const page = pageUrl();
  const scheme = page?.protocol === 'https:' ? 'wss://' : 'ws://';
  if (/^[/.?]/.test(endpoint)) {
    if (!page && !endpoint.startsWith('//'))
      throw new TypeError(`'${endpoint}' has no host, and there is no page`);
    return new URL(endpoint, page ?? 'http://host').href.replace(/^http/, 'ws');
  }
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(endpoint))
    return scheme + endpoint;
  const url = new URL(endpoint);
  // To its own host, browsers allow a safe page nothing else.
  if (url.protocol === 'ws:' && url.host === page?.host)
    url.protocol = scheme.slice(0, -2);
  return url.href.replace(/^http/, 'ws');
}
