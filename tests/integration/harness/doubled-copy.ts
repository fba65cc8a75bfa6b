import { CopySnapshotCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { toTagList } from '../../../functions/shared/tag-list.js';
import type { Act, Story } from './at-every-call.js';
import { BUNKER, DR, HOME, SOURCE } from './copy-estate.js';
import { lambdaFunction } from './lambda-function.js';
import { seeThrough } from './product.js';
import type { Installation } from './product.js';
import { makeResource } from './resources.js';

const MADE = '2026-03-03T01:00:00Z';
const KEPT = { shelvery_keep_daily_backups: '10000' };
/** An EBS source that shares its backups, and copies them to the DR region. */
export const DOUBLING: Act['party'] = {
  type: 'ebs',
  account: SOURCE,
  region: HOME,
  config: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER, ...KEPT },
};

/**
 * Makes a second copy of the only one in the DR region, as two deliveries of one message at the same time do: stored
 * and shared like the first. Returns the ids of both.
 *
 * @param takesFiles the second has the files of the first then, as it had with versions that wrote over all files.
 */
export async function doubleCopy(
  installation: Installation,
  takesFiles = true,
): Promise<{ readonly first: string; readonly second: string }> {
  const { emulator, account } = installation;
  const ec2 = new EC2Client(emulator.clientConfig(account, DR));
  const { Snapshots: [copy] = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  const tags = Object.fromEntries((copy?.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const { SnapshotId: second = '' } = await ec2.send(
    new CopySnapshotCommand({
      SourceRegion: HOME,
      SourceSnapshotId: tags['shelvery:dr_source_backup']?.split(':')[1],
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTagList(tags) }],
    }),
  );
  const later = new Date((copy?.StartTime?.getTime() ?? 0) + 1_000);
  await emulator.setSnapshot(second, { state: 'completed', startTime: later.toISOString() });
  const invoke = lambdaFunction(installation);
  const of = { BackupId: second, ...(takesFiles ? { Anew: true } : {}) };
  await invoke({ action: 'do_store_backup_data', arguments: { ...of, BackupRegion: DR } });
  await invoke({ action: 'do_share_backup', arguments: { ...of, Region: DR, AwsAccountId: BUNKER } });
  return { first: copy?.SnapshotId ?? '', second };
}

const CLEAN = { party: DOUBLING, action: 'clean_backups' } as const;

/** A DR region that has one backup twice is cleaned: the files first, then, by the next run, the copy. */
export const doubledCopyStory: Story = {
  type: 'ebs',
  places: { [SOURCE]: [HOME, DR] },
  restsAfter: CLEAN,
  async begin({ emulator, clock }) {
    await makeResource(emulator, { type: 'ebs', account: SOURCE, region: HOME, name: 'orders' });
    const installation = { ...DOUBLING, emulator, clock };
    await seeThrough(installation, 'cli', { action: 'create_backups', time: MADE });
    await doubleCopy(installation);
    return [CLEAN];
  },
};
