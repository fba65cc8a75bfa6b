import { addHours } from 'date-fns';
import { TAG, isMarked, tagKey } from '../backup/backup-tags.js';
import { formatDay } from '../calendar.js';
import { isInCleanScope } from './clean-scope.js';
import type { Backup, FoundBackup, ReadBackup } from '../backup/backup.js';
import type { RunConfig } from '../config/config.js';
import { expiryOf } from '../backup/retention.js';
import type { Region } from '../values.js';

/** All that the decision what to remove in one region depends on. */
export interface CleanInput {
  readonly now: Date;
  readonly localRegion: Region;
  /**
   * The region that is cleaned: the local one, or a DR region, where only copies from the local one are in question.
   */
  readonly region: Region;
  readonly backups: readonly ReadBackup[];
  /** `<region>:<id>` of backups that a copy is running of. */
  readonly beingCopied: ReadonlySet<string>;
  readonly config: RunConfig;
}

export type KeepReason =
  | 'not-expired'
  | 'held'
  | 'last-good'
  | 'being-copied'
  | 'being-made'
  | 'temporary-in-use'
  | 'doubled-original'
  | 'files-first'
  | 'bad-configuration'
  | 'unknown-retention-type'
  | 'unreadable';

export type RemoveReason = 'expired' | 'temporary-over' | 'doubled-copy';

export interface Kept {
  readonly backup: Backup;
  readonly reason: KeepReason;
  readonly text: string;
  readonly expires?: Date;
  /** Kept because something is wrong that somebody should mend: reported as an error. */
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
  /** Kept, and reported: what carries our mark and cannot be understood. */
  readonly unreadable: readonly { readonly found: FoundBackup; readonly problem: string }[];
}

/**
 * Decides what cleaning a region removes, with a reason for every backup. Whatever is held, last, unreadable, being
 * copied or not expired is kept, for any input.
 */
export function planClean(input: CleanInput): CleanPlan {
  const inScope = input.backups.filter((read) => {
    const { tags } = read.kind === 'backup' ? read.backup.found : read.found;
    return isInCleanScope(tags, input.region, input.localRegion, input.config.values);
  });
  const unreadable = inScope.flatMap((read) =>
    read.kind === 'unreadable' ? [{ found: read.found, problem: read.problem }] : [],
  );
  const backups = inScope.flatMap((read) => (read.kind === 'backup' ? [read.backup] : []));
  const doubledCopies = doubledCopiesOf(backups);
  const doubledOriginals = doubledOriginalsOf(backups);
  const facts: Facts = {
    input,
    doubledCopies,
    doubledOriginals,
    last: lastGood(
      backups.filter((backup) => !doubledCopies.has(backup) && !doubledOriginals.has(backup)),
      input,
    ),
  };
  const decisions = backups.map((backup) => decide(backup, facts));
  return {
    keep: decisions.flatMap((decision) => (decision.kind === 'keep' ? [decision.kept] : [])),
    remove: decisions.flatMap((decision) => (decision.kind === 'remove' ? [decision.removed] : [])),
    unreadable,
  };
}

interface Facts {
  readonly input: CleanInput;
  readonly doubledCopies: ReadonlySet<Backup>;
  readonly doubledOriginals: ReadonlySet<Backup>;
  readonly last: ReadonlySet<Backup>;
}

type Decision = { readonly kind: 'keep'; readonly kept: Kept } | { readonly kind: 'remove'; readonly removed: Removed };

function decide(backup: Backup, facts: Facts): Decision {
  const { config } = backup;
  const keep = (reason: KeepReason, text: string, more: { expires?: Date; problem?: boolean } = {}): Decision => ({
    kind: 'keep',
    kept: { backup, reason, text, problem: false, ...more },
  });
  const remove = (reason: RemoveReason, text: string): Decision => ({
    kind: 'remove',
    removed: { backup, reason, text },
  });
  const { input } = facts;
  const prefix = config.values.shelvery_tag_prefix;

  if (backup.held) return keep('held', `held by its tag ${tagKey(prefix, TAG.hold)}`);
  if (backup.found.state === 'pending') return decidePending();
  if (input.beingCopied.has(`${backup.region}:${backup.id}`))
    return keep('being-copied', 'a copy of it is still being made');
  if (backup.temporary) return decideTemporary();
  const expires = expiryOf(backup.createdAt, backup.retentionType, config.values, backup.place);
  if (expires === undefined) {
    const allowed = ['daily, weekly, monthly, yearly', ...config.values.shelvery_custom_retention_types.keys()].join(
      ', ',
    );
    return keep(
      'unknown-retention-type',
      `its retention type ${backup.retentionType} is not known; known: ${allowed}`,
      {
        problem: true,
      },
    );
  }
  if (facts.doubledOriginals.has(backup)) {
    return keep('doubled-original', 'another backup of the same resource and time is there; delete one by hand', {
      problem: true,
    });
  }
  const doubled = facts.doubledCopies.has(backup);
  const [problem] = config.problems;
  if (input.now <= expires && !doubled) {
    const until = `expires ${formatDay(expires)}`;
    return keep('not-expired', problem === undefined ? until : `${until}, and is kept on while ${problem.message}`, {
      expires,
    });
  }
  if (problem !== undefined) return keep('bad-configuration', problem.message, { problem: true });
  if (doubled) return remove('doubled-copy', 'an older copy of the same backup is there');
  if (facts.last.has(backup))
    return keep('last-good', `among the newest ${String(config.values.shelvery_keep_last_backups)} available`);
  return remove('expired', `expired ${formatDay(expires)}`);

  function decidePending(): Decision {
    const hours = config.values.shelvery_wait_deadline_hours;
    return input.now > addHours(beganAt(backup), hours)
      ? keep(
          'being-made',
          `not finished after ${String(hours)} hours (shelvery_wait_deadline_hours); look at it in the console`,
          { problem: true },
        )
      : keep('being-made', 'not finished yet');
  }

  function decideTemporary(): Decision {
    const over = addHours(beganAt(backup), config.values.shelvery_reencrypt_backup_cleanup_hours);
    return input.now > over
      ? remove('temporary-over', `temporary, over since ${formatDay(over)}`)
      : keep('temporary-in-use', 'temporary, for sharing', { expires: over });
  }
}

/** When the service began to make it; a copy may tell the time of its data there, but has a tag of its own. */
function beganAt({ createdAt, copiedAt, found }: Backup): Date {
  return new Date(Math.max(createdAt.getTime(), copiedAt?.getTime() ?? 0, found.startedAt?.getTime() ?? 0));
}

/** The newest available ones of each resource and place, as many as its configuration keeps whatever their age. */
function lastGood(candidates: readonly Backup[], input: CleanInput): ReadonlySet<Backup> {
  const prefix = input.config.values.shelvery_tag_prefix;
  const counted = candidates.filter((backup) => {
    if (backup.found.state !== 'available' || backup.temporary) return false;
    return backup.foreign || (backup.resource !== undefined && isMarked(backup.resource.tags, prefix));
  });
  const last = new Set<Backup>();
  for (const group of Map.groupBy(
    counted,
    (backup) => `${backup.srcAccount} ${backup.entityId} ${backup.place}`,
  ).values()) {
    const newestFirst = [...new Set(group.map(({ createdAt }) => createdAt.getTime()))].sort((a, b) => b - a);
    for (const backup of group) {
      if (newestFirst.indexOf(backup.createdAt.getTime()) < backup.config.values.shelvery_keep_last_backups)
        last.add(backup);
    }
  }
  return last;
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

/** What a copy is a copy of; copies of the original's that do not say so are known by their name. */
function sourceKey(backup: Backup): string {
  const { place, srcAccount, source } = backup;
  return source === undefined ? `${place} ${srcAccount} name ${backup.name}` : `${place} ${srcAccount} ${source}`;
}

function doubledOriginalsOf(backups: readonly Backup[]): ReadonlySet<Backup> {
  const originals = backups.filter(
    (backup) => backup.place === 'local' && backup.found.state === 'available' && !backup.temporary,
  );
  const key = (backup: Backup): string =>
    `${backup.srcAccount} ${backup.entityId} ${String(backup.createdAt.getTime())} ${backup.retentionType}`;
  return new Set([...Map.groupBy(originals, key).values()].filter((group) => group.length > 1).flat());
}

function byAge(a: Backup, b: Backup): number {
  const difference = (a.found.startedAt?.getTime() ?? 0) - (b.found.startedAt?.getTime() ?? 0);
  return difference === 0 ? (a.id < b.id ? -1 : 1) : difference;
}
