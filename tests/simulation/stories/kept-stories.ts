import type { Plan } from '../workload/plan.js';
import { expiredWhileItWasCopied } from './expired-while-it-was-copied.js';
import { madeAgainAfterItWasPulled } from './made-again-after-it-was-pulled.js';

/** A story that once failed, until what was wrong was mended. */
export interface KeptStory {
  readonly what: string;
  readonly plan: Plan;
  /** How often a backup is copied to the bunker in it. */
  readonly copies: number;
}

export const KEPT_STORIES: readonly KeptStory[] = [
  {
    what: 'a backup that is made again after it was pulled is pulled again',
    plan: madeAgainAfterItWasPulled,
    copies: 2,
  },
  {
    what: 'a backup that has expired in the bunker is not copied there over and over',
    plan: expiredWhileItWasCopied,
    copies: 0,
  },
];
