import { describe, expect, it } from '@jest/globals';
import { BUNKER, HOME, SOURCE, SOURCE_2, useCopyEstate } from '../harness/copy-estate.js';
import { reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const FOLDER = `backups/shared/${BUNKER}/ebs`;
const bunker = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };
const sharing = { config: { shelvery_share_aws_account_ids: BUNKER } };

/** A good file, and a good backup beside it, which has to arrive whatever becomes of the file. */
async function goodFile(): Promise<{ readonly key: string; readonly text: string }> {
  await estate.resource({}, 'first');
  await estate.run('create_backups', sharing, { time: MADE });
  const [[key, text] = []] = Object.entries(await estate.files(SOURCE)).filter(([each]) => each.startsWith(FOLDER));
  if (key === undefined || text === undefined) throw new Error('Nothing was shared.');
  return { key, text };
}

type Change = (text: string) => string;
const replacing =
  (from: string | RegExp, to: string): Change =>
  (text) =>
    text.replaceAll(from, to);
const bomb = (): string => {
  const levels = Array.from(
    { length: 9 },
    (_, at) =>
      `a${String(at + 1)}: &a${String(at + 1)} [${Array.from({ length: 10 }, () => `*a${String(at)}`).join(', ')}]`,
  );
  return ['a0: &a0 lol', ...levels].join('\n');
};

const HOSTILE: readonly (readonly [string, Change, RegExp])[] = [
  ['a Python object that is no backup', () => '!!python/object/apply:os.system ["rm -rf /"]\n', /tag/i],
  [
    'a Python object within a backup',
    replacing(/^kms_key_id.*|^encrypted.*/gm, 'encrypted: !!python/object/apply:os.system ["true"]'),
    /tag/i,
  ],
  ['aliases by the million', () => bomb(), /nodes|alias|10000|10,000/i],
  ['10 MB', (text) => `${text}# ${'x'.repeat(10 * 1024 * 1024)}\n`, /bytes; at most 65536/],
  [
    'another account',
    replacing(SOURCE, SOURCE_2),
    /account_id is "333333333333", but its bucket belongs to the account "111111111111"/,
  ],
  ['another region', replacing(HOME, 'us-east-1'), /region is "us-east-1"/],
  ['a name that leads elsewhere', replacing(/^name: .*$/gm, 'name: "../../../222222222222/ebs/x"'), /name/],
  ['a name other than its key', replacing(/^name: .*$/gm, 'name: "another"'), /its key says/],
  ['an id that is none', replacing(/^backup_id: .*$/gm, 'backup_id: "vol-0123456789abcdef0"'), /a snapshot id, snap-/],
  ['a date later than the file', replacing(/2026-10-06/g, '2036-10-06'), /later than the file itself|its key says/],
  [
    'tags that say something else',
    replacing(/"shelvery:retention_type": .*/g, '"shelvery:retention_type": "yearly"'),
    /retention_type/,
  ],
  ['no YAML at all', () => '\u0000\u0001{{{', /not a mapping of fields/],
];

describe('a hostile shared file', () => {
  it('is refused, reported and set aside; nothing is called for it, and the good one beside it arrives', async () => {
    const { key, text } = await goodFile();
    const { id, name } = await estate.only({});
    const bad = new Map<string, RegExp>();
    for (const [at, [, change, problem]] of HOSTILE.entries()) {
      const other = `bad-${String(at)}`;
      bad.set(`${FOLDER}/${other}.yaml`, problem);
      await estate.putFile(
        SOURCE,
        `${FOLDER}/${other}.yaml`,
        change(text.replaceAll(name, other).replaceAll(id, 'snap-00000000000000bad')),
      );
    }
    for (const other of ['a b', '..%2f..%2fevil', 'évil', '.hidden']) {
      bad.set(`${FOLDER}/${other}.yaml`, /its key is not <name>\.yaml/);
      await estate.putFile(SOURCE, `${FOLDER}/${other}.yaml`, text);
    }
    await estate.emulator().clearCalls();
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    const refused = new Map(
      outcomes.flatMap((outcome) =>
        outcome.status === 'failed' ? [[outcome.backupS3Location ?? '', outcome.error]] : [],
      ),
    );
    expect([...refused.keys()].sort()).toEqual([...bad.keys()].sort());
    for (const [each, problem] of bad)
      expect(refused.get(each)).toMatchObject({ code: 'MetadataRefused', message: expect.stringMatching(problem) });
    const calls = await estate.emulator().calls({ account: BUNKER, service: 'ec2' });
    expect(calls.filter(({ parameters }) => JSON.stringify(parameters).includes('snap-00000000000000bad'))).toEqual([]);
    expect(calls.filter(({ action }) => action === 'CopySnapshot')).toHaveLength(1);
    expect((await estate.only(bunker)).name).toBe(name);

    const files = Object.entries(await estate.files(SOURCE)).filter(([each]) => each.startsWith('backups/shared/'));
    expect(files.filter(([each]) => !each.includes('/ebs-failed/')).map(([each]) => each)).toEqual([
      key.replace('/ebs/', '/ebs-processed/'),
    ]);
    expect(files.filter(([each]) => each.includes('/ebs-failed/'))).toHaveLength(bad.size);
    for (const [each, body] of files)
      if (each.includes('-failed/'))
        expect([each, body]).toEqual([
          expect.stringMatching(/\/ebs-failed\/[A-Za-z0-9-]+\.yaml$/),
          expect.stringMatching(/^# /),
        ]);
    // Once: the next pull has nothing to do.
    expect((await estate.run('pull_shared_backups', bunker)).outcomes).toEqual([]);
  });

  it("that names somebody else's snapshot is refused, with what was in it", async () => {
    const { key, text } = await goodFile();
    await estate.resource({ account: SOURCE_2 }, 'theirs');
    await estate.run('create_backups', { account: SOURCE_2, ...sharing }, { time: MADE });
    const theirs = await estate.only({ account: SOURCE_2 });
    const ours = await estate.only({});
    await estate.putFile(SOURCE, key, text.replaceAll(ours.id, theirs.id));
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    expect(reasons(outcomes)).toEqual([
      expect.stringContaining(`${theirs.id} belongs to ${SOURCE_2}, not to ${SOURCE}`),
    ]);
    expect(await estate.backups(bunker)).toEqual([]);
    expect((await estate.files(SOURCE))[key.replace('/ebs/', '/ebs-failed/')]).toContain(theirs.id);
  });

  it('gives the copy no configuration, no hold, and no say in how long it is kept', async () => {
    const { key, text } = await goodFile();
    const evil = {
      'shelvery:config:shelvery_keep_daily_backups': '9999',
      'shelvery:hold': 'true',
      'shelvery:create_backup': 'true',
      'shelvery:config:role_arn': 'x',
    };
    await estate.putFile(
      SOURCE,
      key,
      `${text}${Object.entries(evil)
        .map(([tag, value]) => `  "${tag}": "${value}"\n`)
        .join('')}`,
    );
    await estate.run('pull_shared_backups', bunker);
    expect(Object.keys((await estate.only(bunker)).found.tags)).toEqual(expect.not.arrayContaining(Object.keys(evil)));
    const config = { ...bunker.config, shelvery_keep_last_backups: '0', shelvery_keep_daily_backups: '3' };
    await estate.run('clean_backups', { ...bunker, config });
    expect(await estate.backups(bunker)).toEqual([]);
  });
});

describe("a file of Python Shelvery's", () => {
  it('is read as plain data, and its backup pulled', async () => {
    const { key, text } = await goodFile();
    const { id, name, entityId } = await estate.only({});
    const tags = text.slice(text.indexOf('tags:'));
    const python = [
      '!!python/object:shelvery.backup_resource.BackupResource',
      `_BackupResource__region: ${HOME}`,
      `account_id: '${SOURCE}'`,
      `backup_id: ${id}`,
      'date_created: 2026-10-06 03:00:00',
      `entity_id: ${entityId}`,
      'entity_resource: !!python/object:shelvery.entity_resource.EntityResource',
      '  date_created: &id001 2026-10-06 03:00:00',
      `  resource_id: ${entityId}`,
      'expire_date: *id001',
      `name: ${name}`,
      'retention_type: daily',
      tags,
    ].join('\n');
    await estate.putFile(SOURCE, key, python);
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    expect(reasons(outcomes)).toEqual([]);
    expect(await estate.only(bunker)).toMatchObject({
      name,
      entityId,
      createdAt: new Date(MADE),
      source: `${HOME}:${id}`,
    });
    expect((await estate.files(SOURCE))[key.replace('/ebs/', '/ebs-processed/')]).toBe(python);
  });
});
