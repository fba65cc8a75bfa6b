import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteSnapshotCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Action } from '@shelvery/engine/terminal';
import type { Act, Stage, Story } from './at-every-call.js';
import { HOME, SOURCE, bucketOf } from './copy-estate.js';
import { seeThrough } from './product.js';
import { makeQueue } from './surroundings.js';

const TIME = '2026-03-01T01:00:00Z';
const VOLUMES = [
  { id: 'vol-0aaaaaaaaaaaaaaaa', tags: { Name: 'web', 'shelvery:create_backup': 'True', team: 'blue' } },
  {
    id: 'vol-0bbbbbbbbbbbbbbbb',
    tags: { 'shelvery:create_backup': '1', 'shelvery:config:shelvery_keep_daily_backups': '3' },
  },
];
const PLACE = { account: SOURCE, region: HOME };

/** One run for two volumes, with neither copies nor shares. */
export function oneAccountStory(action: Action): Story {
  return {
    type: 'ebs',
    places: { [SOURCE]: [HOME] },
    async begin(stage) {
      const { emulator, way } = stage;
      await emulator.seedVolumes(VOLUMES, PLACE);
      const queue = way === 'queue' ? { queueUrl: await makeQueue(emulator, PLACE) } : {};
      const party: Act['party'] = { type: 'ebs', ...PLACE, config: {}, ...queue };
      if (action === 'clean_backups') await makeWorkForCleaning(stage, party);
      await emulator.setSnapshotStates({ pendingMs: 4_000 });
      return [{ party, action, time: TIME }];
    },
  };
}

/** Two expired backups and two that are kept, of which one has no file; and the file of one that somebody deleted. */
async function makeWorkForCleaning({ emulator, clock }: Stage, party: Act['party']): Promise<void> {
  for (const time of ['2026-01-10T01:00:00Z', '2026-02-26T01:00:00Z', '2026-02-28T01:00:00Z']) {
    await seeThrough({ ...party, emulator, clock }, 'cli', { action: 'create_backups', time });
  }
  const ec2 = new EC2Client(emulator.clientConfig(SOURCE, HOME));
  const named = { Name: 'tag:Name', Values: ['web-e41ccb-2026-02-26-0100-daily'] };
  const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [named] }));
  for (const { SnapshotId } of Snapshots) await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  const file = { Bucket: bucketOf(SOURCE), Key: 'backups/ebs/web-e41ccb-2026-02-28-0100-daily.yaml' };
  await new S3Client(emulator.clientConfig(SOURCE, HOME)).send(new DeleteObjectCommand(file));
}
