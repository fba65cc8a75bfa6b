import { createHandler } from '@shelvery/engine/lambda';
import { createRedshiftAdapter } from './adapter.js';

export const handler = createHandler('redshift', createRedshiftAdapter);
