import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { volumeSetsStory } from '../integration/harness/volume-sets-story.js';

describeAtEveryCall('volumes of an instance together', volumeSetsStory(), { ways: ['cli'] });
