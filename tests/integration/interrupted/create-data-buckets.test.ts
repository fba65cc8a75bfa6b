import { describeInterrupted } from './at-every-call.js';

describeInterrupted({ action: 'create_data_buckets' });
