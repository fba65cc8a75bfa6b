import { describe, expect, it } from '@jest/globals';
import {
  CreateDBInstanceCommand,
  CreateOptionGroupCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import type { CreateDBInstanceMessage } from '@aws-sdk/client-rds';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const rds = (account: string, region: string): RDSClient =>
  new RDSClient(estate.emulator().clientConfig(account, region));

async function makeGroup(account: string, region: string, name: string): Promise<void> {
  const group = {
    OptionGroupName: name,
    EngineName: 'mysql',
    MajorEngineVersion: '8.0',
    OptionGroupDescription: 'ours',
  };
  await rds(account, region).send(new CreateOptionGroupCommand(group));
}

/** A marked database with an option group that is not a default one. */
async function makeDatabase(more: Partial<CreateDBInstanceMessage>, config: Readonly<Record<string, string>> = {}) {
  const tags = Object.entries(config).map(([key, Value]) => ({ Key: `shelvery:config:${key}`, Value }));
  await rds(SOURCE, HOME).send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'mysql',
      AllocatedStorage: 20,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
      Tags: [{ Key: 'shelvery:create_backup', Value: 'true' }, ...tags],
      ...more,
    }),
  );
}

async function groupsIn(account: string, region: string): Promise<readonly (string | undefined)[]> {
  const { DBSnapshots = [] } = await rds(account, region).send(
    new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }),
  );
  return DBSnapshots.map(({ OptionGroupName }) => OptionGroupName);
}

describe('option groups of RDS instances', () => {
  it('that the service refuses are left out of a DR copy, which is OK and says so', async () => {
    await makeGroup(SOURCE, HOME, 'ours');
    await makeDatabase({ OptionGroupName: 'ours' });
    await estate
      .emulator()
      .addFault({ action: 'CopyDBSnapshot', kind: 'refuse', code: 'InvalidOptionGroupStateFault' });
    const { outcomes, report } = await estate.run(
      'create_backups',
      { type: 'rds', config: { shelvery_dr_regions: DR } },
      { time: MADE },
    );
    expect(report.status).toBe('OK');
    const copied = outcomes.find(({ operation }) => operation === 'CopyBackupToRegion');
    expect(copied?.message).toContain('copied without the option group ours, which was refused');
    expect(await groupsIn(SOURCE, DR)).toEqual([expect.stringMatching(/^default:/)]);
  });

  it('are those of shelvery_copy_option_groups in the regions that it names, in a bunker too', async () => {
    await makeGroup(SOURCE, HOME, 'ours');
    await makeGroup(SOURCE, DR, 'abroad');
    await makeGroup(BUNKER, HOME, 'bunker');
    await makeDatabase({ OptionGroupName: 'ours' }, { shelvery_copy_option_groups: `${DR}=abroad` });
    const config = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER };
    await estate.run('create_backups', { type: 'rds', config }, { time: MADE });
    const pulling = { shelvery_source_aws_account_ids: SOURCE, shelvery_copy_option_groups: `${HOME}=bunker` };
    await estate.run('pull_shared_backups', { type: 'rds', account: BUNKER, config: pulling });
    expect(await groupsIn(SOURCE, DR)).toEqual(['abroad']);
    expect(await groupsIn(BUNKER, HOME)).toEqual(['bunker']);
  });
});

it('RDS Custom for Oracle is backed up, and its DR copy is one IGNORE', async () => {
  await makeDatabase({ Engine: 'custom-oracle-ee', EngineVersion: '19.cev' });
  const { outcomes, report } = await estate.run(
    'create_backups',
    { type: 'rds', config: { shelvery_dr_regions: DR } },
    { time: MADE },
  );
  expect(report.status).toBe('OK');
  expect(inShort(outcomes).filter((line) => !line.startsWith('CreateDataBucket'))).toEqual([
    'CopyBackupToRegion ignored',
    'CreateBackup ok',
    'StoreBackupData ok',
  ]);
  expect(reasons(outcomes)).toEqual([
    expect.stringMatching(
      /is a snapshot of an RDS Custom instance \(custom-oracle-ee\)\. AWS does not copy these to another region\.$/,
    ),
  ]);
});
