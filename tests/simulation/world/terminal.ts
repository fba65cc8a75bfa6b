import { createInProcessOperations } from '../../../layers/engine/src/delayed/in-process.js';
import type { Action } from '../../../layers/engine/src/domain/actions.js';
import { MAKING_COPIES } from '../../../layers/engine/src/domain/files/keys.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { RunId } from '../../../layers/engine/src/domain/values.js';
import { aloneUnder } from '../../../layers/engine/src/run/alone-at-terminal.js';
import { runAction } from '../../../layers/engine/src/run/run-action.js';
import { rememberingAlone, workLease } from './alone.js';
import { createProcess, drawClockStep } from './start-process.js';
import type { Process } from '../conductor/process.js';
import { configOf } from './configuration.js';
import type { Installation } from './installation.js';
import { openMemoryParts } from './ports.js';
import type { Tampering } from './ports.js';
import { createStoryLog } from './telling.js';
import type { World } from './world.js';

/** A command in a terminal. */
export interface Command {
  readonly action: Action;
  readonly asOf?: Date;
  readonly dryRun?: boolean;
}

/** Runs a command of an installation: all of it in one process, which waits for what follows. Returns the process. */
export function runCommand(world: World, installation: Installation, command: Command, tamper: Tampering): Process {
  const { conductor } = world;
  const { chance, conditions } = conductor;
  const { environment } = installation;
  const process = createProcess(world, {
    id: `terminal-${chance.hex(4)}:${installation.name}`,
    installation,
    environment,
    dryRun: command.dryRun ?? false,
    endsAt: Infinity,
    skew: chance.int(-conditions.weather.skew, conditions.weather.skew),
    step: drawClockStep(world),
  });
  const log = createStoryLog(world, process);
  conductor.tell(`${process.id} runs ${command.action}${command.dryRun === true ? ' --dry-run' : ''}`);
  const parts = openMemoryParts(world, process, configOf(environment, undefined, false), log, tamper);
  // The clients' first answer tells the time, before anything else is done.
  process.answered();
  runAction(
    {
      action: command.action,
      runId: RunId.parse(`run-${chance.hex(12)}`),
      mayBeRetry: false,
      dryRun: command.dryRun ?? false,
      backdate: true,
      ...present({ givenTime: command.asOf }),
    },
    {
      ...parts,
      alone: async (work) => {
        const lease = workLease(world, process, MAKING_COPIES, tamper);
        const { type } = installation;
        const alone = aloneUnder(lease, { type, clock: process.clock, log, by: process.id });
        return await alone((held) => rememberingAlone(world, process, lease, held, work));
      },
      mayStart: () => process.alive,
      delayed: (context) =>
        createInProcessOperations(context, {
          oneByOne: chance.happens(200),
          // Runs of lives are short: what takes minutes in a large account comes at once in some of them.
          firstLookSeconds: chance.pick([0, 1, 15]),
          onUnfinished: (message) => {
            world.unfinished.push(message);
          },
        }),
    },
  ).then(
    ({ report, plan, listed }) => {
      if (listed !== undefined) for (const witness of world.witnesses) witness.listing?.(process, listed);
      if (plan !== undefined) for (const witness of world.witnesses) witness.planning?.(process, command.action, plan);
      conductor.tell(`${process.id} ended ${report.status}`);
      process.alive = false;
    },
    (error: unknown) => {
      conductor.tell(`${process.id} threw ${String(error)}`);
      for (const witness of world.witnesses) witness.threw?.(process, error);
      process.alive = false;
    },
  );
  return process;
}
