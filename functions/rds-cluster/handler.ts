import { createHandler } from '@shelvery/engine/lambda';
import { createRdsClusterAdapter } from './adapter.js';

export const handler = createHandler('rds_cluster', createRdsClusterAdapter);
