import { createHandler } from '@shelvery/engine/lambda';
import { createAmiAdapter } from './adapter.js';

export const handler = createHandler('ec2ami', createAmiAdapter);
