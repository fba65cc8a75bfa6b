import type { AwsAccess, BackupType, DelayedMessage, Outcome } from '@shelvery/engine';
import type { CliRequest } from './arguments.js';
import type { Interruption } from './interruption.js';
import type { Output } from './output.js';
import type { TypeRun } from './type-run.js';

/** Is told what happens in a run while it happens. */
export interface Watcher {
  collected(count: number): void;
  outcome(outcome: Outcome): void;
  /** What is waited for, before each pause. */
  waiting(pending: readonly DelayedMessage[]): void;
}

/** What is shown, and by what it is done. */
export interface ShowParts {
  readonly request: CliRequest;
  readonly output: Output;
  readonly home: AwsAccess['home'];
  readonly time: Date;
  /** How many backups are kept, and who says so. */
  readonly retention: string;
  readonly interruption: Interruption;
  readonly runType: (type: BackupType, watcher: Watcher) => Promise<TypeRun>;
  /** The text about a run that has ended. */
  readonly render: (run: TypeRun) => string;
  /** The same for `--quiet`: nothing where nothing is to be said. */
  readonly renderQuietly: (run: TypeRun, heading: string) => string;
}

/** Runs the types one after the other and shows them meanwhile, and what became of each. */
export type Show = (parts: ShowParts) => Promise<readonly TypeRun[]>;
