import { DeleteSnapshotCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import type { BackupStatus, BackupType } from '@shelvery/engine/terminal';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { BUNKER, DR, HOME, SOURCE, bucketOf, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const HOUR = 3_600_000;

/** The status of a site, now or so many hours later. */
async function status(site: Site, hoursLater = 0): Promise<BackupStatus> {
  // A dry run may look ahead. The clock stays: the buckets' files tell the machine's time.
  const time = new Date(estate.clock().now().getTime() + hoursLater * HOUR).toISOString();
  const { backupStatus, outcomes } = await estate.run('status', site, hoursLater === 0 ? {} : { time, dryRun: true });
  if (backupStatus === undefined) throw new Error(reasons(outcomes).join('\n'));
  return backupStatus;
}

const found = ({ findings }: BackupStatus): readonly string[] =>
  findings.map(({ reason, resource, account, region }) =>
    [reason, resource ?? account, region].filter((part) => part !== undefined).join(' '),
  );

/** Types whose services copy on demand to other regions and accounts. */
const COPYING = BACKUP_TYPES.filter((type) => type !== 'redshift');

describe.each(COPYING)('the status of %s', (type: BackupType) => {
  const source: Site = {
    type,
    account: SOURCE,
    config: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER },
  };
  const bunker: Site = { type, account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };

  it('follows a resource from its mark to a lost copy', async () => {
    const id = await estate.resource(source, 'orders');
    await estate.run('create_data_buckets', source);
    await estate.run('create_data_buckets', bunker);
    expect(found(await status(source))).toEqual([]);
    expect(found(await status(source, 30))).toEqual([`no-backup ${id}`]);

    await estate.run('create_backups', source);
    const made = await status(source);
    // Nobody has pulled yet, and nobody needed to.
    expect(made).toMatchObject({ objective: 'met', findings: [] });
    expect(made.resources).toMatchObject([
      {
        id,
        newest: { age_hours: 0 },
        copies: [{ region: DR, newest: { age_hours: 0 } }],
        pulled_by: [{ account: BUNKER }],
      },
    ]);
    expect(made.resources[0]?.pulled_by[0]).not.toHaveProperty('newest');
    expect(await status(bunker)).toMatchObject({ sources: [{ account: SOURCE, resources: 0, waiting: 1 }] });

    await estate.run('pull_shared_backups', bunker);
    expect(await status(source)).toMatchObject({ findings: [], resources: [{ pulled_by: [{ newest: {} }] }] });
    expect(await status(bunker)).toMatchObject({
      objective: 'met',
      findings: [],
      sources: [{ account: SOURCE, resources: 1, not_seen_for_60_days: 0, waiting: 0, newest: { age_hours: 0 } }],
    });

    // The next day only the backup is made.
    await estate.clock().advance(25 * HOUR);
    await estate.run('create_backups', { ...source, config: {} });
    await estate.clock().advance(2 * HOUR);
    expect(found(await status(source))).toEqual([]);
    expect(found(await status(bunker))).toEqual([`source-silent ${SOURCE}`]);
  });
});

describe('the status', () => {
  const source: Site = { account: SOURCE, config: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER } };
  const bunker: Site = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };

  it('misses a DR copy that was deleted by hand, and a pull that did not come', async () => {
    const id = await estate.resource(source, 'orders');
    for (const site of [source, bunker]) await estate.run('create_data_buckets', site);
    await estate.run('create_backups', source);
    await estate.run('pull_shared_backups', bunker);
    const [copy] = await estate.backups({ ...source, region: DR });
    await estate.clock().advance(20 * HOUR);
    await estate.run('create_backups', source);
    await estate.clock().advance(27 * HOUR);
    await estate.run('create_backups', source);
    expect(found(await status(source))).toEqual([`bunker-copy-missing ${id}`]);
    expect(found(await status(bunker))).toEqual([`source-silent ${SOURCE}`, `pull-late ${SOURCE}`]);

    const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, DR));
    for (const each of await estate.backups({ ...source, region: DR }))
      if (each.id !== copy?.id) await ec2.send(new DeleteSnapshotCommand({ SnapshotId: each.id }));
    expect(found(await status(source))).toEqual([`dr-copy-missing ${id} ${DR}`, `bunker-copy-missing ${id}`]);
  });

  it('only reads, in every account', async () => {
    await estate.resource(source, 'orders');
    for (const site of [source, bunker]) await estate.run('create_data_buckets', site);
    await estate.run('create_backups', source);
    await estate.emulator().clearCalls();
    await status(source);
    await status(bunker);
    const calls = await estate.emulator().calls();
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ action }) => !/^(Describe|List|Get|Head)/.test(action))).toEqual([]);
  });

  it('reports a region and buckets that cannot be listed, and judges what it sees', async () => {
    const id = await estate.resource(source, 'orders');
    await estate.run('create_data_buckets', source);
    await estate.run('create_backups', source);
    await estate.clock().advance(30 * HOUR);
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'ListObjectsV2',
      code: 'AccessDenied',
      status: 403,
      times: 'always',
    });
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'DescribeSnapshots',
      region: DR,
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    const { backupStatus, report } = await estate.run('status', source);
    expect(report.status).toBe('PARTIAL');
    expect(report.entries.map(({ operation, region }) => `${operation} ${region ?? ''}`).sort()).toEqual([
      `ListBackups ${DR}`,
      `ListBackups ${DR}`,
      `ListBackups ${HOME}`,
      `ListBackups ${HOME}`,
    ]);
    expect(backupStatus?.findings.map(({ reason, resource }) => `${reason} ${resource ?? ''}`)).toEqual([
      `backup-too-old ${id}`,
    ]);
  });

  it('says that a source cannot be read', async () => {
    const { backupStatus, report } = await estate.run('status', bunker);
    expect(report).toMatchObject({ status: 'PARTIAL', entries: [{ operation: 'ListBackups' }] });
    expect(report.entries[0]?.error).toContain(`listing what ${SOURCE} shares in ${bucketOf(SOURCE)}`);
    expect(backupStatus?.sources).toEqual([{ account: SOURCE, resources: 0, not_seen_for_60_days: 0 }]);
  });

  it('names unmarked volumes of marked instances, and no others', async () => {
    const instances = { type: 'ec2ami', account: SOURCE } as const;
    const marked = await estate.resource(instances, 'web');
    await estate.resource(instances, 'other', { 'shelvery:create_backup': 'no' });
    const { findings } = await status(source);
    expect(findings).toMatchObject([
      { severity: 'warning', reason: 'unmarked-volume', text: `it is not marked, and belongs to ${marked}, which is` },
    ]);
    expect(findings[0]?.resource).toMatch(/^vol-/);
  });

  it('of a service that copies nothing judges no copies', async () => {
    const redshift: Site = { ...source, type: 'redshift' };
    const id = await estate.resource(redshift, 'orders');
    expect(found(await status(redshift, 30))).toEqual([`no-backup ${id}`]);
    await estate.run('create_backups', redshift);
    expect(await status(redshift)).toMatchObject({
      objective: 'met',
      findings: [],
      resources: [{ id, newest: { age_hours: 0 }, copies: [], pulled_by: [] }],
      sources: [],
    });
  });

  it('of one selected resource is its own; one that is not marked is refused', async () => {
    const id = await estate.resource(source, 'orders');
    await estate.resource(source, 'stock');
    const config = { shelvery_select_entity: id };
    expect((await status({ config })).resources.map((row) => row.id)).toEqual([id]);
    const { brokeOff } = await estate.run('status', { config: { shelvery_select_entity: 'vol-0999999999999999' } });
    expect(brokeOff).toMatchObject({ code: 'UsageError' });
    expect(brokeOff?.message).toContain('EBS volume vol-0999999999999999 (shelvery_select_entity) is not there');
  });
});
