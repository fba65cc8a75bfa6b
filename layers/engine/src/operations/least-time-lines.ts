import { leastTime } from '../domain/limits/least-time.js';
import type { CountedCall } from '../domain/limits/least-time.js';
import type { Region } from '../domain/values.js';
import type { PlanLine, RunContext } from './context.js';

/** The line of a plan that tells how long AWS makes a run take; none where that is not worth saying. */
export function leastTimeLines(
  { adapter }: Pick<RunContext, 'adapter'>,
  doing: CountedCall,
  calls: number,
  region: Region,
): readonly PlanLine[] {
  const time = leastTime(adapter.type, doing, calls);
  return time === undefined ? [] : [{ what: 'warn', subject: time.action, reason: time.text, region }];
}
