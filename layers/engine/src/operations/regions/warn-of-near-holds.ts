import { judgedIn } from '../../domain/plan/plan-clean.js';
import { nearHolds } from '../../domain/status/near-holds.js';
import type { RunContext } from '../context.js';
import { prefixOf } from '../identify.js';
import type { PlannedRegion } from './plan-regions.js';

/** Warns of tags that were probably meant to hold backups, once for each, before anything is removed. */
export function warnOfNearHolds(
  context: Pick<RunContext, 'config' | 'log'>,
  regions: readonly Pick<PlannedRegion, 'plan'>[],
): void {
  const backups = regions.flatMap(({ plan }) => judgedIn(plan));
  for (const { key, text } of nearHolds(backups, prefixOf(context))) {
    context.log.warn('SHELVERY_NEAR_HOLD', text, { key });
  }
}
