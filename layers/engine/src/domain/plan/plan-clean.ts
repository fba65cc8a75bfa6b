import { UTCDate } from '@date-fns/utc';
import { addDays, addHours } from 'date-fns';
import { TAG, tagKey } from '../backup/backup-tags.js';
import { formatDay } from '../calendar.js';
import { isInCleanScope } from './clean-scope.js';
import { backupsIn, foundOf } from '../backup/backup.js';
import { beganAt, olderFirst } from '../backup/age.js';
import { sourceOf } from '../backup/copy-source.js';
import { isRightHoldKey } from '../backup/hold.js';
import { currentIdOf } from '../backup/judged-by.js';
import type { Backup, FoundBackup, ReadBackup } from '../backup/backup.js';
import { howToKnow, retentionTypesOf } from '../config/config-schema.js';
import { wrongValues } from '../config/config.js';
import type { RunConfig } from '../config/config.js';
import { expiryOf } from '../backup/retention.js';
import type { Region } from '../values.js';

/** Everything that decides what is removed in one region. */
export interface CleanInput {
  readonly now: Date;
  readonly localRegion: Region;
  /**
   * The region that is cleaned: the local one, or a DR region, of which only the copies from the local one are cleaned.
   */
  readonly region: Region;
  readonly backups: readonly ReadBackup[];
  /** `<region>:<id>` of the backups of which a copy is being made. */
  readonly beingCopied: ReadonlySet<string>;
  /** The same of backups of which a copy may be being made in a region that could not be listed, with that region. */
  readonly maybeBeingCopied?: ReadonlyMap<string, Region>;
  readonly config: RunConfig;
}

/** Why a backup is kept. */
export const KEEP_REASONS = [
  'not-expired',
  'held',
  'last-good',
  'being-copied',
  'maybe-being-copied',
  'being-made',
  'temporary-in-use',
  'files-first',
  'min-retention',
  'bad-configuration',
  'unknown-retention-type',
  'unreadable',
] as const;
export type KeepReason = (typeof KEEP_REASONS)[number];

/** Why a backup is removed. */
export const REMOVE_REASONS = ['expired', 'temporary-over', 'doubled-copy'] as const;
export type RemoveReason = (typeof REMOVE_REASONS)[number];

export interface Kept {
  readonly backup: Backup;
  readonly reason: KeepReason;
  readonly text: string;
  readonly expires?: Date;
  /** Kept because of an error that somebody should correct; it is reported. */
  readonly problem: boolean;
}

export interface Removed {
  readonly backup: Backup;
  readonly reason: RemoveReason;
  readonly text: string;
}

export interface CleanPlan {
  readonly keep: readonly Kept[];
  readonly remove: readonly Removed[];
  /** Snapshots that carry our mark but cannot be understood: they are kept, and reported. */
  readonly unreadable: readonly { readonly found: FoundBackup; readonly problem: string }[];
  /** What a person made of a backup of ours: none of the plan's backups. Told of once, as an IGNORE. */
  readonly somebodys: readonly LeftAlone[];
  /** The first of each group of doubled originals, which are among the plan's backups. Told of once, as an IGNORE. */
  readonly doubledOriginals: readonly LeftAlone[];
}

/** The backups that a plan decides about. */
export function judgedIn({ keep, remove }: CleanPlan): readonly Backup[] {
  return [...keep, ...remove].map(({ backup }) => backup);
}

/** Something that cleaning leaves as it is, and why. */
export interface LeftAlone {
  readonly found: FoundBackup;
  readonly why: string;
}

/**
 * Decides what cleaning a region removes, with a reason for every backup. Whatever is held, last, unreadable, being
 * copied or not expired is kept, for any input.
 */
export function planClean(input: CleanInput): CleanPlan {
  const inScope = input.backups.filter((read) => {
    return isInCleanScope(foundOf(read).tags, input.region, input.localRegion, input.config.values);
  });
  const unreadable = inScope.flatMap((read) =>
    read.kind === 'unreadable' ? [{ found: read.found, problem: read.problem }] : [],
  );
  const backups = backupsIn(inScope);
  const doubledCopies = doubledCopiesOf(backups);
  const facts: Facts = {
    input,
    doubledCopies,
    last: lastGood(backups.filter((backup) => !doubledCopies.has(backup))),
  };
  const decisions = backups.map((backup) => unlessMaybeCopied(decide(backup, facts), input));
  return {
    keep: decisions.flatMap((decision) => (decision.kind === 'keep' ? [decision.kept] : [])),
    remove: decisions.flatMap((decision) => (decision.kind === 'remove' ? [decision.removed] : [])),
    unreadable,
    somebodys: inScope.flatMap((read) =>
      read.kind === 'somebodys' ? [{ found: read.found, why: somebodysText(read.why) }] : [],
    ),
    doubledOriginals: doubledOriginalsOf(backups),
  };
}

/** What is said of a snapshot that has our tags and is none of ours. */
export function somebodysText(why: string): string {
  return `not a backup of Shelvery's own, though it has the tags of one: ${why}; it is left alone`;
}

interface Facts {
  readonly input: CleanInput;
  readonly doubledCopies: ReadonlySet<Backup>;
  readonly last: ReadonlySet<Backup>;
}

type Decision = { readonly kind: 'keep'; readonly kept: Kept } | { readonly kind: 'remove'; readonly removed: Removed };

function decide(backup: Backup, facts: Facts): Decision {
  const { config } = backup;
  const keep = (reason: KeepReason, text: string, more: { expires?: Date; problem?: boolean } = {}): Decision => ({
    kind: 'keep',
    kept: { backup, reason, text, problem: false, ...more },
  });
  const remove = (reason: RemoveReason, text: string): Decision => {
    const { shelvery_min_retention_days: days } = input.config.values;
    const until = minRetentionEnd(backup, days);
    return until !== undefined && input.now <= until
      ? keep('min-retention', `younger than ${String(days)} days (shelvery_min_retention_days)`, { expires: until })
      : { kind: 'remove', removed: { backup, reason, text } };
  };
  const { input } = facts;
  const prefix = config.values.shelvery_tag_prefix;

  if (backup.heldBy !== undefined) return keep('held', heldText(backup, backup.heldBy, prefix));
  if (backup.found.state === 'pending') return decidePending();
  if (input.beingCopied.has(sourceOf(backup.region, backup.id)))
    return keep('being-copied', 'a copy of it is still being made');
  if (backup.temporary) return decideTemporary();
  const expires = expiryOf(backup.createdAt, backup.retentionType, config.values, backup.place);
  if (expires === undefined) {
    const known = retentionTypesOf(config.values).join(', ');
    const mend = howToKnow(backup.retentionType) ?? `correct its tag ${tagKey(prefix, TAG.retentionType)}`;
    return keep(
      'unknown-retention-type',
      `its retention type ${backup.retentionType} is not configured (known: ${known}): ${mend}, or delete the backup by hand`,
      { problem: true },
    );
  }
  const doubled = facts.doubledCopies.has(backup);
  const stays = whyItStays(backup);
  if (input.now <= expires && !doubled)
    return keep('not-expired', `expires ${formatDay(expires)}${stays ?? ''}`, { expires });
  const over = doubled ? 'there is an older copy of the same backup' : `expired ${formatDay(expires)}`;
  if (stays !== undefined) return keep('bad-configuration', `${over}${stays}`, { problem: true });
  if (doubled) return remove('doubled-copy', over);
  if (facts.last.has(backup)) return keep('last-good', lastGoodText(config.values.shelvery_keep_last_backups));
  return remove('expired', over);

  function decidePending(): Decision {
    const hours = config.values.shelvery_wait_deadline_hours;
    return input.now > addHours(beganAt(backup), hours)
      ? keep(
          'being-made',
          `not finished after ${String(hours)} hours (shelvery_wait_deadline_hours); look at it in the AWS console`,
          { problem: true },
        )
      : keep('being-made', 'not finished yet');
  }

  function decideTemporary(): Decision {
    const over = addHours(beganAt(backup), config.values.shelvery_reencrypt_backup_cleanup_hours);
    return input.now > over
      ? remove('temporary-over', `temporary, not needed since ${formatDay(over)}`)
      : keep('temporary-in-use', 'temporary, needed for sharing', { expires: over });
  }
}

/** @example 'on hold: it has the tag shelvery:hold' */
function heldText({ found }: Backup, heldBy: string, prefix: string): string {
  const whose = found.partHeldBy === heldBy ? 'something that belongs to it' : 'it';
  const right = tagKey(prefix, TAG.hold);
  if (isRightHoldKey(heldBy, prefix)) return `on hold: ${whose} has the tag ${right}`;
  return `on hold: ${whose} has the tag ${JSON.stringify(heldBy)}, probably meant for ${right}; take it off to let the backup go`;
}

/** What would be removed stays while nobody can see whether a copy of it is being made. */
function unlessMaybeCopied(decision: Decision, { maybeBeingCopied }: CleanInput): Decision {
  if (decision.kind === 'keep') return decision;
  const { backup } = decision.removed;
  const region = maybeBeingCopied?.get(sourceOf(backup.region, backup.id));
  if (region === undefined) return decision;
  const text = `${region} could not be listed: a copy of it may still be being made`;
  return { kind: 'keep', kept: { backup, reason: 'maybe-being-copied', text, problem: false } };
}

/** Why a backup stays whatever its age: each wrong value in the tags that configure it, and whose tags those are. */
function whyItStays({ config, resource }: Backup): string | undefined {
  if (config.problems.length === 0) return undefined;
  const whose = resource === undefined ? 'its own tags are' : `the tags of ${resource.id} are`;
  return `, but stays until ${whose} corrected: ${wrongValues(config)}`;
}

/**
 * Whether what an image left behind has expired: by its own date and retention type, and by the least time that everything
 * is kept. Where its configuration or its retention type is not understood it has not.
 */
export function hasLeftoverExpired(leftover: Backup, now: Date, { values }: RunConfig): boolean {
  const { config, createdAt, retentionType, place } = leftover;
  const expires = expiryOf(createdAt, retentionType, config.values, place);
  if (expires === undefined || config.problems.length > 0) return false;
  const young = minRetentionEnd(leftover, values.shelvery_min_retention_days);
  return now > expires && (young === undefined || now > young);
}

/** Until when a backup is kept whatever else is configured; `undefined` where nothing is. */
function minRetentionEnd(backup: Backup, days: number): Date | undefined {
  return days > 0 ? addDays(new UTCDate(ownTime(backup)), days) : undefined;
}

/** Its own time, or the service's where that is later: a changed tag makes nothing older than it is. */
function ownTime({ createdAt, found }: Backup): Date {
  return new Date(Math.max(createdAt.getTime(), found.startedAt?.getTime() ?? 0));
}

/** The newest available ones of each resource and place, as many as its configuration keeps whatever their age. */
function lastGood(candidates: readonly Backup[]): ReadonlySet<Backup> {
  const counted = candidates.filter(
    ({ found, temporary, foreign, resource }) =>
      found.state === 'available' && !temporary && (foreign || resource !== undefined),
  );
  const last = new Set<Backup>();
  for (const group of Map.groupBy(
    counted,
    // A bunker has databases of equal names from several regions.
    (backup) => {
      const { srcAccount, place, originRegion } = backup;
      return `${srcAccount} ${currentIdOf(backup)} ${place} ${place === 'pulled' ? (originRegion ?? '') : ''}`;
    },
  ).values()) {
    const newestFirst = [...new Set(group.map(({ createdAt }) => createdAt.getTime()))].sort((a, b) => b - a);
    for (const backup of group) {
      if (newestFirst.indexOf(backup.createdAt.getTime()) < backup.config.values.shelvery_keep_last_backups)
        last.add(backup);
    }
  }
  return last;
}

/** @example 'the newest available backup (shelvery_keep_last_backups=1)' */
function lastGoodText(kept: number): string {
  const which = kept === 1 ? 'the newest available backup' : `one of the ${String(kept)} newest available backups`;
  return `${which} (shelvery_keep_last_backups=${String(kept)})`;
}

/** Of several available copies of one source all but the oldest. */
function doubledCopiesOf(backups: readonly Backup[]): ReadonlySet<Backup> {
  const copies = backups.filter(
    (backup) => backup.place !== 'local' && backup.found.state === 'available' && !backup.temporary,
  );
  const doubled = new Set<Backup>();
  for (const group of Map.groupBy(copies, sourceKey).values()) {
    for (const copy of [...group].sort(byAge).slice(1)) doubled.add(copy);
  }
  return doubled;
}

/**
 * What a copy is a copy of; copies of the original's that do not say so are known by their name. A source account may give
 * another backup the name of an earlier one: its time belongs to it.
 */
function sourceKey({ place, srcAccount, source, name, createdAt }: Backup): string {
  const of = source ?? `name ${name}`;
  return `${place} ${srcAccount} ${of} ${place === 'pulled' ? String(createdAt.getTime()) : ''}`;
}

/** Originals of one resource and time, as two runs in the same minute make them: a line for each such group. */
function doubledOriginalsOf(backups: readonly Backup[]): readonly LeftAlone[] {
  const originals = backups.filter(
    (backup) => backup.place === 'local' && backup.found.state === 'available' && !backup.temporary,
  );
  const groups = Map.groupBy(
    originals,
    ({ srcAccount, entityId, createdAt, retentionType }) =>
      `${srcAccount} ${entityId} ${String(createdAt.getTime())} ${retentionType}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = [...group].sort(byAge);
    if (first === undefined || others.length === 0) return [];
    const ids = others.map(({ id }) => id).join(', ');
    const why = `a second backup of the same resource and time is there (${ids}): all stay until they expire`;
    return [{ found: first.found, why }];
  });
}

function byAge(a: Backup, b: Backup): number {
  return olderFirst(a.found, b.found);
}
