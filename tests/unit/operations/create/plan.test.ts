import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';

const TIME = '2026-11-24-0301';

/** A line of a plan about a resource. */
function line(what: string, subject: string, reason: string): unknown {
  return { what, subject, name: `${subject}-${TIME}-daily`, reason, region: LOCAL };
}

const OVER_THERE = { shelvery_dr_regions: `${DR},${THIRD}` };

describe('a dry run of create_backups', () => {
  it('says of each backup what would become of it, and of each bucket, and only reads', async () => {
    const estate = openEstate('ebs');
    estate.buckets();
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_dr_regions': '' } });
    estate.resource('vol-2', { tags: { 'shelvery:config:shelvery_keep_daily_backups': '0' } });
    estate.resource('vol-3');
    estate.resource('vol-4');
    estate.resource('vol-5', { tags: { 'shelvery:create_backup': 'yes' } });
    hold(estate, { id: 'snap-3', entity: 'vol-3', created: TIME });
    hold(estate, { id: 'snap-4a', entity: 'vol-4', created: TIME, state: 'failed' });
    hold(estate, { id: 'snap-4b', entity: 'vol-4', created: TIME, state: 'failed' });
    const { told, said, plan, calls, report } = await estate.run('create_backups', {
      dryRun: true,
      settings: { ...OVER_THERE, shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` },
    });
    const copied = `copied to ${DR}, ${THIRD}`;
    const shared = `shared with ${OTHER_ACCOUNT}, ${THIRD_ACCOUNT}`;
    expect(plan).toEqual([
      line('create', 'vol-1', `daily backup, ${copied}, ${shared}`),
      line('found', 'vol-3', 'already made: snap-3'),
      line('remake', 'vol-4', `failed: snap-4a, snap-4b; daily backup, ${copied}, ${shared}`),
      { what: 'skip', subject: 'vol-2', reason: 'daily backups are kept for 0 days', region: LOCAL },
      { what: 'change', of: 'bucket', subject: bucketNameOf(OWN_ACCOUNT, LOCAL), reason: 'policy', region: LOCAL },
      ...[DR, THIRD].map((region) => ({
        what: 'create',
        of: 'bucket',
        subject: bucketNameOf(OWN_ACCOUNT, region),
        reason: 'bucket, policy',
        region,
      })),
    ]);
    expect(told).toEqual([]);
    expect(said).toEqual([
      [
        'SHELVERY_NEAR_MISS',
        'EBS volume vol-5 has the tag shelvery:create_backup = "yes", which does not mark it: it is not backed up. To back it up, set shelvery:create_backup = true.',
        { entityId: 'vol-5' },
      ],
    ]);
    expect(report.summary).toEqual({ collected: 4, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    expect(calls).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      ...[LOCAL, DR, THIRD].map((region) => `s3:getLocation ${region} ${bucketNameOf(OWN_ACCOUNT, region)}`),
      `ebs:listBackups ${LOCAL}`,
      `s3:getPolicy ${LOCAL}`,
    ]);
  });

  it('neither copies nor shares what no setting and no tag wants to', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    const { plan } = await estate.run('create_backups', { dryRun: true });
    expect(plan?.[0]).toEqual(line('create', 'vol-1', 'daily backup'));
  });

  it('looks at no bucket and no quota where nothing is to be made', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_keep_daily_backups': '0' } });
    const { plan, calls } = await estate.run('create_backups', { dryRun: true });
    expect(plan).toEqual([
      { what: 'skip', subject: 'vol-1', reason: 'daily backups are kept for 0 days', region: LOCAL },
    ]);
    expect(calls).toEqual([`ebs:listResources ${LOCAL}`, `ebs:findByTags ${LOCAL}`]);
  });

  it('tells of no bucket that is as it should be, and looks at no quota where all is made', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    await estate.run('create_backups');
    const { plan, calls } = await estate.run('create_backups', { dryRun: true });
    expect(plan).toEqual([line('found', 'vol-1', 'already made: snap-00000000000000001')]);
    expect(calls).not.toContain(`ebs:listBackups ${LOCAL}`);
  });

  it('says how the service makes it, and why it copies none', async () => {
    const estate = openEstate('rds');
    estate.resource('orders');
    const { plan } = await estate.run('create_backups', {
      dryRun: true,
      settings: OVER_THERE,
      parts: withAdapter(() => ({
        foretell: async ({ resource: { id } }) => ({ how: `as ${id}`, notCopied: 'it is a Multi-AZ cluster' }),
      })),
    });
    expect(plan?.[0]).toEqual(
      line('create', 'orders', `daily backup, as orders, not copied to ${DR}, ${THIRD}: it is a Multi-AZ cluster`),
    );
  });

  it('says that a service copies to no other region', async () => {
    const estate = openEstate('redshift');
    estate.resource('dw');
    const { plan } = await estate.run('create_backups', { dryRun: true, settings: OVER_THERE });
    expect(plan?.[0]).toEqual(
      line(
        'create',
        'dw',
        `daily backup, not copied to ${DR}, ${THIRD}: the service cannot copy a snapshot to another region on demand`,
      ),
    );
  });

  it.each([79, 80, 100])('warns of a quota that is nearly full, or is to be passed: with %i backups', async (kept) => {
    const estate = openEstate('rds');
    estate.resource('orders');
    for (let at = 1; at < kept; at += 1) hold(estate, { id: `orders-${String(at)}`, entity: 'orders' });
    const { plan = [] } = await estate.run('create_backups', { dryRun: true });
    const text = `${LOCAL} has ${String(kept - 1)} of Shelvery's backups, and a run adds 1: by default AWS allows 100 (quota "Manual DB instance snapshots"); what others have made there counts as well. Keep fewer backups, or ask AWS to raise the quota. Service Quotas shows your own value`;
    const warning = { what: 'warn', subject: 'Manual DB instance snapshots', reason: text, region: LOCAL };
    expect(plan.filter(({ what }) => what === 'warn')).toEqual(kept < 80 ? [] : [warning]);
  });

  it.each([50, 51])('warns of copies that take longer than the objective: of %i', async (copies) => {
    const estate = openEstate('rds_cluster');
    for (let at = 1; at <= copies; at += 1) estate.resource(`db-${String(at)}`);
    estate.resource('elsewhere', { tags: { 'shelvery:config:shelvery_dr_regions': THIRD } });
    // One that failed is made again, and copied as the others.
    hold(estate, { id: 'db-1', name: `db-1-${TIME}-daily`, entity: 'db-1', created: TIME, state: 'failed' });
    const { plan = [] } = await estate.run('create_backups', {
      dryRun: true,
      settings: { shelvery_dr_regions: DR, shelvery_rpo_hours: 1 },
    });
    const text = `51 copies to ${DR} at 5 at a time (quota "snapshot copy requests in progress to a single destination Region") take about 1 hour 6 minutes where each takes 6 minutes; the objective is 1 hour (shelvery_rpo_hours). Copy fewer resources to this region (the tag shelvery_dr_regions), or divide them among accounts; watch how long the copies really take`;
    const subject = 'snapshot copy requests in progress to a single destination Region';
    expect(plan.filter(({ what }) => what === 'warn')).toEqual(
      copies === 50 ? [] : [{ what: 'warn', subject, reason: text, region: DR }],
    );
  });

  it('goes by the shortest objective of those that are copied', async () => {
    const estate = openEstate('rds_cluster');
    for (let at = 1; at <= 51; at += 1) estate.resource(`db-${String(at)}`);
    estate.resource('db-52', { tags: { 'shelvery:config:shelvery_rpo_hours': '1' } });
    const { plan = [] } = await estate.run('create_backups', { dryRun: true, settings: { shelvery_dr_regions: DR } });
    expect(plan.filter(({ what }) => what === 'warn').map(({ reason }) => reason)).toEqual([
      expect.stringContaining('the objective is 1 hour (shelvery_rpo_hours)'),
    ]);
  });

  it.each([399, 400])('warns of how long AWS makes it take: %i volumes', async (volumes) => {
    const estate = openEstate('ebs');
    for (let at = 1; at <= volumes; at += 1) estate.resource(`vol-${String(at)}`);
    const { plan = [] } = await estate.run('create_backups', { dryRun: true });
    const text = 'AWS takes 100 calls of ec2:CreateSnapshot at once, then 5 a second: 400 take at least 1 minute';
    expect(plan.filter(({ what }) => what === 'warn')).toEqual(
      volumes < 400 ? [] : [{ what: 'warn', subject: 'ec2:CreateSnapshot', reason: text, region: LOCAL }],
    );
  });
});

describe('a dry run of create_backups that tells how long what follows takes', () => {
  const SHARED = { shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
  function estateOf(type: BackupType, count: number): MemoryEstate {
    const estate = openEstate(type);
    for (let at = 1; at <= count; at += 1) estate.resource(`of-${String(at)}`);
    return estate;
  }
  /** The warnings of a dry run: subject, region, and text. */
  async function warned(
    estate: MemoryEstate,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<readonly (readonly [string, string | undefined, string | undefined])[]> {
    const { plan = [] } = await estate.run('create_backups', { dryRun: true, settings });
    return plan.filter(({ what }) => what === 'warn').map(({ subject, region, reason }) => [subject, region, reason]);
  }
  const takes = (action: string, region: string, rate: string, least: string, count = 400) => [
    action,
    region,
    `AWS takes ${rate.replace('CALLS', `calls of ${action}`)} a second: ${String(count)} take at least ${least}`,
  ];
  const shares = (action: string, region: string) => takes(action, region, '100 CALLS at once, then 5', '1 minute');

  it('tells of copies in the region that they go to, and of shares in each that has backups', async () => {
    expect(await warned(estateOf('ec2ami', 400), { ...SHARED, shelvery_dr_regions: DR })).toEqual([
      takes('ec2:CreateImage', LOCAL, '50 CALLS at once, then 5', '1 minute'),
      shares('ec2:ModifyImageAttribute', LOCAL),
      takes('ec2:CopyImage', DR, '100 CALLS at once, then 1', '5 minutes'),
      shares('ec2:ModifyImageAttribute', DR),
    ]);
  });

  it('counts what goes to each region by itself', async () => {
    const estate = estateOf('ec2ami', 159);
    for (let at = 1; at <= 159; at += 1)
      estate.resource(`to-${String(at)}`, { tags: { 'shelvery:config:shelvery_dr_regions': THIRD } });
    estate.resource('to-both', { tags: { 'shelvery:config:shelvery_dr_regions': `${DR},${THIRD}` } });
    expect(await warned(estate, { shelvery_dr_regions: DR })).toEqual(
      [DR, THIRD].map((region) => takes('ec2:CopyImage', region, '100 CALLS at once, then 1', '1 minute', 160)),
    );
  });

  it.each([399, 400])(
    'tells of shares that take a minute, with however many accounts: of %i volumes',
    async (count) => {
      const estate = estateOf('ebs', count);
      // One that failed is made again, and shared as the others.
      hold(estate, { id: 'snap-1', entity: 'of-1', created: TIME, state: 'failed' });
      const share = shares('ec2:ModifySnapshotAttribute', LOCAL);
      expect((await warned(estate, SHARED)).filter(([action]) => action !== 'ec2:CreateSnapshot')).toEqual(
        count < 400 ? [] : [share],
      );
    },
  );

  it('tells nothing of copies where the service makes none', async () => {
    expect(await warned(estateOf('redshift', 60), { ...SHARED, shelvery_dr_regions: DR })).toEqual([]);
  });

  it.each([50, 51])('tells of copies that take longer than an hour, without advice: of %i', async (count) => {
    const quota = 'snapshot copy requests in progress to a single destination Region';
    const text = `51 copies to ${DR} at 5 at a time (quota "${quota}") take about 1 hour 6 minutes where each takes 6 minutes; the objective is 2 hours (shelvery_rpo_hours)`;
    const settings = { shelvery_dr_regions: DR, shelvery_rpo_hours: 2 };
    expect(await warned(estateOf('rds_cluster', count), settings)).toEqual(count === 50 ? [] : [[quota, DR, text]]);
  });
});

describe('a service that copies to no other region', () => {
  const notCopied = (regions: string): unknown => ({
    operation: 'CopyBackupToRegion',
    region: LOCAL,
    status: 'ignored',
    reason: `Redshift cluster backups were not copied to ${regions}: the service cannot copy a snapshot to another region on demand`,
  });

  it('has that said once, for all regions that somebody wants', async () => {
    const estate = openEstate('redshift');
    estate.resource('dw-1', { tags: { 'shelvery:config:shelvery_dr_regions': DR } });
    estate.resource('dw-2');
    const { told } = await estate.run('create_backups', { settings: OVER_THERE });
    expect(told[0]).toEqual(notCopied(`${DR}, ${THIRD}`));
    expect(told.filter(({ operation }) => operation === 'CopyBackupToRegion')).toHaveLength(1);
  });

  it('is not told of where nobody wants copies', async () => {
    const estate = openEstate('redshift');
    estate.resource('dw-1');
    const { told } = await estate.run('create_backups');
    expect(told.map(({ operation }) => operation)).toEqual(['CreateBackup', 'CreateDataBucket', 'StoreBackupData']);
  });
});

describe('a run that finds nothing marked', () => {
  it.each([false, true])('says which tag it looked for, and where; as a dry run: %j', async (dryRun) => {
    const estate = openEstate('ebs');
    const { told, said, plan, report } = await estate.run('create_backups', {
      dryRun,
      settings: { shelvery_tag_prefix: 'nightly' },
    });
    expect(said).toEqual([
      [
        'SHELVERY_NOTHING_MARKED',
        `No EBS volume in ${LOCAL} of account ${OWN_ACCOUNT} has the tag nightly:create_backup = True, true or 1.`,
      ],
    ]);
    expect([told, plan]).toEqual([[], dryRun ? [] : undefined]);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 0 } });
  });

  it('is not one that makes nothing of what is marked', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_keep_daily_backups': '0' } });
    const skipping = await estate.run('create_backups');
    estate.resource('vol-2');
    const { said, told } = await estate.run('create_backups', { dryRun: true });
    expect([skipping.said, said, told]).toEqual([[], [], []]);
  });

  it('fails where it is for one resource alone, and does not say that nothing is marked', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    estate.resource('vol-2', { tags: { 'shelvery:create_backup': 'yes' } });
    estate.resource('vol-3', { tags: { 'shelvery:create_backup': 'on' } });
    const { told, said, report } = await estate.run('create_backups', {
      settings: { shelvery_select_entity: 'vol-3' },
    });
    expect(told).toEqual([
      {
        operation: 'CreateBackup',
        region: LOCAL,
        status: 'failed',
        error: `UsageError: EBS volume vol-3 (shelvery_select_entity) is not there, or not marked, in ${LOCAL} of account ${OWN_ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.`,
      },
    ]);
    expect(said).toEqual([
      [
        'SHELVERY_NEAR_MISS',
        'EBS volume vol-3 has the tag shelvery:create_backup = "on", which does not mark it: it is not backed up. To back it up, set shelvery:create_backup = true.',
        { entityId: 'vol-3' },
      ],
    ]);
    expect(report.status).toBe('FAILED');
  });

  it('makes one alone where that is marked', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    estate.resource('vol-2');
    const { told, said } = await estate.run('create_backups', { settings: { shelvery_select_entity: 'vol-2' } });
    expect(told.map(({ operation, entityId }) => [operation, entityId])).toEqual([
      ['CreateBackup', 'vol-2'],
      ['CreateDataBucket', undefined],
      ['StoreBackupData', 'vol-2'],
    ]);
    expect(said).toHaveLength(1);
  });
});
