import type { HeldBackup } from '../../simulation/world/held.js';
import { backupPlace } from '../../simulation/world/world.js';
import { OTHER_ACCOUNT, OWN_ACCOUNT, foundBackup, utc } from '../domain/builders.js';
import type { BackupParts } from '../domain/builders.js';
import type { MemoryEstate } from './memory-estate.js';

/** What differs from an available EBS backup of `vol-1` in the home region, made on 2026-01-10 at 03:00 as a daily one. */
export interface EarlierParts extends BackupParts {
  readonly id: string;
}

/** Puts an EBS backup into the AWS in memory as Shelvery made it earlier. */
export function madeEarlier(
  { world }: Pick<MemoryEstate, 'world'>,
  parts: EarlierParts,
  more: Partial<HeldBackup> = {},
): HeldBackup {
  const { entity = 'vol-1', created = '2026-01-10-0300', type = 'daily', place = 'local' } = parts;
  const { id, region, tags, state } = foundBackup(parts);
  const at = utc(`${created.slice(0, 10)} ${created.slice(11, 13)}:${created.slice(13)}`).getTime();
  const isCopy = place === 'dr' || place === 'dr-of-pulled' || tags['shelvery:src_backup'] !== undefined;
  const source = tags['shelvery:dr_source_backup'] ?? tags['shelvery:src_backup'] ?? '';
  const [from, of] = source.split(':');
  const held: HeldBackup = {
    account: OWN_ACCOUNT,
    region,
    type: 'ebs',
    id,
    tags,
    sharedWith: [],
    createdAt: at,
    readyAt: state === 'pending' ? Infinity : at,
    outcome: state === 'failed' ? 'failed' : 'available',
    dataTime: at,
    encrypted: false,
    archived: false,
    description:
      source === '' ? `Made by Shelvery: ${type} backup of ${entity}` : `Copied by Shelvery from ${of} in ${from}`,
    of: entity,
    ofUid: `uid-of-${entity}`,
    madeBy: { by: 'shelvery', prefix: 'shelvery' },
    listedFrom: 0,
    ...(isCopy ? { copyOf: source } : {}),
    ...more,
  };
  world.backups.set(backupPlace(held), held);
  return held;
}

/** The metadata file of such a backup. @param deleted when it was removed. */
export function fileOf(parts: EarlierParts, deleted?: string): string {
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

/** What outcomes say of such a backup. */
export function about(parts: EarlierParts) {
  const { entity = 'vol-1', type = 'daily' } = parts;
  const { id, region, tags } = foundBackup(parts);
  return { backupName: tags['shelvery:name'], backupId: id, entityId: entity, retentionType: type, region };
}

/** Where the files of such a backup are. */
export const liveKey = (parts: EarlierParts): string => `backups/ebs/${nameOf(parts)}.yaml`;
export const removedKey = (parts: EarlierParts): string => `backups/ebs/removed/${nameOf(parts)}.yaml`;
export const sharedKey = (parts: EarlierParts, account: string, folder = 'ebs'): string =>
  `backups/shared/${account}/${folder}/${nameOf(parts)}.yaml`;

export function nameOf(parts: EarlierParts): string {
  return foundBackup(parts).tags['shelvery:name'] ?? '';
}

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
