import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { copiesStory } from '../integration/harness/copies-story.js';

describeAtEveryCall('ebs', copiesStory('ebs'), { ways: ['cli'] });
