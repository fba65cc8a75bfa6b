import { describeAtEveryCall } from '../harness/at-every-call.js';
import { copiesStory } from '../harness/copies-story.js';
import { volumeSetsStory } from '../harness/volume-sets-story.js';

// All of it, of all types, is in `npm run test:faults`.
describeAtEveryCall('ebs', copiesStory('ebs'), { ways: ['cli'], every: 29 });
describeAtEveryCall('rds', copiesStory('rds', { encrypted: true }), { ways: ['queue'], every: 43 });
describeAtEveryCall('volumes of an instance together', volumeSetsStory(), { ways: ['cli'], every: 5 });
