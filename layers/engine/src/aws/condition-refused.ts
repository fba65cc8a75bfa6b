import { faultName } from '../domain/telling/faults.js';

/** Page "Add preconditions to S3 operations with conditional requests". */
const REFUSED: readonly string[] = ['PreconditionFailed', 'ConditionalRequestConflict'];

/** Whether S3 has not put a file because somebody else has put it, or is doing so. */
export function isConditionRefused(error: unknown): boolean {
  return REFUSED.includes(faultName(error));
}
