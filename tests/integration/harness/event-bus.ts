import { EC2Client, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import type { BackupType } from '@shelvery/engine/terminal';
import type { Emulator } from '../../emulator/emulator.js';
import { listRawSnapshots } from './raw-snapshots.js';
import type { RawSnapshot } from './raw-snapshots.js';

/** The event bus of an account's home region, to which its DR regions forward. */
export interface EventBus {
  readonly account: string;
  readonly regions: readonly string[];
  /** What was told before; what is told now is added. */
  readonly told: Set<string>;
}

/** The events, as JSON, of all that has happened since the last time: snapshots and images that are complete or shared. */
export async function eventsOf(
  emulator: Emulator,
  type: BackupType,
  { account, regions, told }: EventBus,
): Promise<readonly string[]> {
  const events: string[] = [];
  const tell = (key: string, event: Readonly<Record<string, unknown>> | undefined): void => {
    if (told.has(key)) return;
    told.add(key);
    if (event !== undefined) events.push(JSON.stringify(event));
  };
  for (const region of regions) {
    for (const snapshot of await listRawSnapshots(emulator, { type, account, region })) {
      if (/^(available|completed)$/.test(snapshot.state))
        tell(`${account} ${region} ${snapshot.id}`, completion(type, { account, region }, snapshot));
    }
  }
  if (type === 'ebs') {
    for (const { owner, id, region } of await sharedSnapshots(emulator, account, regions))
      tell(`${account} shared ${id}`, share({ account, region }, id, owner));
  }
  return events;
}

/** Snapshots of other accounts that an account may use. */
async function sharedSnapshots(
  emulator: Emulator,
  account: string,
  regions: readonly string[],
): Promise<readonly { readonly id: string; readonly owner: string; readonly region: string }[]> {
  const shared: { id: string; owner: string; region: string }[] = [];
  for (const region of regions) {
    const client = new EC2Client(emulator.clientConfig(account, region));
    for await (const page of paginateDescribeSnapshots({ client }, { RestorableByUserIds: [account] })) {
      for (const { SnapshotId: id = '', OwnerId: owner = '' } of page.Snapshots ?? [])
        if (owner !== account) shared.push({ id, owner, region });
    }
  }
  return shared;
}

interface Place {
  readonly account: string;
  readonly region: string;
}

function envelope(
  { account, region }: Place,
  source: string,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const time = '2026-03-03T01:00:00Z';
  return { version: '0', id: crypto.randomUUID(), 'detail-type': detailType, source, account, time, region, detail };
}

/** What AWS tells when a snapshot or an image is complete; nothing where it tells nothing (see `completion-events.ts`). */
export function completion(
  type: BackupType,
  place: Place,
  { id, kind, tags }: Pick<RawSnapshot, 'id' | 'kind' | 'tags'>,
): Readonly<Record<string, unknown>> | undefined {
  const isFromElsewhere = tags['shelvery:dr_copy'] === 'true';
  const isCopy = isFromElsewhere || tags['shelvery:src_backup'] !== undefined;
  switch (type) {
    case 'ebs':
      return envelope(place, 'aws.ec2', 'EBS Snapshot Notification', {
        event: isCopy ? 'copySnapshot' : 'createSnapshot',
        result: 'succeeded',
        snapshot_id: `arn:aws:ec2::${place.region}:snapshot/${id}`,
      });
    case 'ec2ami':
      return kind === 'image'
        ? envelope(place, 'aws.ec2', 'EC2 AMI State Change', { ImageId: id, State: 'available' })
        : undefined;
    case 'rds':
      return envelope(place, 'aws.rds', 'RDS DB Snapshot Event', {
        SourceIdentifier: id,
        EventID: isFromElsewhere ? 'RDS-EVENT-0060' : isCopy ? 'RDS-EVENT-0197' : 'RDS-EVENT-0042',
      });
    case 'rds_cluster':
    case 'docdb':
      return isCopy
        ? undefined
        : envelope(place, 'aws.rds', 'RDS DB Cluster Snapshot Event', {
            SourceIdentifier: id,
            EventID: 'RDS-EVENT-0075',
          });
    case 'redshift':
      return undefined;
  }
}

/** What AWS tells an account with which a snapshot was shared. */
export function share(place: Place, id: string, owner: string): Readonly<Record<string, unknown>> {
  return envelope(place, 'aws.ec2', 'EBS Snapshot Notification', {
    event: 'shareSnapshot',
    result: 'succeeded',
    snapshot_id: `arn:aws:ec2::${place.region}:snapshot/${id}`,
    source: owner,
  });
}
