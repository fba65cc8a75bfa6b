import { serviceOf } from '../world/services.js';
import { backupPlace, stateAt } from '../world/world.js';
import type { HeldBackup, HeldResource } from '../world/held.js';
import type { HeldObject } from '../world/world.js';

/**
 * What the invariants speak of, in words and sums of their own: none of it comes from the code that decides. They read raw
 * tags and raw settings.
 */

/** Whom a check is about: an installation and its settings. */
export interface Whose {
  readonly account: string;
  readonly region: string;
  readonly prefix: string;
  readonly settings: Readonly<Record<string, string>>;
}

export type PlaceName = 'local' | 'dr' | 'pulled' | 'temporary';

const DEFAULT_KEEPS: Readonly<Record<string, number>> = { daily: 14, weekly: 8, monthly: 12, yearly: 10 };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A tag of a backup; of one that was made together with others, and has not got its own ones yet, what the service says. */
export function tagOf(
  backup: Pick<HeldBackup, 'tags'> & Partial<Pick<HeldBackup, 'copyOf' | 'of'>>,
  prefix: string,
  last: string,
): string {
  const tag = backup.tags[`${prefix}:${last}`];
  if (tag !== undefined || backup.copyOf !== undefined || backup.of === undefined) return tag ?? '';
  if (backup.tags[`${prefix}:volume_set`] === undefined) return '';
  return { entity_id: backup.of, name: `${backup.of} of a set` }[last] ?? '';
}

/** Whether a backup has a name, or may be given it: one that was made together with others gets its own later. */
export function hasName(backup: HeldBackup, prefix: string, name: string): boolean {
  if (backup.tags[`${prefix}:name`] !== undefined || backup.tags[`${prefix}:volume_set`] === undefined)
    return tagOf(backup, prefix, 'name') === name;
  return name.endsWith(`-${tagOf(backup, prefix, 'date_created')}-${tagOf(backup, prefix, 'retention_type')}`);
}

/** The prefix of the installation that made a backup. */
export function prefixOfBackup(backup: Pick<HeldBackup, 'tags'>): string {
  return backup.tags['shelvery:tag_name'] ?? 'shelvery';
}

/** Where a backup is, by its tags. */
export function placeOf(backup: HeldBackup, prefix: string): PlaceName {
  if (tagOf(backup, prefix, 'cross_account_copy') === 'true') return 'pulled';
  const sourceTag = tagOf(backup, prefix, 'src_backup');
  if (sourceTag !== '' && tagOf(backup, prefix, 'name').endsWith('-re-encrypted')) return 'temporary';
  return tagOf(backup, prefix, 'dr_copy') === 'true' ? 'dr' : 'local';
}

/** The time that a backup is of; nothing where its tag is missing or is no time. */
export function dateOf(backup: HeldBackup, prefix: string): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})-(\d{2})(\d{2})$/.exec(tagOf(backup, prefix, 'date_created'));
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** Whether a file has so few bytes that it is no record, as a list shows. */
export function isTooShort({ body }: Pick<HeldObject, 'body'>): boolean {
  return body.length < 100;
}

export function isHeldByTag(backup: HeldBackup, prefix: string): boolean {
  return !['', 'false', '0', 'no'].includes(tagOf(backup, prefix, 'hold').trim().toLowerCase());
}

function isMarkedByTag(resource: HeldResource, prefix: string): boolean {
  return ['True', 'true', 'TRUE', '1'].includes(resource.tags[`${prefix}:create_backup`] ?? '');
}

/** The live and marked resource that a backup was made of, as long as it is that very one. */
function liveResourceOf(
  backup: HeldBackup,
  whose: Whose,
  resources: readonly HeldResource[],
): HeldResource | undefined {
  return resources.find(
    (resource) =>
      resource.type === backup.type &&
      resource.account === whose.account &&
      resource.region === whose.region &&
      resource.uid === backup.ofUid &&
      // A database may have been renamed since, which is known by the id that it keeps.
      (resource.id === tagOf(backup, whose.prefix, 'entity_id') || tellsUid(backup, whose.prefix)) &&
      isMarkedByTag(resource, whose.prefix),
  );
}

/** Whether a backup, or its service, tells the id of its resource that is never given again. */
function tellsUid(backup: HeldBackup, prefix: string): boolean {
  const { idIsName, snapshotsTellUid } = serviceOf(backup.type);
  return idIsName && (snapshotsTellUid || tagOf(backup, prefix, 'entity_uid') === backup.ofUid);
}

/** What is kept of a retention type, in its own unit: nothing where somebody wrote what is no number. */
function keepOf(backup: HeldBackup, whose: Whose, resources: readonly HeldResource[]): number | undefined {
  const place = placeOf(backup, whose.prefix);
  const retention = tagOf(backup, whose.prefix, 'retention_type');
  const tags: HeldBackup['tags'] = place === 'pulled' ? {} : (liveResourceOf(backup, whose, resources) ?? backup).tags;
  // One word that is not understood keeps everything of its resource.
  const isClear = Object.entries(tags).every(
    ([name, text]) => !name.startsWith(`${whose.prefix}:config:shelvery_keep_`) || /^\d*$/.test(text),
  );
  if (!isClear) return undefined;
  const key = `shelvery_keep_${retention}_backups`;
  const textOf = (name: string): string | undefined => {
    const text = tags[`${whose.prefix}:config:${name}`] ?? '';
    return text === '' ? (whose.settings[name] ?? '') || undefined : text;
  };
  const texts = [place === 'dr' ? textOf(`${key}_dr`) : undefined, textOf(key)];
  const text = texts.find((each) => each !== undefined);
  if (text === undefined) return DEFAULT_KEEPS[retention];
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** When a backup expires: its date and so many days, weeks, calendar months or years, in UTC, the day of the month clamped. */
export function expiresAt(backup: HeldBackup, whose: Whose, resources: readonly HeldResource[]): number | undefined {
  const made = dateOf(backup, whose.prefix);
  const keep = keepOf(backup, whose, resources);
  if (made === undefined || keep === undefined) return undefined;
  switch (tagOf(backup, whose.prefix, 'retention_type')) {
    case 'daily':
      return made + keep * DAY_MS;
    case 'weekly':
      return made + keep * 7 * DAY_MS;
    case 'monthly':
      return monthsLater(made, keep);
    case 'yearly':
      return monthsLater(made, 12 * keep);
    default:
      return undefined;
  }
}

function monthsLater(time: number, months: number): number {
  const from = new Date(time);
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  return Date.UTC(year, month, day, from.getUTCHours(), from.getUTCMinutes());
}

/** A number of the settings. */
export function numberOf(settings: Whose['settings'], key: string, preset: number): number {
  const text = settings[key] ?? '';
  return text === '' ? preset : Number(text);
}

/** A list of the settings. */
export function listOf(settings: Whose['settings'], key: string): readonly string[] {
  return (settings[key] ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/** Backups of an installation's own, among all: those that its engine or the original made, of its account. */
export function backupsOf(whose: Whose, type: string, backups: readonly HeldBackup[]): readonly HeldBackup[] {
  return backups.filter(
    (backup) =>
      backup.type === type &&
      backup.account === whose.account &&
      tagOf(backup, whose.prefix, 'backup') === 'true' &&
      isMadeFor(backup, whose),
  );
}

/** Whether Shelvery made a backup for this installation, or the original did. */
export function isMadeFor({ madeBy }: HeldBackup, { prefix }: Whose): boolean {
  return madeBy.by === 'shelvery' ? madeBy.prefix === prefix : madeBy.by === 'original' && prefix === 'shelvery';
}

/** What a copy is the copy of, by its tags. */
export function sourceTagOf(backup: HeldBackup, prefix: string): string {
  const place = placeOf(backup, prefix);
  if (place === 'dr') return `dr ${tagOf(backup, prefix, 'dr_source_backup')}`;
  return `${place} ${tagOf(backup, prefix, 'src_account')} ${tagOf(backup, prefix, 'src_backup')} ${tagOf(backup, prefix, 'date_created')}`;
}

/** Whether there is an older copy of the same, in the same place, that can be used. */
export function hasOlderTwin(backup: HeldBackup, whose: Whose, backups: readonly HeldBackup[], time: number): boolean {
  const place = placeOf(backup, whose.prefix);
  if (place === 'local' || place === 'temporary') return false;
  // Where lists tell of copies only the time of their data, nobody can see which was made first: the lesser id counts as older.
  const isOlder = (other: HeldBackup): boolean =>
    serviceOf(backup.type).copiesTellDataTime ? other.id < backup.id : other.createdAt <= backup.createdAt;
  return backupsOf(whose, backup.type, backups).some(
    (other) =>
      backupPlace(other) !== backupPlace(backup) &&
      other.region === backup.region &&
      stateAt(other, time) === 'available' &&
      sourceTagOf(other, whose.prefix) === sourceTagOf(backup, whose.prefix) &&
      isOlder(other),
  );
}

/**
 * Whether a backup is among the newest that are kept whatever their age: counted per resource and place, by the time that
 * they are of, as long as they can be used.
 */
export function isAmongLast(
  backup: HeldBackup,
  whose: Whose,
  seen: { readonly backups: readonly HeldBackup[]; readonly resources: readonly HeldResource[] },
  time: number,
): boolean {
  const { prefix, settings } = whose;
  const most = numberOf(settings, 'shelvery_keep_last_backups', 1);
  const place = placeOf(backup, prefix);
  if (place === 'temporary' || stateAt(backup, time) !== 'available') return false;
  if (place !== 'pulled' && liveResourceOf(backup, whose, seen.resources) === undefined) return false;
  const groupOf = (each: HeldBackup): string =>
    [
      placeOf(each, prefix),
      each.region,
      tagOf(each, prefix, 'src_account'),
      place === 'pulled' ? tagOf(each, prefix, 'entity_id') : each.ofUid,
    ].join(' ');
  const own = dateOf(backup, prefix) ?? 0;
  const newer = new Set(
    backupsOf(whose, backup.type, seen.backups)
      .filter(
        (each) =>
          isReadable(each, prefix) &&
          groupOf(each) === groupOf(backup) &&
          stateAt(each, time) === 'available' &&
          (place === 'pulled' || liveResourceOf(each, whose, seen.resources) !== undefined),
      )
      .flatMap((each) => dateOf(each, prefix) ?? [])
      .filter((date) => date > own),
  );
  return newer.size < most;
}

/** Whether a service's backup of ours is one that somebody else may take for granted: readable in all that decides. */
export function isReadable(backup: HeldBackup, prefix: string): boolean {
  return (
    ['name', 'retention_type', 'entity_id'].every((last) => tagOf(backup, prefix, last) !== '') &&
    dateOf(backup, prefix) !== undefined
  );
}

/** Whether the service of a type can do something, as its adapter has it. */
export function can(type: HeldBackup['type'], what: 'copyToRegion' | 'share' | 'copyShared'): boolean {
  return serviceOf(type).adapter[what] !== undefined;
}

/** The later of a backup's date and its service's own time of it, which of copies of clusters is that of their data. */
export function ownTimeOf(backup: HeldBackup, prefix: string): number {
  const told = serviceOf(backup.type).copiesTellDataTime ? backup.dataTime : backup.createdAt;
  return Math.max(dateOf(backup, prefix) ?? 0, told);
}
