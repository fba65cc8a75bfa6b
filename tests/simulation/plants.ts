import { planBucketPolicy, writerOf } from '../../layers/engine/src/domain/files/bucket-policy.js';
import type { FoundBackup } from '../../layers/engine/src/domain/backup/backup.js';
import { formatDateCreated, parseDateCreated } from '../../layers/engine/src/domain/calendar.js';
import type { BackupAdapter, BackupStore } from '../../layers/engine/src/ports.js';
import { AccountId } from '../../layers/engine/src/domain/values.js';
import type { Tampering } from './world/ports.js';
import { bucketNameOf } from './world/storage.js';
import type { Bucket } from './world/world.js';

/** A fault that is planted, to see whether the simulation finds it. */
export interface Plant {
  /** What is wrong then. */
  readonly what: string;
  readonly tamper: Tampering;
}

/** Changes how the engine sees snapshots in lists. */
function seeing(change: (found: FoundBackup, prefix: string) => readonly FoundBackup[]): Tampering {
  return {
    parts: (parts, { installation: { prefix } }) => {
      const { adapter } = parts;
      return {
        ...parts,
        adapter: {
          ...adapter,
          listBackups: async (region) => (await adapter.listBackups(region)).flatMap((found) => change(found, prefix)),
        },
      };
    },
  };
}

/** Changes a service. */
function serving(change: (adapter: BackupAdapter) => Partial<BackupAdapter>): Tampering {
  return { parts: (parts) => ({ ...parts, adapter: { ...parts.adapter, ...change(parts.adapter) } }) };
}

/** Changes the store. */
function storing(change: (store: BackupStore) => Partial<BackupStore>): Tampering {
  return { parts: (parts) => ({ ...parts, store: { ...parts.store, ...change(parts.store) } }) };
}

const ZONE_HOURS = 10;

/** Faults as they are made, each in one place. */
export const PLANTS: readonly Plant[] = [
  {
    what: 'a hold is overlooked',
    tamper: seeing((found, prefix) => {
      const { [`${prefix}:hold`]: _, ...tags } = found.tags;
      return [{ ...found, tags }];
    }),
  },
  {
    what: 'dates are read in the local time of a zone far in the east',
    tamper: seeing((found, prefix) => {
      const key = `${prefix}:date_created`;
      const date = parseDateCreated(found.tags[key] ?? '');
      if (date === undefined) return [found];
      return [{ ...found, tags: { ...found.tags, [key]: formatDateCreated(new Date(date.getTime() - ZONE_HOURS * 3_600_000)) } }];
    }),
  },
  {
    what: 'a failed backup counts as the last good one',
    tamper: seeing((found) => [found.state === 'failed' ? { ...found, state: 'available' } : found]),
  },
  {
    what: 'copies that are being made are not seen, and their sources are removed',
    tamper: seeing((found) => (found.state === 'pending' ? [] : [found])),
  },
  {
    what: "a person's copy counts as a backup",
    tamper: seeing((found) => {
      const { description: _, volumeId: __, serviceName: ___, ...rest } = found;
      return [rest];
    }),
  },
  {
    what: 'a list of resources that failed counts as empty',
    tamper: serving(({ listResources }) => ({ listResources: () => listResources().catch(() => []) })),
  },
  {
    what: 'nobody looks for what a failed call may have made',
    tamper: serving(() => ({ findByTags: () => Promise.resolve([]) })),
  },
  {
    what: 'a deletion is told, and not done',
    tamper: serving(() => ({ deleteBackup: () => Promise.resolve() })),
  },
  {
    what: 'a backup is shared with one account more',
    tamper: serving(({ share }) =>
      share === undefined
        ? {}
        : {
            share: async (backup, account) => {
              await share(backup, account);
              await share(backup, AccountId.parse('444444444444'));
            },
          },
    ),
  },
  {
    what: 'what is still being copied counts as available',
    tamper: serving(({ describeBackups }) => ({
      describeBackups: async (region, ids) =>
        new Map([...(await describeBackups(region, ids))].map(([id, found]) => [id, { ...found, state: 'available' }])),
    })),
  },
  {
    what: 'the file that lets an account find a backup is not written',
    tamper: storing(({ put }) => ({
      put: async (region, key, body, account) => {
        if (!key.includes('/shared/')) await put(region, key, body, account);
      },
    })),
  },
  {
    what: 'records are not written',
    tamper: storing(({ put }) => ({
      put: async (region, key, body, account) => {
        if (!/^backups\/[a-z0-9_]+\/[^/]+\.yaml$/.test(key)) await put(region, key, body, account);
      },
    })),
  },
  {
    what: 'a file is written before its backup is shared',
    tamper: {
      parts: (parts) => {
        const { adapter } = parts;
        const { share } = adapter;
        if (share === undefined) return parts;
        const later: Parameters<typeof share>[] = [];
        return {
          ...parts,
          adapter: { ...adapter, share: (...asked) => Promise.resolve(void later.push(asked)) },
          store: {
            ...parts.store,
            put: async (...given) => {
              await parts.store.put(...given);
              for (const asked of later.splice(0)) await share(...asked);
            },
          },
        };
      },
    },
  },
  { what: 'a lease is not given back', tamper: { keepsLeases: true } },
  {
    what: 'of two who write a policy at a time, one loses what it wrote',
    tamper: {
      parts: (parts, process, world) => {
        const { home, inStack } = parts;
        return {
          ...parts,
          buckets: {
            ...parts.buckets,
            ensure: async (region, { dryRun: _, ...readers }) => {
              const bucket = bucketNameOf(home.accountId, region);
              const call = { region, target: bucket };
              const existing = await world.conductor.call(process, { ...call, action: 's3:getPolicy', changes: false }, () => world.buckets.get(bucket)?.policy);
              const { policy } = planBucketPolicy({
                existing,
                bucket,
                partition: 'aws',
                owner: home.accountId,
                writer: writerOf(inStack ? process.installation.name : undefined, home.region),
                readers,
              });
              await world.conductor.call(process, { ...call, action: 's3:putPolicy', changes: true }, () => {
                const held: Bucket = world.buckets.get(bucket) ?? { name: bucket, account: home.accountId, region, objects: new Map() };
                world.buckets.set(bucket, held);
                for (const witness of world.witnesses) witness.puttingPolicy?.(process, held, policy);
                held.policy = policy;
              });
              return { region, bucket, state: 'completed', changes: ['policy'], refusedAccounts: [] };
            },
          },
        };
      },
    },
  },
];
