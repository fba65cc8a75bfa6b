import { copyOf } from '@shelvery/engine/terminal';
import type { DelayedMessage, Outcome } from '@shelvery/engine/terminal';

/** What has become of the items of a run so far. */
export interface Tally {
  /** How many items the run deals with. */
  collected: number;
  /** How often each thing was done, by the word for it. */
  readonly done: Map<string, number>;
  /** What earlier runs had done. */
  already: number;
  skipped: number;
  failed: number;
  add(outcome: Outcome): void;
}

/** What an operation did, with a plural where the word has one; in the order in which a line has them. */
const DONE_WORDS: Readonly<Record<Outcome['operation'], string>> = {
  PullSharedBackupsFromAccount: 'account(s) read',
  CreateBackup: 'created',
  PullSharedBackup: 'pulled',
  DeleteBackup: 'removed',
  DeleteReencryptedBackup: 'removed',
  CreateDataBucket: 'bucket(s) ready',
  StoreBackupData: 'stored',
  CopyBackupToRegion: 'copied',
  ShareBackup: 'shared',
  ShareRegionalBackupCopy: 'shared',
  ArchiveBackup: 'archived',
  ListBackups: 'listed',
};

const WORDS: ReadonlySet<string> = new Set(Object.values(DONE_WORDS));

/** Counts outcomes. */
export function createTally(outcomes: readonly Outcome[] = [], collected = 0): Tally {
  const done = new Map<string, number>();
  const begun = new Set<string>();
  const buckets = new Set<string>();
  const count = ({ operation }: Outcome, by: number): void => {
    const word = DONE_WORDS[operation];
    const times = (done.get(word) ?? 0) + by;
    if (times > 0) done.set(word, times);
    else done.delete(word);
  };
  const tally: Tally = {
    collected,
    done,
    already: 0,
    skipped: 0,
    failed: 0,
    add(outcome) {
      const copy = copyOf(outcome);
      if (outcome.operation === 'CreateDataBucket' && outcome.status === 'ok' && outcome.bucket !== undefined) {
        // Each type of a command sees to the same data buckets.
        if (buckets.has(outcome.bucket)) return;
        buckets.add(outcome.bucket);
      }
      if (outcome.status === 'failed') {
        tally.failed += 1;
        // A copy that was begun, and then failed.
        if (copy !== undefined && begun.delete(copy)) count(outcome, -1);
      } else if (outcome.status === 'ignored') tally.skipped += 1;
      else if (outcome.already === true) tally.already += 1;
      else if (copy === undefined || !begun.has(copy)) {
        // One that is begun again, because it failed, is one copy.
        if (copy !== undefined) begun.add(copy);
        count(outcome, 1);
      }
    },
  };
  for (const outcome of outcomes) tally.add(outcome);
  return tally;
}

/** @example countOf(2, 'bucket(s) ready') // '2 buckets ready' */
export function countOf(count: number, words: string): string {
  return `${String(count)} ${words.replace('(s)', count === 1 ? '' : 's')}`;
}

/** @example '4 found, 3 created, 3 stored, 1 skipped, 0 failed' */
export function tallyText({ already, collected, done, skipped, failed }: Tally): string {
  return [
    `${collected} found`,
    // Types that run at once come to these in whatever order.
    ...[...WORDS].flatMap((word) => (done.has(word) ? [countOf(done.get(word) ?? 0, word)] : [])),
    ...(already === 0 ? [] : [`${already} already done`]),
    `${skipped} skipped`,
    `${failed} failed`,
  ].join(', ');
}

/** @example 'waiting for 3 backups at AWS' */
export function waitingText(pending: readonly DelayedMessage[]): string {
  const backups = new Set(pending.map(({ operation }) => `${operation.region} ${operation.backupId}`)).size;
  return `waiting for ${backups} ${backups === 1 ? 'backup' : 'backups'} at AWS`;
}
