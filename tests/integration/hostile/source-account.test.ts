import { describe, expect, it } from '@jest/globals';
import {
  CopyDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { BUNKER, SOURCE, SOURCE_2, bucketOf, nameOf, tagOf, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { createSystemAccess } from '../harness/system-access.js';
import { ADAPTERS } from '../../../cli/adapters.js';
import { createBackupStore } from '../../../layers/engine/src/aws/s3-store.js';
import { listWaiting } from '../../../layers/engine/src/operations/pull/read-shared-files.js';
import { AccountId, resolveRunConfig } from '@shelvery/engine/terminal';

const estate = useCopyEstate();
const TEN_MINUTES_MS = 600_000;
const MADE = '2026-10-06T03:00:00Z';
const FOLDER = `backups/shared/${BUNKER}/ebs`;
const sharing = { shelvery_share_aws_account_ids: BUNKER };
const one = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };
const both = { account: BUNKER, config: { shelvery_source_aws_account_ids: `${SOURCE} ${SOURCE_2}` } };

/** A backup of an account, shared with the bunker. */
async function share(account: string, name: string, type: 'ebs' | 'rds' = 'ebs'): Promise<void> {
  await estate.resource({ account, type }, name);
  await estate.run('create_backups', { account, type, config: sharing }, { time: MADE });
}

/** The same, and the only file there is for the bunker. */
async function sharedFile(
  name: string,
  type: 'ebs' | 'rds' = 'ebs',
): Promise<{ readonly key: string; readonly text: string }> {
  await share(SOURCE, name, type);
  const files = Object.entries(await estate.files(SOURCE));
  const [key = '', text = ''] = files.find(([each]) => each.startsWith(`backups/shared/${BUNKER}/${type}/`)) ?? [];
  return { key, text };
}
const pulled = async (type: 'ebs' | 'rds' = 'ebs') => await estate.backups({ ...both, type });
const filesIn = async (folder: string, account = SOURCE): Promise<readonly string[]> =>
  Object.keys(await estate.files(account)).filter((key) => key.startsWith(folder));
/** The same without reading them. */
const countIn = async (prefix: string): Promise<number> => {
  const client = new S3Client(estate.emulator().clientConfig(SOURCE));
  let count = 0;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucketOf(SOURCE), Prefix: prefix }))
    count += page.Contents?.length ?? 0;
  return count;
};
const many = (count: number, name: (index: number) => string, body: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${FOLDER}/${name(index)}.yaml`, body]));

describe('a source account in enemy hands', () => {
  it('puts six files of 256 KB there that the parser keeps an error a token of, and twenty slow ones', async () => {
    await share(SOURCE, 'mine');
    await share(SOURCE_2, 'theirs');
    await estate.emulator().seedObjects(
      bucketOf(SOURCE),
      many(6, (at) => `big-${String(at)}`, `a: ${']'.repeat(256 * 1024 - 3)}`),
      SOURCE,
    );
    await estate.emulator().seedObjects(
      bucketOf(SOURCE),
      many(20, (at) => `slow-${String(at)}`, `a: ${']'.repeat(64 * 1024 - 3)}`),
      SOURCE,
    );
    await estate.emulator().clearCalls();
    const { outcomes } = await estate.run('pull_shared_backups', both);
    expect(await pulled()).toHaveLength(2);
    const said = reasons(outcomes);
    expect(said.filter((text) => text.includes('it has 262144 bytes; at most 65536 are allowed'))).toHaveLength(6);
    expect(said.filter((text) => text.includes('it has more than 10000 tokens of YAML'))).toHaveLength(20);
    expect(said).toHaveLength(26);
    expect(await filesIn(`${FOLDER}/`)).toEqual([]);
    // What is too large by the list is not read to be judged, but once to be moved, and no further than is allowed.
    const reads = (await estate.emulator().calls({ account: BUNKER, service: 's3' })).filter(
      ({ action, parameters }) => action === 'GetObject' && JSON.stringify(parameters).includes('/big-'),
    );
    expect(reads).toHaveLength(6);
  });

  it("puts 1,000 files there that can never be pulled, and keeps neither its own newer backups nor another's", async () => {
    await estate.run('create_data_buckets', { config: sharing });
    const junk = many(1_000, (at) => `junk ${String(at)}`, 'junk');
    await estate.emulator().seedObjects(bucketOf(SOURCE), junk, SOURCE);
    await estate.clock().advance(60_000);
    await share(SOURCE, 'mine');
    await share(SOURCE_2, 'theirs');
    const site = estate.install(both);
    let asked = 0;
    // Time is up soon after the first slice has been read.
    const remaining = (): number => (asked++ < 220 ? 900_000 : 20_000);
    await lambdaFunction(site)({ action: 'pull_shared_backups' }, { remaining });
    expect((await pulled()).map((found) => nameOf(found).replace(/-.*/, ''))).toEqual(['mine', 'theirs']);
    const left = await countIn(`${FOLDER}/junk`);
    expect(left).toBeGreaterThan(900);
    const [handedOver] = (await estate.emulator().takeInvocations()).filter(({ payload }) =>
      JSON.stringify(payload).includes('HandOver'),
    );
    expect(handedOver).toBeDefined();
    // The next goes on with what is left.
    asked = 0;
    await lambdaFunction(site)(handedOver?.payload, { remaining });
    expect(await countIn(`${FOLDER}/junk`)).toBeLessThan(left);
  });

  it('puts a file there whose name XML cannot carry: it is set aside once, and the next pull succeeds', async () => {
    await share(SOURCE, 'mine');
    await estate.putFile(SOURCE, `${FOLDER}/weird\u001B[31mname.yaml`, 'x');
    const first = await estate.run('pull_shared_backups', one);
    expect(first.report.summary).toMatchObject({ collected: 2, failed: 1 });
    expect(await pulled()).toHaveLength(1);
    expect(await filesIn(`${FOLDER}/`)).toEqual([]);
    const second = await estate.run('pull_shared_backups', one);
    expect(second.report).toMatchObject({ status: 'OK', summary: { collected: 0 } });
  });

  it('hands over no more where nothing came further: files that wait are the same the next time', async () => {
    const { text, key } = await sharedFile('mine');
    const name = key.slice(FOLDER.length + 1, -'.yaml'.length);
    const { id } = await estate.only({});
    await estate.deleteFile(SOURCE, key);
    const waiting = Array.from({ length: 6 }, (_, index) => {
      const other = `waits-${String(index)}`;
      const unshared = `snap-0000000000000000${String(index)}`;
      return [`${FOLDER}/${other}.yaml`, text.replaceAll(name, other).replaceAll(id, unshared)] as const;
    });
    await estate.emulator().seedObjects(bucketOf(SOURCE), Object.fromEntries(waiting), SOURCE);
    const site = estate.install({ ...both, config: { shelvery_source_aws_account_ids: SOURCE } });
    let asked = 0;
    const remaining = (): number => (asked++ < 4 ? 900_000 : 20_000);
    await lambdaFunction(site)({ action: 'pull_shared_backups' }, { remaining });
    const [handedOver] = await estate.emulator().takeInvocations();
    expect(JSON.stringify(handedOver?.payload)).toContain('HandOver');
    asked = 0;
    await expect(lambdaFunction(site)(handedOver?.payload, { remaining })).rejects.toThrow(
      'this invocation began none of them: the run stops here',
    );
    expect(await estate.emulator().takeInvocations()).toEqual([]);
  });

  it('makes a copy under the name of a later backup, and the later backup is pulled all the same', async () => {
    const type = 'rds';
    const retention = { shelvery_custom_retention_types: 'backup:864000' };
    const config = { shelvery_source_aws_account_ids: SOURCE, ...retention };
    const { key, text } = await sharedFile('orders', type);
    const [real] = await estate.backups({ type });
    const name = nameOf(real ?? (await Promise.reject(new Error('No backup.'))));
    // Ten minutes stand for a day: the emulator's buckets tell the machine's time.
    const later = new Date(estate.clock().now().getTime() + TEN_MINUTES_MS).toISOString().slice(0, 16);
    const minute = later.replace('T', '-').replace(':', '');
    const bomb = `${name.slice(0, name.indexOf('2026-10-06'))}${minute}-backup`;
    const rds = new RDSClient(estate.emulator().clientConfig(SOURCE));
    await rds.send(new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: name, TargetDBSnapshotIdentifier: bomb }));
    await rds.send(
      new ModifyDBSnapshotAttributeCommand({
        DBSnapshotIdentifier: bomb,
        AttributeName: 'restore',
        ValuesToAdd: [BUNKER],
      }),
    );
    await estate.putFile(SOURCE, key.replace(name, bomb), text.replaceAll(name, bomb));
    await estate.run('pull_shared_backups', { ...both, type, config });
    expect((await pulled(type)).map(nameOf)).toEqual([name, bomb]);

    await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: bomb }));
    await estate.clock().advance(TEN_MINUTES_MS);
    await estate.run(
      'create_backups',
      { type, config: { ...sharing, ...retention, shelvery_current_retention_type: 'backup' } },
      { time: `${later}:00Z` },
    );
    const { outcomes } = await estate.run('pull_shared_backups', { ...both, type, config });
    expect(reasons(outcomes)).toEqual([]);
    const ofLater = (await pulled(type)).filter((found) => tagOf(found, 'date_created') === minute);
    expect(ofLater.map((found) => tagOf(found, 'src_backup'))).toEqual([`eu-west-1:${bomb}`]);
    // Cleaning takes neither for a copy of the other; at this time nothing has expired.
    await estate.run('clean_backups', { ...both, type, config }, { time: '2026-10-07T03:00:00Z' });
    expect(await pulled(type)).toHaveLength(3);
  });

  it('names one snapshot in 40 files: one copy, and 39 refusals', async () => {
    const { key, text } = await sharedFile('mine');
    const name = key.slice(FOLDER.length + 1, -'.yaml'.length);
    for (let at = 1; at < 40; at += 1) {
      const other = `a${String(at)}`;
      await estate.putFile(SOURCE, `${FOLDER}/${other}.yaml`, text.replaceAll(name, other));
    }
    const { outcomes } = await estate.run('pull_shared_backups', both);
    const [copy] = await pulled();
    expect(await pulled()).toHaveLength(1);
    expect(reasons(outcomes).filter((said) => said.includes('one copy is made'))).toHaveLength(39);
    expect(await filesIn(`${FOLDER}-failed/`)).toHaveLength(39);
    // One that comes later is refused, too.
    await estate.putFile(SOURCE, `${FOLDER}/late.yaml`, text.replaceAll(name, 'late').replaceAll('daily', 'yearly'));
    const late = await estate.run('pull_shared_backups', one);
    expect(reasons(late.outcomes)).toEqual([
      expect.stringContaining(`has been copied as another backup, ${copy === undefined ? '' : nameOf(copy)}`),
    ]);
    expect(await pulled()).toHaveLength(1);
  });

  it.each([
    ['a resource with control characters', /^(entity_id:|.*"shelvery:entity_id":) .*$/gm, '$1 "vol-1\\u001b[2J"'],
    ['a resource that is none', /^(entity_id:|.*"shelvery:entity_id":) .*$/gm, '$1 "invented-7"'],
    ['a retention type that the bunker does not know', /"daily"/g, '"for-ever"'],
  ])('invents %s: nothing is copied', async (_, from, to) => {
    const { key, text } = await sharedFile('mine');
    await estate.putFile(SOURCE, key, text.replace(from, to));
    const { outcomes } = await estate.run('pull_shared_backups', {
      ...both,
      config: { shelvery_source_aws_account_ids: SOURCE },
    });
    expect(inShort(outcomes).filter((line) => line.includes('PullSharedBackup'))).toEqual([
      'PullSharedBackup failed MetadataRefused',
    ]);
    expect(reasons(outcomes).join()).not.toMatch(/\p{Cc}/u);
    expect(await pulled()).toEqual([]);
  });

  it('may name a custom retention type that the bunker knows', async () => {
    const { key, text } = await sharedFile('mine');
    await estate.putFile(SOURCE, key, text.replace(/"daily"/g, '"quarterly"'));
    const config = { ...both.config, shelvery_custom_retention_types: 'quarterly:7776000' };
    await estate.run('pull_shared_backups', { ...both, config });
    expect((await pulled()).map((found) => tagOf(found, 'retention_type'))).toEqual(['quarterly']);
  });

  it('has at most shelvery_pull_max_backups copies made in a run, and the rest by the next', async () => {
    for (const name of ['a', 'b', 'c']) await estate.resource({}, name);
    await share(SOURCE, 'd');
    await share(SOURCE_2, 'theirs');
    const config = { ...both.config, shelvery_pull_max_backups: '2' };
    await estate.run('pull_shared_backups', { ...both, config });
    expect((await pulled()).map((found) => tagOf(found, 'src_account')).sort()).toEqual([SOURCE, SOURCE, SOURCE_2]);
    expect(await filesIn(`${FOLDER}/`)).toHaveLength(2);
    await estate.run('pull_shared_backups', { ...both, config });
    expect(await pulled()).toHaveLength(5);
    expect(await filesIn(`${FOLDER}/`)).toEqual([]);
  });

  it('has no more copies made where the run is handed over from invocation to invocation', async () => {
    for (const name of ['a', 'b', 'c']) await estate.resource({}, name);
    await share(SOURCE, 'd');
    const config = { shelvery_source_aws_account_ids: SOURCE, shelvery_pull_max_backups: '2' };
    const site = estate.install({ ...both, config });
    // Time is up when four files have been read and one copy is begun.
    let asked = 0;
    await lambdaFunction(site)(
      { action: 'pull_shared_backups' },
      { remaining: () => (asked++ < 7 ? 900_000 : 20_000) },
    );
    expect(await pulled()).toHaveLength(1);
    const [handedOver] = (await estate.emulator().takeInvocations()).filter(({ payload }) =>
      JSON.stringify(payload).includes('HandOver'),
    );
    await lambdaFunction(site)(handedOver?.payload);
    expect(await pulled()).toHaveLength(2);
  });

  it(
    'puts more files there than a list looks at: the first 20,000 are, and a warning tells of the others',
    async () => {
      await estate.run('create_data_buckets', { config: sharing });
      await estate.emulator().seedObjects(
        bucketOf(SOURCE),
        many(20_001, (at) => `f${String(at).padStart(5, '0')}`, 'x'),
        SOURCE,
      );
      const access = createSystemAccess(estate.install(both));
      const warnings: unknown[] = [];
      const none = (): void => undefined;
      const waiting = await listWaiting(
        {
          home: access.home,
          inStack: false,
          config: resolveRunConfig({ environment: both.config }),
          adapter: ADAPTERS.ebs({ access, prefix: 'shelvery' }),
          store: createBackupStore(access, 'shelvery.data.{account_id}-{region}.base2tools'),
          report: none,
          log: { info: none, error: none, warn: (...line: readonly unknown[]) => warnings.push(line) },
        },
        [AccountId.parse(SOURCE)],
      );
      expect(waiting).toHaveLength(20_000);
      expect(warnings).toEqual([
        ['SHELVERY_SHARED_LIST_CUT', expect.stringContaining('More than 20000 files wait'), { account: SOURCE }],
      ]);
    },
    TEN_MINUTES_MS,
  );

  it('puts tags of another installation there, and tags that the bunker excludes: neither comes along', async () => {
    const { key, text } = await sharedFile('mine');
    const holds = ['acme:hold', 'Shelvery:Legal_Hold', 'shelvery:hodl', 'shelvery: hold'];
    const lines = [...holds, 'acme:entity_id', 'other:config:role_arn', 'access:admin', 'Team'].map(
      (tag) => `  "${tag}": "x"\n`,
    );
    await estate.putFile(SOURCE, key, text + lines.join(''));
    const config = { ...both.config, shelvery_exluded_resource_tag_keys: 'access:*' };
    const { outcomes } = await estate.run('pull_shared_backups', { ...both, config });
    const [copy] = await pulled();
    const keys = Object.keys(copy?.tags ?? {}).filter((tag) => !tag.startsWith('shelvery:'));
    expect(keys.sort()).toEqual(['Name', 'ResourceName', 'Team']);
    // Told once, when it is done.
    expect(inShort(outcomes).filter((line) => line.startsWith('PullSharedBackup '))).toEqual(['PullSharedBackup ok']);
    expect(copy?.tags['shelvery:origin_region']).toBe('eu-west-1');
  });
});
