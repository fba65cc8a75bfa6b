import { parseSource } from '../../../layers/engine/src/domain/backup/copy-source.js';
import { describeCopy, describeNew } from '../../../layers/engine/src/domain/backup/descriptions.js';
import { parseDateCreated } from '../../../layers/engine/src/domain/calendar.js';
import { ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../simulation/world/held.js';
import { backupPlace } from '../../simulation/world/world.js';
import { OTHER_ACCOUNT, OWN_ACCOUNT, foundBackup } from '../domain/builders.js';
import type { BackupParts } from '../domain/builders.js';
import type { MemoryEstate } from './memory-estate.js';

/** What differs from an available backup of `vol-1` in the home region, made on 2026-01-10 at 03:00 as a daily one. */
export interface HeldParts extends BackupParts {
  readonly id: string;
}

/**
 * Puts a backup into the AWS in memory that is there already: of the estate's type, with the tags that `foundBackup` gives
 * it, begun when `created` says, and described as Shelvery describes a new backup or a copy.
 */
export function hold(
  { world, type }: Pick<MemoryEstate, 'world' | 'type'>,
  parts: BackupParts,
  more: Partial<HeldBackup> = {},
): HeldBackup {
  const { id, region, tags, startedAt } = foundBackup(parts);
  const { entity: of = 'vol-1', type: retention = 'daily', place = 'local', state } = parts;
  // A re-encrypted snapshot of a copy has the tags of both.
  const source = parseSource(tags['shelvery:src_backup'] ?? tags['shelvery:dr_source_backup']);
  const from = (place === 'pulled' ? tags['shelvery:src_account'] : undefined) ?? OWN_ACCOUNT;
  const created = parseDateCreated(parts.created ?? tags['shelvery:date_created'] ?? '');
  const createdAt = (startedAt ?? created)?.getTime() ?? world.conductor.now();
  // The original described no copies that it pulled.
  const made = place === 'pulled' ? '' : describeNew(retention, ResourceId.parse(of));
  const held: HeldBackup = {
    account: OWN_ACCOUNT,
    region,
    type,
    id,
    tags,
    sharedWith: [],
    createdAt,
    readyAt: state === 'pending' ? Infinity : createdAt,
    outcome: state === 'failed' ? 'failed' : 'available',
    dataTime: createdAt,
    encrypted: false,
    archived: false,
    description: source === undefined ? made : describeCopy(source.id, source.region),
    of,
    ofUid: `uid-of-${of}`,
    madeBy: { by: 'shelvery', prefix: 'shelvery' },
    listedFrom: 0,
    ...(source === undefined ? {} : { copyOf: backupPlace({ ...source, account: from, type }) }),
    ...more,
  };
  world.backups.set(backupPlace(held), held);
  return held;
}

/** Puts an EBS backup there with its metadata file. */
export function holdRecorded(
  estate: Pick<MemoryEstate, 'world' | 'type' | 'file'>,
  parts: HeldParts,
  more: Partial<HeldBackup> = {},
): HeldBackup {
  const held = hold(estate, parts, more);
  estate.file(liveKey(parts), fileOf(parts), held.region);
  return held;
}

/** The metadata file of an EBS backup. @param deleted when it was removed. */
export function fileOf(parts: HeldParts, deleted?: string): string {
  const { entity = 'vol-1', created = '2026-01-10-0300', type = 'daily', place = 'local' } = parts;
  const { id, region, tags } = foundBackup(parts);
  const isForeign = place === 'pulled' || place === 'dr-of-pulled';
  const quoted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'schema_version: 1',
    `account_id: "${tags['shelvery:src_account'] ?? (isForeign ? OTHER_ACCOUNT : OWN_ACCOUNT)}"`,
    `backup_id: "${id}"`,
    'backup_type: "ebs"',
    `name: "${tags['shelvery:name']}"`,
    `region: "${region}"`,
    `entity_id: "${entity}"`,
    `retention_type: "${type}"`,
    `date_created: "${created.slice(0, 10)}T${created.slice(11, 13)}:${created.slice(13)}:00Z"`,
    ...(deleted === undefined ? [] : [`date_deleted: "${deleted}"`]),
    'encrypted: false',
    'tags:',
    ...quoted.map(([key, value]) => `  "${key}": "${value}"`),
    '',
  ].join('\n');
}

/** Where the files of an EBS backup are. */
export const liveKey = (parts: HeldParts): string => `backups/ebs/${nameOf(parts)}.yaml`;
export const removedKey = (parts: HeldParts): string => `backups/ebs/removed/${nameOf(parts)}.yaml`;
export const sharedKey = (parts: HeldParts, account: string, folder = 'ebs'): string =>
  `backups/shared/${account}/${folder}/${nameOf(parts)}.yaml`;

export function nameOf(parts: HeldParts): string {
  return foundBackup(parts).tags['shelvery:name'] ?? '';
}

/** What outcomes say of a backup. */
export function about({ id, region, tags }: Pick<HeldBackup, 'id' | 'region' | 'tags'>) {
  return {
    backupName: tags['shelvery:name'],
    backupId: id,
    entityId: tags['shelvery:entity_id'],
    retentionType: tags['shelvery:retention_type'],
    region,
  };
}

/** The same of one that is told by its parts. */
export const aboutParts = (parts: HeldParts) => about(foundBackup(parts));

/** What each look at the home region begins with. */
const LISTS = [
  'ebs:listBackups eu-west-1',
  'ebs:listResources eu-west-1',
  's3:list eu-west-1 backups/ebs/',
  's3:listBuckets eu-west-1',
];

/** The calls without these. */
export function withoutLists(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => !LISTS.includes(call));
}
