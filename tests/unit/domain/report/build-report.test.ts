import { describe, expect, it } from '@jest/globals';
import { buildReport } from '../../../../layers/engine/src/domain/report/build-report.js';
import type { Report, ReportedResource } from '../../../../layers/engine/src/domain/report/build-report.js';
import { promisedOf } from '../../../../layers/engine/src/domain/report/inventory.js';
import type { ReportedBackup, SeenType } from '../../../../layers/engine/src/domain/report/inventory.js';
import { BUILT_IN_PRICES } from '../../../../layers/engine/src/domain/report/prices.js';
import { buildStatus } from '../../../../layers/engine/src/domain/status/backup-status.js';
import type {
  Finding,
  ProtectedResource,
  SourceAccount,
} from '../../../../layers/engine/src/domain/status/backup-status.js';
import { DR, HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, RULES, resource, runConfig, utc } from '../builders.js';

const NOW = utc('2026-11-24 06:30');

function row(id: string, parts: Partial<ProtectedResource> = {}): ProtectedResource {
  return { id, rpo_hours: 26, copies: [], pulled_by: [], running: 0, held: 0, ...parts };
}

let made = 0;
function backup(created: string, parts: Partial<ReportedBackup> = {}): ReportedBackup {
  made += 1;
  return {
    name: `vol-1-${created}`,
    id: `snap-${String(made)}`,
    resource: 'vol-1',
    region: LOCAL,
    place: 'local',
    retention_type: 'daily',
    created: utc(created).toISOString(),
    reason: 'not-expired',
    fate: 'expires',
    state: 'available',
    source_account: OWN_ACCOUNT,
    ...parts,
  };
}

interface Seen {
  readonly resources?: readonly ProtectedResource[];
  readonly listed?: readonly ReportedBackup[];
  readonly findings?: readonly Omit<Finding, 'severity'>[];
  readonly sources?: readonly SourceAccount[];
  readonly problems?: readonly string[];
  /** Marked resources of which no promise is known. */
  readonly unpromised?: true;
}

const PROMISED = { keep: { daily: 14, weekly: 8, monthly: 12, yearly: 10 }, rpoHours: 26 };

function ebs({ resources = [], listed = [], findings = [], sources = [], problems = [], unpromised }: Seen): SeenType {
  return {
    type: 'ebs',
    problems,
    inventory: {
      listed,
      status: buildStatus({ findings, resources, sources }),
      promised: unpromised === true ? [] : resources.map(({ id }) => ({ id, ...PROMISED })),
    },
  };
}

function report(...types: readonly SeenType[]): Report {
  return buildReport({ now: NOW, home: HOME, types, prices: BUILT_IN_PRICES });
}

const resourcesOf = (seen: Seen): readonly ReportedResource[] => report(ebs(seen)).types[0]?.resources ?? [];
const lanes = (seen: Seen): readonly string[] =>
  resourcesOf(seen).flatMap((each) =>
    each.lanes.map(({ kind, where, marks, before }) => `${kind} ${where} ${String(marks.length)}+${String(before)}`),
  );

describe('buildReport', () => {
  it('shows the year that ends at the time of the run', () => {
    expect(report()).toMatchObject({
      account: OWN_ACCOUNT,
      region: LOCAL,
      madeAt: NOW,
      since: utc('2025-11-24 06:30'),
      types: [],
      findings: [],
      storage: [],
      problems: [],
    });
  });

  it('has a lane for each place: here, DR regions, what was pulled, and accounts that backups are offered to', () => {
    const seen = {
      resources: [row('vol-1')],
      listed: [
        backup('2026-11-24 03:01', { shared_with: [OTHER_ACCOUNT] }),
        backup('2026-11-24 03:01', { region: 'us-east-1', place: 'dr' }),
        backup('2026-11-24 03:01', { region: DR, place: 'dr' }),
        backup('2026-11-23 03:01', { shared_with: [] }),
        backup('2026-11-22 03:01', { place: 'pulled' }),
        backup('2026-11-21 03:01', { place: '' }),
      ],
    };
    expect(lanes(seen)).toEqual([
      `local ${LOCAL} 2+0`,
      `dr ${DR} 1+0`,
      'dr us-east-1 1+0',
      `pulled ${LOCAL} 1+0`,
      `offered ${OTHER_ACCOUNT} 1+0`,
    ]);
  });

  it('has the marks of a lane in the order of time, and counts those that are older than the year', () => {
    const seen = {
      listed: [
        backup('2026-11-24 03:01', { retention_type: 'hourly', state: 'pending' }),
        backup('2024-01-01 03:01', { retention_type: 'yearly' }),
        backup('2026-11-23 03:01'),
      ],
    };
    expect(lanes(seen)).toEqual([`local ${LOCAL} 2+1`]);
    expect(resourcesOf(seen)[0]?.lanes[0]?.marks).toEqual([
      { at: utc('2026-11-23 03:01'), retention: 'daily', state: 'available', name: 'vol-1-2026-11-23 03:01' },
      { at: utc('2026-11-24 03:01'), retention: 'hourly', state: 'pending', name: 'vol-1-2026-11-24 03:01' },
    ]);
    expect(resourcesOf(seen)[0]?.backups.map(({ created }) => created.slice(0, 10))).toEqual([
      '2026-11-24',
      '2026-11-23',
      '2024-01-01',
    ]);
  });

  it('tells marked resources, what only backups are left of, and what came from other accounts apart', () => {
    const resources = resourcesOf({
      resources: [row('vol-1', { name: 'orders', newest: { backup: 'snap', age_hours: 3 } }), row('vol-3')],
      listed: [
        backup('2026-11-24 03:01', { entity_name: 'older name' }),
        backup('2026-11-24 03:01', { resource: 'vol-2', entity_name: 'gone' }),
        backup('2026-11-24 03:01', { place: 'pulled', source_account: OTHER_ACCOUNT }),
        backup('2026-11-24 03:01', { resource: '' }),
      ],
    });
    expect(
      resources.map(({ id, name, account, marked, newest, backups }) => [
        id,
        name,
        account,
        marked,
        newest?.age_hours,
        backups.length,
      ]),
    ).toEqual([
      ['vol-2', 'gone', undefined, false, undefined, 1],
      ['vol-1', 'orders', undefined, true, 3, 1],
      ['vol-1', undefined, OTHER_ACCOUNT, false, undefined, 1],
      ['vol-3', undefined, undefined, true, undefined, 0],
    ]);
  });

  it('finds gaps of marked resources alone, in what is good here, archived snapshots included', () => {
    const hole = [
      backup('2026-11-24 03:01'),
      backup('2026-11-22 03:01', { state: 'archived' }),
      backup('2026-11-23 03:01', { state: 'failed' }),
      backup('2026-11-23 03:01', { place: 'dr', region: DR }),
    ];
    const gaps = (seen: Seen) => resourcesOf(seen)[0]?.gaps.map(({ hours }) => hours);
    expect(gaps({ resources: [row('vol-1')], listed: hole })).toEqual([48]);
    expect(gaps({ listed: hole })).toEqual([]);
    expect(gaps({ resources: [row('vol-1')], listed: hole, unpromised: true })).toEqual([]);
  });

  it('puts first what needs somebody', () => {
    const resources = resourcesOf({
      resources: [row('vol-a'), row('vol-b'), row('vol-c'), row('vol-d'), row('vol-e'), row('vol-f')],
      listed: [
        backup('2026-11-24 03:01', { resource: 'vol-c', state: 'failed' }),
        backup('2026-11-24 03:01', { resource: 'vol-d', state: 'missing', id: '' }),
        backup('2026-11-22 03:01', { resource: 'vol-e' }),
      ],
      findings: [
        { reason: 'backup-too-old', resource: 'vol-f', text: 'too old' },
        { reason: 'no-metadata', resource: 'vol-b', text: 'no metadata' },
        { reason: 'held', resource: 'vol-a', text: 'held' },
      ],
    });
    expect(resources.map(({ id, health }) => `${id} ${health}`)).toEqual([
      'vol-f breach',
      'vol-b warning',
      'vol-c warning',
      'vol-d warning',
      'vol-e warning',
      'vol-a good',
    ]);
  });

  it('gives a finding to the resource of its own account', () => {
    const finding = { reason: 'failed', resource: 'vol-1', text: 'failed' } as const;
    const resources = resourcesOf({
      findings: [finding],
      listed: [
        backup('2026-11-24 03:01'),
        backup('2026-11-24 03:01', { place: 'pulled', source_account: OTHER_ACCOUNT }),
      ],
    });
    expect(resources.map(({ account, findings }) => [account, findings.length])).toEqual([
      [undefined, 1],
      [OTHER_ACCOUNT, 0],
    ]);
  });

  it('counts, and tells findings of every type, the worst first and without notes', () => {
    const other: SeenType = {
      type: 'rds',
      problems: [],
      inventory: {
        listed: [],
        status: buildStatus({
          findings: [{ reason: 'no-backup', resource: 'db', text: 'none' }],
          resources: [row('db')],
          sources: [],
        }),
        promised: [],
      },
    };
    const made = report(
      ebs({
        resources: [row('vol-1')],
        listed: [
          backup('2026-11-24 03:01', { size_gib: 8 }),
          backup('2026-11-24 03:01', { place: 'dr', region: DR, size_gib: 8 }),
          backup('2026-11-22 03:01', { state: 'failed' }),
          backup('2026-11-20 03:01', { place: 'dr', region: DR, state: 'missing', id: '' }),
          backup('2026-11-20 03:01', { place: 'pulled', source_account: OTHER_ACCOUNT }),
        ],
        findings: [
          { reason: 'failed', resource: 'vol-1', text: 'failed' },
          { reason: 'held', resource: 'vol-1', text: 'held' },
        ],
      }),
      other,
    );
    expect(made.counts).toEqual({
      resources: 2,
      backups: 1,
      copies: 2,
      gaps: 0,
      failed: 1,
      missing: 1,
      breaches: 1,
      warnings: 1,
    });
    expect(made.findings.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['rds no-backup', 'ebs failed']);
    expect(made.storage.map(({ place, mostGib }) => `${place} ${String(mostGib)}`)).toEqual([
      'local 8',
      'dr 8',
      'pulled 0',
    ]);
    expect(made.cost.rows.map(({ region }) => region)).toEqual([DR, LOCAL]);
  });

  it('counts what is here, what is elsewhere, gaps and findings each for itself', () => {
    const days = ['2026-11-24', '2026-11-23', '2026-11-20', '2026-11-19'].map((day) => `${day} 03:01`);
    const { counts } = report(
      ebs({
        resources: [row('vol-1')],
        listed: [
          ...days.map((day) => backup(day)),
          backup('2026-11-24 03:01', { place: 'dr', region: DR }),
          backup('2026-11-24 03:01', { place: 'pulled', source_account: OTHER_ACCOUNT }),
          backup('2026-11-23 03:01', { place: 'pulled', source_account: OTHER_ACCOUNT }),
        ],
        findings: [
          { reason: 'no-backup', resource: 'vol-1', text: 'none' },
          { reason: 'no-backup', resource: 'vol-2', text: 'none' },
          { reason: 'failed', resource: 'vol-1', text: 'failed' },
        ],
      }),
    );
    expect(counts).toMatchObject({ backups: 4, copies: 3, gaps: 1, breaches: 2, warnings: 1 });
  });

  it('has each resource of another account once, with all of its backups', () => {
    const foreign = { place: 'pulled', source_account: OTHER_ACCOUNT } as const;
    const resources = resourcesOf({
      listed: [
        backup('2026-11-24 03:01', foreign),
        backup('2026-11-23 03:01', { ...foreign, entity_name: 'orders' }),
        backup('2026-11-24 03:01', { ...foreign, resource: 'vol-2' }),
      ],
    });
    // By its name, which an older backup still tells.
    expect(resources.map(({ id, name, backups }) => [id, name, backups.length])).toEqual([
      ['vol-1', 'orders', 2],
      ['vol-2', undefined, 1],
    ]);
  });

  it('promises each resource what its own configuration keeps', () => {
    const resources = resourcesOf({ resources: [row('vol-1'), row('vol-2')] });
    expect(resources.map(({ id, promised }) => [id, promised])).toEqual([
      ['vol-1', { id: 'vol-1', ...PROMISED }],
      ['vol-2', { id: 'vol-2', ...PROMISED }],
    ]);
  });

  it('finds a resource well whose backups are good, and odd with one warning among notes', () => {
    const seen = { resources: [row('vol-1')], listed: [backup('2026-11-24 03:01'), backup('2026-11-23 03:01')] };
    expect(resourcesOf(seen)).toMatchObject([{ health: 'good' }]);
    const findings = [
      { reason: 'held', resource: 'vol-1', text: 'held' },
      { reason: 'no-metadata', resource: 'vol-1', text: 'no metadata' },
    ] as const;
    expect(resourcesOf({ ...seen, findings })).toMatchObject([{ health: 'warning' }]);
  });

  it('has the home region before others, and a backup of the first moment of the year in its lane', () => {
    const seen = {
      listed: [
        backup('2026-11-24 03:01', { place: 'pulled', region: DR }),
        backup('2026-11-24 03:01', { place: 'pulled' }),
        backup('2025-11-24 06:30'),
        backup('2025-11-24 06:29'),
      ],
    };
    expect(lanes(seen)).toEqual([`local ${LOCAL} 1+1`, `pulled ${LOCAL} 1+0`, `pulled ${DR} 1+0`]);
  });

  it('says what could not be looked at', () => {
    const source = { account: OTHER_ACCOUNT, resources: 0, not_seen_for_60_days: 0 };
    const made = report(
      ebs({ problems: ['the DR region did not answer'], sources: [source] }),
      { type: 'rds', problems: ['denied'] },
      { ...ebs({}), type: 'redshift' },
    );
    expect(made.problems).toEqual([
      { type: 'ebs', text: 'the DR region did not answer' },
      { type: 'rds', text: 'denied' },
    ]);
    expect(made.types).toEqual([{ type: 'ebs', resources: [], sources: [source] }]);
  });

  it('takes what tells no account for the own', () => {
    const { source_account: _, ...unsigned } = backup('2026-11-24 03:01');
    expect(resourcesOf({ listed: [unsigned] })).toMatchObject([{ id: 'vol-1', backups: [{}] }]);
    expect(resourcesOf({ listed: [unsigned] })[0]).not.toHaveProperty('account');
    expect(resourcesOf({ resources: [row('vol-1')], listed: [unsigned] })).toMatchObject([{ backups: [{}] }]);
  });
});

describe('promisedOf', () => {
  it("is what the resource's own configuration keeps", () => {
    const tagged = resource('vol-1', {
      'shelvery:config:shelvery_keep_daily_backups': '30',
      'shelvery:config:shelvery_rpo_hours': '50',
    });
    expect(promisedOf(tagged, { home: HOME, config: runConfig(), rules: RULES.ebs })).toEqual({
      id: 'vol-1',
      keep: { daily: 30, weekly: 8, monthly: 12, yearly: 10 },
      rpoHours: 50,
    });
  });
});
