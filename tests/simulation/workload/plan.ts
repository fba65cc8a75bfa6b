import type { Action } from '../../../layers/engine/src/domain/actions.js';
import { BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { createChance } from '../conductor/chance.js';
import type { Chance } from '../conductor/chance.js';
import { weatherOf } from '../conductor/weather.js';
import type { Weather } from '../conductor/weather.js';
import { serviceOf } from '../world/services.js';
import type { AutomatedSnapshots } from '../world/world.js';

/** Who an installation is. */
export const INSTALLATIONS = ['source', 'second', 'bunker', 'hostile'] as const;
export type InstallationName = (typeof INSTALLATIONS)[number];

/** One thing that happens in the life of an estate. */
export type Deed =
  | {
      readonly kind: 'event' | 'command' | 'dry-run';
      readonly who: InstallationName;
      readonly action: Action;
      /** The time that a command is given, so many minutes after the beginning. */
      readonly asOf?: number;
    }
  /** A resource is made, or made again under its name. */
  | {
      readonly kind: 'make';
      readonly slot: number;
      readonly name: string;
      readonly marked: boolean;
      readonly encrypted: boolean;
    }
  /** A database or cluster is given another name; nothing else has one that can be changed. */
  | { readonly kind: 'mark' | 'unmark' | 'delete' | 'rename'; readonly slot: number }
  | { readonly kind: 'tag'; readonly slot: number; readonly key: string; readonly value: string }
  /** Something that a person does to a backup, of those that there are the so-many-th. */
  | { readonly kind: 'hold' | 'release' | 'delete-backup' | 'copy-by-hand' | 'untag'; readonly nth: number }
  | { readonly kind: 'configure'; readonly who: InstallationName; readonly key: string; readonly value: string }
  | { readonly kind: 'outage'; readonly region: string; readonly hours: number }
  | { readonly kind: 'deny'; readonly who: InstallationName; readonly action: string; readonly hours: number }
  /** A backup of the original product, so many days old. */
  | { readonly kind: 'leftover'; readonly slot: number; readonly days: number }
  | { readonly kind: 'hostile-file'; readonly nth: number }
  /** Somebody writes over a file in a bucket of ours, of those that there are the so-many-th. */
  | { readonly kind: 'break-file'; readonly nth: number }
  /** An account's quota of snapshots in a region is full, or copies may not use its keys there, for so long. */
  | {
      readonly kind: 'full' | 'refuse-keys';
      readonly who: InstallationName;
      readonly region: string;
      readonly hours: number;
    };

/** A deed, so many minutes after the beginning. */
export type Timed = Deed & { readonly at: number };

/** The life of an estate. It is a value: it can be kept, and shortened. */
export interface Plan {
  readonly seed: number;
  readonly type: BackupType;
  readonly start: string;
  readonly waits: 'queue' | 'invocations';
  readonly copiesAtATime: number;
  readonly copiesAreSlow: boolean;
  readonly automated: AutomatedSnapshots;
  readonly weather: Weather;
  readonly settings: Readonly<Partial<Record<InstallationName, Readonly<Record<string, string>>>>>;
  readonly deeds: readonly Timed[];
  /** So many days after all is at rest, everything is cleaned once more. */
  readonly daysAfter: number;
  /** All volumes are those of one instance. */
  readonly attached?: boolean;
  readonly inOrder?: boolean;
  readonly withoutFaults?: readonly number[];
}

export const ACCOUNTS = {
  source: '111111111111',
  second: '111111111111',
  bunker: '222222222222',
  hostile: '333333333333',
} as const satisfies Record<InstallationName, string>;
export const HOME_REGION = 'eu-west-1';
export const DR_REGION = 'eu-central-1';
const DAY = 24 * 60;
const CREATE_AT = 3 * 60;

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const chance = createChance(seed);
  const type = chance.pick<BackupType>(['ebs', 'ebs', 'rds', 'rds', ...BACKUP_TYPES]);
  const withSecond = chance.happens(250);
  const withHostile = chance.happens(200);
  const withBunker = withHostile || chance.happens(700);
  const days = chance.int(2, 3);
  /** Most lives are of days in a row; some are of a day each week, each month or so, or each year. */
  const stride = chance.pick([1, 1, 1, 1, 1, 1, 1, 7, 30, 31, 365]);
  const settings = settingsOf(chance, { withBunker, withHostile, withSecond });
  const deeds: Timed[] = [
    ...begin(chance, Object.keys(settings)),
    ...Array.from({ length: days }, (_, day) => dayOf(chance, day * stride, settings)).flat(),
    ...crowd(chance, chance.int(0, days - 1) * stride, settings),
  ];
  const plan: Plan = {
    seed,
    type,
    start:
      chance.pick(['2026-01-30', '2026-02-27', '2026-03-30', '2025-12-30', '2026-06-12', '2028-02-28', '2026-08-01']) +
      'T00:00:00.000Z',
    waits: chance.pick(['queue', 'invocations']),
    copiesAtATime: chance.pick([1, 2, 20]),
    copiesAreSlow: chance.happens(300),
    automated: chance.pick(['none', 'nightly', 'nightly', 'stopped']),
    weather: weatherOf(chance),
    settings,
    deeds: deeds.sort((a, b) => a.at - b.at),
    daysAfter: chance.pick([0, 0, 3, 40, 400]),
  };
  return withMishap(type === 'ebs' && chance.happens(400) ? inSets(plan) : withRenaming(plan));
}

/** In some lives a file is broken, a quota is full or keys are refused, beside something else. Drawn apart, too. */
function withMishap(plan: Plan): Plan {
  const chance = createChance(plan.seed + 2_000_000_011);
  if (!chance.happens(250)) return plan;
  const where = {
    who: chance.pick<InstallationName>(['source', 'source', 'bunker']),
    region: chance.pick([DR_REGION, HOME_REGION]),
    hours: chance.pick([1, 6, 30, 60]),
  };
  return beside(plan, chance, [
    { kind: 'break-file', nth: chance.int(0, 40) },
    { kind: 'full', ...where },
    { kind: 'refuse-keys', ...where },
  ]);
}

/** One of these happens beside something else of a life. */
function beside(plan: Plan, chance: Chance, deeds: readonly [Deed, ...Deed[]]): Plan {
  const other = plan.deeds[chance.int(0, plan.deeds.length - 1)]?.at ?? 0;
  const deed: Timed = { ...chance.pick(deeds), at: other + chance.pick([0, 1, chance.int(2, 2_000)]) };
  return { ...plan, deeds: [...plan.deeds, deed].sort((a, b) => a.at - b.at) };
}

/** In some lives somebody renames a database, beside something else that goes on. Drawn apart: all else stays as it is. */
function withRenaming(plan: Plan): Plan {
  const chance = createChance(plan.seed + 1_000_000_007);
  if (!serviceOf(plan.type).idIsName || !chance.happens(200)) return plan;
  return beside(plan, chance, [{ kind: 'rename', slot: chance.int(0, 1) }]);
}

/** The volumes are those of one instance, and backed up together. */
function inSets(plan: Plan): Plan {
  const { source, ...others } = plan.settings;
  return {
    ...plan,
    attached: true,
    settings: { ...others, source: { ...source, shelvery_ebs_volume_sets: 'true' } },
  };
}

/** Only what is kept for months goes to the archive tier. */
const ARCHIVING = {
  shelvery_enable_ebs_archive: 'true',
  shelvery_enable_ebs_archive_pulled: 'true',
  shelvery_keep_monthly_backups: '7',
  shelvery_keep_yearly_backups: '2',
} as const;
/** Databases' backups are made, and not copied from automated snapshots. */
const MAKING = {
  shelvery_rds_backup_mode: 'RDS_CREATE_SNAPSHOT',
  shelvery_docdb_backup_mode: 'DOCDB_CREATE_SNAPSHOT',
} as const;

interface Cast {
  readonly withBunker: boolean;
  readonly withHostile: boolean;
  readonly withSecond: boolean;
}

function settingsOf(chance: Chance, { withBunker, withHostile, withSecond }: Cast): Plan['settings'] {
  const keep = (): Record<string, string> => ({
    shelvery_keep_daily_backups: String(chance.int(1, 3)),
    shelvery_keep_weekly_backups: String(chance.int(0, 2)),
    shelvery_keep_monthly_backups: String(chance.int(0, 2)),
    shelvery_keep_last_backups: chance.pick(['0', '1', '1', '2']),
    ...(chance.happens(150) ? { shelvery_min_retention_days: '2' } : {}),
    ...(chance.happens(300) ? ARCHIVING : {}),
    ...(chance.happens(300) ? MAKING : {}),
  });
  const dr = (): Record<string, string> =>
    chance.happens(600)
      ? {
          shelvery_dr_regions: DR_REGION,
          ...(chance.happens(300) ? { shelvery_keep_daily_backups_dr: String(chance.int(1, 4)) } : {}),
          shelvery_copy_kms_key_id: `${HOME_REGION}=alias/copies,${DR_REGION}=alias/copies`,
        }
      : {};
  const share = withBunker ? { shelvery_share_aws_account_ids: ACCOUNTS.bunker } : {};
  const reencrypt =
    withBunker && chance.happens(250)
      ? { shelvery_reencrypt_kms_key_id: `${HOME_REGION}=alias/shared,${DR_REGION}=alias/shared` }
      : {};
  return {
    source: {
      ...keep(),
      ...dr(),
      ...share,
      ...reencrypt,
      ...(chance.happens(150) ? { shelvery_catch_up: 'true' } : {}),
    },
    ...(withSecond ? { second: { ...keep(), ...dr(), shelvery_tag_prefix: 'second' } } : {}),
    ...(withBunker
      ? {
          bunker: {
            ...keep(),
            shelvery_source_aws_account_ids: withHostile ? `${ACCOUNTS.source},${ACCOUNTS.hostile}` : ACCOUNTS.source,
            shelvery_copy_kms_key_id: 'alias/bunker',
            ...(chance.happens(200) ? { shelvery_encrypt_copy: 'true' } : {}),
          },
        }
      : {}),
    ...(withHostile ? { hostile: { ...keep(), ...share } } : {}),
  };
}

/** Buckets are made and resources marked before the first day begins. */
function begin(chance: Chance, names: readonly string[]): readonly Timed[] {
  const who = INSTALLATIONS.filter((name) => names.includes(name));
  const slots = chance.int(1, 2);
  return [
    ...Array.from({ length: slots }, (_, slot): Timed => ({
      at: 0,
      kind: 'make',
      slot,
      name: chance.pick(['web', 'orders', 'data']),
      marked: true,
      encrypted: chance.happens(300),
    })),
    ...(chance.happens(250) ? [{ at: 1, kind: 'leftover', slot: 0, days: chance.int(1, 40) } satisfies Timed] : []),
    ...who.map((name): Timed => ({
      at: 5,
      kind: name === 'second' ? 'command' : 'event',
      who: name,
      action: 'create_data_buckets',
    })),
  ];
}

/** Once in each life at least four run at a time. */
function crowd(chance: Chance, day: number, settings: Plan['settings']): readonly Timed[] {
  const at = day * DAY + CREATE_AT;
  const look = (action: Action): Timed => ({ at, kind: 'dry-run', who: 'source', action });
  return [
    { at, kind: 'event', who: 'source', action: 'clean_backups' },
    { at, kind: 'command', who: 'source', action: chance.pick(['list_backups', 'status']) },
    settings.bunker === undefined
      ? look('clean_backups')
      : { at, kind: 'event', who: 'bunker', action: 'pull_shared_backups' },
    look(chance.pick(['create_backups', 'clean_backups'])),
  ];
}

function dayOf(chance: Chance, day: number, settings: Plan['settings']): readonly Timed[] {
  const at = (minute: number): number => day * DAY + minute;
  const has = (name: InstallationName): boolean => settings[name] !== undefined;
  const deeds: Timed[] = [{ at: at(CREATE_AT), kind: 'event', who: 'source', action: 'create_backups' }];
  /** Half of what else runs begins in the same minute. */
  const sometime = (): number => at(chance.happens(500) ? CREATE_AT : CREATE_AT + chance.int(1, 600));
  const often = (times: number, deed: () => Deed, when: () => number = sometime): void => {
    if (chance.happens(times)) deeds.push({ ...deed(), at: when() });
  };
  often(500, () => ({ kind: 'event', who: 'source', action: 'clean_backups' }));
  for (const who of ['source', 'hostile'] as const)
    if (settings[who]?.['shelvery_enable_ebs_archive'] !== undefined)
      often(
        500,
        () => ({ kind: 'event', who, action: 'archive_pending_backups' }),
        () => at(chance.int(0, DAY - 1)),
      );
  if (has('bunker')) {
    often(700, () => ({ kind: 'event', who: 'bunker', action: 'pull_shared_backups' }));
    often(500, () => ({ kind: 'event', who: 'bunker', action: 'clean_backups' }));
    often(200, () => ({ kind: 'command', who: 'bunker', action: 'pull_shared_backups' }));
  }
  if (has('second')) {
    often(
      900,
      () => ({ kind: 'command', who: 'second', action: 'create_backups' }),
      () => at(CREATE_AT),
    );
    often(600, () => ({ kind: 'command', who: 'second', action: 'clean_backups' }));
  }
  if (has('hostile')) {
    often(
      400,
      () => ({ kind: 'event', who: 'hostile', action: 'create_backups' }),
      () => at(CREATE_AT),
    );
    often(500, () => ({ kind: 'hostile-file', nth: chance.int(0, 20) }));
  }
  often(50, () => ({ kind: 'dry-run', who: 'source', action: chance.pick(['clean_backups', 'create_backups']) }));
  often(80, () => ({
    kind: 'command',
    who: 'source',
    action: chance.pick(['list_backups', 'status', 'clean_backups']),
  }));
  often(
    120,
    () => ({ kind: 'command', who: 'source', action: 'create_backups' }),
    () => at(CREATE_AT + chance.int(2, 300)),
  );
  often(100, () => ({ kind: 'event', who: 'source', action: 'create_data_buckets' }));
  often(
    120,
    () => personsDeed(chance),
    () => at(chance.int(0, DAY - 1)),
  );
  often(
    120,
    () => personsDeed(chance),
    () => at(CREATE_AT),
  );
  often(
    150,
    () => resourceDeed(chance),
    () => at(chance.int(0, DAY - 1)),
  );
  // Somebody wants to keep less, while what was just made is being copied.
  often(
    80,
    () => ({ kind: 'tag', slot: 0, key: 'config:shelvery_keep_daily_backups', value: '0' }),
    () => at(CREATE_AT + chance.int(1, 30)),
  );
  often(
    60,
    () => ({ kind: 'configure', who: 'source', ...chance.pick<Change>(CHANGES) }),
    () => at(chance.int(0, DAY - 1)),
  );
  often(
    50,
    () => ({
      kind: 'outage',
      region: chance.pick([DR_REGION, DR_REGION, HOME_REGION]),
      hours: chance.pick([1, 4, 12, 50]),
    }),
    () => at(chance.int(0, DAY)),
  );
  often(
    60,
    () => ({
      kind: 'deny',
      who: chance.pick(INSTALLATIONS),
      action: chance.pick([
        's3:put',
        's3:list',
        ':share',
        ':copyToRegion',
        ':createBackup',
        'sns:publish',
        ':findResources',
        ':listResources',
      ]),
      hours: chance.int(1, 20),
    }),
    () => at(chance.int(0, DAY)),
  );
  return deeds;
}

interface Change {
  readonly key: string;
  readonly value: string;
}
const CHANGES: readonly [Change, ...Change[]] = [
  { key: 'shelvery_keep_daily_backups', value: '1' },
  { key: 'shelvery_keep_daily_backups', value: '5' },
  { key: 'shelvery_dr_regions', value: '' },
  { key: 'shelvery_dr_regions', value: DR_REGION },
  { key: 'shelvery_keep_last_backups', value: '2' },
];

function personsDeed(chance: Chance): Deed {
  return {
    kind: chance.pick(['hold', 'hold', 'release', 'delete-backup', 'copy-by-hand', 'untag']),
    nth: chance.int(0, 20),
  };
}

function resourceDeed(chance: Chance): Deed {
  const slot = chance.int(0, 2);
  switch (chance.int(0, 5)) {
    case 0:
      return { kind: 'unmark', slot };
    case 1:
      return { kind: 'mark', slot };
    case 2:
      return { kind: 'delete', slot };
    case 3:
      return { kind: 'tag', slot, key: 'Name', value: chance.pick(['new name', 'web', '']) };
    case 4:
      return {
        kind: 'tag',
        slot,
        key: 'config:shelvery_keep_daily_backups',
        value: chance.pick(['0', '0', '1', '2', '9', 'many']),
      };
    default:
      return {
        kind: 'make',
        slot,
        name: chance.pick(['web', 'orders', 'data']),
        marked: chance.happens(800),
        encrypted: chance.happens(300),
      };
  }
}
