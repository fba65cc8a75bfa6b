import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '@shelvery/engine/terminal';
import { accountsOf } from '../../emulator/accounts.js';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { AWS_MANAGED_KEY, makeResource } from '../harness/resources.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const STAYS = 'because the service deletes no snapshot in this state';
const DATABASES: readonly BackupType[] = ['rds', 'rds_cluster', 'docdb'];

const databasesEnd = (outcome: 'available' | 'failed'): Promise<void> =>
  databaseControls(estate.emulator()).setStates({ outcome });
const states = async (type: BackupType, region = HOME): Promise<readonly string[]> =>
  (await estate.backups({ type, region })).map((found) => found.state).sort();

// Pages "DeleteDBSnapshot" and "DeleteDBClusterSnapshot": a snapshot "must be in the available state to be deleted".
describe.each(DATABASES)('a snapshot of %s that failed, and cannot be deleted', (type) => {
  /** A good backup, of which what the configuration adds fails in one run and succeeds in the next. */
  async function failsAtFirst(config: Readonly<Record<string, string>>): Promise<void> {
    const run = (more: Readonly<Record<string, string>>): Promise<unknown> =>
      estate.run('create_backups', { type, config: more }, { time: MADE });
    await run({});
    await databasesEnd('failed');
    await run({ ...config, shelvery_wait_snapshot_timeout: '1' });
    await databasesEnd('available');
    await run(config);
  }

  it('keeps no backup from being made under a name apart, and is told of', async () => {
    await estate.resource({ type }, 'orders');
    await databasesEnd('failed');
    await estate.run('create_backups', { type }, { time: MADE });
    await databasesEnd('available');
    const { report, outcomes } = await estate.run('create_backups', { type }, { time: MADE });
    expect([report.status, await states(type)]).toEqual(['OK', ['available', 'failed']]);
    const created = outcomes.find(({ operation }) => operation === 'CreateBackup');
    expect(created).toMatchObject({ status: 'ok', message: expect.stringContaining(STAYS) });
    const again = await estate.run('create_backups', { type }, { time: MADE });
    expect([again.report.status, await states(type)]).toEqual(['OK', ['available', 'failed']]);
  });

  it('is told of once by each cleaning when it has expired, and makes none fail', async () => {
    await estate.resource({ type }, 'orders');
    await databasesEnd('failed');
    await estate.run('create_backups', { type }, { time: MADE });
    await estate.clock().advance(20 * 24 * 3_600_000);
    const { report, outcomes } = await estate.run('clean_backups', { type });
    expect([report.status, inShort(outcomes)]).toEqual(['OK', ['DeleteBackup ignored']]);
    expect(reasons(outcomes)).toEqual([expect.stringContaining('AWS Support')]);
  });

  it('as a DR copy is replaced by one under a name apart', async () => {
    await estate.resource({ type }, 'orders');
    const config = { shelvery_dr_regions: DR };
    await failsAtFirst(config);
    expect(await states(type, DR)).toContain('available');
    const settled = await estate.run('create_backups', { type, config }, { time: MADE });
    expect(settled.report.status).toBe('OK');
    expect((await states(type, DR)).filter((state) => state === 'available')).toHaveLength(1);
  });

  it('re-encrypted to be shared is replaced by one under a name apart', async () => {
    const key = await accountsOf(estate.emulator()).makeKey({ account: SOURCE, region: HOME });
    await makeResource(estate.emulator(), {
      type,
      account: SOURCE,
      region: HOME,
      name: 'orders',
      kmsKeyId: AWS_MANAGED_KEY,
    });
    const config = { shelvery_share_aws_account_ids: BUNKER, shelvery_reencrypt_kms_key_id: key };
    await failsAtFirst(config);
    const { report } = await estate.run('create_backups', { type, config }, { time: MADE });
    expect(report.status).toBe('OK');
    const temporary = (await estate.backups({ type })).filter((found) => nameOf(found).endsWith('-re-encrypted'));
    expect(temporary.filter(({ state }) => state === 'available')).toHaveLength(1);
    expect(Object.keys(await estate.files(SOURCE)).filter((file) => file.includes('/shared/'))).toHaveLength(1);
  });
});
