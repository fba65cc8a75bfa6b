import { faultName } from '../domain/telling/faults.js';

/** Page "Add preconditions to S3 operations with conditional requests". */
const TAKEN: readonly string[] = ['PreconditionFailed', 'ConditionalRequestConflict'];

/** Whether S3 has not put a file because somebody else has put it, or is doing so. */
export function isTaken(error: unknown): boolean {
  return TAKEN.includes(faultName(error));
}
