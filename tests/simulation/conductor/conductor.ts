import { createHash } from 'node:crypto';
import { nextTick } from 'node:process';
import { awsError } from '../world/aws-error.js';
import type { Chance } from './chance.js';
import type { Process } from './process.js';
import { drawFault } from './weather.js';
import type { Fault, Weather } from './weather.js';

/** One call that a process makes of AWS. */
export interface Call {
  /** @example 'ebs:createBackup' */
  readonly action: string;
  readonly region: string;
  readonly target?: string;
  /** It changes something. */
  readonly changes: boolean;
}

/** Something that waits to be released. */
interface Parked {
  readonly label: string;
  /** Not before this time. */
  readonly readyAt: number;
  readonly process?: Process;
  readonly release: () => void;
}

/** What may be changed while a world runs, and what somebody who shrinks a story takes away. */
export interface Conditions {
  weather: Weather;
  /** Faults that do not happen, by their number in the order of the story. */
  readonly withoutFaults: ReadonlySet<number>;
  /** Whatever is ready is released in the order in which it came. */
  readonly inOrder: boolean;
  /** Whether there is nothing more to find out: the world stands still. */
  readonly isOver?: () => boolean;
  /** Refuses a call for a reason of the world's own: a region that is down, a permission that was taken. */
  refusal: (process: Process, call: Call) => Error | undefined;
}

/**
 * Conducts everything that happens: every call, timer, delivery and start is parked here, and one of those that are ready
 * is released at a time, by a choice of the seed. Time goes on only here.
 */
export interface Conductor {
  readonly chance: Chance;
  readonly conditions: Conditions;
  now(): number;
  /** Parks a call until it is its turn; `work` is then done at once, and no other with it. */
  call<T>(process: Process, call: Call, work: () => T): Promise<T>;
  sleep(process: Process, milliseconds: number, signal?: AbortSignal): Promise<void>;
  timeout(process: Process, milliseconds: number): AbortSignal;
  /** Does something of the world's own at a time. What it returns calls that off. */
  at(time: number, label: string, work: () => void): () => void;
  /** Ends a process: nothing that it waits for ever comes. */
  kill(process: Process, why: string): void;
  /** Told when a process was ended from outside. */
  onKilled: (process: Process) => void;
  /** Adds a line to the story. */
  tell(line: string): void;
  /** Runs until a time, or until nothing is left that is due before it. */
  runUntil(time: number): Promise<void>;
  steps(): number;
  /** How many faults there were so far. */
  faults(): number;
  /** Counts a fault of a kind that happened, of calls or of the world. */
  strike(kind: string): void;
  /** How often each kind of fault struck. */
  readonly struck: ReadonlyMap<string, number>;
  /** What happened so far, a line for each; kept only where somebody asked for the story. */
  story(): readonly string[];
  /** The same in 16 hex digits: of two runs that are alike to the letter it is the same. */
  readonly fingerprint: () => string;
}

/** A world that is still busy after so many steps goes round in circles. An outage of ten days takes up to 100,000. */
const MOST_STEPS = 300_000;
/** A call takes at most so long, in milliseconds. */
const LONGEST_CALL_MS = 120;

export interface ConductorOptions {
  readonly chance: Chance;
  readonly start: number;
  readonly conditions: Conditions;
  readonly keepsStory: boolean;
}

/** What makes two messages of one. */
const DOUBLING: readonly string[] = ['doubled', 'done-500', 'done-dropped'];
/**
 * So often at the most in a life. AWS delivers twice "on rare occasions"; where a region is down for days, and what waits for it
 * comes again each quarter of an hour, each double would have doubles of its own, without an end.
 */
const MOST_DOUBLES = 50;

export function createConductor({ chance, start, conditions, keepsStory }: ConductorOptions): Conductor {
  const told: string[] = [];
  const lines: string[] = [];
  let parked: Parked[] = [];
  let time = start;
  let steps = 0;
  let faults = 0;
  const struckSoFar = new Map<string, number>();
  const strike = (kind: string): void => {
    struckSoFar.set(kind, (struckSoFar.get(kind) ?? 0) + 1);
    const doubles = DOUBLING.reduce((sum, each) => sum + (struckSoFar.get(each) ?? 0), 0);
    if (doubles === MOST_DOUBLES) conditions.weather = { ...conditions.weather, doubled: 0, doneButFailed: 0 };
  };

  const tell = (line: string): void => {
    told.push(line);
    if (keepsStory) lines.push(`${new Date(time).toISOString()}  ${line}`);
  };
  const park = (item: Parked): void => {
    parked.push(item);
  };
  /** What a call comes to, its fault with it. */
  const answerOf = <T>(
    process: Process,
    call: Call,
    work: () => T,
  ): { readonly value: T } | { readonly error: Error } => {
    const refusal = conditions.refusal(process, call);
    const drawn = drawFault(chance, conditions.weather, call.changes);
    const fault = refusal === undefined ? drawn : undefined;
    const label = `${process.id} ${call.action} ${call.region}${call.target === undefined ? '' : ` ${call.target}`}`;
    if (refusal !== undefined) {
      process.refused += 1;
      strike(refusal.name === 'AccessDenied' ? 'denied' : 'region-down');
      tell(`${label} -> ${refusal.name}`);
      return { error: refusal };
    }
    const strikes = fault !== undefined && !conditions.withoutFaults.has(faults);
    if (fault !== undefined) faults += 1;
    if (strikes) return struck(process, label, fault, work);
    try {
      const value = work();
      tell(label);
      return { value };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      tell(`${label} -> ${error.name}`);
      return { error };
    }
  };
  const struck = (process: Process, label: string, fault: Fault, work: () => unknown): { readonly error: Error } => {
    process.refused += 1;
    strike(fault);
    tell(`${label} !! ${fault} (fault ${String(faults - 1)})`);
    switch (fault) {
      case 'throttled':
        return { error: awsError('Throttling', { status: 400 }) };
      case 'refused':
        return { error: awsError('InternalError', { status: 500 }) };
      case 'killed-before':
        kill(process, 'its machine stopped');
        return { error: awsError('InternalError', { status: 500 }) };
      case 'done-500':
      case 'done-dropped':
      case 'killed-after':
        try {
          work();
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          tell(`${label} -> ${error.name}`);
          return { error };
        }
        if (fault === 'killed-after') kill(process, 'its machine stopped');
        return {
          error: fault === 'done-dropped' ? awsError('ECONNRESET', {}) : awsError('InternalError', { status: 500 }),
        };
    }
  };
  const kill = (process: Process, why: string): void => {
    if (!process.alive) return;
    process.alive = false;
    process.killed = true;
    parked = parked.filter((item) => item.process !== process);
    tell(`${process.id} ends: ${why}`);
    conductor.onKilled(process);
  };

  const conductor: Conductor = {
    chance,
    conditions,
    now: () => time,
    call: <T>(process: Process, call: Call, work: () => T) =>
      new Promise<T>((resolve, reject) => {
        if (!process.alive) return;
        park({
          label: call.action,
          process,
          readyAt: time,
          release: () => {
            const answer = answerOf(process, call, work);
            if (!process.alive) return;
            process.answered();
            if ('error' in answer) reject(answer.error);
            else resolve(answer.value);
          },
        });
      }),
    sleep: (process, milliseconds, signal) =>
      new Promise<void>((resolve, reject) => {
        if (!process.alive) return;
        const timer: Parked = { label: 'wakes', process, readyAt: time + milliseconds, release: resolve };
        park(timer);
        signal?.addEventListener('abort', () => {
          parked = parked.filter((item) => item !== timer);
          reject(awsError('AbortError', {}));
        });
      }),
    timeout(process, milliseconds) {
      const controller = new AbortController();
      park({
        label: 'runs out of patience',
        process,
        readyAt: time + milliseconds,
        release: () => {
          controller.abort();
        },
      });
      return controller.signal;
    },
    at(readyAt, label, work) {
      const item: Parked = { label, readyAt, release: work };
      park(item);
      return () => {
        parked = parked.filter((each) => each !== item);
      };
    },
    kill,
    onKilled: () => undefined,
    tell,
    async runUntil(until) {
      for (;;) {
        await settled();
        if (conditions.isOver?.() === true) return;
        const ready = parked.filter(({ readyAt }) => readyAt <= time);
        const [first] = ready;
        if (first === undefined) {
          const next = parked.reduce((soonest, { readyAt }) => Math.min(soonest, readyAt), Infinity);
          if (next > until) break;
          time = next;
          continue;
        }
        steps += 1;
        if (steps > MOST_STEPS) throw new Error(`After ${String(MOST_STEPS)} steps the world is still busy.`);
        const chosen = conditions.inOrder ? first : (ready[chance.int(0, ready.length - 1)] ?? first);
        parked.splice(parked.indexOf(chosen), 1);
        if (chosen.process === undefined) tell(chosen.label);
        chosen.release();
        time += chance.int(0, LONGEST_CALL_MS);
      }
      time = Math.max(time, until);
    },
    steps: () => steps,
    faults: () => faults,
    strike,
    struck: struckSoFar,
    story: () => lines,
    fingerprint: () => createHash('sha256').update(told.join('\n')).digest('hex').slice(0, 16),
  };
  return conductor;
}

/**
 * Waits until all that can go on by itself has come to a call, a timer or its end: Node does what `nextTick` asks for once
 * no promise is left that can go on, and need not look for files and sockets in between.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    nextTick(resolve);
  });
}
