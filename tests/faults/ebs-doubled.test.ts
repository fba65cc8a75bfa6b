import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { doubledCopyStory } from '../integration/harness/doubled-copy.js';

describeAtEveryCall('ebs with a doubled copy', doubledCopyStory, { ways: ['cli'] });
