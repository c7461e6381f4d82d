/** The module that the server serves beside the page: net/browser, bundled. */
export * from '../../browser/client.js';
