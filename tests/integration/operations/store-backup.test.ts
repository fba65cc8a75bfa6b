import { describe, expect, it } from '@jest/globals';
import { HOME, VOLUME, bucketOf, inShort, reasons, useEbsEstate } from '../harness/ebs-estate.js';
import { runCli } from '../harness/product.js';

const TIME = '2026-03-04T01:00:00Z';
const NAME = `${VOLUME}-2026-03-04-0100-daily`;
const estate = useEbsEstate();

describe('do_store_backup_data', () => {
  it('waits for the backup, and then writes its file', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().setSnapshotStates({ pendingMs: 60_000 });
    const { outcomes } = await estate.run('create_backups', TIME);
    const [snapshot] = await estate.snapshots();
    expect(outcomes.find(({ operation }) => operation === 'StoreBackupData')).toMatchObject({
      status: 'ok',
      backupId: snapshot?.id,
      bucket: bucketOf(HOME),
      backupS3Location: `backups/ebs/${NAME}.yaml`,
    });
    expect(await estate.files()).toEqual({
      [`backups/ebs/${NAME}.yaml`]: expect.stringContaining(`backup_id: "${snapshot?.id ?? ''}"`),
    });
  });

  it('tells of a snapshot that failed, and a repeated run deletes it and makes it again', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().setSnapshotStates({ pendingMs: 5_000, outcome: 'error' });
    const first = await estate.run('create_backups', TIME);
    expect(inShort(first.outcomes)).toContain('StoreBackupData failed BackupFailed');
    expect(first.report.status).toBe('PARTIAL');
    const [failed] = await estate.snapshots();
    await estate.emulator().setSnapshotStates({ pendingMs: 5_000 });
    const second = await estate.run('create_backups', TIME);
    expect(second.report.status).toBe('OK');
    const [made, ...others] = await estate.snapshots();
    expect(others).toEqual([]);
    expect(made).toMatchObject({ state: 'completed', tags: { Name: NAME } });
    expect(made?.id).not.toBe(failed?.id);
  });

  it('names what was not finished in time', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().setSnapshotStates({ pendingMs: 3_600_000 });
    const end = await runCli(estate.install({ shelvery_wait_snapshot_timeout: '60' }), {
      action: 'create_backups',
      time: TIME,
    });
    const [snapshot] = await estate.snapshots();
    expect(end.unfinished).toMatchObject([{ operation: { action: 'do_store_backup_data', backupId: snapshot?.id } }]);
    expect(reasons(end.result?.outcomes ?? [])[0]).toContain('waited for 60 s (shelvery_wait_snapshot_timeout)');
  });

  it('asks about all backups of a region in one call', async () => {
    for (let index = 0; index < 12; index += 1) await estate.volume(`vol-0${String(index).padStart(16, 'a')}`);
    await estate.emulator().setSnapshotStates({ pendingMs: 4_000 });
    await estate.emulator().clearCalls();
    await estate.run('create_backups', TIME);
    // One listing for what is made already, one while they are pending, one when they are complete.
    expect(await estate.count('ec2:DescribeSnapshots')).toBeLessThanOrEqual(3);
    expect(Object.keys(await estate.files())).toHaveLength(12);
  });
});
