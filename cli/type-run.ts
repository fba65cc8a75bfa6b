import type { BackupType, DelayedMessage, RunResult, ShelveryError } from '@shelvery/engine';

/** What was handed over within a run and not finished by its end. */
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
  /** It ended by an error that no run should have. */
  | { readonly kind: 'broken'; readonly error: ShelveryError }
  /** The command was interrupted before. */
  | { readonly kind: 'not-begun' }
);
