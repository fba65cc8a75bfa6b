import type { Clock, DelayedProgress, WorkCounts } from '@shelvery/engine/terminal';
import type { Watcher } from './show.js';
import { createTally, waitingText } from './tally.js';
import type { Tally } from './tally.js';

/** How a run is going. */
export interface Progress {
  /** Told of what happens in the run. */
  readonly watcher: Watcher;
  /** What it has come to so far. */
  readonly tally: Tally;
  /**
   * What is going on at the moment, and how long it will take at the rate so far.
   *
   * @example '20 running, 180 to begin; about 5 min until all are begun'
   */
  readonly activity: () => string;
}

/** A rate that was measured for less than this foretells nothing. */
const SHORTEST_MEASURE_MS = 10_000;

/**
 * Follows one run, from now on.
 *
 * @param leastMs how long AWS makes so many items take, at the least: what it takes at once comes first, and is no rate.
 */
export function createProgress(clock: Pick<Clock, 'now'>, leastMs: (items: number) => number = () => 0): Progress {
  const beganAt = clock.now();
  const tally = createTally();
  let work: WorkCounts = { queued: 0, running: 0, done: 0 };
  let workBeganAt: Date | undefined;
  let lastDoneAt = beganAt;
  let delayed: Pick<DelayedProgress, 'ended' | 'open'> | undefined;
  let delayedBegan: { readonly at: Date; readonly ended: number } | undefined;
  let waiting: { readonly text: string; readonly since: Date } | undefined;
  /** What is waited for before anything is worked on. */
  let beforehand: typeof waiting;
  const passed = (since: Date = clock.now()): number => clock.now().getTime() - since.getTime();

  const left = (): string => {
    // What follows the backups is measured by itself, from when all of them are begun.
    const [open, done, since, end] =
      delayed === undefined
        ? ([work.queued + work.running, work.done, workBeganAt, 'until all are begun'] as const)
        : ([delayed.open, delayed.ended - (delayedBegan?.ended ?? 0), delayedBegan?.at, 'left'] as const);
    const measured = passed(since);
    if (open === 0 || done === 0 || measured < SHORTEST_MEASURE_MS) return '';
    const least = delayed === undefined ? leastMs(done + open) - leastMs(done) : 0;
    const estimate = Math.max((measured * open) / done, least);
    // What is left takes longer than what is done did: the rate so far says nothing of it.
    return passed(lastDoneAt) > estimate ? '' : `about ${durationText(estimate)} ${end}`;
  };

  return {
    tally,
    watcher: {
      collected(count) {
        beforehand = undefined;
        tally.collected += count;
      },
      outcome(outcome) {
        tally.add(outcome);
      },
      working(counts) {
        beforehand = undefined;
        if (counts.done > work.done) lastDoneAt = clock.now();
        work = counts;
        workBeganAt ??= clock.now();
      },
      awaiting(text) {
        beforehand = { text, since: clock.now() };
      },
      waiting({ ended, open, waiting: pending }) {
        if (ended > (delayed?.ended ?? 0)) lastDoneAt = clock.now();
        delayed = { ended, open };
        delayedBegan ??= { at: clock.now(), ended };
        const [oldest] = [...pending.values()].sort((a, b) => a.getTime() - b.getTime());
        waiting = oldest === undefined ? undefined : { text: waitingText([...pending.keys()]), since: oldest };
      },
    },
    activity() {
      if (beforehand !== undefined) return `${beforehand.text}; for ${durationText(passed(beforehand.since))}`;
      const items = [
        ...(work.running > 0 ? [`${String(work.running)} running`] : []),
        ...(work.queued > 0 ? [`${String(work.queued)} to begin`] : []),
      ].join(', ');
      const awaited = waiting === undefined ? '' : `${waiting.text}, for ${durationText(passed(waiting.since))}`;
      const parts = [items, awaited, left()].filter((part) => part !== '');
      if (parts.length > 0) return parts.join('; ');
      return work.done === 0 ? `looking, for ${durationText(passed(beganAt))}` : 'finishing';
    },
  };
}

/** @example '45 s', '12 min', '2 h 5 min' */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${String(minutes / 60)} h` : `${String(Math.floor(minutes / 60))} h ${String(rest)} min`;
}
