import { formatDateCreated } from '../calendar.js';
import type { ServiceRules } from './backup.js';
import type { ConfigValues } from '../config/config-schema.js';
import { Region } from '../values.js';
import type { AccountId, ResourceId, RunId, Tags } from '../values.js';
import { HOLD, isHoldKey } from './hold.js';
import { meansNo } from './means-no.js';

/** AWS allows 50 tags a resource; 8 stay free for what copies add. */
const MAX_TAGS_AT_CREATION = 42;
export const MAX_TAGS = 50;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/** The last parts of the tag keys that we write, each after `<prefix>:`. */
export const TAG = {
  createBackup: 'create_backup',
  backup: 'backup',
  dateCreated: 'date_created',
  srcAccount: 'src_account',
  name: 'name',
  region: 'region',
  retentionType: 'retention_type',
  entityId: 'entity_id',
  entityUid: 'entity_uid',
  drRegions: 'dr_regions',
  runId: 'run_id',
  snapshotTime: 'snapshot_time',
  hold: HOLD,
  amiId: 'ami_id',
  amiName: 'ami_name',
  drCopy: 'dr_copy',
  drSourceBackup: 'dr_source_backup',
  drCopies: 'dr_copies',
  crossAccountCopy: 'cross_account_copy',
  dstAccount: 'dst_account',
  srcRegion: 'src_region',
  dateCopied: 'date_copied',
  srcBackup: 'src_backup',
  originRegion: 'origin_region',
  wokenByEvents: 'woken_by_events',
  volumeSet: 'volume_set',
} as const;

/** The key that names the prefix itself, the same under every prefix. */
export const PREFIX_TAG = 'shelvery:tag_name';

/** The beginning of tags that configure. */
export const CONFIG_TAG = 'config:';

/** Values of `create_backup` that mark a resource. */
const TRUE_VALUES: readonly string[] = ['True', 'true', 'TRUE', '1'];

/** A full tag key: `tagKey('shelvery', TAG.hold)` is `shelvery:hold`. */
export function tagKey(prefix: string, last: string): string {
  return `${prefix}:${last}`;
}

/** Whether a resource is marked for backups. */
export function isMarked(tags: Tags, prefix: string): boolean {
  return TRUE_VALUES.includes(tags[tagKey(prefix, TAG.createBackup)] ?? '');
}

/** The DR regions that a backup's own tag names; words that are no region are left out. */
export function taggedRegions(tags: Tags, prefix: string): readonly Region[] {
  const words = (tags[tagKey(prefix, TAG.drRegions)] ?? '').split(/[\s,]/);
  return words.flatMap((word) => Region.safeParse(word).data ?? []);
}

/** A tag that was probably meant to mark a resource and does not: `yes`, `on`, or the key in another case. */
export function nearMiss(tags: Tags, prefix: string): { readonly key: string; readonly value: string } | undefined {
  if (isMarked(tags, prefix)) return undefined;
  const wanted = tagKey(prefix, TAG.createBackup).toLowerCase();
  const found = Object.entries(tags).find(([name, value]) => name.toLowerCase() === wanted && !meansNo(value));
  return found === undefined ? undefined : { key: found[0], value: found[1] };
}

/** Whether a resource is marked, or was probably meant to be. */
export function seemsMarked(tags: Tags, prefix: string): boolean {
  return isMarked(tags, prefix) || nearMiss(tags, prefix) !== undefined;
}

/** Whether a snapshot carries our mark. */
export function isOurs(tags: Tags, prefix: string): boolean {
  return tags[tagKey(prefix, TAG.backup)] === 'true';
}

/** A value made fit for a service: forbidden characters replaced, cut to 256. */
export function fitTagValue(value: string, rules: ServiceRules): string {
  const allowed = rules.forbiddenInTagValues;
  const fit = allowed === undefined ? value : value.replace(/,/g, ' ').replace(allowed, '-');
  return Array.from(fit).slice(0, MAX_VALUE).join('');
}

/** What the tags of a new backup are made of. */
export interface TagParts {
  readonly name: string;
  readonly createdAt: Date;
  readonly retentionType: string;
  readonly entityId: ResourceId;
  readonly entityUid?: string;
  readonly accountId: AccountId;
  readonly region: Region;
  readonly runId: RunId;
  readonly resourceTags: Tags;
  readonly config: ConfigValues;
  /** See `isWokenByEvents`. */
  readonly wokenByEvents?: boolean;
}

/** Tags, and the keys of the resource's own for which there was no room. */
export interface BuiltTags {
  readonly tags: Tags;
  readonly dropped: readonly string[];
}

/** The tags of a new backup: ours, the resource's config tags, and, as configured, the resource's own. */
export function buildBackupTags(parts: TagParts, rules: ServiceRules): BuiltTags {
  const prefix = parts.config.shelvery_tag_prefix;
  const own: [string, string][] = [
    ['Name', parts.name],
    [PREFIX_TAG, prefix],
    [tagKey(prefix, TAG.dateCreated), formatDateCreated(parts.createdAt)],
    [tagKey(prefix, TAG.srcAccount), parts.accountId],
    [tagKey(prefix, TAG.name), parts.name],
    [tagKey(prefix, TAG.region), parts.region],
    [tagKey(prefix, TAG.retentionType), parts.retentionType],
    [tagKey(prefix, TAG.entityId), parts.entityId],
    ...(parts.entityUid === undefined
      ? []
      : [[tagKey(prefix, TAG.entityUid), parts.entityUid] satisfies [string, string]]),
    [tagKey(prefix, TAG.backup), 'true'],
    [tagKey(prefix, TAG.drRegions), parts.config.shelvery_dr_regions.join(',')],
    [tagKey(prefix, TAG.runId), parts.runId],
    ...(parts.wokenByEvents === true ? [[tagKey(prefix, TAG.wokenByEvents), 'true'] satisfies [string, string]] : []),
  ];
  const config = Object.entries(parts.resourceTags).filter(([key]) => key.startsWith(tagKey(prefix, CONFIG_TAG)));
  const copied = parts.config.shelvery_copy_resource_tags ? copiedTags(parts.resourceTags, parts.config) : [];
  const all = [...own, ...config, ...copied];
  const kept = all.filter(([key]) => Array.from(key).length <= MAX_KEY).slice(0, MAX_TAGS_AT_CREATION);
  return {
    tags: Object.fromEntries(kept.map(([key, value]) => [key, fitTagValue(value, rules)])),
    dropped: all.filter((tag) => !kept.includes(tag)).map(([key]) => key),
  };
}

/** Whether the configuration keeps a resource's tag from being copied: by its key, or the beginning of it. */
export function isExcludedTag(key: string, { shelvery_exluded_resource_tag_keys: excluded }: ConfigValues): boolean {
  return excluded.some((entry) => (entry.endsWith('*') ? key.startsWith(entry.slice(0, -1)) : key === entry));
}

function copiedTags(resourceTags: Tags, config: ConfigValues): [string, string][] {
  const copied: [string, string][] = [];
  for (const [key, value] of Object.entries(resourceTags)) {
    if (/^aws:/i.test(key) || key.startsWith(`${config.shelvery_tag_prefix}:`) || key === PREFIX_TAG) continue;
    if (isHoldKey(key, config.shelvery_tag_prefix) || isExcludedTag(key, config)) continue;
    if (key === 'Name') copied.unshift(['ResourceName', value]);
    else if (key !== 'ResourceName' || resourceTags['Name'] === undefined) copied.push([key, value]);
  }
  return copied;
}

/** Lays tags over others, within 50: the last added give way first, and never those under the prefix. */
export function addTags(base: Tags, added: Tags, prefix: string, rules: ServiceRules): Tags {
  const fitted = Object.entries(added).map(([key, value]): [string, string] => [key, fitTagValue(value, rules)]);
  const all = new Map<string, string>([...Object.entries(base), ...fitted]);
  for (const key of [...all.keys()].reverse()) {
    if (all.size <= MAX_TAGS) break;
    if (!key.startsWith(`${prefix}:`) && key !== 'Name' && key !== PREFIX_TAG) all.delete(key);
  }
  return Object.fromEntries(all);
}
