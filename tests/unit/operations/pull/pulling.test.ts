import { describe, expect, it } from '@jest/globals';
import type { AccountId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupId } from '../../../../layers/engine/src/domain/values.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { backupPlace } from '../../../simulation/world/world.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { VOLUME, idOf, keyOf, nameOf, ofFile, ofShared, openBunker, setAside } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import type { Told } from '../memory-estate.js';
import { only } from '../one-of.js';
import { keepingMessages, withAdapter } from '../other-parts.js';

const NAME = nameOf(VOLUME);
const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);

/** What is told of a copy that is complete: its own metadata is stored, and the source's file moved. */
function completed(copy: BackupId, source: BackupId): readonly Told[] {
  const { operation: _, sourceAccount: __, ...backup } = ofShared(VOLUME);
  return [
    {
      ...backup,
      operation: 'StoreBackupData',
      backupId: copy,
      bucket: BUCKET,
      backupS3Location: `backups/ebs/${NAME}.yaml`,
      status: 'ok',
    },
    {
      ...ofShared(VOLUME),
      backupId: copy,
      newS3Location: keyOf(NAME, 'ebs-processed'),
      status: 'ok',
      message: `copied from ${source}`,
    },
  ];
}

describe('pulling', () => {
  it('copies what another account shares, with tags of our own, and moves its file once the copy is stored', async () => {
    const bunker = await openBunker();
    const [source] = await bunker.share([VOLUME]);
    await bunker.pass(1);
    const { told, said, calls, report, plan, unfinished } = await bunker.pull();
    const [copy] = bunker.backups();
    expect(told).toEqual(completed(idOf(copy), idOf(source)));
    expect(said).toEqual([
      [
        'SHELVERY_PULL_BEGUN',
        `${NAME} of ${OTHER_ACCOUNT} is being copied from ${source?.id} to ${copy?.id}`,
        { backupId: copy?.id, backupName: NAME, sourceAccount: OTHER_ACCOUNT, region: LOCAL },
      ],
    ]);
    expect(calls).toEqual([
      `s3:list ${LOCAL} backups/shared/${OWN_ACCOUNT}/ebs/`,
      `s3:getLocation ${LOCAL} ${BUCKET}`,
      `s3:getPolicy ${LOCAL}`,
      `s3:get ${LOCAL} ${keyOf(NAME)}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:findShared ${LOCAL}`,
      `ebs:copyShared ${LOCAL} ${source?.id}`,
      `ebs:describeBackups ${LOCAL}`,
      `s3:put ${LOCAL} backups/ebs/${NAME}.yaml`,
      `s3:get ${LOCAL} ${keyOf(NAME)}`,
      `s3:put ${LOCAL} ${keyOf(NAME, 'ebs-processed')}`,
      `s3:delete ${LOCAL} ${keyOf(NAME)}`,
    ]);
    expect(report.summary).toMatchObject({ collected: 1, succeeded: 2, unfinished: 0 });
    expect([plan, unfinished]).toEqual([undefined, []]);
    expect(copy?.tags).toEqual({
      Name: NAME,
      'shelvery:tag_name': 'shelvery',
      'shelvery:date_created': '2026-11-24-0301',
      'shelvery:src_account': OTHER_ACCOUNT,
      'shelvery:name': NAME,
      'shelvery:region': LOCAL,
      'shelvery:retention_type': 'daily',
      'shelvery:entity_id': VOLUME,
      'shelvery:backup': 'true',
      'shelvery:dr_copy': 'false',
      'shelvery:cross_account_copy': 'true',
      'shelvery:dst_account': OWN_ACCOUNT,
      'shelvery:src_region': LOCAL,
      'shelvery:date_copied': '2026-11-24-0401',
      'shelvery:src_backup': `${LOCAL}:${source?.id}`,
      'shelvery:origin_region': LOCAL,
    });
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`]);
    expect(bunker.keys()).toEqual([`backups/ebs/${NAME}.yaml`]);

    const again = await bunker.pull();
    expect([again.told, again.said]).toEqual([[], []]);
    expect(again.calls).toEqual([`s3:list ${LOCAL} backups/shared/${OWN_ACCOUNT}/ebs/`]);
    expect(bunker.backups()).toEqual([copy]);
  });

  it.each<readonly [string, object, readonly (readonly [string, string])[]]>([
    [
      'what to set where nothing is',
      { shelvery_source_aws_account_ids: '' },
      [
        [
          'SHELVERY_NOTHING_MARKED',
          'Nothing was pulled: set shelvery_source_aws_account_ids to the accounts to pull from.',
        ],
      ],
    ],
    [
      'that our own account is left out',
      { shelvery_source_aws_account_ids: OWN_ACCOUNT },
      [
        [
          'SHELVERY_CONFIG_WARNING',
          `shelvery_source_aws_account_ids names ${OWN_ACCOUNT}, which is this account; it is left out.`,
        ],
        [
          'SHELVERY_NOTHING_MARKED',
          'Nothing was pulled: shelvery_source_aws_account_ids names no other account than this one.',
        ],
      ],
    ],
  ])('says %s where there is nobody to pull from', async (_, set, warnings) => {
    const bunker = await openBunker();
    const settings = { ...set };
    const { told, said, calls, report, plan } = await bunker.pull({ settings });
    expect([told, calls, plan]).toEqual([[], [], undefined]);
    expect(said).toEqual(warnings);
    expect(report.summary).toMatchObject({ collected: 0, unfinished: 0 });
    expect((await bunker.pull({ settings, dryRun: true })).plan).toEqual([]);
  });

  it('pulls from the other accounts where our own is named among them', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const { told } = await bunker.pull({
      settings: { shelvery_source_aws_account_ids: `${OWN_ACCOUNT} ${OTHER_ACCOUNT}` },
    });
    expect(told.map(({ operation, status }) => [operation, status])).toEqual([
      ['StoreBackupData', 'ok'],
      ['PullSharedBackup', 'ok'],
    ]);
  });

  it('says of a service whose backups can only be shared that they cannot be copied', async () => {
    const bunker = await openBunker('redshift');
    const { told, said, calls, plan } = await bunker.pull();
    expect(told).toEqual([
      {
        operation: 'PullSharedBackup',
        status: 'ignored',
        reason: 'Redshift cluster backups cannot be copied from another account; they can only be shared',
      },
    ]);
    expect([said, calls, plan]).toEqual([[], [], undefined]);
    expect((await bunker.pull({ dryRun: true })).plan).toEqual([]);
  });

  it.each(['copyShared', 'findShared'] as const)('says the same where there is no %s', async (missing) => {
    const bunker = await openBunker();
    const { told, calls } = await bunker.pull({
      parts: ({ adapter }) => {
        const { [missing]: _, ...others } = adapter;
        return { adapter: others };
      },
    });
    expect(told.map(({ status, reason }) => [status, reason])).toEqual([
      ['ignored', 'EBS volume backups cannot be copied from another account; they can only be shared'],
    ]);
    expect(calls).toEqual([]);
  });

  it('makes the bucket for the metadata of copies, or lets further accounts in, before it reads anything', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    bunker.world.buckets.delete(BUCKET);
    const readers = (): string => bunker.world.buckets.get(BUCKET)?.policy ?? '';
    const made = await bunker.pull({ settings: { shelvery_share_aws_account_ids: THIRD_ACCOUNT } });
    expect(made.told.slice(0, 1)).toEqual([
      { operation: 'CreateDataBucket', bucket: BUCKET, region: LOCAL, status: 'ok', message: 'bucket, policy' },
    ]);
    expect(made.calls.slice(0, 3)).toEqual([
      `s3:list ${LOCAL} backups/shared/${OWN_ACCOUNT}/ebs/`,
      `s3:getLocation ${LOCAL} ${BUCKET}`,
      `s3:create ${LOCAL} ${BUCKET}`,
    ]);
    expect(readers()).toContain(THIRD_ACCOUNT);

    await bunker.pass(24);
    await bunker.share([VOLUME]);
    await bunker.pull();
    expect(readers()).toContain(THIRD_ACCOUNT);
  });
});

describe('pulling once more', () => {
  it('stores a copy whose metadata could not be stored, and moves its file', async () => {
    const bunker = await openBunker();
    const [source] = await bunker.share([VOLUME]);
    bunker.strike('s3:put', { refuse: 'AccessDenied' });
    const first = await bunker.pull();
    expect(first.told.map(({ operation, status }) => [operation, status])).toEqual([['StoreBackupData', 'failed']]);
    const [copy] = bunker.backups();
    expect(bunker.files()).toEqual([`ebs/${NAME}.yaml`]);

    const dry = await bunker.pull({ dryRun: true });
    expect(dry.plan).toEqual([
      {
        what: 'found',
        subject: source?.id,
        name: NAME,
        reason: `already copied (${copy?.id}); its file is moved`,
        region: LOCAL,
      },
    ]);
    expect([dry.told, bunker.files()]).toEqual([[], [`ebs/${NAME}.yaml`]]);

    const { told, said } = await bunker.pull();
    expect(told).toEqual(completed(idOf(copy), idOf(source)));
    expect(said).toEqual([]);
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`]);
    expect(bunker.backups()).toEqual([copy]);
  });

  it('knows a copy that the original made by its name, and moves its file', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    await bunker.pull({ parts: keepingMessages() });
    const copy = only(bunker.backups());
    const { 'shelvery:src_backup': _, ...tags } = copy.tags;
    bunker.change(copy, { tags, description: '' });
    const { told } = await bunker.pull();
    expect(told.map(({ operation, status, message }) => [operation, status, message])).toEqual([
      ['StoreBackupData', 'ok', undefined],
      ['PullSharedBackup', 'ok', `copied from ${NAME}`],
    ]);
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`]);
  });

  it('pulls no backup that would be removed at once, as newer ones of its resource are there', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const text = bunker.text(`ebs/${NAME}.yaml`);
    await bunker.pull();
    bunker.world.backups.delete(backupPlace(only(bunker.backups())));
    await bunker.pass(24 * 20);
    await bunker.share([VOLUME]);
    await bunker.pull();

    bunker.put(`ebs/${NAME}.yaml`, text);
    const { told } = await bunker.pull();
    expect(told).toEqual([
      {
        ...ofFile(NAME),
        newS3Location: keyOf(NAME, 'ebs-failed'),
        status: 'ignored',
        reason:
          `${keyOf(NAME)} was set aside: a copy of it would be removed at once: it expired here 2026-12-08, and newer ones are ` +
          'the last, by shelvery_keep_last_backups=1.',
      },
    ]);
    expect(bunker.backups()).toHaveLength(1);
  });

  it('pulls it where it is the only one', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    await bunker.pass(24 * 20);
    const { told } = await bunker.pull();
    expect(told.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });
});

describe('what pulling asks', () => {
  it('is which copies there are of what the files name, and what is shared of it', async () => {
    const bunker = await openBunker('rds');
    const name = nameOf('orders');
    const [source] = await bunker.share(['orders']);
    bunker.put('rds/some.yaml', 'x: 1\n');
    const looks: unknown[] = [];
    await bunker.pull({
      dryRun: true,
      parts: withAdapter((adapter) => ({
        findByTags: async (...asked) => {
          looks.push(asked);
          return await adapter.findByTags(...asked);
        },
        findShared: async (sources) => {
          looks.push(sources);
          return (await adapter.findShared?.(sources)) ?? [];
        },
      })),
    });
    expect(looks).toEqual([
      [LOCAL, 'shelvery:src_backup', [`${LOCAL}:${source?.id}`]],
      [LOCAL, 'shelvery:name', [name, expect.stringMatching(/^orders-[0-9a-f]{12}-2026-11-24-0301-daily$/)]],
      [{ account: OTHER_ACCOUNT, id: source?.id }],
    ]);
  });

  it('is nothing where no file can be read', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/some.yaml', 'x: 1\n');
    const unasked = (): Promise<never> => Promise.reject(new Error('There is nothing to ask for.'));
    const { told } = await bunker.pull({
      parts: withAdapter(() => ({ findByTags: unasked, findShared: unasked })),
    });
    expect(told).toEqual([setAside('some', 'schema_version is missing.')]);
  });

  it('is what may hide backups only of accounts of which some are not seen', async () => {
    const bunker = await openBunker();
    await bunker.run('create_data_buckets', {
      account: THIRD_ACCOUNT,
      settings: { shelvery_share_aws_account_ids: OWN_ACCOUNT },
    });
    const unseen = only(await bunker.share([VOLUME]));
    await bunker.share([VOLUME], { account: THIRD_ACCOUNT });
    bunker.change(unseen, { sharedWith: [] });
    const accounts: AccountId[] = [];
    const { plan } = await bunker.pull({
      dryRun: true,
      settings: { shelvery_source_aws_account_ids: `${OTHER_ACCOUNT} ${THIRD_ACCOUNT}` },
      parts: withAdapter(() => ({
        whyUnseen: (account) => {
          accounts.push(account);
          return Promise.resolve(undefined);
        },
      })),
    });
    expect(accounts).toEqual([OTHER_ACCOUNT]);
    expect(plan?.map(({ what, reason }) => [what, reason])).toEqual([
      ['skip', `${OTHER_ACCOUNT} does not share ${unseen.id} with this account, or it is gone`],
      ['pull', `copied from ${THIRD_ACCOUNT}`],
    ]);
  });

  it('may be refused: then nobody knows what hides backups, and that is told', async () => {
    const bunker = await openBunker();
    const unseen = only(await bunker.share([VOLUME]));
    bunker.change(unseen, { sharedWith: [] });
    const { told } = await bunker.pull({
      parts: withAdapter(() => ({
        whyUnseen: () => Promise.reject(awsError('UnauthorizedOperation', { status: 403 })),
      })),
    });
    expect(told.map(({ error }) => error)).toEqual([
      `ConfigurationError: ${NAME}: ${OTHER_ACCOUNT} does not share ${unseen.id} with this account, or it is gone; or ` +
        'UnauthorizedOperation while asking what may hide it: UnauthorizedOperation. ' +
        'Allow the call in the policy of the role or user that Shelvery runs as. Its file stays.',
    ]);
  });
});

describe('what the source tells of the resource', () => {
  const FACTS = 'restore:\n  availability_zone: "eu-west-1a"\n  size_gib: 8\n';
  /** A file of the source with what its volume was; our copy's metadata after some runs. */
  async function openWithFacts(): Promise<Bunker> {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    bunker.put(`ebs/${NAME}.yaml`, bunker.text(`ebs/${NAME}.yaml`).replace('tags:\n', `${FACTS}tags:\n`));
    return bunker;
  }

  it('is in the metadata of the copy', async () => {
    const bunker = await openWithFacts();
    await bunker.pull();
    expect(bunker.read(`backups/ebs/${NAME}.yaml`)).toContain(`\n${FACTS}tags:\n`);
  });

  it('is in the metadata of a copy that the next run stores', async () => {
    const bunker = await openWithFacts();
    await bunker.pull({ parts: keepingMessages() });
    expect(bunker.keys()).toEqual([]);
    await bunker.pull({ parts: keepingMessages() });
    expect(bunker.read(`backups/ebs/${NAME}.yaml`)).toContain(`\n${FACTS}tags:\n`);
  });
});
