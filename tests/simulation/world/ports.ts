import { createLimit } from '../../../layers/engine/src/operations/limit.js';
import type { RunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { Log } from '../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../layers/engine/src/run/open-run.js';
import type { Process } from '../conductor/process.js';
import { createMemoryAdapter } from './adapter.js';
import { createMemoryBuckets, createMemoryStore } from './storage.js';
import type { LeaseFaults } from './storage.js';
import { createMemoryNotifier } from './telling.js';
import type { World } from './world.js';

/** How a fault is planted: what the engine works with is changed on its way to it. */
export interface Tampering extends LeaseFaults {
  readonly parts?: (parts: AwsParts, process: Process, world: World) => AwsParts;
}

/** The ports of a process, over the AWS in memory. */
export function openMemoryParts(
  world: World,
  process: Process,
  config: RunConfig,
  log: Log,
  tamper: Tampering,
): AwsParts {
  const { home, inStack } = process.installation;
  const parts: AwsParts = {
    home,
    inStack,
    config,
    adapter: createMemoryAdapter(world, process),
    store: createMemoryStore(world, process),
    buckets: createMemoryBuckets(world, process, log),
    keys: {
      describe: (region, key) =>
        world.conductor.call(process, { action: 'kms:describe', region, changes: false, target: key }, () => ({
          managedByAws: key.startsWith('alias/aws/'),
          state: 'Enabled',
        })),
    },
    notifier: createMemoryNotifier(world, process, log),
    clock: process.clock,
    limit: createLimit(20),
    log,
  };
  return tamper.parts?.(parts, process, world) ?? parts;
}
