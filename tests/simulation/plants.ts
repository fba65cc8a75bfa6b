import { planBucketPolicy, writerOf } from '../../layers/engine/src/domain/files/bucket-policy.js';
import type { FoundBackup } from '../../layers/engine/src/domain/backup/backup.js';
import { formatDateCreated, parseDateCreated } from '../../layers/engine/src/domain/calendar.js';
import type { BackupAdapter, BackupStore } from '../../layers/engine/src/ports.js';
import { AccountId } from '../../layers/engine/src/domain/values.js';
import { FAIR } from './conductor/weather.js';
import { DR_REGION, planOf } from './workload/plan.js';
import type { Plan } from './workload/plan.js';
import type { Tampering } from './world/ports.js';
import { bucketNameOf } from './world/storage.js';
import type { Bucket } from './world/world.js';

/** A fault that is planted, to see whether the simulation finds it. */
export interface Plant {
  /** What is wrong then. */
  readonly what: string;
  /** What is said of it. */
  readonly found: RegExp;
  /** The seed that is played first: of those that show it one of the first. */
  readonly from: number;
  /** The life in which it shows, where it shows in few. */
  readonly life?: (seed: number) => Plan;
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

/** Nothing is kept any more of what was made a minute ago and is being copied, when everything is cleaned. */
function keepingNothing(seed: number): Plan {
  const { source } = planOf(seed).settings;
  return {
    ...planOf(seed),
    type: 'ebs',
    waits: 'invocations',
    copiesAreSlow: true,
    automated: 'none',
    weather: FAIR,
    settings: {
      source: {
        ...source,
        shelvery_keep_last_backups: '0',
        shelvery_min_retention_days: '',
        shelvery_dr_regions: DR_REGION,
      },
    },
    deeds: [
      { at: 0, kind: 'make', slot: 0, name: 'web', marked: true, encrypted: false },
      { at: 5, kind: 'event', who: 'source', action: 'create_data_buckets' },
      { at: 180, kind: 'event', who: 'source', action: 'create_backups' },
      { at: 183, kind: 'tag', slot: 0, key: 'config:shelvery_keep_daily_backups', value: '0' },
      { at: 184, kind: 'event', who: 'source', action: 'clean_backups' },
    ],
    daysAfter: 0,
  };
}

/** Faults as they are made, each in one place. */
export const PLANTS: readonly Plant[] = [
  {
    what: 'a hold is overlooked',
    found: /which is held/,
    from: 40,
    tamper: seeing((found, prefix) => {
      const { [`${prefix}:hold`]: _, ...tags } = found.tags;
      return [{ ...found, tags }];
    }),
  },
  {
    what: 'dates are read in the local time of a zone far in the east',
    found: /which expires only at|the record .* is missing/,
    from: 2,
    tamper: seeing((found, prefix) => {
      const key = `${prefix}:date_created`;
      const date = parseDateCreated(found.tags[key] ?? '');
      if (date === undefined) return [found];
      return [
        {
          ...found,
          tags: { ...found.tags, [key]: formatDateCreated(new Date(date.getTime() - ZONE_HOURS * 3_600_000)) },
        },
      ];
    }),
  },
  {
    what: 'a failed backup counts as the last good one',
    found: /which is among the last/,
    from: 44,
    tamper: seeing((found) => [found.state === 'failed' ? { ...found, state: 'available' } : found]),
  },
  {
    what: 'copies that are being made are not seen, and their sources are removed',
    found: /is still being copied/,
    from: 5,
    life: keepingNothing,
    tamper: seeing((found) => (found.state === 'pending' ? [] : [found])),
  },
  {
    what: "a person's copy counts as a backup",
    found: /which it did not make/,
    from: 32,
    tamper: seeing((found) => {
      const { description: _, volumeId: __, serviceName: ___, ...rest } = found;
      return [rest];
    }),
  },
  {
    what: 'a list of resources that failed counts as empty',
    found: /which is among the last|nobody was told/,
    from: 172,
    tamper: serving((adapter) => ({ listResources: () => adapter.listResources().catch(() => []) })),
  },
  {
    what: 'nobody looks for what a failed call may have made',
    found: /which was there as/,
    from: 1,
    tamper: serving(() => ({ findByTags: () => Promise.resolve([]) })),
  },
  {
    what: 'a deletion is told, and not done',
    found: /it is still there/,
    from: 1,
    tamper: serving(() => ({ deleteBackup: () => Promise.resolve() })),
  },
  {
    what: 'a backup is shared with one account more',
    found: /which no setting names/,
    from: 1,
    tamper: serving((adapter) =>
      adapter.share === undefined
        ? {}
        : {
            share: async (backup, accounts) => adapter.share?.(backup, [...accounts, AccountId.parse('444444444444')]),
          },
    ),
  },
  {
    what: 'what is still being copied counts as available',
    found: /there is no such copy/,
    from: 1,
    tamper: serving((adapter) => ({
      describeBackups: async (region, ids) =>
        new Map(
          [...(await adapter.describeBackups(region, ids))].map(([id, found]) => [
            id,
            { ...found, state: 'available' },
          ]),
        ),
    })),
  },
  {
    what: 'the file that lets an account find a backup is not written',
    found: /no file tells of it/,
    from: 692,
    tamper: storing((store) => ({
      put: async (region, key, body, account) => {
        if (!key.includes('/shared/')) await store.put(region, key, body, account);
      },
    })),
  },
  {
    what: 'records are not written',
    found: /there is no record of it/,
    from: 1,
    tamper: storing((store) => ({
      put: async (region, key, body, account) => {
        if (!/^backups\/[a-z0-9_]+\/[^/]+\.yaml$/.test(key)) await store.put(region, key, body, account);
      },
    })),
  },
  {
    what: 'a file is written before its backup is shared',
    found: /is not shared with/,
    from: 1,
    tamper: {
      parts: (parts) => {
        const { adapter } = parts;
        if (adapter.share === undefined) return parts;
        const later: (() => Promise<void>)[] = [];
        return {
          ...parts,
          adapter: {
            ...adapter,
            share: async (...asked) => {
              later.push(async () => adapter.share?.(...asked));
            },
          },
          store: {
            ...parts.store,
            put: async (...given) => {
              await parts.store.put(...given);
              for (const share of later.splice(0)) await share();
            },
          },
        };
      },
    },
  },
  { what: 'a lease is not given back', found: /and left leases/, from: 1, tamper: { keepsLeases: true } },
  {
    what: 'two have the lease of a pull at the same time',
    found: /made .* which was there as/,
    from: 86,
    tamper: { sharesLeases: true },
  },
  {
    what: 'of two who write a policy at a time, one loses what it wrote',
    found: /takes 222222222222 out of/,
    from: 151,
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
              const existing = await world.conductor.call(
                process,
                { ...call, action: 's3:getPolicy', changes: false },
                () => world.buckets.get(bucket)?.policy,
              );
              const { policy } = planBucketPolicy({
                existing,
                bucket,
                partition: 'aws',
                owner: home.accountId,
                writer: writerOf(inStack ? process.installation.name : undefined, home.region),
                readers,
              });
              await world.conductor.call(process, { ...call, action: 's3:putPolicy', changes: true }, () => {
                const held: Bucket = world.buckets.get(bucket) ?? {
                  name: bucket,
                  account: home.accountId,
                  region,
                  objects: new Map(),
                };
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
