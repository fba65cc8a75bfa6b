import { createHandler } from '@shelvery/engine/lambda';
import { createRdsAdapter } from './adapter.js';

export const handler = createHandler('rds', createRdsAdapter);
