import type { Chance } from './chance.js';

/** How often what goes wrong, in so many of 1,000 calls. */
export interface Weather {
  /** Refused because too many came: not done. */
  readonly throttled: number;
  /** Answered by a 500: not done. */
  readonly refused: number;
  /** Answered by a 500, or not at all, although it was done. */
  readonly doneButFailed: number;
  /** The process ends before or after the call. */
  readonly killed: number;
  /** A delivery, or a start, comes twice. */
  readonly doubled: number;
  /** Lists lag behind for at most so long, in milliseconds. */
  readonly lag: number;
  /** A backup that is begun fails in the end. */
  readonly failing: number;
  /** Machines' clocks are off by at most so much, in milliseconds. */
  readonly skew: number;
  /** A terminal's clock is set while its process is at work. */
  readonly clockSteps: number;
}

export const FAIR: Weather = {
  throttled: 0,
  refused: 0,
  doneButFailed: 0,
  killed: 0,
  doubled: 0,
  lag: 0,
  failing: 0,
  skew: 0,
  clockSteps: 0,
};

/** The weather of a seed: a quarter of them have none. */
export function weatherOf(chance: Chance): Weather {
  const upTo = (most: number): number => (chance.happens(500) ? chance.int(0, most) : 0);
  const drawn: Weather = {
    throttled: upTo(25),
    refused: upTo(25),
    doneButFailed: upTo(40),
    killed: upTo(12),
    doubled: upTo(120),
    lag: upTo(4_500),
    failing: upTo(80),
    skew: chance.pick([0, 0, 30_000, 600_000]),
    clockSteps: chance.pick([0, 0, 100, 400]),
  };
  return chance.happens(250) ? { ...FAIR, lag: drawn.lag, skew: drawn.skew, clockSteps: drawn.clockSteps } : drawn;
}

/** What becomes of a call, beside what it does. */
export type Fault = 'throttled' | 'refused' | 'done-500' | 'done-dropped' | 'killed-before' | 'killed-after';

/** Draws what goes wrong with a call. It draws as often, whatever the weather, so that fewer faults move no other choice. */
export function drawFault(chance: Chance, weather: Weather, changes: boolean): Fault | undefined {
  const at = chance.int(1, 1_000);
  const which = chance.int(0, 1) === 0;
  const done = changes ? weather.doneButFailed : 0;
  const bounds: readonly (readonly [number, Fault])[] = [
    [weather.throttled, 'throttled'],
    [weather.refused, 'refused'],
    [done, which ? 'done-500' : 'done-dropped'],
    [weather.killed, which ? 'killed-before' : 'killed-after'],
  ];
  let sum = 0;
  for (const [times, fault] of bounds) {
    sum += times;
    if (at <= sum) return fault;
  }
  return undefined;
}
