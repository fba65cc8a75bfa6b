import { describe, expect, it } from '@jest/globals';
import type { Resource } from '../../../../layers/engine/src/domain/backup/backup.js';
import { planClean } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import type { BackupStatus } from '../../../../layers/engine/src/domain/status/backup-status.js';
import { judgeStatus } from '../../../../layers/engine/src/domain/status/judge-status.js';
import type { SeenRegion, StatusInput } from '../../../../layers/engine/src/domain/status/judge-status.js';
import { AccountId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import {
  DR,
  HOME,
  LOCAL,
  OTHER_ACCOUNT,
  RULES,
  THIRD,
  read,
  resource,
  resourcesById,
  runConfig,
  utc,
} from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-01-12 04:00');
const NAME = { Name: 'orders' };

interface Estate {
  /** What the list of resources shows. */
  readonly listed?: readonly Resource[];
  /** What else exists. */
  readonly others?: readonly Resource[];
  readonly here?: readonly BackupParts[];
  /** Left out where the region cannot be listed. */
  readonly inDr?: readonly BackupParts[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** Metadata files of the home region; those of every backup where left out. */
  readonly files?: readonly string[];
  readonly more?: Partial<StatusInput>;
}

function judge({ listed = [], others = [], here = [], inDr, config = {}, files, more = {} }: Estate): BackupStatus {
  const run = runConfig(config);
  const existing = resourcesById(...listed, ...others);
  const region = (where: typeof LOCAL, parts: readonly BackupParts[], names?: readonly string[]): SeenRegion => {
    const backups = parts.map((each) =>
      read({ region: where, ...each }, { config: run, resources: existing, ...present({ rules: more.rules }) }),
    );
    const own = backups.flatMap((each) => (each.kind === 'backup' ? [each.backup.name] : []));
    const plan = planClean({
      now: NOW,
      localRegion: LOCAL,
      region: where,
      backups,
      beingCopied: new Set(),
      config: run,
    });
    return {
      region: where,
      backups,
      files: new Map((names ?? own).map((name) => [name, { written: NOW.getTime() }])),
      plan,
    };
  };
  return judgeStatus({
    type: 'ebs',
    now: NOW,
    home: HOME,
    config: run,
    rules: RULES.ebs,
    listed,
    existing,
    regions: [region(LOCAL, here, files), ...(inDr === undefined ? [] : [region(DR, inDr)])],
    unmarkedParts: [],
    copies: true,
    pulls: true,
    shared: new Map(),
    waiting: undefined,
    ...more,
  });
}

/** The findings in short: reason, resource or account, text. */
const found = (estate: Estate): readonly string[] =>
  judge(estate).findings.map(({ reason, resource: id, account, text }) => `${reason} ${id ?? account ?? '-'}: ${text}`);

const young: BackupParts = { created: '2026-01-12-0300' };

/** The home region without backups, whose bucket cannot be listed. */
const EMPTY: SeenRegion = {
  region: LOCAL,
  backups: [],
  files: undefined,
  plan: planClean({
    now: NOW,
    localRegion: LOCAL,
    region: LOCAL,
    backups: [],
    beingCopied: new Set(),
    config: runConfig(),
  }),
};

describe('a marked resource', () => {
  it('is well with a good backup inside its objective', () => {
    const status = judge({ listed: [resource('vol-1', NAME)], here: [young] });
    expect(status).toMatchObject({ objective: 'met', findings: [], counts: { resources: 1, breach: 0 } });
    expect(status.resources).toEqual([
      {
        id: 'vol-1',
        name: 'orders',
        rpo_hours: 26,
        newest: { backup: 'snap-1', age_hours: 1 },
        copies: [],
        pulled_by: [],
        running: 0,
        held: 0,
      },
    ]);
  });

  it('breaks the objective when the data of its newest good backup is older, whatever is being made', () => {
    const here: BackupParts[] = [
      { id: 'snap-1', created: '2026-01-11-0100' },
      { id: 'snap-2', created: '2026-01-12-0300', state: 'failed' },
    ];
    expect(found({ listed: [resource('vol-1')], here })[0]).toBe(
      'backup-too-old vol-1: the data of its newest backup is 27 hours old (objective: 26 hours)',
    );
    const running: BackupParts = { id: 'snap-3', created: '2026-01-12-0330', state: 'pending' };
    expect(found({ listed: [resource('vol-1')], here: [...here, running] })[0]).toMatch(/; one is being made$/);
    expect(judge({ listed: [resource('vol-1')], here }).objective).toBe('broken');
  });

  it('goes by the time of the data, which is older than the run that copied it', () => {
    const copied: BackupParts = { ...young, tags: { 'shelvery:snapshot_time': '2026-01-09-0300' } };
    expect(found({ listed: [resource('vol-1')], here: [copied] })).toEqual([
      'backup-too-old vol-1: the data of its newest backup is 3 days old (objective: 26 hours)',
    ]);
  });

  it.each([
    [utc('2026-01-10'), ['no-backup vol-1: it has no backup, and was made 52 hours ago (objective: 26 hours)']],
    [utc('2026-01-12'), []],
    [undefined, ['no-backup vol-1: it has no backup (objective: 26 hours)']],
  ])('without a backup is a breach once it is older than the objective (made %s)', (createdAt, findings) => {
    expect(found({ listed: [{ ...resource('vol-1'), ...present({ createdAt }) }] })).toEqual(findings);
  });

  it('keeps its objective to the hour', () => {
    expect(found({ listed: [resource('vol-1')], here: [{ created: '2026-01-11-0200' }] })).toEqual([]);
    expect(found({ listed: [{ ...resource('vol-1'), createdAt: utc('2026-01-11 02:00') }] })).toEqual([]);
  });

  it('is told of with the backup that is too old, whose age is in days from the third on', () => {
    const here: BackupParts[] = [{ created: '2026-01-09-0400' }];
    expect(judge({ listed: [resource('vol-1', NAME)], here }).findings).toEqual([
      {
        severity: 'breach',
        reason: 'backup-too-old',
        resource: 'vol-1',
        resource_name: 'orders',
        text: 'the data of its newest backup is 3 days old (objective: 26 hours)',
        backups: ['snap-1'],
      },
    ]);
  });

  it('has no backup in a temporary snapshot, nor in a copy elsewhere', () => {
    const here: BackupParts[] = [{ ...young, id: 'snap-1-re-encrypted', name: 'vol-1-re-encrypted' }];
    const inDr: BackupParts[] = [{ ...young, id: 'snap-2', place: 'dr' }];
    const status = judge({ listed: [resource('vol-1')], here, inDr });
    expect(status.findings.map(({ reason }) => reason)).toEqual(['no-backup']);
    expect(status.resources).toMatchObject([{ running: 0, copies: [] }]);
    expect(status.resources[0]).not.toHaveProperty('newest');
  });

  it('has an objective of its own by its tag, also where it keeps no daily backups', () => {
    const old: BackupParts[] = [{ created: '2026-01-10-0300' }];
    const tags = { 'shelvery:config:shelvery_keep_daily_backups': '0' };
    expect(found({ listed: [resource('vol-1', tags)], here: old })).toEqual([]);
    const own = { ...tags, 'shelvery:config:shelvery_rpo_hours': '48' };
    expect(found({ listed: [resource('vol-1', own)], here: old })).toEqual([
      'backup-too-old vol-1: the data of its newest backup is 49 hours old (objective: 48 hours)',
    ]);
  });

  it('that cannot be backed up is told, and breaks nothing', () => {
    const status = judge({ listed: [{ ...resource('vol-1', NAME), unusable: 'it is being deleted' }] });
    expect(status).toMatchObject({
      objective: 'met',
      findings: [{ severity: 'note', reason: 'unusable', resource_name: 'orders', text: 'it is being deleted' }],
    });
  });

  it('takes nothing from one of its name that was there before', () => {
    const database = { ...resource('db-1'), uid: 'db-NEW', createdAt: utc('2026-01-01') };
    const here = [{ ...young, id: 'db-1-2026-01-12-0300-daily', entity: 'db-1', uid: 'db-OLD' }];
    expect(found({ listed: [database], here, more: { rules: RULES.rds } })[0]).toMatch(/^no-backup db-1: /);
  });

  it('goes on with what it had under another name', () => {
    const database = { ...resource('db-2'), uid: 'db-A' };
    const here = [{ ...young, id: 'db-1-2026-01-12-0300-daily', entity: 'db-1', uid: 'db-A' }];
    const more = { rules: RULES.rds };
    expect(found({ listed: [database], here, more })).toEqual([]);
    expect(judge({ listed: [database], here, more }).resources).toMatchObject([{ id: 'db-2', newest: {} }]);
  });

  it('tells what is running and what is held', () => {
    const here: BackupParts[] = [
      { ...young, hold: 'yes' },
      { id: 'snap-2', created: '2026-01-10-0300', hold: '1' },
      { id: 'snap-3', created: '2026-01-12-0330', state: 'pending' },
    ];
    const status = judge({ listed: [resource('vol-1')], here });
    expect(status.resources).toMatchObject([{ running: 1, held: 2 }]);
    expect(status.findings).toEqual([
      {
        severity: 'note',
        reason: 'held',
        resource: 'vol-1',
        text: '2 backups are on hold: snap-1, snap-2',
        backups: ['snap-1', 'snap-2'],
      },
    ]);
    expect(found({ listed: [resource('vol-1')], here: here.slice(0, 1) })).toEqual([
      'held vol-1: a backup is on hold: snap-1',
    ]);
  });

  it('alone is looked at where one is selected', () => {
    const listed = [resource('vol-1'), resource('vol-2')];
    const status = judge({ listed, here: [young], config: { shelvery_select_entity: 'vol-1' } });
    expect(status.resources.map(({ id }) => id)).toEqual(['vol-1']);
    expect(status.findings).toEqual([]);
  });
});

describe('copies in DR regions', () => {
  const copied = (id: string, created: string): BackupParts => ({
    id,
    created,
    tags: { 'shelvery:dr_regions': DR },
  });
  const copy = (of: string, created: string, more: BackupParts = {}): BackupParts => ({
    id: `copy-of-${of}`,
    created,
    place: 'dr',
    source: `${LOCAL}:${of}`,
    ...more,
  });
  const listed = [resource('vol-1', { 'shelvery:config:shelvery_dr_regions': DR })];

  it('are there', () => {
    const status = judge({
      listed,
      here: [copied('snap-1', '2026-01-10-0300'), copied('snap-2', '2026-01-12-0300')],
      inDr: [copy('snap-1', '2026-01-10-0300')],
    });
    expect(status.findings).toEqual([]);
    expect(status.resources).toMatchObject([
      { copies: [{ region: DR, newest: { backup: 'copy-of-snap-1', age_hours: 49 } }] },
    ]);
  });

  it.each<[string, readonly BackupParts[], string]>([
    ['none at all', [], ', and none is there'],
    [
      'one being made',
      [copy('snap-1', '2026-01-10-0300', { state: 'pending' })],
      ', it is still being made, and none is there',
    ],
    ['an older one', [copy('snap-0', '2026-01-08-0300')], '; the newest there is 4 days old'],
    ['a failed one', [copy('snap-1', '2026-01-10-0300', { state: 'failed' })], ', and none is there'],
  ])('that should be there by now are missed: %s', (_, inDr, end) => {
    const here = [copied('snap-1', '2026-01-10-0300'), copied('snap-2', '2026-01-12-0300')];
    const again =
      '; make it with: shelvery ebs create_backups --resource vol-1 --as-of 2026-01-10T03:00:00Z --backdate' +
      ` --region ${LOCAL} --config shelvery_current_retention_type=daily`;
    expect(found({ listed, here, inDr })[0]).toBe(
      `dr-copy-missing vol-1: the backup of 49 hours ago has no copy in ${DR}${end}${end.includes('still') ? '' : again}`,
    );
  });

  it('that should be there are missed with the backup that they are of', () => {
    const here = [copied('snap-1', '2026-01-10-0300')];
    expect(judge({ listed, here, inDr: [] }).findings).toMatchObject([
      { reason: 'backup-too-old', backups: ['snap-1'] },
      { reason: 'dr-copy-missing', resource: 'vol-1', region: DR, backups: ['snap-1'] },
    ]);
  });

  it('are being made in their region, and of the backup that they are missed of', () => {
    const here = [copied('snap-1', '2026-01-10-0300'), copied('snap-2', '2026-01-12-0300')];
    const pending = copy('snap-2', '2026-01-12-0300', { state: 'pending' });
    expect(found({ listed, here, inDr: [pending] })[0]).toMatch(
      / has no copy in eu-central-1, and none is there; make it with: shelvery ebs create_backups /,
    );
    const inTwo = [resource('vol-1', { 'shelvery:config:shelvery_dr_regions': `${DR},${THIRD}` })];
    const both = here.map((each) => ({ ...each, tags: { 'shelvery:dr_regions': `${DR},${THIRD}` } }));
    const there = copy('snap-1', '2026-01-10-0300', { region: THIRD });
    for (const state of ['pending', 'available'] as const) {
      const third: SeenRegion = {
        ...EMPTY,
        region: THIRD,
        backups: [read({ ...there, state }, { resources: resourcesById(...inTwo) })],
      };
      const seen = both.map((each) => read(each, { resources: resourcesById(...inTwo) }));
      const regions = [{ ...EMPTY, backups: seen }, { ...EMPTY, region: DR }, third];
      expect(found({ listed: inTwo, more: { regions } })).toEqual([
        `dr-copy-missing vol-1: the backup of 49 hours ago has no copy in ${DR}, and none is there; make it with: shelvery ebs create_backups --resource vol-1 --as-of 2026-01-10T03:00:00Z --backdate --region ${LOCAL} --config shelvery_current_retention_type=daily`,
        ...(state === 'available'
          ? []
          : [
              `dr-copy-missing vol-1: the backup of 49 hours ago has no copy in ${THIRD}, it is still being made, and none is there`,
            ]),
      ]);
    }
  });

  it('are there where their data is as new, and where their source is the backup, whatever their data', () => {
    const here = [copied('snap-1', '2026-01-10-0300'), copied('snap-2', '2026-01-12-0300')];
    expect(found({ listed, here, inDr: [copy('snap-0', '2026-01-10-0300')] })).toEqual([]);
    const older = { tags: { 'shelvery:snapshot_time': '2026-01-01-0000' } };
    expect(found({ listed, here, inDr: [copy('snap-1', '2026-01-10-0300', older)] })).toEqual([]);
  });

  it('are not missed in the hour of the objective', () => {
    const here = [copied('snap-1', '2026-01-11-0200')];
    expect(found({ listed, here, inDr: [] })).toEqual([]);
  });

  it('are made up for by one of a newer backup', () => {
    const here = [copied('snap-1', '2026-01-10-0300'), copied('snap-2', '2026-01-12-0300')];
    expect(found({ listed, here, inDr: [copy('snap-2', '2026-01-12-0300')] })).toEqual([]);
  });

  it('are not judged where the region cannot be listed, was not named, or the service copies nothing', () => {
    const here = [copied('snap-1', '2026-01-10-0300'), { ...young, id: 'snap-2' }];
    expect(found({ listed, here })).toEqual([]);
    expect(found({ listed, here: [young, { id: 'snap-3', created: '2026-01-10-0300' }], inDr: [] })).toEqual([]);
    expect(judge({ listed, here, inDr: [], more: { copies: false } })).toMatchObject({
      findings: [],
      resources: [{ copies: [] }],
    });
  });

  it('of what the service cannot copy are not missed', () => {
    const made = read(copied('snap-1', '2026-01-10-0300'), { resources: resourcesById(...listed) });
    if (made.kind !== 'backup') throw new Error(made.kind);
    const backup = { ...made.backup, found: { ...made.backup.found, uncopyable: true } };
    const plan = planClean({
      now: NOW,
      localRegion: LOCAL,
      region: LOCAL,
      backups: [],
      beingCopied: new Set(),
      config: runConfig(),
    });
    const empty = { region: DR, backups: [], files: undefined, plan };
    const regions = (backups: SeenRegion['backups']): Partial<StatusInput> => ({
      regions: [{ region: LOCAL, backups, files: undefined, plan }, empty],
    });
    const reasons = (more: Partial<StatusInput>): readonly string[] =>
      judge({ listed, more }).findings.map(({ reason }) => reason);
    expect(reasons(regions([made]))).toEqual(['backup-too-old', 'dr-copy-missing']);
    expect(reasons(regions([{ kind: 'backup', backup }]))).toEqual(['backup-too-old']);
  });

  it('of a backup that the service began late are not missed before the objective', () => {
    const late = { ...copied('snap-1', '2026-01-10-0300'), startedAt: utc('2026-01-12 02:00') };
    expect(found({ listed, here: [late, { ...young, id: 'snap-2' }], inDr: [] })).toEqual([]);
  });
});

describe('accounts that pull', () => {
  const listed = [resource('vol-1')];
  const config = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
  const here: BackupParts[] = [
    { id: 'snap-1', created: '2026-01-10-0300' },
    { ...young, id: 'snap-2' },
  ];
  const old = 'vol-1-2026-01-10-0300-daily';
  const files = (lists: { waiting?: string[]; processed?: string[]; setAside?: string[] }): Partial<StatusInput> => ({
    shared: new Map([
      [
        OTHER_ACCOUNT,
        {
          waiting: new Set(lists.waiting),
          processed: new Set(lists.processed),
          setAside: new Set(lists.setAside),
        },
      ],
    ]),
  });

  it.each([
    ['the backup', { processed: [old] }, 'snap-1'],
    ['its re-encrypted copy', { processed: [`${old}-re-encrypted`] }, 'snap-1'],
    ['one that went to the archive tier since', { setAside: [old] }, 'snap-1'],
    ['a newer one', { waiting: [old], processed: ['vol-1-2026-01-12-0300-daily'] }, 'snap-2'],
  ])('have %s', (_, lists, newest) => {
    const status = judge({ listed, here, config, more: files(lists) });
    expect(status.findings).toEqual([]);
    expect(status.resources).toMatchObject([{ pulled_by: [{ account: OTHER_ACCOUNT, newest: { backup: newest } }] }]);
  });

  it.each([
    [{ waiting: [old], processed: ['vol-9-2026-01-01-0300-daily'] }, '; its file waits there'],
    [{ processed: ['vol-9-2026-01-01-0300-daily'] }, ', and no file offers it'],
    [{ setAside: ['vol-9-2026-01-01-0300-daily'] }, ', and no file offers it'],
  ])('and lack one that they should have by now are a breach: %j', (lists, end) => {
    expect(found({ listed, here, config, more: files(lists) })).toEqual([
      `bunker-copy-missing vol-1: the backup of 49 hours ago was not pulled by ${OTHER_ACCOUNT}${end}`,
    ]);
  });

  it('and lack one are a breach that names it, though they have an older one', () => {
    const older = { id: 'snap-0', created: '2026-01-09-0300' };
    const lists = files({ processed: ['vol-1-2026-01-09-0300-daily'] });
    expect(judge({ listed: [resource('vol-1', NAME)], here: [...here, older], config, more: lists }).findings).toEqual([
      {
        severity: 'breach',
        reason: 'bunker-copy-missing',
        resource: 'vol-1',
        resource_name: 'orders',
        account: OTHER_ACCOUNT,
        text: `the backup of 49 hours ago was not pulled by ${OTHER_ACCOUNT}, and no file offers it`,
        backups: ['snap-1'],
      },
    ]);
  });

  it('are not judged before a backup is older than the objective', () => {
    const status = judge({
      listed,
      here: here.slice(1),
      config,
      more: files({ processed: ['vol-9-2026-01-01-0300-daily'] }),
    });
    expect(status.findings).toEqual([]);
  });

  it('and have never pulled anything are a warning, once', () => {
    const two = [resource('vol-1'), resource('vol-2')];
    const all = [...here, { ...young, id: 'snap-3', entity: 'vol-2' }, { id: 'snap-4', entity: 'vol-2' }];
    expect(found({ listed: two, here: all, config, more: { shared: new Map() } })).toEqual([
      `not-pulled ${OTHER_ACCOUNT}: backups of 2 resources are shared with ${OTHER_ACCOUNT}, which has never pulled any`,
    ]);
    expect(found({ listed, here, config, more: files({}) })).toEqual([
      `not-pulled ${OTHER_ACCOUNT}: backups of 1 resource are shared with ${OTHER_ACCOUNT}, which has never pulled any`,
    ]);
  });

  it('are not judged where their files cannot be listed', () => {
    const status = judge({ listed, here, config, more: { shared: undefined } });
    const pulledBy = [{ account: OTHER_ACCOUNT, unknown: true }];
    expect(status).toMatchObject({ findings: [], resources: [{ pulled_by: pulledBy }] });
  });

  it('are none of a service whose backups nobody can pull', () => {
    for (const shared of [undefined, new Map()])
      expect(judge({ listed, here, config, more: { shared, pulls: false } })).toMatchObject({
        findings: [],
        resources: [{ pulled_by: [] }],
      });
  });
});

describe('what should be marked and is not', () => {
  const unmarked = (id: string, tags = {}): Resource => ({ ...resource(id), tags });

  it('a resource with backups that lost its mark', () => {
    expect(found({ others: [unmarked('vol-1', NAME)], here: [young] })).toEqual([
      'lost-mark vol-1: it lacks the tag shelvery:create_backup, but it has a backup; the newest is 1 hour old, and the last goes after 2026-01-26',
    ]);
    const said = unmarked('vol-1', { 'shelvery:create_backup': 'false' });
    expect(found({ others: [said], here: [young, { id: 'snap-2' }] })).toEqual([
      'lost-mark vol-1: its tag shelvery:create_backup is "false", but it has 2 backups; the newest is 1 hour old, and the last goes after 2026-01-26',
    ]);
  });

  it('a resource with a tag that was meant to mark it, which is told once', () => {
    const near = unmarked('vol-1', { 'shelvery:create_backup': 'yes' });
    expect(found({ listed: [near], here: [young] })).toEqual([
      'near-miss vol-1: its tag shelvery:create_backup = "yes" does not mark it; shelvery:create_backup = true would; of its backups the last goes after 2026-01-26',
    ]);
    // In other case no list shows it, but a look-up of what backups were made of.
    const hidden = unmarked('vol-1', { 'Shelvery:Create_Backup': 'true' });
    expect(found({ others: [hidden], here: [young] })).toEqual([
      'near-miss vol-1: its tag Shelvery:Create_Backup = "true" does not mark it; shelvery:create_backup = true would; of its backups the last goes after 2026-01-26',
    ]);
    const another = { shelvery_select_entity: 'vol-2' };
    expect(found({ others: [hidden], here: [young], config: another })).toEqual([]);
    expect(found({ listed: [near] })).toEqual([
      'near-miss vol-1: its tag shelvery:create_backup = "yes" does not mark it; shelvery:create_backup = true would',
    ]);
  });

  it.each<[string, Estate, string]>([
    [
      'once it has expired',
      { here: [{ created: '2025-12-01-0300' }] },
      ', and the next clean_backups removes the last',
    ],
    [
      'by the longest kept',
      { here: [young, { id: 'snap-2', type: 'weekly' }] },
      ', and the last goes after 2026-03-07',
    ],
    [
      'with those in DR regions',
      { here: [young], inDr: [{ id: 'snap-2', place: 'dr' }], config: { shelvery_keep_daily_backups_dr: 30 } },
      ', and the last goes after 2026-02-09',
    ],
    [
      'without failed ones',
      { here: [{ created: '2025-12-01-0300' }, { ...young, id: 'snap-2', state: 'failed' }] },
      ', and the next clean_backups removes the last',
    ],
    ['never, where one is on hold', { here: [young, { id: 'snap-2', hold: 'true' }] }, ''],
    ['never, where one cannot be judged', { here: [young, { id: 'snap-2', type: 'hourly' }] }, ''],
    [
      'never, where a wrong value keeps one',
      { here: [{ ...young, tags: { 'shelvery:config:shelvery_keep_daily_backups': 'abc' } }] },
      '',
    ],
  ])('tells when the last backup goes: %s', (_, estate, end) => {
    const [line = ''] = found({ ...estate, others: [unmarked('vol-1')] }).filter((each) =>
      each.startsWith('lost-mark'),
    );
    expect(line.replace(/^.* old/, '')).toBe(end);
  });

  it('neither what is gone, nor another resource of the same name, nor one of another account', () => {
    const other = { ...unmarked('db-1'), uid: 'db-NEW' };
    const here: BackupParts[] = [
      { ...young, id: 'db-0-2026-01-12-0300-daily', entity: 'db-0' },
      { ...young, id: 'db-1-2026-01-12-0300-daily', entity: 'db-1', uid: 'db-OLD' },
      { ...young, id: 'db-3-2026-01-12-0300-daily', entity: 'db-3', place: 'pulled' },
    ];
    const others = [other, unmarked('db-3')];
    expect(found({ others, here, more: { rules: RULES.rds } })).toEqual([]);
  });

  it('each by its name', () => {
    expect(judge({ others: [unmarked('vol-1', NAME)], here: [young] }).findings).toMatchObject([
      { reason: 'lost-mark', resource: 'vol-1', resource_name: 'orders' },
    ]);
    const near = unmarked('vol-1', { ...NAME, 'shelvery:create_backup': 'yes' });
    expect(judge({ listed: [near] }).findings).toMatchObject([
      { reason: 'near-miss', resource: 'vol-1', resource_name: 'orders' },
    ]);
  });

  it('a volume of an instance that is marked', () => {
    const unmarkedParts = [{ id: ResourceId.parse('vol-1'), of: ResourceId.parse('i-1') }];
    expect(found({ config: { shelvery_select_entity: 'vol-2' }, more: { unmarkedParts } })).toEqual([]);
    expect(found({ more: { unmarkedParts } })).toEqual([
      'unmarked-volume vol-1: it is not marked, and belongs to i-1, which is',
    ]);
  });
});

describe('backups that are not as they should be', () => {
  it('failed ones, apart for each resource', () => {
    const here: BackupParts[] = [
      { id: 'snap-1', created: '2026-01-11-0300', state: 'failed' },
      { id: 'snap-2', entity: 'vol-2', created: '2026-01-11-0300', state: 'failed' },
    ];
    expect(judge({ here }).findings).toMatchObject([
      { resource: 'vol-1', text: 'a backup failed (snap-1): no reason given', backups: ['snap-1'] },
      { resource: 'vol-2', text: 'a backup failed (snap-2): no reason given', backups: ['snap-2'] },
    ]);
  });

  it('failed ones, together for each resource', () => {
    const here: BackupParts[] = [
      young,
      { id: 'snap-2', created: '2026-01-11-0300', state: 'failed' },
      { id: 'snap-3', created: '2026-01-10-0300', state: 'failed' },
    ];
    const named = resource('vol-1', NAME);
    expect(judge({ listed: [named], here }).findings).toEqual([
      {
        severity: 'warning',
        reason: 'failed',
        resource: 'vol-1',
        resource_name: 'orders',
        region: LOCAL,
        text: '2 backups failed (snap-2, snap-3): no reason given',
        backups: ['snap-2', 'snap-3'],
      },
    ]);
    expect(found({ listed: [named], here: here.slice(0, 2) })).toEqual([
      'failed vol-1: a backup failed (snap-2): no reason given',
    ]);
  });

  it('with the name that the backup has of its resource, where that is gone', () => {
    const here = [{ ...young, state: 'failed' as const, tags: { ResourceName: 'was-orders' } }];
    expect(judge({ here }).findings).toMatchObject([{ resource_name: 'was-orders' }]);
  });

  it('ones that are not finished in time, have a bad retention type, or are not stored', () => {
    const here: BackupParts[] = [
      young,
      { id: 'snap-2', created: '2026-01-09-0300', state: 'pending' },
      { id: 'snap-3', created: '2026-01-11-0300', type: 'hourly' },
    ];
    const listed = [resource('vol-1')];
    expect(found({ listed, here, files: ['vol-1-2026-01-12-0300-daily'] })).toEqual([
      'unfinished vol-1: snap-2: not finished after 48 hours (shelvery_wait_deadline_hours); look at it in the AWS console',
      `no-metadata -: snap-3 is available, but its metadata is not in the data bucket of ${LOCAL}; if the run that made it is over, clean_backups stores it`,
      'kept-by-error vol-1: snap-3: its retention type hourly is not configured (known: yearly, monthly, weekly, daily): add hourly:<seconds> to shelvery_custom_retention_types, or delete the backup by hand',
    ]);
    expect(found({ listed, here: [young, { id: 'snap-4' }], files: [] })).toEqual([
      `no-metadata -: snap-1, snap-4 are available, but their metadata is not in the data bucket of ${LOCAL}; if the run that made them is over, clean_backups stores it`,
    ]);
    const many = [young, ...['snap-4', 'snap-5', 'snap-6', 'snap-7'].map((id): BackupParts => ({ ...young, id }))];
    expect(judge({ listed, here: many, files: [] }).findings).toMatchObject([
      {
        text: expect.stringMatching(/^snap-1, snap-4, snap-5 and 2 more are available/),
        backups: ['snap-1', 'snap-4', 'snap-5', 'snap-6', 'snap-7'],
      },
    ]);
    const failed: BackupParts = { id: 'snap-5', created: '2026-01-10-0300', state: 'failed' };
    const selected = { shelvery_select_entity: 'vol-9' };
    expect(found({ listed, here: [...here, failed], files: [], config: selected })).toEqual([]);
    const named = judge({ listed, here: [...here, failed], files: [] }).findings;
    expect(named.map(({ reason, backups }) => [reason, backups])).toEqual([
      ['failed', ['snap-5']],
      ['unfinished', ['snap-2']],
      ['no-metadata', ['snap-1', 'snap-3']],
      ['kept-by-error', ['snap-3']],
    ]);
  });

  describe('wrong values in tags', () => {
    const key = 'shelvery:config:shelvery_keep_daily_backups';
    const wrong = { [key]: 'abc', 'shelvery:config:shelvery_keep_weekly_backups': 'many' };
    const said = (where: string): string =>
      `shelvery_keep_daily_backups in ${where} is "abc"; allowed: a whole number from 0 to 10000 (days). shelvery_keep_weekly_backups in ${where} is "many"; allowed: a whole number from 0 to 10000 (weeks).`;
    const old: BackupParts = { id: 'snap-0', created: '2025-12-01-0300' };
    const older: BackupParts = { id: 'snap-9', created: '2025-11-30-0300' };

    it('of a marked resource, once for all of them and all its backups', () => {
      const listed = [resource('vol-1', { ...NAME, ...wrong })];
      const text = (over: string): string =>
        `no backup of it is removed until its tags are corrected${over}: ${said("the resource's tags")}`;
      expect(judge({ listed, here: [young] }).findings).toEqual([
        { severity: 'warning', reason: 'wrong-tag', resource: 'vol-1', resource_name: 'orders', text: text('') },
      ]);
      expect(judge({ listed, here: [] }).findings).toContainEqual(
        expect.objectContaining({ reason: 'wrong-tag', text: text('') }),
      );
      expect(judge({ listed, here: [young, old] }).findings).toMatchObject([
        { reason: 'wrong-tag', text: text(' (one is to go then)'), backups: ['snap-0'] },
      ]);
      expect(judge({ listed, here: [young, old, older] }).findings).toMatchObject([
        { reason: 'wrong-tag', text: text(' (2 are to go then)'), backups: ['snap-0', 'snap-9'] },
      ]);
    });

    it('of backups whose resource is gone, or has lost its mark, once for all of one resource', () => {
      const own = said("the backup's own tags");
      const here = [{ ...young, tags: { ...wrong, ResourceName: 'was-orders' } }];
      expect(judge({ here }).findings).toEqual([
        {
          severity: 'warning',
          reason: 'wrong-tag',
          resource: 'vol-1',
          resource_name: 'was-orders',
          text: `a backup of it stays until its own tags are corrected: ${own}`,
          backups: ['snap-1'],
        },
      ]);
      const two = [...here, { ...old, tags: wrong }];
      expect(found({ here: two })).toEqual([
        `wrong-tag vol-1: 2 backups of it stay until their own tags are corrected (one is to go then): ${own}`,
      ]);
      const others = [resource('vol-1', { 'shelvery:create_backup': 'false' })];
      expect(found({ here: two, others })).toContainEqual(expect.stringMatching(/^wrong-tag vol-1: 2 backups/));
    });

    it('of copies in a DR region', () => {
      const inDr: BackupParts[] = [{ ...young, id: 'copy-1', place: 'dr', tags: wrong }];
      expect(found({ inDr })).toEqual([
        `wrong-tag vol-1: a backup of it stays until its own tags are corrected: ${said("the backup's own tags")}`,
      ]);
    });

    const unused = { 'shelvery:config:shelvery_keep_daily_backup': '30', 'shelvery:config:shelvery_dr_region': 'x' };
    const unusedSaid = (where: string): string =>
      `shelvery_keep_daily_backup in ${where} is not a configuration key; did you mean shelvery_keep_daily_backups?`;

    it('and what tags of a marked resource ask for in vain', () => {
      const listed = [resource('vol-1', { ...NAME, ...unused })];
      expect(judge({ listed, here: [young] }).findings).toEqual([
        {
          severity: 'warning',
          reason: 'wrong-tag',
          resource: 'vol-1',
          resource_name: 'orders',
          text: `what its tags ask for has no effect: ${unusedSaid("the resource's tags")} shelvery_dr_region in the resource's tags is not a configuration key; did you mean shelvery_dr_regions?`,
        },
      ]);
    });

    it('and, where the resource is gone, what tags of its backups were to keep', () => {
      const here = [
        { ...young, tags: { ...unused, ResourceName: 'was-orders' } },
        { ...old, tags: unused },
        { ...young, id: 'snap-2', entity: 'vol-2', name: 'vol-2-2026-01-12-0300-daily-re-encrypted', tags: unused },
        { ...young, id: 'snap-3', entity: 'vol-3', tags: { 'shelvery:config:shelvery_dr_region': 'x' } },
      ];
      expect(judge({ here }).findings.filter(({ reason }) => reason === 'wrong-tag')).toEqual([
        {
          severity: 'warning',
          reason: 'wrong-tag',
          resource: 'vol-1',
          resource_name: 'was-orders',
          text: `what the tags of its backups ask for has no effect: ${unusedSaid("the backup's own tags")}`,
        },
      ]);
    });

    it('and tags that were meant to hold backups, those that are to be removed included', () => {
      const here: BackupParts[] = [
        { ...old, tags: { 'shelvery:on_hold': 'audit' } },
        { ...older, tags: { 'legal hold': 'yes' } },
        young,
      ];
      expect(found({ listed: [resource('vol-1')], here })).toEqual([
        'wrong-tag -: snap-0: the tag "shelvery:on_hold" was probably meant to hold it; the tag for that is shelvery:hold. It is kept all the same: set shelvery:hold = true in its place, or take it off to let it go.',
        'wrong-tag -: snap-9: the tag "legal hold" holds nothing. If this backup is to stay, set shelvery:hold = true on it.',
        'held vol-1: a backup is on hold: snap-0',
      ]);
      expect(found({ here, config: { shelvery_select_entity: 'vol-3' } })).toEqual([]);
    });

    it('not of what is not selected, nor of temporary snapshots, nor of what another account wrote', () => {
      const here: BackupParts[] = [
        { ...young, tags: wrong },
        { ...young, id: 'snap-2', entity: 'vol-2', name: 'vol-2-2026-01-12-0300-daily-re-encrypted', tags: wrong },
        { ...young, id: 'snap-3', place: 'pulled', tags: wrong },
      ];
      const listed = [resource('vol-1', wrong)];
      expect(found({ listed, here, config: { shelvery_select_entity: 'vol-3' } })).toEqual([]);
      expect(found({ here: here.slice(1) })).toEqual([]);
    });
  });

  it('nothing of metadata where the bucket cannot be listed', () => {
    const estate = judge({ listed: [resource('vol-1')], here: [young] });
    expect(estate.findings).toEqual([]);
    const regions: SeenRegion[] = [
      {
        region: LOCAL,
        backups: [],
        files: undefined,
        plan: planClean({
          now: NOW,
          localRegion: LOCAL,
          region: LOCAL,
          backups: [read(young)],
          beingCopied: new Set(),
          config: runConfig(),
        }),
      },
    ];
    expect(found({ more: { regions } })).toEqual([]);
  });

  it('ones whose tags cannot be understood', () => {
    const here = [{ ...young, tags: { 'shelvery:date_created': 'yesterday' } }];
    expect(judge({ here }).findings).toMatchObject([{ reason: 'unreadable', region: LOCAL, backups: ['snap-1'] }]);
    expect(found({ here })).toEqual([
      'unreadable -: snap-1 stays, whatever its age, until its tag is corrected or somebody deletes it: its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm',
    ]);
  });
});

describe('a bunker', () => {
  const third = AccountId.parse('333333333333');
  const config = { shelvery_source_aws_account_ids: `${OTHER_ACCOUNT},${third}` };
  const pulled = (entity: string, created: string, more: BackupParts = {}): BackupParts => ({
    id: `snap-of-${entity}-${created}`,
    entity,
    created,
    place: 'pulled',
    source: `${LOCAL}:source-of-${entity}-${created}`,
    tags: { 'shelvery:origin_region': THIRD },
    ...more,
  });

  it('tells of each source account its newest backup, its resources, and what waits', () => {
    const here = [
      pulled('vol-1', '2026-01-12-0300'),
      pulled('vol-1', '2025-11-01-0300'),
      pulled('vol-2', '2025-11-01-0300'),
      pulled('vol-3', '2026-01-12-0300', { state: 'pending' }),
      pulled('vol-4', '2025-10-01-0300', { account: '444444444444', tags: {} }),
    ];
    const status = judge({ here, config, more: { waiting: new Map([[OTHER_ACCOUNT, [utc('2026-01-12 03:30')]]]) } });
    expect(status).toMatchObject({ objective: 'met', findings: [] });
    expect(status.sources).toEqual([
      {
        account: OTHER_ACCOUNT,
        resources: 2,
        not_seen_for_60_days: 1,
        newest: { backup: 'snap-of-vol-1-2026-01-12-0300', age_hours: 1 },
        waiting: 1,
      },
      { account: third, resources: 0, not_seen_for_60_days: 0 },
      {
        account: '444444444444',
        resources: 1,
        not_seen_for_60_days: 1,
        newest: { backup: 'snap-of-vol-4-2025-10-01-0300', age_hours: 2473 },
      },
    ]);
  });

  it('breaks the objective where a source is silent, or files wait, for longer', () => {
    const waiting = new Map([
      [OTHER_ACCOUNT, [utc('2026-01-10 03:00'), utc('2026-01-12 03:00')]],
      [third, [utc('2026-01-10'), utc('2026-01-09')]],
    ]);
    expect(found({ here: [pulled('vol-1', '2026-01-10-0300')], config, more: { waiting } })).toEqual([
      `source-silent ${OTHER_ACCOUNT}: the data of the newest backup that was pulled from it is 49 hours old (objective: 26 hours)`,
      `pull-late ${OTHER_ACCOUNT}: a file waits to be pulled from it, the oldest for 49 hours (objective: 26 hours)`,
      `pull-late ${third}: 2 files wait to be pulled from it, the oldest for 3 days (objective: 26 hours)`,
    ]);
  });

  it('takes no backup of its own for one that was pulled', () => {
    const { sources } = judge({ here: [young], more: { waiting: new Map() } });
    expect(sources).toEqual([]);
  });

  it('tells resources of equal names in several regions apart, and counts none as gone on its 60th day', () => {
    const here = [
      pulled('db', '2026-01-12-0300'),
      pulled('db', '2025-11-13-0400', { tags: { 'shelvery:origin_region': DR } }),
    ];
    expect(judge({ here, config, more: { waiting: new Map() } }).sources[0]).toMatchObject({
      resources: 2,
      not_seen_for_60_days: 0,
    });
  });

  it('names the newest backup of a source that is silent', () => {
    const here = [pulled('vol-1', '2026-01-10-0300'), pulled('vol-1', '2026-01-09-0300')];
    expect(judge({ here, config, more: { waiting: new Map() } }).findings).toMatchObject([
      { reason: 'source-silent', account: OTHER_ACCOUNT, backups: ['snap-of-vol-1-2026-01-10-0300'] },
    ]);
  });

  it('is not looked at where one resource is selected', () => {
    const estate = { config: { ...config, shelvery_select_entity: 'vol-1' }, more: { waiting: new Map() } };
    expect(judge(estate).sources).toEqual([]);
  });
});
