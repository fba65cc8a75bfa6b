import { describe, expect, it } from '@jest/globals';
import type { BackupStatus } from '../../../../layers/engine/src/domain/status/backup-status.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { backupPlace } from '../../../simulation/world/world.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { BUNKER, OTHER_VOLUME, SHARED, VOLUME, openPulled, openShared } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import { keepingMessages, withAdapter } from '../other-parts.js';

const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);

/** A status of an estate in which all is well, but for what is given. */
function statusWith(more: Partial<BackupStatus> = {}): BackupStatus {
  const { resources = [], findings = [] } = more;
  const counted = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const counts = { breach: counted('breach'), warning: counted('warning'), note: counted('note') };
  return {
    objective: counts.breach === 0 ? 'met' : 'broken',
    counts: { resources: resources.length, ...counts },
    findings: [],
    findings_omitted: 0,
    resources: [],
    resources_omitted: 0,
    sources: [],
    ...more,
  };
}

const ORDERS = {
  id: VOLUME,
  name: 'orders',
  rpo_hours: 26,
  newest: { backup: 'snap-00000000000000001', age_hours: 2 },
  copies: [{ region: DR, newest: { backup: 'snap-00000000000000007', age_hours: 2 } }],
  pulled_by: [{ account: OTHER_ACCOUNT, newest: { backup: 'snap-00000000000000001', age_hours: 2 } }],
  running: 0,
  held: 0,
};

describe('the status', () => {
  it('tells of each marked resource its newest backup here, in its DR region and in the bunker, by reading alone', async () => {
    const estate = await openPulled();
    estate.resource(OTHER_VOLUME, { tags: { 'shelvery:create_backup': 'yes' } });
    const { told, said, report, backupStatus, calls } = await estate.run('status', SHARED);
    expect(backupStatus).toEqual(
      statusWith({
        resources: [ORDERS],
        findings: [
          {
            severity: 'warning',
            reason: 'near-miss',
            resource: OTHER_VOLUME,
            text: 'its tag shelvery:create_backup = "yes" does not mark it; shelvery:create_backup = true would',
          },
        ],
      }),
    );
    expect([told, said]).toEqual([[], []]);
    expect(report.summary).toEqual({ collected: 1, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    expect([...calls].sort()).toEqual([
      `ebs:listBackups ${DR}`,
      `ebs:listBackups ${LOCAL}`,
      `ebs:listResources ${LOCAL}`,
      `s3:list ${DR} backups/ebs/`,
      `s3:list ${LOCAL} backups/ebs/`,
      `s3:list ${LOCAL} backups/shared/${OTHER_ACCOUNT}/ebs-archived/`,
      `s3:list ${LOCAL} backups/shared/${OTHER_ACCOUNT}/ebs-processed/`,
      `s3:list ${LOCAL} backups/shared/${OTHER_ACCOUNT}/ebs/`,
      `s3:listBuckets ${LOCAL}`,
      `s3:listFolders ${LOCAL} backups/shared/`,
    ]);
  });

  it('judges a backup that was made now for an earlier time by its data', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const givenTime = new Date(estate.now() - 40 * 24 * 3_600_000);
    await estate.run('create_backups', { givenTime, parts: keepingMessages() });
    const { backupStatus } = await estate.run('status');
    expect(backupStatus?.resources).toMatchObject([{ newest: { age_hours: 0 } }]);
    expect(backupStatus?.findings.map(({ reason }) => reason)).not.toContain('backup-too-old');
  });

  it('asks for no shared files where nothing is shared', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    estate.buckets();
    const { backupStatus, calls } = await estate.run('status');
    expect(backupStatus?.resources).toEqual([
      { id: VOLUME, rpo_hours: 26, copies: [], pulled_by: [], running: 0, held: 0 },
    ]);
    expect(calls).toEqual([
      `ebs:listResources ${LOCAL}`,
      `s3:list ${LOCAL} backups/ebs/`,
      `ebs:listBackups ${LOCAL}`,
      `s3:listBuckets ${LOCAL}`,
    ]);
  });

  it('knows of a share that only a tag asks for, as far as the configuration allows it', async () => {
    const estate = openShared();
    const shares = { 'shelvery:config:shelvery_share_aws_account_ids': `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
    estate.resource(VOLUME, { tags: shares });
    const settings = { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT };
    await estate.run('create_backups', { settings });
    const { backupStatus } = await estate.run('status', { settings });
    expect(backupStatus?.resources.map(({ pulled_by: pulled }) => pulled)).toEqual([[{ account: OTHER_ACCOUNT }]]);
  });

  it('does not count the own account among those that are pulled from', async () => {
    const estate = openEstate('ebs');
    const settings = { shelvery_source_aws_account_ids: OWN_ACCOUNT };
    const { told, backupStatus, calls } = await estate.run('status', { settings });
    expect([told, backupStatus?.sources]).toEqual([[], []]);
    expect(calls.join()).not.toContain('backups/shared/');
  });

  it('tells of a copy that a bunker has not pulled in time', async () => {
    const estate = await openPulled();
    await estate.pass(28);
    await estate.run('create_backups', SHARED);
    await estate.pass(28);
    await estate.run('create_backups', SHARED);
    const { backupStatus } = await estate.run('status', SHARED);
    expect(backupStatus).toEqual(
      statusWith({
        resources: [
          {
            ...ORDERS,
            newest: { backup: 'snap-00000000000000018', age_hours: 0 },
            copies: [{ region: DR, newest: { backup: 'snap-0000000000000001c', age_hours: 0 } }],
            pulled_by: [{ account: OTHER_ACCOUNT, newest: { backup: 'snap-00000000000000001', age_hours: 58 } }],
          },
        ],
        findings: [
          {
            severity: 'breach',
            reason: 'bunker-copy-missing',
            resource: VOLUME,
            resource_name: 'orders',
            account: OTHER_ACCOUNT,
            text: `the backup of 28 hours ago was not pulled by ${OTHER_ACCOUNT}; its file waits there`,
            backups: ['snap-00000000000000010'],
          },
        ],
      }),
    );
  });

  it('says that the shared files cannot be listed, and judges no pulling then', async () => {
    const estate = await openPulled();
    estate.strike('s3:listFolders', { refuse: 'AccessDenied' });
    const { told, report, backupStatus } = await estate.run('status', SHARED);
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        bucket: BUCKET,
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while listing the shared files in ${BUCKET}; whether they were pulled is not known: AccessDenied. Allow the call in the policy of the role or user that Shelvery runs as.`,
      },
    ]);
    expect(report.status).toBe('PARTIAL');
    expect(backupStatus).toEqual(
      statusWith({ resources: [{ ...ORDERS, pulled_by: [{ account: OTHER_ACCOUNT, unknown: true }] }] }),
    );
  });

  it('says that a DR region cannot be listed, and judges the rest', async () => {
    const estate = await openPulled();
    const { told, backupStatus } = await estate.run('status', {
      ...SHARED,
      parts: withAdapter((adapter) => ({
        listBackups: (region) =>
          region === DR ? Promise.reject(new Error('It is away')) : adapter.listBackups(region),
      })),
    });
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        region: DR,
        status: 'failed',
        error: `Unexpected: Error while listing the backups in the DR region ${DR}; its copies are left out: It is away.`,
      },
    ]);
    expect(backupStatus).toEqual(statusWith({ resources: [{ ...ORDERS, copies: [{ region: DR, unknown: true }] }] }));
  });

  it('names the unmarked volumes of marked instances, where the service knows of such', async () => {
    const estate = await openPulled();
    const { backupStatus } = await estate.run('status', {
      ...SHARED,
      parts: withAdapter(() => ({
        listUnmarkedParts: async (marked) => marked.map(({ id }) => ({ id: ResourceId.parse(OTHER_VOLUME), of: id })),
      })),
    });
    expect(backupStatus).toEqual(
      statusWith({
        resources: [ORDERS],
        findings: [
          {
            severity: 'warning',
            reason: 'unmarked-volume',
            resource: OTHER_VOLUME,
            text: `it is not marked, and belongs to ${VOLUME}, which is`,
          },
        ],
      }),
    );
  });

  it('is of one resource alone where one is selected, which has to be marked', async () => {
    const estate = openShared();
    estate.resource(OTHER_VOLUME);
    const of = (id: string): ReturnType<typeof estate.run> =>
      estate.run('status', { settings: { shelvery_select_entity: id } });
    const { report, backupStatus } = await of(OTHER_VOLUME);
    expect(report.status).toBe('OK');
    expect(backupStatus?.resources.map(({ id }) => id)).toEqual([OTHER_VOLUME]);
    const { told, calls, brokeOff, ...ended } = await of('vol-0999999999999999');
    expect([told, calls, ended.backupStatus]).toEqual([[], [`ebs:listResources ${LOCAL}`], undefined]);
    expect(brokeOff).toMatchObject({
      code: 'UsageError',
      message: `EBS volume vol-0999999999999999 (shelvery_select_entity) is not there, or not marked, in ${LOCAL} of account ${OWN_ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.`,
    });
  });

  it('of a service that copies nothing judges no copies, and asks for no files of others', async () => {
    const estate = openEstate('redshift');
    estate.resource('orders');
    estate.buckets();
    const settings = { ...SHARED.settings, ...BUNKER.settings, shelvery_source_aws_account_ids: THIRD_ACCOUNT };
    await estate.run('create_backups', { settings });
    const { told, backupStatus, calls } = await estate.run('status', { settings });
    expect(told).toEqual([]);
    expect(backupStatus).toEqual(
      statusWith({
        resources: [
          {
            id: 'orders',
            rpo_hours: 26,
            newest: { backup: 'orders-2026-11-24-0301-daily', age_hours: 0 },
            copies: [],
            pulled_by: [],
            running: 0,
            held: 0,
          },
        ],
      }),
    );
    expect(calls.filter((call) => call.includes('shared'))).toEqual([]);
  });

  it('tells of copies in a DR region that somebody has deleted', async () => {
    const estate = await openPulled();
    for (const copy of estate.backups({ region: DR })) estate.world.backups.delete(backupPlace(copy));
    await estate.pass(28);
    const { backupStatus } = await estate.run('status', { settings: { shelvery_dr_regions: DR } });
    expect(backupStatus?.findings).toEqual([
      {
        severity: 'breach',
        reason: 'backup-too-old',
        resource: VOLUME,
        resource_name: 'orders',
        text: 'the data of its newest backup is 30 hours old (objective: 26 hours)',
        backups: ['snap-00000000000000001'],
      },
      {
        severity: 'breach',
        reason: 'dr-copy-missing',
        resource: VOLUME,
        resource_name: 'orders',
        region: DR,
        text: `the backup of 30 hours ago has no copy in ${DR}, and none is there; make it with: shelvery ebs create_backups --resource ${VOLUME} --as-of 2026-11-24T03:01:00Z --backdate --region ${LOCAL} --config shelvery_current_retention_type=daily`,
        backups: ['snap-00000000000000001'],
      },
    ]);
  });
});

describe('the status in a bunker', () => {
  it('tells by source account what was pulled, and what waits', async () => {
    const estate = openShared();
    await estate.run('create_backups', SHARED);
    await estate.pass(1);
    const before = await estate.run('status', BUNKER);
    expect(before.backupStatus).toEqual(
      statusWith({ sources: [{ account: OWN_ACCOUNT, resources: 0, not_seen_for_60_days: 0, waiting: 1 }] }),
    );
    await estate.run('pull_shared_backups', BUNKER);
    const after = await estate.run('status', BUNKER);
    expect(after.backupStatus).toEqual(
      statusWith({
        sources: [
          {
            account: OWN_ACCOUNT,
            resources: 1,
            not_seen_for_60_days: 0,
            newest: { backup: 'snap-0000000000000000d', age_hours: 1 },
            waiting: 0,
          },
        ],
      }),
    );
    expect([before.told, after.told]).toEqual([[], []]);
  });

  it('tells of files that wait for too long', async () => {
    const estate = openShared();
    await estate.run('create_backups', SHARED);
    await estate.pass(28);
    const { backupStatus } = await estate.run('status', BUNKER);
    expect(backupStatus?.findings).toEqual([
      {
        severity: 'breach',
        reason: 'pull-late',
        account: OWN_ACCOUNT,
        text: 'a file waits to be pulled from it, the oldest for 27 hours (objective: 26 hours)',
      },
    ]);
  });

  it('says whose files cannot be listed, and tells of the others', async () => {
    const estate = openShared();
    await estate.run('create_backups', SHARED);
    const { told, said, backupStatus } = await estate.run('status', {
      ...BUNKER,
      settings: { shelvery_source_aws_account_ids: `${THIRD_ACCOUNT},${OWN_ACCOUNT}` },
    });
    const bucket = bucketNameOf(THIRD_ACCOUNT, LOCAL);
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        sourceAccount: THIRD_ACCOUNT,
        bucket,
        status: 'failed',
        error: `AwsError: NoSuchBucket while listing what ${THIRD_ACCOUNT} shares in ${bucket} (did ${THIRD_ACCOUNT} run create_data_buckets with shelvery_share_aws_account_ids=${OTHER_ACCOUNT}?); what waits there is not known: NoSuchBucket. It is made by create_data_buckets, in the bucket's own account.`,
      },
    ]);
    expect(said).toEqual([]);
    expect(backupStatus).toEqual(
      statusWith({
        sources: [
          { account: OWN_ACCOUNT, resources: 0, not_seen_for_60_days: 0, waiting: 1 },
          { account: THIRD_ACCOUNT, resources: 0, not_seen_for_60_days: 0 },
        ],
      }),
    );
  });
});
