import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { archiveStory } from '../integration/harness/archive-story.js';

describeAtEveryCall('ebs to the archive tier', archiveStory, { ways: ['cli'] });
