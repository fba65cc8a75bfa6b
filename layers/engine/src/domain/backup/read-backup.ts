import { TAG, tagKey } from './backup-tags.js';
import { parseDateCreated } from '../calendar.js';
import { parseSource } from './copy-source.js';
import { entityTagLacking } from './entity-by-service.js';
import { holdOf, isRightHoldKey } from './hold.js';
import { REENCRYPTED_ENDING, derivedName } from './naming.js';
import type { Backup, FoundBackup, Place, ReadBackup, ServiceRules } from './backup.js';
import { present } from '../present.js';
import { AccountId, Region, ResourceId } from '../values.js';
import { whyNotMade } from './descriptions.js';
import { judgedBy } from './judged-by.js';
import { namedByResource, ownTagsLacking } from './unnamed.js';
import type { BackupReader } from './judged-by.js';

/**
 * Understands the tags of a snapshot that carries our mark: the one place where raw tags become a `Backup`, and where
 * it is decided whose tags configure it. What is not understood is `unreadable`, and kept. Where the tags do not say
 * whose backup it is (the original's oldest ones), it is the own account's.
 */
export function readBackup(found: FoundBackup, reader: BackupReader): ReadBackup {
  return withConfig(readTags(found, reader), reader);
}

/** Decides whose tags configure what `readTags` understood. */
export function withConfig(read: ReadTags, reader: BackupReader): ReadBackup {
  if (read.kind !== 'made') return read;
  const made = read.made.unnamed === true ? namedByResource(read.made, reader) : read.made;
  return { kind: 'backup', backup: { ...made, ...judgedBy(made, reader) } };
}

/** What the tags of a snapshot say, before it is decided whose tags configure the backup: that asks for its resource. */
export type ReadTags =
  Exclude<ReadBackup, { readonly kind: 'backup' }> | { readonly kind: 'made'; readonly made: Made };

/** Understands the tags of a snapshot, without the configuration. */
export function readTags(listed: FoundBackup, reader: BackupReader): ReadTags {
  const prefix = reader.config.values.shelvery_tag_prefix;
  const lacking = ownTagsLacking(listed, reader);
  const told = lacking ?? entityTagLacking(listed, prefix);
  const found = told === undefined ? listed : { ...listed, tags: { ...listed.tags, ...told } };
  const ownAccount = reader.home.accountId;
  const tag = (last: string): string | undefined => found.tags[tagKey(prefix, last)];
  const unreadable = (last: string, is: string | undefined, allowed: string): ReadTags => ({
    kind: 'unreadable',
    found,
    problem: `its tag ${tagKey(prefix, last)} is ${is === undefined ? 'missing' : JSON.stringify(is)}; allowed: ${allowed}`,
  });
  const name = tag(TAG.name);
  if (name === undefined || !/^[A-Za-z0-9-]{1,255}$/.test(name)) {
    return unreadable(TAG.name, name, 'letters, digits and hyphens');
  }
  const date = tag(TAG.dateCreated);
  const createdAt = date === undefined ? undefined : parseDateCreated(date);
  if (date === undefined || createdAt === undefined) return unreadable(TAG.dateCreated, date, 'YYYY-MM-DD-HHmm');
  const retentionType = tag(TAG.retentionType);
  if (retentionType === undefined || retentionType === '') {
    return unreadable(TAG.retentionType, retentionType, 'a retention type');
  }
  const entityId = ResourceId.safeParse(tag(TAG.entityId));
  if (!entityId.success) return unreadable(TAG.entityId, tag(TAG.entityId), `the id of what ${name} is a backup of`);
  const srcAccount = AccountId.safeParse(tag(TAG.srcAccount) ?? ownAccount);
  if (!srcAccount.success) return unreadable(TAG.srcAccount, tag(TAG.srcAccount), '12 digits');
  const place = placeOf(tag(TAG.drCopy), tag(TAG.crossAccountCopy));
  const source = place === 'dr' ? tag(TAG.drSourceBackup) : place === 'pulled' ? tag(TAG.srcBackup) : undefined;
  if (place === 'dr' && parseSource(source) === undefined)
    return unreadable(TAG.drSourceBackup, source, '<region>:<id>');

  const holds = [found.partHeldBy, holdOf(found.tags, prefix)].flatMap((key) => key ?? []);
  const temporary = isTemporary(found, name, entityId.data, place, tag(TAG.srcBackup), reader.rules);
  const made: Made = {
    found,
    id: found.id,
    region: found.region,
    name,
    entityId: entityId.data,
    createdAt,
    dataTime:
      parseDateCreated(tag(TAG.snapshotTime) ?? '') ??
      (place === 'local' && !temporary ? dataTimeOf(found, createdAt) : createdAt),
    retentionType,
    srcAccount: srcAccount.data,
    place,
    foreign: tag(TAG.crossAccountCopy) === 'true',
    held: holds.length > 0,
    temporary,
    ...(lacking === undefined ? {} : { unnamed: true }),
    ...present({
      heldBy: holds.find((key) => isRightHoldKey(key, prefix)) ?? holds[0],
      // What the service says of it cannot be changed by a tag.
      entityUid: found.entityUid ?? tag(TAG.entityUid),
      originRegion: originRegionOf(place, source, found.region, tag(TAG.originRegion)),
      source: source === '' ? undefined : source,
      copiedAt: parseDateCreated(tag(TAG.dateCopied) ?? ''),
    }),
  };
  const why =
    whySomebodys(made, { date, region: tag(TAG.region) }, reader.rules) ?? whyNotMade(made, tag(TAG.srcBackup));
  if (why !== undefined) return { kind: 'somebodys', found, why };
  return { kind: 'made', made };
}

/** A backup before it is decided whose tags configure it. */
type Made = Omit<Backup, 'config' | 'targets' | 'resource'>;

/** The time of an original's data: a run for an earlier time names new data by an old day, and the service knows better. */
function dataTimeOf({ dataTime }: FoundBackup, createdAt: Date): Date {
  return dataTime !== undefined && dataTime > createdAt ? dataTime : createdAt;
}

function originRegionOf(
  place: Place,
  source: string | undefined,
  liesIn: Region,
  told: string | undefined,
): Region | undefined {
  if (place === 'local') return liesIn;
  return place === 'dr' ? parseSource(source)?.region : Region.safeParse(told).data;
}

/**
 * A re-encrypted snapshot says what it was made of. The original's do not, which it only made of databases: there the
 * name in the service ends so, while the tag has the source's name.
 */
function isTemporary(
  found: FoundBackup,
  name: string,
  entityId: ResourceId,
  place: Place,
  madeOf: string | undefined,
  rules: ServiceRules,
): boolean {
  // A snapshot of the volume itself is no copy, whatever its tags say.
  if (place === 'pulled' || found.volumeId === entityId) return false;
  if (parseSource(madeOf) !== undefined) return [name, found.id].some((text) => text.endsWith(REENCRYPTED_ENDING));
  return rules.knownByName && found.id.endsWith(REENCRYPTED_ENDING) && found.id !== name;
}

/**
 * Why a snapshot with our tags is none of ours: a copy that a person made carries the tags of what it was made of, and
 * none of our calls made it.
 *
 * @returns nothing where it is ours, as far as the service can tell.
 */
function whySomebodys(
  made: Made,
  { date, region: regionTag }: { readonly date: string; readonly region: string | undefined },
  rules: ServiceRules,
): string | undefined {
  const { found, name, entityId, place, temporary } = made;
  const inService = found.serviceName ?? (rules.knownByName ? found.id : undefined);
  if (inService !== undefined && !isNameOf(inService, name, rules)) {
    return `its name is ${inService}, and its tags are those of ${name}`;
  }
  // Who may tag cannot rename: a changed date, and a snapshot that was never ours, show by the name.
  const ending = `-${date}-${made.retentionType}`;
  if (inService !== undefined && !temporary && place !== 'pulled' && !endsWith(name, ending)) {
    return `its name, ${inService}, does not end in ${ending}, as its tags have it`;
  }
  if (place !== 'local') return undefined;
  if (regionTag !== undefined && regionTag !== found.region) {
    return `it lies in ${found.region}, and its tags are those of a backup in ${regionTag}`;
  }
  if (!temporary && found.volumeId !== undefined && found.volumeId !== entityId) {
    return `it is a snapshot of ${found.volumeId}, and its tags are those of a backup of ${entityId}`;
  }
  return undefined;
}

/** Whether a text ends so, case aside: some services lower it. */
function endsWith(text: string, ending: string): boolean {
  return text.toLowerCase().endsWith(ending.toLowerCase());
}

/** Whether the service holds a backup under our name for it, or under one derived from that. */
function isNameOf(inService: string, name: string, rules: ServiceRules): boolean {
  const derived = [name, `${name}${REENCRYPTED_ENDING}`, derivedName(name, REENCRYPTED_ENDING, rules)];
  return derived.some((each) => each.toLowerCase() === inService.toLowerCase());
}

function placeOf(drCopy: string | undefined, crossAccountCopy: string | undefined): Place {
  if (drCopy === 'true') return 'dr';
  return crossAccountCopy === 'true' ? 'pulled' : 'local';
}

/**
 * The name of a backup's metadata files. Temporary snapshots of the original have their source's name in their tags:
 * their files are named after their own id, so that those of the source are never touched.
 */
export function recordName(backup: Backup): string {
  return backup.temporary && !backup.name.endsWith(REENCRYPTED_ENDING)
    ? backup.id.replace(/[^A-Za-z0-9-]/g, '-')
    : backup.name;
}
