/**
 * @param {string} endpoint
 * @returns {string} a WebSocket's address, as safe as the page it is for
 */
export function resolve(endpoint) {
  const page = globalThis.location ?? {};
  const scheme = page.protocol === 'https:' ? 'wss://' : 'ws://';
  if (endpoint.startsWith('//'))
    return scheme + endpoint.slice(2);
  if (endpoint.startsWith('/'))
    return scheme + (page.host ?? '') + endpoint;
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(endpoint))
    return scheme + endpoint;
  const url = new URL(endpoint);
  // To its own host, browsers allow a safe page nothing else.
  if (url.protocol === 'ws:' && url.host === page.host)
    url.protocol = scheme.slice(0, -2);
  return url.href.replace(/^http/, 'ws');
}
