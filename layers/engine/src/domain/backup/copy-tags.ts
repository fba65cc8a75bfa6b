import { CONFIG_TAG, PREFIX_TAG, TAG, addTags, fitTagValue, isExcludedTag, tagKey } from './backup-tags.js';
import { foreignOwnTags } from './foreign-own-tags.js';
import { isHoldKey } from './hold.js';
import { parseSource, sourceOf } from './copy-source.js';
import { formatDateCreated, parseDateCreated } from '../calendar.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { Backup, ServiceRules } from './backup.js';
import type { Home } from '../config/targets.js';
import type { AccountId, BackupId, Region, Tags } from '../values.js';

/** The tags of a copy in a DR region: its source's, without those that describe the source alone, and its own. */
export function drCopyTags(source: Backup, toRegion: Region, name: string, prefix: string, rules: ServiceRules): Tags {
  const added = {
    Name: name,
    [tagKey(prefix, TAG.name)]: name,
    [tagKey(prefix, TAG.region)]: toRegion,
    [tagKey(prefix, TAG.drCopy)]: 'true',
    [tagKey(prefix, TAG.drSourceBackup)]: sourceOf(source.region, source.id),
  };
  return addTags(inherited(source, prefix), added, prefix, rules);
}

/** The tags of a re-encrypted snapshot that is only kept until it has been shared. */
export function reencryptedTags(
  source: Backup,
  name: string,
  prefix: string,
  copiedAt: Date,
  rules: ServiceRules,
): Tags {
  const added = {
    Name: name,
    [tagKey(prefix, TAG.name)]: name,
    [tagKey(prefix, TAG.srcBackup)]: sourceOf(source.region, source.id),
    [tagKey(prefix, TAG.dateCopied)]: formatDateCreated(copiedAt),
  };
  return addTags(inherited(source, prefix), added, prefix, rules);
}

/** The tags that a copy takes over from its source: all but those that describe the source alone. */
function inherited(source: Backup, prefix: string): Tags {
  const isOwn = (key: string): boolean => isHoldKey(key, prefix) || key === tagKey(prefix, TAG.drCopies);
  return Object.fromEntries(
    Object.entries(source.found.tags).filter(([key]) => !isOwn(key) && !key.toLowerCase().startsWith('aws:')),
  );
}

/** `dr_copies` of a source with copies added, in order; `undefined` where nothing changes or it would not fit a tag. */
export function withDrCopies(source: Backup, copies: readonly string[], prefix: string): Tags | undefined {
  const key = tagKey(prefix, TAG.drCopies);
  const before = source.found.tags[key] ?? '';
  const all = new Set([...before.split(/\s/).filter((word) => word !== ''), ...copies]);
  const text = [...all].sort().join(' ');
  return text === before || text.length > 256 ? undefined : { [key]: text };
}

/** What a pulled copy is made from: the verified parts of a shared file. */
export interface PulledParts {
  readonly sourceAccount: AccountId;
  readonly sourceRegion: Region;
  readonly sourceId: BackupId;
  readonly sourcePrefix: string;
  readonly name: string;
  readonly entityId: string;
  readonly createdAt: Date;
  readonly retentionType: string;
  readonly tags: Tags;
  /** See `isWokenByEvents`. */
  readonly wokenByEvents?: boolean;
}

/** The region that a shared backup was made in: what was copied to another region before it was shared tells where. */
export function originOf(tags: Tags, sourcePrefix: string, region: Region): Region {
  if (tags[tagKey(sourcePrefix, TAG.drCopy)] !== 'true') return region;
  return parseSource(tags[tagKey(sourcePrefix, TAG.drSourceBackup)])?.region ?? region;
}

/**
 * The tags of a copy in a bunker. The file only says which backup it is: configuration in its tags is neither copied
 * nor followed, except the wish to be encrypted. Of the resource's tags come those that the bunker's configuration copies
 * and does not exclude, and none by which this or another installation of Shelvery knows its own.
 */
export function pulledCopyTags(
  parts: PulledParts,
  home: Home,
  config: ConfigValues,
  copiedAt: Date,
  rules: ServiceRules,
): Tags {
  const prefix = config.shelvery_tag_prefix;
  const sourceTag = (last: string): string | undefined => parts.tags[tagKey(parts.sourcePrefix, last)];
  const isOwn = foreignOwnTags(parts.tags, [parts.sourcePrefix, prefix]);
  const base = Object.fromEntries(
    Object.entries(config.shelvery_copy_resource_tags ? parts.tags : {})
      .filter(([key]) => !isOwn(key) && !isHoldKey(key, prefix) && !isExcludedTag(key, config))
      // Tags that the services keep for themselves, and keys that they refuse.
      .filter(
        ([key]) =>
          !/^(?:aws|rds):/i.test(key) &&
          (rules.forbiddenInTagValues === undefined || key.search(rules.forbiddenInTagValues) < 0),
      )
      .map(([key, value]) => [key, fitTagValue(value, rules)]),
  );
  // Nothing is newer than the backup that it is in.
  const dataTime = parseDateCreated(sourceTag(TAG.snapshotTime) ?? '');
  const snapshotTime = dataTime === undefined || dataTime > parts.createdAt ? undefined : sourceTag(TAG.snapshotTime);
  const added = {
    Name: parts.name,
    [PREFIX_TAG]: prefix,
    [tagKey(prefix, TAG.dateCreated)]: formatDateCreated(parts.createdAt),
    [tagKey(prefix, TAG.srcAccount)]: parts.sourceAccount,
    [tagKey(prefix, TAG.name)]: parts.name,
    [tagKey(prefix, TAG.region)]: home.region,
    [tagKey(prefix, TAG.retentionType)]: parts.retentionType,
    [tagKey(prefix, TAG.entityId)]: parts.entityId,
    [tagKey(prefix, TAG.backup)]: 'true',
    [tagKey(prefix, TAG.drCopy)]: 'false',
    [tagKey(prefix, TAG.crossAccountCopy)]: 'true',
    [tagKey(prefix, TAG.dstAccount)]: home.accountId,
    [tagKey(prefix, TAG.srcRegion)]: parts.sourceRegion,
    [tagKey(prefix, TAG.dateCopied)]: formatDateCreated(copiedAt),
    [tagKey(prefix, TAG.srcBackup)]: sourceOf(parts.sourceRegion, parts.sourceId),
    [tagKey(prefix, TAG.originRegion)]: originOf(parts.tags, parts.sourcePrefix, parts.sourceRegion),
    ...(parts.wokenByEvents === true ? { [tagKey(prefix, TAG.wokenByEvents)]: 'true' } : {}),
    ...(snapshotTime === undefined ? {} : { [tagKey(prefix, TAG.snapshotTime)]: snapshotTime }),
    ...(wantsEncryption(parts.tags, parts.sourcePrefix)
      ? { [tagKey(prefix, `${CONFIG_TAG}shelvery_encrypt_copy`)]: 'true' }
      : {}),
  };
  return addTags(base, added, prefix, rules);
}

/** The one configuration tag of another account that counts: that its backups are to be encrypted. */
export function wantsEncryption(tags: Tags, prefix: string): boolean {
  return ['true', '1', 'yes'].includes(
    (tags[tagKey(prefix, `${CONFIG_TAG}shelvery_encrypt_copy`)] ?? '').toLowerCase(),
  );
}
