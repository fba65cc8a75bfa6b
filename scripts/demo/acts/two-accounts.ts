import { CreateTagsCommand, DeleteVolumeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBInstanceCommand, DeleteDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Action, BackupType, Outcome, RunResult } from '@shelvery/engine/terminal';
import { toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../../tests/emulator/databases.js';
import type { Emulator } from '../../../tests/emulator/emulator.js';
import type { Actor, Run, RunOptions } from '../runner.js';
import type { Screen } from '../screen.js';
import { shownTime } from '../shown-time.js';
import { backupTable } from './backup-table.js';
import type { PartysBackup } from './backup-table.js';
import { createChronicle } from './chronicle.js';

const TYPES: readonly BackupType[] = ['ebs', 'rds'];
const BUNKER = '999999999999';
const DATABASE = 'lohn';
const DR_REGION = 'eu-central-1';
/** Days after the first night: the local backups have expired, and then the DR copies too. */
const LOSS = 20;
const DR_EXPIRED = 40;

/**
 * Two accounts and two regions: made, copied, shared, pulled, cleaned; and what is left in the bunker when the source
 * has lost everything.
 */
export async function showTwoAccounts(
  emulator: Emulator,
  run: Run,
  { account, region }: Pick<Actor, 'account' | 'region'>,
  screen: Screen,
): Promise<void> {
  const config = {
    shelvery_dr_regions: DR_REGION,
    shelvery_keep_daily_backups_dr: '30',
    shelvery_share_aws_account_ids: BUNKER,
  };
  const source: Actor = { account, region, config };
  const bunker: Actor = { account: BUNKER, region, config: { shelvery_source_aws_account_ids: account } };
  const chronicle = createChronicle(screen, { [account]: 'source', [BUNKER]: 'bunker' });
  const runAll = async (
    actor: Actor,
    action: Action,
    time: Date,
    options: RunOptions = chronicle.of(actor),
  ): Promise<readonly RunResult[]> => {
    const results: RunResult[] = [];
    for (const type of TYPES) results.push(await run(actor, type, action, time, options));
    return results;
  };
  const volume = await makeEstate(emulator, source);

  screen.title(`Two accounts and two regions, from ${shownTime(0, 0).toISOString().slice(0, 10)}`);
  screen.say(
    `source  ${account}: backs up in ${region}, copies to ${DR_REGION} (kept 30 days), shares both with the bunker`,
  );
  screen.say(`bunker  ${BUNKER}: pulls in ${region} what is shared with it; nobody in the source has its credentials`);
  await run(bunker, 'ebs', 'create_data_buckets', shownTime(0, 0, 30), chronicle.of(bunker));
  const first = await runAll(source, 'create_backups', shownTime(0, 1));
  const firstPulled = await runAll(bunker, 'pull_shared_backups', shownTime(0, 2));
  const list = async (at: Date): Promise<readonly PartysBackup[]> => {
    const listed = async (who: string, actor: Actor): Promise<readonly PartysBackup[]> =>
      (await runAll(actor, 'list_backups', at, {})).flatMap((result) =>
        (result.listed ?? []).map((backup) => ({ who, backup })),
      );
    return [...(await listed('source', source)), ...(await listed('bunker', bunker))];
  };
  screen.title('Where the backups are now: list_backups of both accounts');
  screen.table(...backupTable(await list(shownTime(0, 3))));

  screen.title('What happens then');
  const second = await runAll(source, 'create_backups', shownTime(1, 1), {});
  const secondPulled = await runAll(bunker, 'pull_shared_backups', shownTime(1, 2), {});
  for (const night of [first, second])
    refuseMissing(night, [
      'CreateBackup',
      'StoreBackupData',
      'CopyBackupToRegion',
      'ShareBackup',
      'ShareRegionalBackupCopy',
    ]);
  for (const night of [firstPulled, secondPulled]) refuseMissing(night, ['PullSharedBackup', 'StoreBackupData']);
  chronicle.event(shownTime(1, 1), source, 'and bunker do the same the next night; its lines are left out');
  const held =
    first.flatMap(({ outcomes }) => outcomes).find(({ operation }) => operation === 'CreateBackup')?.backupId ?? '';
  await hold(emulator, source, held);
  chronicle.event(shownTime(1, 9), source, `the volume's first backup, ${held}, is put on hold: shelvery:hold = true`);
  await loseEverything(emulator, source, volume);
  chronicle.event(shownTime(LOSS, 0), source, 'the volume and the database are deleted');
  await runAll(source, 'clean_backups', shownTime(LOSS, 2));
  await runAll(bunker, 'clean_backups', shownTime(LOSS, 3));
  chronicle.event(shownTime(DR_EXPIRED, 0), source, 'three weeks later the DR copies have expired, too');
  await runAll(source, 'clean_backups', shownTime(DR_EXPIRED, 2));
  await runAll(bunker, 'clean_backups', shownTime(DR_EXPIRED, 3));

  screen.title('What is left: list_backups of both accounts');
  const left = await list(shownTime(DR_EXPIRED, 4));
  refuseLoss(left, [volume, DATABASE]);
  screen.table(...backupTable(left));
  screen.say('In the source, a backup of what was lost stays beyond its time only if it is on hold.');
  screen.say('The bunker keeps the newest backup of each, whatever its age.');
}

async function hold(emulator: Emulator, { account, region }: Actor, backup: string): Promise<void> {
  const ec2 = new EC2Client(emulator.clientConfig(account, region));
  await ec2.send(new CreateTagsCommand({ Resources: [backup], Tags: [{ Key: 'shelvery:hold', Value: 'true' }] }));
}

async function loseEverything(emulator: Emulator, { account, region }: Actor, volume: string): Promise<void> {
  await new EC2Client(emulator.clientConfig(account, region)).send(new DeleteVolumeCommand({ VolumeId: volume }));
  await new RDSClient(emulator.clientConfig(account, region)).send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: DATABASE, SkipFinalSnapshot: true }),
  );
}

/** A volume, whose id is returned, and the database. */
async function makeEstate(emulator: Emulator, { account, region }: Actor): Promise<string> {
  await emulator.setSnapshotStates({ pendingMs: 60_000 });
  const databases = databaseControls(emulator);
  await databases.setStates({ pendingMs: 90_000 });
  const mark = { 'shelvery:create_backup': 'true' };
  const [volume = ''] = await emulator.seedVolumes([{ tags: { ...mark, Name: 'Kasse' } }], { account, region });
  const database = {
    DBInstanceIdentifier: DATABASE,
    DBInstanceClass: 'db.t4g.medium',
    Engine: 'postgres',
    AllocatedStorage: 20,
  };
  const owner = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1' };
  const rds = new RDSClient(emulator.clientConfig(account, region));
  await rds.send(new CreateDBInstanceCommand({ ...database, ...owner, Tags: toTagList({ ...mark, Name: 'Löhne' }) }));
  for (const day of [0, 1])
    await databases.makeAutomatedSnapshot({
      service: 'rds',
      source: DATABASE,
      account,
      region,
      createdAt: shownTime(day, 0, 10).toISOString(),
    });
  return volume;
}

/** @throws Error when a run of a type did none of what it is run for. */
function refuseMissing(results: readonly RunResult[], operations: readonly Outcome['operation'][]): void {
  for (const { report, outcomes } of results) {
    const missing = operations.filter(
      (operation) => !outcomes.some((outcome) => outcome.operation === operation && outcome.status === 'ok'),
    );
    if (missing.length > 0)
      throw new Error(
        `${report.action} of ${report.backup_type} in ${report.account_id} did no ${missing.join(' and no ')}.`,
      );
  }
}

/** @throws Error when a resource has no backup in the bunker any more. */
function refuseLoss(left: readonly PartysBackup[], resources: readonly string[]): void {
  const lost = resources.filter(
    (resource) =>
      !left.some(({ who, backup }) => who === 'bunker' && backup.resource === resource && backup.place === 'pulled'),
  );
  if (lost.length > 0) throw new Error(`The bunker has no backup of ${lost.join(' and ')} any more.`);
}
