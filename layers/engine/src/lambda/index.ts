/** What only the functions use: the middy chain and the protocol of the custom resource. */
export { createHandler } from './create-handler.js';
export { createDataBucketsHandler } from './custom-resource.js';
