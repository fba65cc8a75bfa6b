import type { BackupType, Clock, DelayedProgress, Outcome, WorkCounts } from '@shelvery/engine/terminal';
import pLimit from 'p-limit';
import type { CliRequest } from './arguments.js';
import type { Interruption } from './interruption.js';
import type { Output } from './output.js';
import type { TypeRun } from './type-run.js';

/** Is told what happens in a run while it happens. */
export interface Watcher {
  collected(count: number): void;
  outcome(outcome: Outcome): void;
  /** At each change of where the items are that the run works on. */
  working(counts: WorkCounts): void;
  /** What the run waits for before it begins, in words. */
  awaiting(text: string): void;
  /** How far what follows the backups has come, after each round of asking. */
  waiting(progress: DelayedProgress): void;
}

/** What is shown, and by what it is done. */
export interface ShowParts {
  readonly request: CliRequest;
  readonly output: Output;
  readonly clock: Clock;
  readonly interruption: Interruption;
  /** Runs one after the other, in place of all at once. */
  readonly oneByOne: boolean;
  readonly runType: (type: BackupType, watcher: Watcher) => Promise<TypeRun>;
  /** How long AWS makes so many further items of a type take, at the least, in milliseconds. */
  readonly leastMs: (type: BackupType, items: number) => number;
  /** What runs, as of when, and what is kept. */
  readonly heading: string;
  /** The text about runs that have ended. */
  readonly render: (runs: readonly TypeRun[]) => string;
  /** The same for `--quiet`: nothing where nothing is to be said. */
  readonly renderQuietly: (runs: readonly TypeRun[]) => string;
}

/** Runs the types and shows them meanwhile, and what became of them. */
export type Show = (parts: ShowParts) => Promise<readonly TypeRun[]>;

/** Runs the types, all at once unless they are to come one by one; their runs are in the order of the types. */
export async function runEach(
  { request, oneByOne }: Pick<ShowParts, 'request' | 'oneByOne'>,
  run: (type: BackupType) => Promise<TypeRun>,
): Promise<readonly TypeRun[]> {
  return await pLimit(oneByOne ? 1 : request.types.length).map(request.types, run);
}
