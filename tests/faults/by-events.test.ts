import { describeByEvents } from '../integration/harness/by-events.js';

// Of images and databases nothing is told to who they are shared with, and of copies of clusters nothing at all.
for (const type of ['ec2ami', 'rds', 'rds_cluster', 'docdb'] as const) describeByEvents(type, { isAllTold: false });
