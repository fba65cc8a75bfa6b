import { createAwsClock } from '../../../layers/engine/src/aws/system-clock.js';
import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Installation } from '../world/installation.js';
import type { View } from '../world/world.js';
import type { Conductor } from './conductor.js';

/** One process of an installation: a command in a terminal, or an invocation of its function. */
export interface Process {
  readonly id: string;
  readonly installation: Installation;
  /** The configuration that it was started with, as text. */
  readonly environment: Readonly<Record<string, string>>;
  /** When Lambda ends it, by AWS's clock; never in a terminal. */
  readonly endsAt: number;
  readonly clock: Clock;
  /** Takes the time of an answer of AWS. */
  readonly answered: () => void;
  /** What it has seen of the estate, in lists. */
  readonly views: View[];
  /** S3 or a service has refused it something: what follows from that is no fault of the engine's. */
  refused: number;
  alive: boolean;
}

/**
 * Starts a process.
 *
 * @param skew how far its machine's clock is ahead of AWS's, in milliseconds.
 */
export function createProcess(
  conductor: Conductor,
  given: Pick<Process, 'id' | 'installation' | 'environment' | 'endsAt'> & { readonly skew: number },
): Process {
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
      clock.correction?.asking()(new Date(conductor.now()).toUTCString());
    },
    views: [],
    refused: 0,
    alive: true,
  };
  return process;
}
