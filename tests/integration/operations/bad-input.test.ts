import { describe, expect, it } from '@jest/globals';
import { VOLUME, VOLUME_2, inShort, reasons, useEbsEstate } from '../harness/ebs-estate.js';

const TIME = '2026-03-04T01:00:00Z';
const estate = useEbsEstate();

describe('a run', () => {
  it('is not begun with a bad value in the environment, and says what is allowed', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().clearCalls();
    const run = estate.run('create_backups', TIME, { shelvery_keep_daily_backups: 'many' });
    await expect(run).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(/shelvery_keep_daily_backups.*environment.*"many"/),
    });
    expect(await estate.emulator().calls()).toEqual([]);
  });

  it('is not begun with a time in the future', async () => {
    const run = estate.run('clean_backups', '2099-01-01T00:00:00Z');
    await expect(run).rejects.toMatchObject({
      code: 'UsageError',
      message: expect.stringContaining('is in the future'),
    });
  });

  it('is not begun with an unknown retention type, and those that there are are named', async () => {
    const config = { shelvery_current_retention_type: 'hourly', shelvery_custom_retention_types: 'shortLived:3600' };
    await expect(estate.run('create_backups', TIME, config)).rejects.toMatchObject({
      code: 'ConfigurationError',
      message:
        'shelvery_current_retention_type in the environment is "hourly"; allowed: yearly, monthly, weekly, daily, shortLived. ' +
        'To use it, add hourly:<seconds> to shelvery_custom_retention_types.',
    });
    expect(await estate.emulator().calls()).toEqual([]);
  });

  it("uses the next level where a volume's tag is bad, and backs it up", async () => {
    await estate.volume(VOLUME, {
      'shelvery:config:shelvery_keep_daily_backups': 'many',
      'shelvery:config:shelvery_dr_regions': 'the moon',
    });
    await estate.volume(VOLUME_2);
    const { report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('OK');
    expect(await estate.names()).toHaveLength(2);
  });

  it('says what to do where AWS refuses the credentials', async () => {
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'GetCallerIdentity', code: 'InvalidClientTokenId', status: 403 });
    await expect(estate.run('create_backups', TIME)).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringContaining('AWS does not accept these credentials'),
    });
  });

  it('says which permission to give where one is missing, and loses nothing else by it', async () => {
    await estate.volume(VOLUME);
    // The first is the lease of the bucket's policy, which is done without.
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutObject', code: 'AccessDenied', status: 403, times: 2 });
    const { outcomes, report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes)).toContain('StoreBackupData failed NotAllowed');
    expect(reasons(outcomes)[0]).toMatch(
      /Allow s3:PutObject on shelvery\.data\.[^ ]+\/backups\/ebs\/[^ ]+\.yaml in the policy of the role or user that Shelvery runs as\.$/,
    );
    expect((await estate.run('clean_backups', '2026-03-05T01:00:00Z')).report.status).toBe('OK');
    expect(Object.keys(await estate.files())).toHaveLength(1);
  });

  it('makes a backup beside one of the same time whose tags it cannot read', async () => {
    await estate.volume(VOLUME);
    await estate.backup({ created: '2026-03-04-0100', tags: { 'shelvery:retention_type': '' } });
    const { report } = await estate.run('create_backups', TIME);
    expect(report.status).toBe('OK');
    expect(await estate.snapshots()).toHaveLength(2);
  });
});
