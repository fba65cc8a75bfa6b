import { FAIR } from '../conductor/weather.js';
import type { Plan } from '../workload/plan.js';

/** What stories of volumes in which nothing fails have alike. */
export const FAIR_EBS = {
  seed: 1,
  type: 'ebs',
  start: '2026-01-27T00:00:00.000Z',
  copiesAtATime: 20,
  copiesAreSlow: false,
  automated: 'none',
  weather: FAIR,
  daysAfter: 0,
} as const satisfies Partial<Plan>;
