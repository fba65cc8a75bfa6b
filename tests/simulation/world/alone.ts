import type { Holding, LeaseOptions } from '../../../layers/engine/src/aws/lease.js';
import { eventLeaseKey } from '../../../layers/engine/src/domain/files/keys.js';
import type { Held } from '../../../layers/engine/src/ports.js';
import type { Process } from '../conductor/process.js';
import { bucketNameOf, leaseClient } from './storage.js';
import type { LeaseFaults } from './storage.js';
import type { World } from './world.js';

/** The lease of a type's work, in the process's own bucket. @param of what tells the work from other work. */
export function workLease(
  world: World,
  process: Process,
  of: string,
  faults: LeaseFaults,
): Pick<LeaseOptions, 'client' | 'file' | 'holder'> {
  const { home, prefix, type } = process.installation;
  return {
    client: leaseClient(world, process, home.region, faults),
    file: {
      Bucket: bucketNameOf(home.accountId, home.region),
      ExpectedBucketOwner: home.accountId,
      Key: eventLeaseKey(type, prefix, of),
    },
    holder: world.conductor.chance.hex(16),
  };
}

/**
 * Does work under a lease, and has the process remember since when nobody else does the same; not where it works without one,
 * which is so where its file is not there.
 */
export async function rememberingAlone<T>(
  world: World,
  process: Process,
  { file, holder }: Pick<LeaseOptions, 'file' | 'holder'>,
  held: Pick<Holding, keyof Held>,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const remember = (): void => {
    const isOurs = world.buckets.get(file.Bucket)?.objects.get(file.Key)?.body.includes(holder) === true;
    if (isOurs) process.alone = { since: world.conductor.now(), isSure: held.isHeld };
  };
  remember();
  try {
    return await work({
      isHeld: held.isHeld,
      aside: async (wait) => {
        delete process.alone;
        const waited = await held.aside(wait);
        remember();
        return waited;
      },
    });
  } finally {
    delete process.alone;
  }
}
