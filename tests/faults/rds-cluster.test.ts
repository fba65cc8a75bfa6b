import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { copiesStory } from '../integration/harness/copies-story.js';

describeAtEveryCall('rds_cluster', copiesStory('rds_cluster', { encrypted: true }), { ways: ['cli'] });
