import type { Outcome } from '@shelvery/engine/terminal';
import type { Actor, RunOptions } from '../runner.js';
import type { Screen } from '../screen.js';

/** Names of the accounts, for people. */
export type Parties = Readonly<Record<string, string>>;

/** Tells what happens while it happens, a line for each outcome: when, who, what, which backup, where. */
export interface Chronicle {
  /** For the runs of an actor. */
  of(actor: Actor): RunOptions;
  /** Something that is no run of Shelvery's. */
  event(at: Date, actor: Actor, what: string): void;
}

export function createChronicle(screen: Screen, parties: Parties): Chronicle {
  const widest = Math.max(...Object.values(parties).map((name) => name.length));
  const line = (at: Date, actor: Actor, text: string): void => {
    const when = at.toISOString().slice(5, 16).replace('T', ' ');
    screen.say(`${screen.paint('dim', when)}  ${(parties[actor.account] ?? actor.account).padEnd(widest)}  ${text}`);
  };
  return {
    of: (actor) => ({
      onOutcome: (outcome, at) => {
        const [what, where] = told(outcome, parties);
        const subject = outcome.backupName ?? outcome.backupId ?? outcome.bucket ?? '';
        const word = screen.paint(outcome.operation === 'DeleteBackup' ? 'red' : 'green', what.padEnd(WHAT_WIDTH));
        line(at, actor, `${word}  ${subject.padEnd(SUBJECT_WIDTH)}  ${where}`.trimEnd());
      },
    }),
    event: (at, actor, what) => {
      line(at, actor, screen.paint('yellow', what));
    },
  };
}

const WHAT_WIDTH = 'shared copy'.length;
/** Of backups; buckets' names are longer. */
const SUBJECT_WIDTH = 'Kasse-123456-2026-03-03-0100-daily'.length;

/** What was done, in a word or two, and where. */
function told(outcome: Outcome, parties: Parties): readonly [string, string] {
  const { region = '', destinationRegion = '', destinationAccount = '', sourceAccount = '' } = outcome;
  const from = parties[sourceAccount] ?? sourceAccount;
  const to = parties[destinationAccount] ?? destinationAccount;
  switch (outcome.operation) {
    case 'CreateBackup':
      return ['made', region];
    case 'StoreBackupData':
      return ['recorded', `in the data bucket of ${region}`];
    case 'CopyBackupToRegion':
      return ['copied', `${region} to ${destinationRegion}`];
    case 'ShareBackup':
      return ['shared', `${region}, with ${to}`];
    case 'ShareRegionalBackupCopy':
      return ['shared copy', `${destinationRegion}, with ${to}`];
    case 'PullSharedBackup':
      return outcome.newS3Location === undefined
        ? ['copied', `${region}, from ${from}`]
        : ['pulled', `${region}; its file at ${from} is marked as processed`];
    case 'DeleteBackup':
    case 'DeleteReencryptedBackup':
      return ['removed', region];
    case 'ListBackups':
      return ['listed', region];
    case 'CreateDataBucket':
      return ['bucket', region];
    case 'ArchiveBackup':
      return ['archived', region];
    case 'PullSharedBackupsFromAccount':
      return ['read', from];
  }
}
