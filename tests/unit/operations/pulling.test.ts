import { describe, expect, it } from '@jest/globals';
import type { DelayedMessage } from '../../../layers/engine/src/domain/delayed.js';
import { AccountId } from '../../../layers/engine/src/domain/values.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../domain/builders.js';
import { VOLUME, keepingMessages, keyOf, nameOf, ofShared, openBunker } from './bunker.js';
import type { Told } from './memory-estate.js';
import { openEstate } from './memory-estate.js';
import { bucketNameOf } from '../../simulation/world/storage.js';

const NAME = nameOf(VOLUME);
const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);

/** What is told of a copy that is complete: its own metadata is stored, and the source's file moved. */
function completed(copy: string, source: string): readonly Told[] {
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
    expect(told).toEqual(completed(`${copy?.id}`, `${source?.id}`));
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

  it('says what to set where there is no account but our own to pull from', async () => {
    const bunker = await openBunker();
    const settings = { shelvery_source_aws_account_ids: OWN_ACCOUNT };
    const { told, said, calls, report, plan } = await bunker.pull({ settings });
    expect([told, calls, plan]).toEqual([[], [], undefined]);
    expect(said).toEqual([
      [
        'SHELVERY_NOTHING_MARKED',
        'Nothing was pulled: set shelvery_source_aws_account_ids to the accounts to pull from.',
      ],
    ]);
    expect(report.summary).toMatchObject({ collected: 0, unfinished: 0 });
    expect((await bunker.pull({ settings, dryRun: true })).plan).toEqual([]);
  });

  it('asks no other account where our own is named among them', async () => {
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

  it('makes the bucket for the metadata of copies, or lets further accounts in, before it reads anything', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    bunker.world.buckets.delete(BUCKET);
    const readers = (): string => bunker.world.buckets.get(BUCKET)?.policy ?? '';
    const further = AccountId.parse('333333333333');
    const made = await bunker.pull({ settings: { shelvery_share_aws_account_ids: further } });
    expect(made.told.slice(0, 1)).toEqual([
      { operation: 'CreateDataBucket', bucket: BUCKET, region: LOCAL, status: 'ok', message: 'bucket, policy' },
    ]);
    expect(made.calls.slice(0, 3)).toEqual([
      `s3:list ${LOCAL} backups/shared/${OWN_ACCOUNT}/ebs/`,
      `s3:getLocation ${LOCAL} ${BUCKET}`,
      `s3:create ${LOCAL} ${BUCKET}`,
    ]);
    expect(readers()).toContain(further);

    await bunker.pass(24);
    await bunker.share([VOLUME]);
    await bunker.pull();
    expect(readers()).toContain(further);
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
    expect(told).toEqual(completed(`${copy?.id}`, `${source?.id}`));
    expect(said).toEqual([]);
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`]);
    expect(bunker.backups()).toEqual([copy]);
  });
});
