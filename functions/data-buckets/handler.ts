import { createDataBucketsHandler } from '@shelvery/engine/lambda';

export const handler = createDataBucketsHandler();
