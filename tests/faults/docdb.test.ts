import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { copiesStory } from '../integration/harness/copies-story.js';

describeAtEveryCall('docdb', copiesStory('docdb'), { ways: ['cli'] });
