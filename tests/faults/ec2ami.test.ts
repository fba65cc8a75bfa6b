import { describeAtEveryCall } from '../integration/harness/at-every-call.js';
import { copiesStory } from '../integration/harness/copies-story.js';

describeAtEveryCall('ec2ami', copiesStory('ec2ami'), { ways: ['cli'] });
