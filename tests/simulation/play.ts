import { createChance } from './conductor/chance.js';
import { createConductor } from './conductor/conductor.js';
import { invariantsAtAnyTime } from './invariants/at-any-time.js';
import { checkAtRest, checkCleaned } from './invariants/at-rest.js';
import { FAIR } from './conductor/weather.js';
import { tellOfDeath } from './world/functions.js';
import type { Tampering } from './world/ports.js';
import { createWorld, violated } from './world/world.js';
import { createEstate } from './workload/estate.js';
import type { Estate } from './workload/estate.js';
import type { Plan } from './workload/plan.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What became of a seed. */
export interface Played {
  /** What must never be, and was; in order. */
  readonly violations: readonly string[];
  readonly story: readonly string[];
  /** Of two that were played alike to the letter it is the same. */
  readonly fingerprint: () => string;
  readonly steps: number;
  readonly faults: number;
  /** How often each kind of fault struck. */
  readonly struck: ReadonlyMap<string, number>;
  /** How often each invariant was checked. */
  readonly checked: ReadonlyMap<string, number>;
  /** The greatest number of processes that were at work at a time. */
  readonly mostAtOnce: number;
}

export interface PlayOptions {
  readonly keepsStory?: boolean;
  /** It stops at the first violation. */
  readonly untilViolated?: boolean;
  /** How ports are changed on their way to the engine. */
  readonly tamper?: Tampering;
}

/** Plays the life of an estate, and says what was found that must never be. */
export async function play(
  plan: Plan,
  { keepsStory = false, untilViolated = false, tamper = {} }: PlayOptions = {},
): Promise<Played> {
  const start = new Date(plan.start).getTime();
  const conductor = createConductor({
    // Not the choices that the plan was made by.
    chance: createChance(plan.seed ^ 0x5bd1e995),
    start,
    keepsStory,
    conditions: {
      weather: plan.weather,
      withoutFaults: new Set(plan.withoutFaults),
      inOrder: plan.inOrder ?? false,
      isOver: () => untilViolated && world.violations.length > 0,
      refusal: () => undefined,
    },
  });
  const world = createWorld(conductor, plan);
  world.witnesses.push(invariantsAtAnyTime(world));
  const estate = createEstate(world, plan, tamper);
  conductor.onKilled = (process) => {
    const command = estate.started.get(process.id);
    if (command !== undefined) estate.interrupted.push(command);
    tellOfDeath(process);
  };
  try {
    for (const deed of plan.deeds)
      conductor.at(start + deed.at * MINUTE_MS, 'a deed', () => {
        estate.perform(deed);
      });
    const last = plan.deeds.at(-1)?.at ?? 0;
    await conductor.runUntil(start + last * MINUTE_MS + 12 * HOUR_MS);
    await comeToRest(estate, plan.daysAfter);
  } catch (error) {
    violated(
      world,
      `the simulation broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  return {
    violations: world.violations,
    story: conductor.story(),
    fingerprint: conductor.fingerprint,
    steps: conductor.steps(),
    faults: conductor.faults(),
    struck: conductor.struck,
    checked: world.checked,
    mostAtOnce: world.mostAtOnce,
  };
}

/** The weather clears, what was interrupted is done again, and every action runs once more. */
async function comeToRest(estate: Estate, daysAfter: number): Promise<void> {
  const { world, installations } = estate;
  const { conductor } = world;
  conductor.conditions.weather = { ...FAIR, lag: conductor.conditions.weather.lag };
  estate.restore();
  const hours = async (count: number): Promise<void> => {
    await conductor.runUntil(conductor.now() + count * HOUR_MS);
  };
  await hours(60);
  for (const interrupted of estate.interrupted.splice(0)) estate.repeat(interrupted);
  for (const action of [
    'create_data_buckets',
    'pull_shared_backups',
    'clean_backups',
    'pull_shared_backups',
    'clean_backups',
  ] as const) {
    for (const installation of installations)
      if (action !== 'pull_shared_backups' || installation.name === 'bunker') estate.run(installation, action);
    await hours(6);
  }
  checkAtRest(estate);
  if (daysAfter === 0) return;
  await hours(24 * daysAfter);
  for (let times = 0; times < 2; times += 1) {
    for (const installation of installations) estate.run(installation, 'clean_backups');
    await hours(6);
  }
  checkAtRest(estate);
  checkCleaned(estate);
}
