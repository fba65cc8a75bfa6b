import { play } from './play.js';
import { KEPT_STORIES } from './stories/kept-stories.js';
import { planOf } from './workload/plan.js';

/** A life that decides whether a change of the engine is noticed. */
export interface Life {
  readonly name: string;
  /** Plays it; says what was found first that must never be. */
  readonly play: () => Promise<string | undefined>;
}

/** Kept stories, and the lives of so many seeds. */
export function livesOf(seeds: number): readonly Life[] {
  const plans = [
    ...KEPT_STORIES.map(({ what, plan }) => ({ name: `story: ${what}`, plan: () => plan })),
    ...Array.from({ length: seeds }, (_, index) => ({
      name: `seed ${String(index + 1)}`,
      plan: () => planOf(index + 1),
    })),
  ];
  return plans.map(({ name, plan }) => ({
    name,
    play: async () => (await play(plan(), { untilViolated: true })).violations[0],
  }));
}
