import { createAwsClock } from '../../../layers/engine/src/aws/system-clock.js';
import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Process } from '../conductor/process.js';
import type { World } from './world.js';

/** A machine's clock is set, by so many milliseconds, at a time of AWS's. */
interface ClockStep {
  readonly at: number;
  readonly by: number;
}

/** Draws whether the clock of a machine is set within its first minute. */
export function drawClockStep({ conductor }: World): ClockStep | undefined {
  const { chance, conditions } = conductor;
  const by = chance.int(-600_000, 600_000);
  const at = conductor.now() + chance.int(0, 60_000);
  if (!chance.happens(conditions.weather.clockSteps)) return undefined;
  conductor.strike('clock-step');
  return { at, by };
}

/**
 * Starts a process.
 *
 * @param given.skew how far its machine's clock is ahead of AWS's, in milliseconds.
 * @param given.step somebody, or a time server, sets that clock while the process is at work.
 */
export function createProcess(
  world: World,
  given: Pick<Process, 'id' | 'installation' | 'environment' | 'dryRun' | 'endsAt'> & {
    readonly skew: number;
    readonly step?: ClockStep | undefined;
  },
): Process {
  const { conductor } = world;
  const offBy = (): number =>
    given.skew + (given.step !== undefined && conductor.now() >= given.step.at ? given.step.by : 0);
  const machine: Clock = {
    now: () => new Date(conductor.now() + offBy()),
    sleep: (milliseconds, signal) => conductor.sleep(process, milliseconds, signal),
    timeout: (milliseconds) => conductor.timeout(process, milliseconds),
  };
  const clock = createAwsClock(machine);
  const process: Process = {
    ...given,
    clock,
    answered: () => {
      if (offBy() === 0 && given.step === undefined) return;
      clock.correction?.asking()(new Date(conductor.now()).toUTCString());
    },
    views: [],
    leases: [],
    startedAt: conductor.now(),
    refused: 0,
    alive: true,
    killed: false,
  };
  world.processes.push(process);
  world.mostAtOnce = Math.max(world.mostAtOnce, world.processes.filter(({ alive }) => alive).length);
  return process;
}
