/** The module that the server serves beside the page: net/browser/client.js. */
export * from '../../../net/browser/client.js';
