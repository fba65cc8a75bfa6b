import { planBucketPolicy as plan } from '../../../../../layers/engine/src/domain/files/bucket-policy.js';
import { remember } from '../../../../../layers/engine/src/domain/remember.js';

export * from '../../../../../layers/engine/src/domain/files/bucket-policy.js';
export const planBucketPolicy = remember(plan, (input) => JSON.stringify(input));
