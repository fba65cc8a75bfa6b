import { createAwsClock } from '../../../layers/engine/src/aws/system-clock.js';
import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Process } from '../conductor/process.js';
import type { World } from './world.js';

/**
 * Starts a process.
 *
 * @param skew how far its machine's clock is ahead of AWS's, in milliseconds.
 */
export function createProcess(
  world: World,
  given: Pick<Process, 'id' | 'installation' | 'environment' | 'endsAt'> & { readonly skew: number },
): Process {
  const { conductor } = world;
  const machine: Clock = {
    now: () => new Date(conductor.now() + given.skew),
    sleep: (milliseconds, signal) => conductor.sleep(process, milliseconds, signal),
    timeout: (milliseconds) => conductor.timeout(process, milliseconds),
  };
  const clock = createAwsClock(machine);
  const process: Process = {
    ...given,
    clock,
    answered: () => {
      if (given.skew === 0) return;
      clock.correction?.asking()(new Date(conductor.now()).toUTCString());
    },
    views: [],
    leases: [],
    startedAt: conductor.now(),
    refused: 0,
    alive: true,
  };
  world.processes.push(process);
  return process;
}
