/** The module that the server serves beside the page: net/browser, bundled. */
export * from '../../../net/browser/client.js';
