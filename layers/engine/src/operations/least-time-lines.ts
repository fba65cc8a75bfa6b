import { leastTime } from '../domain/limits/least-time.js';
import type { CountedCall } from '../domain/limits/least-time.js';
import { FEWER_COPIES, judgeCopies } from '../domain/plan/quotas.js';
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

/** From here on it is worth saying how long copies take, though that is within the objective. */
const LONG_COPIES_MIN = 60;

/** The line that tells how long the copies to a region take by how many AWS runs at a time; none where that is not long. */
export function copyQuotaLines(
  { adapter }: Pick<RunContext, 'adapter'>,
  copies: Parameters<typeof judgeCopies>[1],
): readonly PlanLine[] {
  const verdict = judgeCopies(adapter.type, copies);
  if (verdict === undefined || (verdict.kind !== 'over' && verdict.minutes <= LONG_COPIES_MIN)) return [];
  const reason = verdict.kind === 'over' ? `${verdict.text}. ${FEWER_COPIES}` : verdict.text;
  return [{ what: 'warn', subject: verdict.quota, reason, region: copies.toRegion }];
}
