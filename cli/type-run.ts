import type { BackupType, DelayedMessage, RunResult, ShelveryError } from '@shelvery/engine/terminal';

/** A delayed operation of a run that was not finished by its end. */
export interface Unfinished {
  readonly message: DelayedMessage;
  readonly why: 'timed-out' | 'interrupted';
}

/** What became of the run of one backup type. */
export type TypeRun = { readonly type: BackupType; readonly time: Date } & (
  | {
      readonly kind: 'ran';
      readonly result: RunResult;
      readonly unfinished: readonly Unfinished[];
      readonly interrupted: boolean;
    }
  /** It ended in an unexpected error. */
  | { readonly kind: 'broken'; readonly error: ShelveryError }
  /** The command was interrupted before this run began. */
  | { readonly kind: 'not-begun' }
);
