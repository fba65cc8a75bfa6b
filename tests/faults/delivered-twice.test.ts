import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { copiesStory } from '../integration/harness/copies-story.js';
import { describeDeliveredTwice } from '../integration/harness/delivered-twice.js';

for (const type of BACKUP_TYPES) describeDeliveredTwice(type, copiesStory(type), ['queue', 'invocations']);
