import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { copiesStory } from '../integration/harness/copies-story.js';

describeAtEveryCall('redshift', copiesStory('redshift', { bothExpire: true }), { ways: ['cli'] });
