import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  expiredFiles,
  isCopyOf,
  isMadeFrom,
  namesFor,
  nothingPulled,
  planPull,
  sharedBackupKey,
} from '../../../../layers/engine/src/domain/plan/plan-pull.js';
import type { PullDecision, PullInput, SharedFile } from '../../../../layers/engine/src/domain/plan/plan-pull.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { AccountId } from '../../../../layers/engine/src/domain/values.js';
import type { Tags } from '../../../../layers/engine/src/domain/values.js';
import { LOCAL, OTHER_ACCOUNT, RULES, THIRD_ACCOUNT, backup, configValues, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-01-12 03:00');
const MULTI = `mrk-${'a1'.repeat(16)}`;

function file(
  id: string,
  name = 'web-2026-01-10-0300-daily',
  account = OTHER_ACCOUNT,
  tags: Tags = {},
  more: Partial<SharedFile> = {},
): SharedFile {
  const backupId = BackupId.parse(id);
  return {
    account,
    key: `backups/shared/111111111111/rds/${name}.yaml`,
    lastModified: utc('2026-01-10 04:00'),
    id: backupId,
    prefix: 'shelvery',
    createdAt: utc('2026-01-10 03:00'),
    document: {
      schema_version: 1,
      account_id: account,
      backup_id: backupId,
      name,
      region: LOCAL,
      entity_id: ResourceId.parse('db'),
      retention_type: 'daily',
      date_created: '2026-01-10T03:00:00Z',
      tags,
    },
    ...more,
  };
}
const FILE = file('snap-0');

interface Given extends Partial<Omit<PullInput, 'config' | 'present' | 'shared'>> {
  readonly payload?: Readonly<Record<string, unknown>>;
  /** `shelvery_min_retention_days`, which no payload sets. */
  readonly minDays?: number;
  readonly present?: readonly BackupParts[];
  readonly owner?: AccountId;
  readonly encrypted?: boolean;
  readonly unshared?: true;
  readonly notForOthers?: string;
}

function pull({
  payload = {},
  minDays = 0,
  present = [],
  files = [FILE],
  owner,
  encrypted = false,
  unshared,
  notForOthers,
  ...given
}: Given = {}): readonly PullDecision[] {
  return planPull({
    rules: RULES.rds,
    region: LOCAL,
    now: NOW,
    time: NOW,
    before: nothingPulled(),
    hidden: new Map(),
    ...given,
    files,
    config: { ...configValues(payload), shelvery_min_retention_days: minDays },
    present: present.map((parts) =>
      backup({ place: 'pulled', entity: 'db', name: 'web-2026-01-10-0300-daily', ...parts }),
    ),
    shared: new Map(
      unshared === true
        ? []
        : files.map(({ account, id }) => [
            sharedBackupKey(account, id),
            { ownerId: owner ?? account, encrypted, ...(notForOthers === undefined ? {} : { notForOthers }) },
          ]),
    ),
  });
}
const apart = (of: SharedFile): string =>
  `web-${createHash('md5').update(`${of.account} eu-west-1:${of.id} 2026-01-10-0300`).digest('hex').slice(0, 12)}-2026-01-10-0300-daily`;

describe('planPull', () => {
  it('copies a shared backup under its name', () => {
    expect(pull()).toEqual([{ kind: 'copy', file: FILE, name: 'web-2026-01-10-0300-daily', encrypt: false }]);
  });

  it.each([
    ['finishes one whose copy is available', [{ source: 'eu-west-1:snap-0' }], 'finish', 'snap-1'],
    ['waits for one whose copy is being made', [{ source: 'eu-west-1:snap-0', state: 'pending' }], 'wait', 'snap-1'],
    ['sees that a copy failed', [{ source: 'eu-west-1:snap-0', state: 'failed' }], 'failed', 'snap-1'],
    [
      'takes the available one of several',
      [
        { id: 'a', source: 'eu-west-1:snap-0', state: 'failed' },
        { id: 'b', source: 'eu-west-1:snap-0', state: 'pending' },
        { id: 'c', source: 'eu-west-1:snap-0' },
      ],
      'finish',
      'c',
    ],
    [
      'waits where one failed and one is being made',
      [
        { id: 'a', source: 'eu-west-1:snap-0', state: 'failed' },
        { id: 'b', source: 'eu-west-1:snap-0', state: 'pending' },
      ],
      'wait',
      'b',
    ],
    ["knows the original's copies by account and name", [{}], 'finish', 'snap-1'],
    ['knows them so, whatever else their tags say', [{ type: 'weekly' }], 'finish', 'snap-1'],
    [
      'finishes one whose copy somebody holds',
      [{ source: 'eu-west-1:snap-0', tags: { 'shelvery:hold': 'true' } }],
      'finish',
      'snap-1',
    ],
    [
      'knows a copy under another name by its source',
      [{ source: 'eu-west-1:snap-0', name: 'other' }],
      'finish',
      'snap-1',
    ],
  ] as const)('%s', (_, present, kind, id) => {
    expect(pull({ present })).toMatchObject([{ kind, file: FILE, copy: { id } }]);
  });

  it('copies again, under another name, where somebody holds a copy that failed', () => {
    const held = { source: 'eu-west-1:snap-0', state: 'failed', tags: { 'shelvery:hold': 'true' } } as const;
    expect(pull({ present: [held] })).toMatchObject([{ kind: 'copy', file: FILE, name: apart(FILE) }]);
  });

  describe('where copies failed that the service does not delete', () => {
    const failed = ['a', 'b', 'c'].map((id) => ({ id, source: 'eu-west-1:snap-0', state: 'failed' as const }));
    const pullBeside = (staying: readonly string[], present: readonly BackupParts[] = failed) =>
      pull({ present, before: { ...nothingPulled(), staying: new Set(staying.map((id) => BackupId.parse(id))) } });

    it('copies again beside two of them', () => {
      expect(pullBeside(['a', 'b'], failed.slice(0, 2))).toMatchObject([{ kind: 'copy', name: apart(FILE) }]);
    });

    it('has enough of three, and names them', () => {
      const reason =
        '3 copies of it failed, and the service deletes none of them (a, b, c). Look why, and have AWS Support delete them';
      expect(pullBeside(['a', 'b', 'c'])).toEqual([{ kind: 'misconfigured', file: FILE, reason }]);
    });

    it('has one deleted first of which that is not known yet', () => {
      expect(pullBeside(['a', 'b'])).toMatchObject([{ kind: 'failed', copy: { id: 'c' } }]);
    });

    it('finishes one that was made beside three of them', () => {
      const made = { id: 'd', source: 'eu-west-1:snap-0' };
      expect(pullBeside(['a', 'b', 'c'], [...failed, made])).toMatchObject([{ kind: 'finish', copy: { id: 'd' } }]);
    });
  });

  it.each([
    ['of another source', { source: 'eu-west-1:snap-9' }],
    ['of another account', { account: '333333333333', source: 'eu-west-1:snap-0' }],
    ['that is no pulled copy', { place: 'local' }],
    ['that does not say its source, of another account', { account: '333333333333' }],
  ] as const)('takes no backup for the copy %s; its name is taken, and a hash sets the copy apart', (_, parts) => {
    expect(pull({ present: [parts] })).toMatchObject([{ kind: 'copy', name: apart(FILE) }]);
  });

  it('takes no backup of the same account under another name for the copy', () => {
    expect(pull({ present: [{ name: 'other' }] })).toMatchObject([{ kind: 'copy', name: FILE.document.name }]);
  });

  it('gives two accounts with equal names a copy each, under the same names whenever it is asked', () => {
    const theirs = file('snap-5', FILE.document.name, THIRD_ACCOUNT);
    const decided = pull({ files: [theirs, FILE] });
    expect(decided).toMatchObject([
      { kind: 'copy', file: FILE, name: FILE.document.name },
      { kind: 'copy', file: theirs, name: apart(theirs) },
    ]);
    expect(pull({ files: [FILE, theirs] })).toEqual(decided);
  });

  it('decides in the order of keys about files of one age, whatever order they come in', () => {
    const [first, second] = [file('snap-5', 'a-2026-01-10-0300-daily'), file('snap-6', 'b-2026-01-10-0300-daily')];
    for (const files of [
      [first, second],
      [second, first],
    ])
      expect(pull({ files }).map((decision) => decision.file)).toEqual([first, second]);
  });

  it.each([
    ['a millisecond before', '2026-01-12 03:59:59.999', 'later'],
    ['when', '2026-01-12 04:00', 'hopeless'],
  ])('leaves a file whose backup is not shared, and gives it up %s its hours are over: %#', (_, now, kind) => {
    expect(pull({ unshared: true, now: utc(now) })).toEqual([
      { kind, file: FILE, reason: '222222222222 does not share snap-0 with this account, or it is gone' },
    ]);
  });

  it('leaves a file for good whose backup a setting of our own may hide, and says which', () => {
    const hidden = new Map([[OTHER_ACCOUNT, 'a setting hides it']]);
    expect(pull({ unshared: true, hidden, now: utc('2026-06-12 04:00') })).toEqual([
      {
        kind: 'misconfigured',
        file: FILE,
        reason: '222222222222 does not share snap-0 with this account, or it is gone; or a setting hides it',
      },
    ]);
    expect(pull({ unshared: true, hidden: new Map([[THIRD_ACCOUNT, 'hidden']]) })).toMatchObject([{ kind: 'later' }]);
  });

  it('sets aside what no other account can copy', () => {
    expect(pull({ notForOthers: 'it is sold' })).toEqual([
      { kind: 'unsupported', file: FILE, reason: 'snap-0: it is sold' },
    ]);
  });

  it('gives up a file that names a backup of somebody else', () => {
    expect(pull({ owner: THIRD_ACCOUNT })).toEqual([
      { kind: 'hopeless', file: FILE, reason: 'snap-0 belongs to 333333333333, not to 222222222222' },
    ]);
  });

  it.each([
    [
      'under the configured key',
      { encrypted: true, payload: { shelvery_copy_kms_key_id: MULTI } },
      { encrypt: true, kmsKeyId: MULTI },
    ],
    [
      "as the source's only wish that counts",
      {
        payload: { shelvery_copy_kms_key_id: MULTI },
        files: [file('snap-0', FILE.document.name, OTHER_ACCOUNT, { 'shelvery:config:shelvery_encrypt_copy': 'true' })],
      },
      { encrypt: true, kmsKeyId: MULTI },
    ],
    [
      'under the default key where the service has one, with a warning',
      { encrypted: true, rules: RULES.ebs },
      { encrypt: true, warning: expect.stringContaining('the default key of that region') },
    ],
  ])('encrypts a copy %s', (_, given, expected) => {
    const [decision] = pull(given);
    expect(decision).toMatchObject({ kind: 'copy', ...expected });
    expect(Object.keys(decision ?? {}).sort()).toEqual(['kind', 'file', 'name', ...Object.keys(expected)].sort());
  });

  it.each([
    ['1-A--b--2026-01-10-0300-daily', 'shelvery-1-a-b-2026-01-10-0300-daily'],
    ['web-2026-01-10-0300-daily', 'web-2026-01-10-0300-daily'],
  ])('copies under a name that the service takes: %s', (name, legal) => {
    expect(pull({ files: [file('snap-0', name)] })).toMatchObject([{ kind: 'copy', name: legal }]);
  });

  it('leaves a name as it is where the service has no names', () => {
    const files = [file('snap-0', '1-A--b')];
    expect(pull({ files, rules: RULES.ebs })).toMatchObject([{ name: '1-A--b' }]);
    expect(pull({ files: [file('snap-0', 'a'.repeat(200))], rules: RULES.ec2ami })).toMatchObject([
      { name: expect.stringMatching(/^a{121}-[0-9a-f]{6}$/) },
    ]);
  });

  const again = (key: string, more: Partial<SharedFile> = {}): SharedFile =>
    file('snap-0', key, OTHER_ACCOUNT, {}, { lastModified: utc('2026-01-10 05:00'), ...more });

  it.each([
    ['of databases', RULES.rds],
    ['of volumes', RULES.ebs],
  ])('makes one copy of a source %s, that the oldest file names, and refuses the others', (_, rules) => {
    const before = nothingPulled();
    const later = { kind: 'hopeless', reason: `${FILE.key} names snap-0, too; one copy is made` };
    expect(pull({ rules, before, files: [again('a-second'), FILE, again('another')] })).toMatchObject([
      { kind: 'copy', file: FILE },
      { ...later, file: { document: { name: 'a-second' } } },
      { ...later, file: { document: { name: 'another' } } },
    ]);
    // In the next slice of the run, too.
    expect(pull({ rules, before, files: [again('a-third')] })).toMatchObject([later]);
  });

  it('takes the file that is right where an older one that names the same is wrong', () => {
    const before = nothingPulled();
    expect(pull({ before, owner: THIRD_ACCOUNT })).toMatchObject([{ kind: 'hopeless' }]);
    expect(pull({ before })).toMatchObject([{ kind: 'copy' }]);
  });

  it("does not take a copy under tomorrow's name for tomorrow's backup, where names can be foreseen", () => {
    const tomorrow = again('web-2026-01-11-0300-daily', { createdAt: utc('2026-01-11 03:00') });
    const today = { source: 'eu-west-1:snap-0', name: 'web-2026-01-11-0300-daily' };
    expect(pull({ present: [today], files: [tomorrow] })).toMatchObject([
      { kind: 'copy', name: namesFor(tomorrow, RULES.rds, NOW)[1] },
    ]);
    expect(pull({ present: [today], files: [tomorrow], rules: RULES.ebs })).toMatchObject([
      { kind: 'hopeless', reason: 'snap-0 has been copied as another backup, web-2026-01-11-0300-daily (snap-1)' },
    ]);
    // Both files in one run: two backups.
    expect(pull({ files: [tomorrow, FILE] })).toMatchObject([{ kind: 'copy' }, { kind: 'copy' }]);
  });

  it.each([
    ['of another resource', { entity: 'other' }],
    ['of another retention type', { type: 'yearly' }],
  ])('refuses a file that says otherwise than the copy that is there, %s', (_, parts) => {
    expect(pull({ present: [{ source: 'eu-west-1:snap-0', ...parts }] })).toMatchObject([{ kind: 'hopeless' }]);
  });

  it('gives a copy a name that nobody can foresee where both others are taken', () => {
    const [own, apart2, unforeseen] = namesFor(FILE, RULES.rds, NOW);
    const other = { account: THIRD_ACCOUNT, source: 'eu-west-1:snap-0' };
    const present = [own, apart2].map((name) => ({ ...other, name }));
    expect(pull({ present })).toMatchObject([{ kind: 'copy', name: unforeseen }]);
    expect(namesFor(FILE, RULES.rds, utc('2026-01-13 03:00'))[2]).not.toBe(unforeseen);
  });

  it('makes as many copies of an account as are configured, also over the slices of a run', () => {
    const before = nothingPulled();
    const payload = { shelvery_pull_max_backups: '2' };
    const ids = ['snap-1', 'snap-2', 'snap-3'];
    const files = [...ids.map((id) => file(id, `${id}-daily`)), file('snap-4', 'theirs', THIRD_ACCOUNT)];
    expect(pull({ before, payload, files }).map(({ kind }) => kind)).toEqual(['copy', 'copy', 'capped', 'copy']);
    expect(pull({ before, payload, files: [file('snap-5', 'five')] })).toMatchObject([{ kind: 'capped' }]);
    // What is there already needs no copy.
    const present = [{ source: 'eu-west-1:snap-6', name: 'six' }];
    expect(pull({ before, payload, present, files: [file('snap-6', 'six')] })).toMatchObject([{ kind: 'finish' }]);
  });

  it('decides in the same way about a file whose copy found no place at first, and counts it once', () => {
    const before = nothingPulled();
    const payload = { shelvery_pull_max_backups: '1' };
    const [first] = pull({ before, payload, files: [FILE] });
    expect(pull({ before, payload, files: [FILE] })).toEqual([first]);
    const other = file('snap-9', FILE.document.name, THIRD_ACCOUNT);
    const names = [...pull({ before, payload, files: [other] }), first].flatMap((each) =>
      each?.kind === 'copy' ? [each.name] : [],
    );
    expect(new Set(names).size).toBe(2);
  });

  it("knows a copy by its source and, where names may be used again, the source's minute", () => {
    const copy = backup({ place: 'pulled', source: 'eu-west-1:snap-0' });
    const seconds = again('x', { createdAt: utc('2026-01-10 03:00:42') });
    const minutes = again('x', { createdAt: utc('2026-01-10 03:01') });
    expect([seconds, minutes].map((each) => isCopyOf(copy, each, RULES.rds))).toEqual([true, false]);
    expect([seconds, minutes].map((each) => isCopyOf(copy, each, RULES.ebs))).toEqual([true, true]);
  });

  it('knows which file a copy was made from', () => {
    const made = (parts: BackupParts): boolean =>
      isMadeFrom(
        backup({
          place: 'pulled',
          entity: 'db',
          name: FILE.document.name,
          account: FILE.account,
          source: `${LOCAL}:snap-0`,
          created: '2026-01-10-0300',
          ...parts,
        }),
        FILE,
        RULES.ebs,
      );
    expect([
      made({}),
      made({ source: `${LOCAL}:snap-1` }),
      made({ account: THIRD_ACCOUNT }),
      made({ type: 'yearly' }),
      made({ place: 'local' }),
    ]).toEqual([true, false, false, false, false]);
  });

  it('leaves a file until the configuration is mended that it cannot be copied with', () => {
    expect(pull({ encrypted: true })).toMatchObject([
      { kind: 'misconfigured', reason: expect.stringContaining('set shelvery_copy_kms_key_id') },
    ]);
  });

  describe('where nothing is kept whatever its age', () => {
    const payload = { shelvery_keep_last_backups: 0, shelvery_keep_daily_backups: 1 };
    const keepingOne = { ...payload, shelvery_keep_last_backups: 1 };
    const newer = (parts: BackupParts): Backup =>
      backup({
        place: 'pulled',
        account: FILE.account,
        entity: FILE.document.entity_id,
        created: '2026-01-11-0300',
        tags: { 'shelvery:origin_region': LOCAL },
        ...parts,
      });
    const elsewhere = { 'shelvery:origin_region': 'us-east-1' };

    it('makes none of what newer ones have taken the place of, either', () => {
      expect(pull({ payload: keepingOne, others: [newer({})] })).toEqual([
        {
          kind: 'expired',
          file: FILE,
          reason:
            'a copy of it would be removed at once: it expired here 2026-01-11, and newer ones are the last, by shelvery_keep_last_backups=1',
        },
      ]);
    });

    it('knows by its tags where one was made that was copied before it was shared', () => {
      const tags = { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': 'us-east-1:snap-3' };
      const copied = { ...FILE, document: { ...FILE.document, tags } };
      const given = { payload: keepingOne, files: [copied] };
      expect(pull({ ...given, others: [newer({})] })).toMatchObject([{ kind: 'copy' }]);
      expect(pull({ ...given, others: [newer({ tags: elsewhere })] })).toMatchObject([{ kind: 'expired' }]);
    });

    it('makes no copy that cleaning would remove at once', () => {
      expect(pull({ payload })).toEqual([
        {
          kind: 'expired',
          file: FILE,
          reason: 'a copy of it would be removed at once: it expired here 2026-01-11, and shelvery_keep_last_backups=0',
        },
      ]);
    });

    it('finishes one that is copied already', () => {
      expect(pull({ payload, present: [{ source: 'eu-west-1:snap-0' }] })).toMatchObject([{ kind: 'finish' }]);
    });

    it.each<readonly [string, Given]>([
      ['expires later', { payload: { ...payload, shelvery_keep_daily_backups: 2 } }],
      ['had not expired at the time of the run', { payload, time: utc('2026-01-11 02:59') }],
      ['has a retention type that is not known', { payload, files: [odd('hourly')] }],
      ['would be among the last', { payload: keepingOne }],
      ['is newer than what was pulled', { payload: keepingOne, others: [newer({ created: '2026-01-09-0300' })] }],
      ['is as old as what was pulled', { payload: keepingOne, others: [newer({ created: '2026-01-10-0300' })] }],
      ['would be among the last two', { payload: { ...payload, shelvery_keep_last_backups: 2 }, others: [newer({})] }],
      ['has a newer one that is not complete', { payload: keepingOne, others: [newer({ state: 'pending' })] }],
      ['has a newer one of another resource', { payload: keepingOne, others: [newer({ entity: 'other' })] }],
      ['has a newer one of another account', { payload: keepingOne, others: [newer({ account: THIRD_ACCOUNT })] }],
      ['has a newer one of another region', { payload: keepingOne, others: [newer({ tags: elsewhere })] }],
      ['has a newer one that was made here', { payload: keepingOne, others: [newer({ place: 'local' })] }],
      ['would be too young to be removed', { payload, minDays: 1 }],
    ])('copies one that %s', (_, given) => {
      expect(pull(given)).toMatchObject([{ kind: 'copy' }]);
    });
  });
});

describe('expiredFiles', () => {
  it('are those whose backups have expired by the settings of whoever pulls', () => {
    const young = { ...FILE, createdAt: utc('2026-01-11 03:00') };
    const files = [FILE, young, odd('hourly')];
    const config = configValues({ shelvery_keep_daily_backups: 1 });
    expect(expiredFiles(files, { config, time: utc('2026-01-12 03:00') })).toEqual([FILE]);
    expect(expiredFiles(files, { config, time: utc('2026-01-11 03:00') })).toEqual([]);
  });
});

function odd(retentionType: string): SharedFile {
  return { ...FILE, document: { ...FILE.document, retention_type: retentionType } };
}
