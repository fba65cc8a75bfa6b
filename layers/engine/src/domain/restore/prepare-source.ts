import { createHash } from 'node:crypto';
import type { Value } from './restore-plan.js';
import type { Call, Draft, Wanted } from './target.js';

/** Which of its two ends a backup does not lie at. */
export function isElsewhere({ backup, into }: Wanted): { readonly region: boolean; readonly account: boolean } {
  return { region: backup.region !== into.region, account: backup.account !== into.account };
}

/** The name of a copy that is made only to be restored from: within the rules of every service, and the same each time. */
function copyName({ backup, into }: Wanted): string {
  const of = `${backup.account} ${backup.region} ${backup.id} ${into.account} ${into.region}`;
  return `shelvery-restore-${createHash('sha256').update(of).digest('hex').slice(0, 12)}`;
}

/**
 * The key of a copy, where one has to be named. A key of one region or account encrypts nothing in another.
 *
 * @param needed the service has no default for it.
 */
function copyKey(draft: Draft, { needed }: { readonly needed: boolean }): Value | undefined {
  const { backup, into } = draft.wanted;
  if (!backup.encrypted || !needed) return undefined;
  return draft.ask('KMS_KEY_ID', `the KMS key for the copy, in ${into.region} of ${into.account}`);
}

/**
 * What is to be known of sharing an encrypted backup.
 *
 * @param copyFirst The command, less the key, that copies it where it is: of no use where a service has none.
 */
export function noteSharing(draft: Draft, copyFirst?: string): void {
  const { backup, into } = draft.wanted;
  if (!backup.encrypted) return;
  draft.note(
    `The backup is encrypted. The policy of its key must let ${into.account} use it (kms:Decrypt, kms:CreateGrant, kms:DescribeKey), and a key that AWS manages cannot be shared: then copy the backup under a key of your own first.`,
  );
  if (copyFirst === undefined) return;
  draft.note(
    `To copy it first, in account ${backup.account}: aws ${copyFirst} --kms-key-id <your key> --region ${backup.region}`,
  );
  draft.note(
    `Wait until that copy is complete, and write its id in place of ${backup.id} in every command that follows.`,
  );
}

/** What is done before an EBS snapshot can be restored from: it is taken out of the archive tier, shared, copied. */
export function prepareSnapshot(draft: Draft): Value {
  const { backup, into } = draft.wanted;
  const { id, region } = backup;
  if (backup.archived) {
    draft.note(
      'Restoring from the archive tier takes up to 72 hours. The snapshot goes back to the archive tier after 14 days.',
    );
    draft.callAtSource({
      title: `Take ${id} out of the archive tier for 14 days`,
      operation: 'RestoreSnapshotTier',
      parameters: { SnapshotId: id, TemporaryRestoreDays: 14 },
    });
    draft.callAtSource({
      title: 'Wait until it is restored from the archive tier',
      kind: 'poll',
      operation: 'DescribeSnapshotTierStatus',
      parameters: { Filters: [{ Name: 'snapshot-id', Values: [id] }] },
      until: { query: 'SnapshotTierStatuses[0].LastTieringOperationStatus', is: 'temporary-restore-completed' },
    });
  }
  const elsewhere = isElsewhere(draft.wanted);
  if (!elsewhere.region && !elsewhere.account) return id;
  if (elsewhere.account) {
    noteSharing(draft, `ec2 copy-snapshot --source-region ${region} --source-snapshot-id ${id} --encrypted`);
    draft.callAtSource({
      title: `Let ${into.account} use the snapshot`,
      operation: 'ModifySnapshotAttribute',
      parameters: {
        SnapshotId: id,
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [into.account],
      },
    });
  }
  draft.call({
    title: `Copy the snapshot to ${into.region} of ${into.account}`,
    operation: 'CopySnapshot',
    parameters: {
      SourceRegion: region,
      SourceSnapshotId: id,
      Description: `Copied for a restore from ${id} of ${region}`,
      ...encryptedAs(copyKey(draft, { needed: elsewhere.account })),
    },
    saves: { name: 'SNAPSHOT_ID', query: 'SnapshotId' },
  });
  const copy = { Ref: 'SNAPSHOT_ID' };
  draft.call({
    title: 'Wait until the copy is complete',
    kind: 'wait',
    operation: 'snapshot-completed',
    parameters: { SnapshotIds: [copy] },
  });
  return copy;
}

/** The same for an image, with its snapshots. */
export function prepareImage(draft: Draft): Value {
  const { backup, into } = draft.wanted;
  const { id, region } = backup;
  const elsewhere = isElsewhere(draft.wanted);
  if (!elsewhere.region && !elsewhere.account) return id;
  if (elsewhere.account) {
    noteSharing(
      draft,
      `ec2 copy-image --source-region ${region} --source-image-id ${id} --name ${copyName(draft.wanted)} --encrypted`,
    );
    draft.callAtSource({
      title: "Find the image's snapshots",
      operation: 'DescribeImages',
      parameters: { ImageIds: [id] },
      saves: { name: 'SNAPSHOT_IDS', query: 'Images[0].BlockDeviceMappings[].Ebs.SnapshotId' },
    });
    draft.callAtSource({
      title: `Let ${into.account} use them`,
      kind: 'each',
      each: { list: 'SNAPSHOT_IDS', item: 'SNAPSHOT_ID' },
      operation: 'ModifySnapshotAttribute',
      parameters: {
        SnapshotId: { Ref: 'SNAPSHOT_ID' },
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [into.account],
      },
    });
    draft.callAtSource({
      title: `Let ${into.account} use the image`,
      operation: 'ModifyImageAttribute',
      parameters: { ImageId: id, Attribute: 'launchPermission', OperationType: 'add', UserIds: [into.account] },
    });
  }
  draft.call({
    title: `Copy the image to ${into.region} of ${into.account}`,
    operation: 'CopyImage',
    parameters: {
      SourceRegion: region,
      SourceImageId: id,
      Name: copyName(draft.wanted),
      ...encryptedAs(copyKey(draft, { needed: elsewhere.account })),
    },
    saves: { name: 'IMAGE_ID', query: 'ImageId' },
  });
  const copy = { Ref: 'IMAGE_ID' };
  draft.call({
    title: 'Wait until the copy is complete',
    kind: 'wait',
    operation: 'image-available',
    parameters: { ImageIds: [copy] },
  });
  return copy;
}

function encryptedAs(key: Value | undefined): Readonly<Record<string, Value>> {
  return key === undefined ? {} : { Encrypted: true, KmsKeyId: key };
}

/** How snapshots of databases are called in calls and ARNs. */
export interface SnapshotWords {
  readonly arnNoun: 'snapshot' | 'cluster-snapshot';
  /** @example 'DBSnapshot' */
  readonly noun: 'DBSnapshot' | 'DBClusterSnapshot';
  /** The waiter of the AWS CLI, which is in its `rds` also for DocumentDB. */
  readonly waiter: string;
}

/** The same for a snapshot of a database: it is shared and copied where it is needed elsewhere. */
export function prepareDatabaseSnapshot(draft: Draft, words: SnapshotWords): Value {
  const { backup, into, partition } = draft.wanted;
  const elsewhere = isElsewhere(draft.wanted);
  if (!elsewhere.region && !elsewhere.account) return backup.id;
  const { noun } = words;
  if (elsewhere.account) {
    const [copies, part] =
      noun === 'DBSnapshot' ? ['copy-db-snapshot', 'db-snapshot'] : ['copy-db-cluster-snapshot', 'db-cluster-snapshot'];
    noteSharing(
      draft,
      `${draft.wanted.type === 'docdb' ? 'docdb' : 'rds'} ${copies} --source-${part}-identifier ${backup.id} --target-${part}-identifier ${copyName(draft.wanted)}`,
    );
    draft.callAtSource({
      title: `Let ${into.account} restore and copy the snapshot`,
      operation: `Modify${noun}Attribute`,
      parameters: {
        [`${noun}Identifier`]: backup.id,
        AttributeName: 'restore',
        ValuesToAdd: [into.account],
      },
    });
  }
  const name = copyName(draft.wanted);
  const copy: Call = {
    title: `Copy the snapshot to ${into.region} of ${into.account}`,
    operation: `Copy${noun}`,
    parameters: {
      [`Source${noun}Identifier`]: `arn:${partition}:rds:${backup.region}:${backup.account}:${words.arnNoun}:${backup.id}`,
      [`Target${noun}Identifier`]: name,
      KmsKeyId: copyKey(draft, { needed: true }),
      SourceRegion: elsewhere.region ? backup.region : undefined,
    },
  };
  draft.call(copy);
  draft.call({
    title: 'Wait until the copy is complete',
    kind: 'wait',
    service: 'rds',
    operation: words.waiter,
    parameters: { [`${noun}Identifier`]: name },
  });
  return name;
}
