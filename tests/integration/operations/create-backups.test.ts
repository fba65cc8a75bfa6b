import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  VOLUME,
  VOLUME_2,
  DR,
  OTHER_ACCOUNT,
  bucketOf,
  inShort,
  reasons,
  takeBucketName,
  useEbsEstate,
} from '../harness/ebs-estate.js';

const TIME = '2026-03-04T01:00:00Z';
const estate = useEbsEstate();

describe('create_backups', () => {
  it('makes one backup of each marked volume, with its tags from the start, and its metadata', async () => {
    await estate.volume(VOLUME, { Name: 'web', team: 'blue', 'shelvery:config:shelvery_keep_daily_backups': '3' });
    await estate.volume(VOLUME_2, { 'shelvery:create_backup': 'no' });
    const { report, outcomes } = await estate.run('create_backups', TIME);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 1, failed: 0 } });
    expect(inShort(outcomes)).toEqual(['CreateBackup ok', 'CreateDataBucket ok', 'StoreBackupData ok']);
    const [snapshot, ...others] = await estate.snapshots();
    expect(others).toEqual([]);
    expect(snapshot?.tags).toEqual({
      Name: 'web-e41ccb-2026-03-04-0100-daily',
      ResourceName: 'web',
      team: 'blue',
      'shelvery:tag_name': 'shelvery',
      'shelvery:backup': 'true',
      'shelvery:name': 'web-e41ccb-2026-03-04-0100-daily',
      'shelvery:date_created': '2026-03-04-0100',
      'shelvery:retention_type': 'daily',
      'shelvery:entity_id': VOLUME,
      'shelvery:src_account': '111111111111',
      'shelvery:region': 'eu-west-1',
      'shelvery:dr_regions': '',
      'shelvery:run_id': report.run_id,
      'shelvery:config:shelvery_keep_daily_backups': '3',
    });
    expect(await estate.count('ec2:CreateTags')).toBe(0);
    expect((await estate.files())['backups/ebs/web-e41ccb-2026-03-04-0100-daily.yaml']).toContain(
      'retention_type: "daily"',
    );
  });

  it('takes the retention type from the time of the run, and the next shorter one where that is kept for 0', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_keep_yearly_backups': '0' });
    await estate.volume(VOLUME_2);
    await estate.run('create_backups', '2026-01-01T01:00:00Z');
    expect(await estate.names()).toEqual([`${VOLUME}-2026-01-01-0100-monthly`, `${VOLUME_2}-2026-01-01-0100-yearly`]);
  });

  it('skips what is kept for 0 days, and says so', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_keep_daily_backups': '0' });
    const { outcomes, report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('OK');
    expect(reasons(outcomes)).toEqual(['daily backups are kept for 0 days']);
    expect(await estate.count('ec2:CreateSnapshot')).toBe(0);
  });

  it('narrows to one volume, and goes by another prefix', async () => {
    await estate.volume(VOLUME, { 'backup:create_backup': '1' });
    await estate.volume(VOLUME_2, { 'backup:create_backup': '1' });
    await estate.run('create_backups', TIME, { shelvery_select_entity: VOLUME_2, shelvery_tag_prefix: 'backup' });
    const [snapshot] = await estate.snapshots();
    // Under another prefix than the original's a name has a hash of prefix and id.
    const hash = createHash('md5').update(`backup:${VOLUME_2}`).digest('hex').slice(0, 6);
    expect(await estate.names()).toEqual([`${VOLUME_2}-${hash}-2026-03-04-0100-daily`]);
    expect(snapshot?.tags).toMatchObject({
      'shelvery:tag_name': 'backup',
      'backup:entity_id': VOLUME_2,
      'backup:backup': 'true',
    });
  });

  it('makes nothing again for the same time', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_backups', TIME);
    await estate.emulator().clearCalls();
    const { outcomes } = await estate.run('create_backups', TIME);
    expect(inShort(outcomes)).toEqual(['CreateBackup ok', 'StoreBackupData ok']);
    expect(outcomes[0]?.message).toBe('already made by an earlier run');
    expect(await estate.count('ec2:CreateSnapshot')).toBe(0);
    expect(await estate.names()).toHaveLength(1);
  });

  it('ignores a volume that was deleted while the run was going on, and backs up the others', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'CreateSnapshot',
      match: { VolumeId: VOLUME },
      code: 'InvalidVolume.NotFound',
    });
    const { outcomes, report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('OK');
    expect(reasons(outcomes)).toEqual([`the EBS volume ${VOLUME} was deleted while the run was going on`]);
    expect(await estate.names()).toEqual([`${VOLUME_2}-2026-03-04-0100-daily`]);
  });

  it.each([
    ['an ERROR', {}, 'CreateBackup failed InvalidResourceState', 'shelvery_ignore_invalid_resource_state=true'],
    [
      'an IGNORE, where so configured',
      { shelvery_ignore_invalid_resource_state: 'true' },
      'CreateBackup ignored',
      'IncorrectState',
    ],
  ])('takes a volume in a wrong state for %s', async (_, config, outcome, said) => {
    await estate.volume(VOLUME);
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'IncorrectState' });
    const { outcomes } = await estate.run('create_backups', TIME, config);
    expect(inShort(outcomes)).toContain(outcome);
    expect(reasons(outcomes)).toEqual([expect.stringContaining(said)]);
  });

  it('names the quota that is full', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'SnapshotLimitExceeded' });
    const { outcomes, report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('FAILED');
    expect(inShort(outcomes)).toContain('CreateBackup failed QuotaExceeded');
    expect(reasons(outcomes)[0]).toContain('the quota "EBS snapshots per Region" is full');
  });

  it.each([
    ['was done and answered with a 500', { kind: 'fail-after' }],
    ['was done, and the answer was lost', { kind: 'drop-after' }],
    ['was lost on its way', { kind: 'drop-before' }],
    ['was refused by throttling', { kind: 'refuse', code: 'RequestLimitExceeded', status: 503 }],
  ] as const)('makes exactly one backup where the call %s', async (_, fault) => {
    await estate.volume(VOLUME);
    await estate.emulator().addFault({ ...fault, action: 'CreateSnapshot' });
    const { report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('OK');
    expect(await estate.names()).toEqual([`${VOLUME}-2026-03-04-0100-daily`]);
    expect(Object.keys(await estate.files())).toEqual([`backups/ebs/${VOLUME}-2026-03-04-0100-daily.yaml`]);
  });

  it("makes backups also where the bucket is somebody else's, and says what to do", async () => {
    await estate.volume(VOLUME);
    await takeBucketName(estate.emulator(), bucketOf('eu-west-1'));
    const { outcomes, report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes)).toEqual([
      'CreateBackup ok',
      'CreateDataBucket failed BucketNotOurs',
      'StoreBackupData failed NotAllowed',
    ]);
    expect(reasons(outcomes)[0]).toContain('set shelvery_bucket_name_template to another name');
  });

  it('copies to DR regions and shares, as the run and the volume ask', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT });
    await estate.volume(VOLUME_2, { 'shelvery:config:shelvery_dr_regions': DR });
    const config = { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT };
    const { report, outcomes } = await estate.run('create_backups', TIME, config);
    expect(reasons(outcomes)).toEqual([]);
    expect(report.status).toBe('OK');
    expect(await estate.names(DR)).toEqual([`${VOLUME_2}-2026-03-04-0100-daily`]);
    expect(Object.keys(await estate.files())).toContain(
      `backups/shared/${OTHER_ACCOUNT}/ebs/${VOLUME}-2026-03-04-0100-daily.yaml`,
    );
    expect(Object.keys(await estate.files(DR))).toEqual([`backups/ebs/${VOLUME_2}-2026-03-04-0100-daily.yaml`]);
  });

  it('breaks off, with nothing made, where volumes cannot be listed', async () => {
    await estate.volume(VOLUME);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'DescribeVolumes', code: 'UnauthorizedOperation', status: 403 });
    const { report, brokeOff } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('FAILED');
    expect(brokeOff).toMatchObject({
      code: 'NotAllowed',
      message: expect.stringContaining('while running create_backups of ebs'),
    });
    expect(await estate.snapshots()).toEqual([]);
  });
});
