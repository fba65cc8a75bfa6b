import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Backup, FoundBackup, ReadBackup, Resource } from '../../../../layers/engine/src/domain/backup/backup.js';
import { readBackup } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import { resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { planClean } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import type { CleanInput, CleanPlan, Removed } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { DR, HOME, LOCAL, RULES, foundBackup, read, resource, resourcesById, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const HOUR = 3_600_000;
const KEEP = { daily: 3, weekly: 2, monthly: 1, yearly: 1 };
const CUSTOM_SECONDS = 7_200;
const TYPES = ['daily', 'weekly', 'monthly', 'yearly', 'hourly', 'unheard-of'] as const;

const parts = fc.record<BackupParts>(
  {
    entity: fc.constantFrom('vol-1', 'vol-2', 'vol-3'),
    created: fc
      .date({ min: utc('2024-12-25'), max: utc('2026-02-03'), noInvalidDate: true })
      .chain((time) => fc.constantFrom(time.toISOString(), '2026-01-31T03:00', '2026-02-01T03:00'))
      .map((text) => text.slice(0, 16).replace('T', '-').replace(':', '')),
    type: fc.constantFrom(...TYPES),
    place: fc.constantFrom('local', 'dr', 'pulled', 'dr-of-pulled'),
    source: fc.constantFrom('eu-west-1:a', 'eu-west-1:b', 'us-east-1:a'),
    state: fc.constantFrom('available', 'available', 'available', 'pending', 'failed'),
    startedAt: fc.constantFrom(utc('2026-01-31'), utc('2026-02-01'), utc('2026-02-02')),
    name: fc.constantFrom('web', 'app', 'web-re-encrypted', '../bad'),
    hold: fc.constantFrom('false', 'false', 'false', 'true'),
  },
  { requiredKeys: ['entity', 'created', 'type', 'place', 'state', 'name', 'hold'] },
);

const resources = fc.subarray<Resource>([
  resource('vol-1'),
  resource('vol-2', { 'shelvery:create_backup': 'false' }),
  resource('vol-3', { 'shelvery:config:shelvery_keep_daily_backups': 'many' }),
]);

const inputs = fc
  .record({
    list: fc.array(parts, { maxLength: 25 }),
    resources,
    last: fc.integer({ min: 0, max: 3 }),
    region: fc.constantFrom(LOCAL, DR),
    now: fc.date({ min: utc('2026-01-25'), max: utc('2026-06-01'), noInvalidDate: true }),
    copied: fc.subarray(['snap-0', 'snap-3', 'snap-5']),
  })
  .map(({ list, last, copied, resources: live, ...rest }): CleanInput => {
    const config = runConfig({
      shelvery_keep_last_backups: last,
      shelvery_custom_retention_types: `hourly:${String(CUSTOM_SECONDS)}`,
      ...Object.fromEntries(Object.entries(KEEP).map(([type, keep]) => [`shelvery_keep_${type}_backups`, keep])),
    });
    const by = { config, resources: resourcesById(...live) };
    return {
      ...rest,
      localRegion: LOCAL,
      beingCopied: new Set(copied.flatMap((id) => [`${LOCAL}:${id}`, `${DR}:${id}`])),
      backups: list.map((item, index) => read({ ...item, id: `snap-${String(index)}` }, by)),
      config,
    };
  });

/** An expiry worked out by hand, the day of the month clamped. */
function expiry({ createdAt, retentionType }: Backup): number {
  const later = (months: number): number => {
    const last = new Date(Date.UTC(createdAt.getUTCFullYear(), createdAt.getUTCMonth() + months + 1, 0));
    const day = Math.min(createdAt.getUTCDate(), last.getUTCDate());
    return Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), day, createdAt.getUTCHours(), createdAt.getUTCMinutes());
  };
  switch (retentionType) {
    case 'daily':
      return createdAt.getTime() + KEEP.daily * 24 * HOUR;
    case 'weekly':
      return createdAt.getTime() + KEEP.weekly * 7 * 24 * HOUR;
    case 'monthly':
      return later(KEEP.monthly);
    case 'yearly':
      return later(12 * KEEP.yearly);
    case 'hourly':
      return createdAt.getTime() + CUSTOM_SECONDS * 1_000;
    default:
      return Infinity;
  }
}

const understood = (backups: readonly ReadBackup[]): readonly Backup[] =>
  backups.flatMap((item) => (item.kind === 'backup' ? [item.backup] : []));
const good = (backup: Backup): boolean => backup.found.state === 'available' && !backup.temporary;
const lastKey = (backup: Backup): string => [backup.srcAccount, backup.entityId, backup.place].join();
const sourceKey = (backup: Backup): string =>
  [backup.place, backup.srcAccount, backup.source ?? `name ${backup.name}`].join();
const removedIds = (plan: CleanPlan): readonly string[] => plan.remove.map(({ backup }) => backup.id);
/** All that a plan says, without its order. */
const content = (plan: CleanPlan): readonly string[] =>
  [
    ...plan.keep.map(({ backup, reason, text, problem }) => `${backup.id} keep ${reason} ${text} ${String(problem)}`),
    ...plan.remove.map(({ backup, reason, text }) => `${backup.id} remove ${reason} ${text}`),
    ...plan.unreadable.map(({ found, problem }) => `${found.id} unreadable ${problem}`),
  ].sort();

const always = (holds: (input: CleanInput, plan: CleanPlan) => void, numRuns = 300): void => {
  fc.assert(
    fc.property(inputs, (input) => holds(input, planClean(input))),
    { numRuns },
  );
};
const ofReason = (plan: CleanPlan, reason: Removed['reason']): readonly Backup[] =>
  plan.remove.filter((item) => item.reason === reason).map(({ backup }) => backup);

const PREFIXES = ['shelvery', 'longterm'] as const;
const VALUES = ['', 'true', 'false', '1', 'yes ', ' NO', 'daily', 'many', '0', '3', '2026-01-10-0300', 'vol-1', 'web'];
/** What somebody may write over, or take off. */
const LAST = [
  'hold',
  'backup',
  'date_created',
  'retention_type',
  'entity_id',
  'entity_uid',
  'src_backup',
  'dr_copy',
  'cross_account_copy',
  'config:shelvery_keep_daily_backups',
  'config:shelvery_keep_last_backups',
] as const;

/** Estates whose tags anybody may have changed, under either prefix, with any clock and least retention. */
const changedByHand = fc
  .record({
    list: fc.array(
      fc.record({
        parts,
        partHeldBy: fc.constantFrom(undefined, undefined, 'shelvery:hold'),
        tags: fc.dictionary(
          fc.constantFrom(...PREFIXES.flatMap((prefix) => LAST.map((last) => `${prefix}:${last}`))),
          fc.option(fc.constantFrom(...VALUES), { nil: undefined }),
          { maxKeys: 4 },
        ),
      }),
      { maxLength: 15 },
    ),
    resources,
    prefix: fc.constantFrom(...PREFIXES),
    days: fc.constantFrom(0, 1, 30, 400),
    last: fc.integer({ min: 0, max: 2 }),
    safe: fc.boolean(),
    region: fc.constantFrom(LOCAL, DR),
    now: fc.date({ min: utc('2024-12-01'), max: utc('2030-01-01'), noInvalidDate: true }),
  })
  .map(({ list, resources: live, prefix, days, last, safe, region, now }) => {
    const config = resolveRunConfig({
      environment: {
        shelvery_tag_prefix: prefix,
        shelvery_min_retention_days: String(days),
        shelvery_keep_last_backups: String(last),
        ...(safe ? { shelvery_tag_config: 'safe' } : {}),
      },
    });
    const found = list.map((item, index): FoundBackup => ({
      ...foundBackup({ ...item.parts, id: `snap-${String(index)}`, tags: item.tags }),
      ...present({ partHeldBy: item.partHeldBy }),
    }));
    const reader = { home: HOME, config, rules: RULES.ebs, resources: resourcesById(...live) };
    const backups = found.map((each) => readBackup(each, reader));
    const input: CleanInput = { now, localRegion: LOCAL, region, backups, beingCopied: new Set(), config };
    return { input, prefix, days };
  });

const MEANS_NO = new Set(['', 'false', '0', 'no']);
const DAY = 24 * HOUR;

describe('planClean, whatever somebody wrote into the tags, under any prefix and by any clock', () => {
  it('removes nothing that is held, unexpired by the tags that count, too young, or without our tags', () => {
    fc.assert(
      fc.property(changedByHand, ({ input, prefix, days }) => {
        for (const { backup, reason } of planClean(input).remove) {
          const { found, config } = backup;
          const tag = (last: string): string | undefined => found.tags[`${prefix}:${last}`];
          expect(MEANS_NO).toContain((tag('hold') ?? '').trim().toLowerCase());
          expect(found.partHeldBy).toBeUndefined();
          for (const last of ['name', 'date_created', 'retention_type', 'entity_id']) expect(tag(last)).toBeDefined();
          const own = Math.max(backup.createdAt.getTime(), found.startedAt?.getTime() ?? 0);
          if (days > 0) expect(input.now.getTime()).toBeGreaterThan(own + days * DAY);
          if (reason === 'expired' && backup.retentionType === 'daily') {
            const { values } = config;
            const kept =
              backup.place === 'dr'
                ? (values.shelvery_keep_daily_backups_dr ?? values.shelvery_keep_daily_backups)
                : values.shelvery_keep_daily_backups;
            expect(input.now.getTime()).toBeGreaterThan(backup.createdAt.getTime() + kept * DAY);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('removes the last good backup of no resource that lives, is marked, and is to keep one', () => {
    fc.assert(
      fc.property(changedByHand, ({ input }) => {
        const plan = planClean(input);
        for (const { backup, reason } of plan.remove) {
          const protects = backup.config.values.shelvery_keep_last_backups > 0;
          if (reason !== 'expired' || !good(backup) || backup.resource === undefined || !protects) continue;
          const newer = plan.keep.filter(
            ({ backup: other }) =>
              good(other) && lastKey(other) === lastKey(backup) && other.createdAt >= backup.createdAt,
          );
          expect(newer.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('planClean, for any input', () => {
  it('removes nothing that is held, pending, or being copied', () => {
    always(({ beingCopied }, { remove }) => {
      for (const { backup } of remove) {
        expect(backup.held).toBe(false);
        expect(backup.found.state).not.toBe('pending');
        expect(beingCopied).not.toContain(`${backup.region}:${backup.id}`);
      }
    });
  });

  it('removes nothing that has not expired, save copies of which an older one stays, and what is temporary', () => {
    always(({ now }, plan) => {
      for (const backup of ofReason(plan, 'expired')) expect(now.getTime()).toBeGreaterThan(expiry(backup));
      for (const backup of ofReason(plan, 'temporary-over')) {
        expect(backup.temporary).toBe(true);
        expect(now.getTime()).toBeGreaterThan(backup.createdAt.getTime() + 72 * HOUR);
      }
    });
  });

  it('removes, as doubled, only one of several available copies of one source, never the last of them', () => {
    always((input, plan) => {
      for (const backup of ofReason(plan, 'doubled-copy')) {
        const copies = understood(input.backups).filter(
          (other) => good(other) && sourceKey(other) === sourceKey(backup),
        );
        const others = copies.filter((other) => other !== backup && !ofReason(plan, 'doubled-copy').includes(other));
        expect(others.length).toBeGreaterThan(0);
      }
    });
  });

  it('removes nothing that it does not understand', () => {
    always((_, plan) => {
      for (const { backup } of plan.remove) {
        if (!backup.temporary) expect(backup.retentionType).not.toBe('unheard-of');
        if (!backup.temporary && !backup.foreign && backup.resource !== undefined)
          expect(backup.entityId).not.toBe('vol-3');
        expect(backup.name).not.toBe('../bad');
      }
    });
  });

  it('leaves the newest good ones of each resource and place while the resource is marked, pulled ones always', () => {
    always((input, plan) => {
      const gone = new Set(removedIds(plan));
      const seen = new Set([...plan.keep, ...plan.remove].map(({ backup }) => backup));
      const protectedOnes = [...seen].filter(
        (backup) => good(backup) && (backup.foreign || (backup.entityId !== 'vol-2' && backup.resource !== undefined)),
      );
      for (const key of new Set(protectedOnes.map(lastKey))) {
        const group = protectedOnes.filter((backup) => lastKey(backup) === key);
        const newest = [
          ...new Set(
            group
              .filter((item) => !ofReason(plan, 'doubled-copy').includes(item))
              .map((item) => item.createdAt.getTime()),
          ),
        ]
          .sort((a, b) => b - a)
          .slice(0, input.config.values.shelvery_keep_last_backups);
        for (const time of newest) {
          expect(group.some((backup) => backup.createdAt.getTime() === time && !gone.has(backup.id))).toBe(true);
        }
      }
    });
  });

  it('decides once on each backup in question, and on no other', () => {
    always((input, plan) => {
      const decided = [
        ...plan.keep.map(({ backup }) => backup.id),
        ...removedIds(plan),
        ...plan.unreadable.map(({ found }) => found.id),
      ];
      const inQuestion = input.backups
        .map((item) => (item.kind === 'backup' ? item.backup.found : item.found))
        .filter(({ tags }) => {
          const isCopy = tags['shelvery:dr_copy'] === 'true';
          return input.region === LOCAL
            ? !isCopy
            : isCopy && tags['shelvery:dr_source_backup']?.startsWith('eu-west-1:') === true;
        });
      expect([...decided].sort()).toEqual(inQuestion.map(({ id }) => String(id)).sort());
    });
  });

  it('removes what has expired unless it says why not', () => {
    always(({ now }, { keep }) => {
      for (const { backup, reason, problem } of keep) {
        if (reason === 'not-expired') expect(now.getTime()).toBeLessThanOrEqual(expiry(backup));
        if (reason !== 'being-made')
          expect(problem).toBe(['bad-configuration', 'unknown-retention-type', 'doubled-original'].includes(reason));
      }
    });
  });

  it('says that it is among the last only of what is', () => {
    always(({ config }, { keep, remove }) => {
      const decided = [...keep, ...remove];
      for (const { backup } of keep.filter(({ reason }) => reason === 'last-good')) {
        const newer = decided.filter(
          ({ backup: other, reason }) =>
            good(other) &&
            lastKey(other) === lastKey(backup) &&
            other.createdAt > backup.createdAt &&
            reason !== 'doubled-copy',
        );
        // What is held, or being copied, may be doubled all the same.
        const certain = newer.filter(({ reason }) => reason === 'not-expired' || reason === 'last-good');
        expect(new Set(certain.map(({ backup: other }) => other.createdAt.getTime())).size).toBeLessThan(
          config.values.shelvery_keep_last_backups,
        );
      }
    });
  });

  it('plans the same twice, in whatever order things were listed', () => {
    always((input, plan) => {
      expect(planClean(input)).toEqual(plan);
      expect(content(planClean({ ...input, backups: [...input.backups].reverse() }))).toEqual(content(plan));
    });
  });

  it('finds nothing more to remove once it is carried out', () => {
    always((input, plan) => {
      const gone = new Set(removedIds(plan));
      const left = input.backups.filter((item) => !gone.has(item.kind === 'backup' ? item.backup.id : item.found.id));
      expect(planClean({ ...input, backups: left }).remove).toEqual([]);
    });
  });
});
