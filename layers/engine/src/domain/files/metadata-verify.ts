import { howToKnow } from '../config/config-schema.js';
import { addMinutes } from 'date-fns';
import { TAG, tagKey } from '../backup/backup-tags.js';
import { parseDateCreated, toMinute } from '../calendar.js';
import type { ParsedMetadata } from './metadata.js';
import type { AccountId, BackupType, Region } from '../values.js';

/** Where a metadata file was found. */
export interface FoundWhere {
  /** The account whose data bucket it is in. */
  readonly accountId: AccountId;
  /** The data bucket's region. */
  readonly region: Region;
  /** The type of the folder. */
  readonly type: BackupType;
  /** The name in the key, see `nameOfKey`. */
  readonly name: string;
  /** When S3 says that the file was written. */
  readonly lastModified: Date;
}

/** How much later than its file a backup may be dated: the clocks of two accounts' machines differ by some minutes. */
const MAX_MINUTES_AHEAD = 15;

type MetadataVerdict = { readonly ok: true } | { readonly problem: string };

/**
 * What a backup's id looks like. EC2's have 8 hex digits, or 17 since 2018. The others are manual snapshots' own names
 * (RDS, DocumentDB and Redshift, "Constraints" of CreateDBSnapshot, CreateDBClusterSnapshot and CreateClusterSnapshot);
 * a name with a colon (`rds:…`) is an automated snapshot's, which is never a backup of ours.
 */
const DATABASE_NAME = /^[A-Za-z](?:-?[A-Za-z0-9])*$/;
interface IdRule {
  readonly shape: RegExp;
  readonly maxLength: number;
  readonly like: string;
}
const ID_RULES: Readonly<Record<BackupType, IdRule>> = {
  ebs: { shape: /^snap-[0-9a-f]{8,17}$/, maxLength: 22, like: 'a snapshot id, snap-…' },
  ec2ami: { shape: /^ami-[0-9a-f]{8,17}$/, maxLength: 21, like: 'an image id, ami-…' },
  rds: { shape: DATABASE_NAME, maxLength: 255, like: "a manual snapshot's name" },
  rds_cluster: { shape: DATABASE_NAME, maxLength: 63, like: "a manual cluster snapshot's name" },
  docdb: { shape: DATABASE_NAME, maxLength: 63, like: "a manual cluster snapshot's name" },
  redshift: { shape: DATABASE_NAME, maxLength: 255, like: "a manual snapshot's name" },
};

/**
 * What the id of a backed-up resource looks like. Names of databases and clusters: "Constraints" of CreateDBInstance,
 * CreateDBCluster and CreateCluster.
 */
const RESOURCE_RULES: Readonly<Record<BackupType, IdRule>> = {
  ebs: { shape: /^vol-[0-9a-f]{8,17}$/, maxLength: 21, like: 'a volume id, vol-…' },
  ec2ami: { shape: /^i-[0-9a-f]{8,17}$/, maxLength: 19, like: 'an instance id, i-…' },
  rds: { shape: DATABASE_NAME, maxLength: 63, like: "an instance's name" },
  rds_cluster: { shape: DATABASE_NAME, maxLength: 63, like: "a cluster's name" },
  docdb: { shape: DATABASE_NAME, maxLength: 63, like: "a cluster's name" },
  redshift: { shape: DATABASE_NAME, maxLength: 63, like: "a cluster's name" },
};

/**
 * Checks what a metadata file says against where it was found: account, region, type and name, the backup's id against
 * its type, its tags against its fields, and its time against the file's. It cannot tell whose backup it is: an EC2 id
 * does not say, so whoever copies one asks EC2 for the owner.
 */
export function verifyMetadata(parsed: ParsedMetadata, where: FoundWhere): MetadataVerdict {
  const [problem] = [...placeProblems(parsed, where), ...idProblems(parsed, where.type), ...tagProblems(parsed)];
  return problem === undefined ? { ok: true } : { problem };
}

/**
 * The same for a file of another account, of which more is asked: the resource's id has the shape of its service's, and
 * the retention type is one that the reader knows. Else cleaning would keep what was made of it for ever.
 */
export function verifySharedMetadata(
  parsed: ParsedMetadata,
  where: FoundWhere,
  retentionTypes: readonly string[],
): MetadataVerdict {
  const verdict = verifyMetadata(parsed, where);
  if ('problem' in verdict) return verdict;
  const { entity_id: entity, retention_type: retention } = parsed.document;
  const how = howToKnow(retention);
  const advice = how === undefined ? '' : `. To pull it, ${how}, and let the source account share it again`;
  const [problem] = [
    ...shapeProblems('entity_id', entity, RESOURCE_RULES[where.type], `a backup of type ${where.type} is of`),
    ...(retentionTypes.includes(retention)
      ? []
      : [`retention_type is ${shown(retention)}; known here are ${retentionTypes.join(', ')}${advice}`]),
  ];
  return problem === undefined ? { ok: true } : { problem };
}

function placeProblems({ document, createdAt }: ParsedMetadata, where: FoundWhere): readonly string[] {
  const time = where.lastModified;
  return [
    ...differs('account_id', document.account_id, where.accountId, 'its bucket belongs to the account'),
    ...differs('region', document.region, where.region, 'its bucket is in'),
    ...differs('backup_type', document.backup_type ?? where.type, where.type, 'its folder is for'),
    ...differs('name', document.name, where.name, 'its key says'),
    ...(createdAt > addMinutes(time, MAX_MINUTES_AHEAD)
      ? [
          `date_created is ${createdAt.toISOString()}, more than ${String(MAX_MINUTES_AHEAD)} minutes later than the file itself (${time.toISOString()})`,
        ]
      : []),
  ];
}

function idProblems({ document }: ParsedMetadata, type: BackupType): readonly string[] {
  return shapeProblems('backup_id', document.backup_id, ID_RULES[type], `a backup of type ${type} has`);
}

function shapeProblems(
  field: string,
  id: string,
  { shape, maxLength, like }: IdRule,
  whose: string,
): readonly string[] {
  return id.length <= maxLength && shape.test(id) ? [] : [`${field} is ${shown(id)}; ${whose} ${like}`];
}

/** Tags that are there say the same as the fields; the oldest backups lack some. */
function tagProblems({ document, createdAt, prefix }: ParsedMetadata): readonly string[] {
  const said: readonly (readonly [string, string])[] = [
    [TAG.srcAccount, document.account_id],
    [TAG.region, document.region],
    [TAG.name, document.name],
    [TAG.entityId, document.entity_id],
    [TAG.retentionType, document.retention_type],
  ];
  const problems = said.flatMap(([last, field]) => {
    const key = tagKey(prefix, last);
    return differs(`its tag ${key}`, document.tags[key] ?? field, field, 'its field says');
  });
  const key = tagKey(prefix, TAG.dateCreated);
  const date = document.tags[key];
  if (date === undefined || parseDateCreated(date)?.getTime() === toMinute(createdAt).getTime()) return problems;
  return [...problems, `its tag ${key} is ${shown(date)}, but its field says ${document.date_created}`];
}

function differs(what: string, is: string, expected: string, whose: string): readonly string[] {
  return is === expected ? [] : [`${what} is ${shown(is)}, but ${whose} ${shown(expected)}`];
}

/** A piece of a hostile file, safe to print. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
