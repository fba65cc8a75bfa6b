import { createHandler } from '@shelvery/engine/lambda';
import { createDocdbAdapter } from './adapter.js';

export const handler = createHandler('docdb', createDocdbAdapter);
