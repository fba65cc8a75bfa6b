import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { oneAccountStory } from '../integration/harness/one-account-story.js';
import { WAYS } from '../integration/harness/product.js';

describeAtEveryCall('create_backups of one account', oneAccountStory('create_backups'), { ways: WAYS });
