import { createHandler } from '@shelvery/engine/lambda';
import { createEbsAdapter } from './adapter.js';

export const handler = createHandler('ebs', createEbsAdapter);
