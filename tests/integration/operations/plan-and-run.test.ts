import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine';
import type { Action, BackupType, Outcome, RunResult } from '@shelvery/engine';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { databasesOf } from '../harness/resources.js';

const DAY = 24 * 3_600_000;
const estate = useCopyEstate();

interface Planned {
  readonly plan: readonly string[];
  readonly run: RunResult;
}

/** What a dry run says, and what the run right after it did. */
async function planAndRun(action: Action, site: Site): Promise<Planned> {
  await estate.emulator().clearCalls();
  const dry = await estate.run(action, site, { dryRun: true });
  const changes = (await estate.emulator().calls()).filter(
    ({ action: call }) => !/^(Describe|List|Get|Head)/.test(call),
  );
  expect(changes).toEqual([]);
  expect(dry.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
  const plan = (dry.plan ?? []).map(
    ({ what, subject, region, reason }) => `${what} ${subject} in ${region}: ${reason}`,
  );
  return { plan, run: await estate.run(action, site) };
}

const lines = (plan: readonly string[], ...words: readonly string[]): readonly string[] =>
  plan.filter((line) => words.some((word) => line.startsWith(`${word} `))).sort();
const done = (
  { outcomes }: RunResult,
  operation: Outcome['operation'],
  text: (outcome: Outcome) => string | undefined,
): readonly string[] =>
  outcomes
    .filter((outcome) => outcome.operation === operation && outcome.status === 'ok')
    .map((outcome) => text(outcome) ?? '')
    .sort();
const messageOf = (outcome: Outcome): string => (outcome.status === 'ok' ? (outcome.message ?? '') : '');

/** Buckets that were made or changed, as a plan has them. */
const bucketsDone = (run: RunResult): readonly string[] =>
  done(run, 'CreateDataBucket', (outcome) => {
    const changes = messageOf(outcome);
    const what = changes.startsWith('bucket') ? 'create' : 'change';
    return `${what} ${outcome.bucket ?? ''} in ${outcome.region ?? ''}: ${changes}`;
  });

describe.each(BACKUP_TYPES)('what a dry run says is what the run does (%s)', (type: BackupType) => {
  const home: Site = {
    type,
    account: SOURCE,
    region: HOME,
    config: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER, shelvery_keep_daily_backups: '14' },
  };
  const bunker: Site = { type, account: BUNKER, region: HOME, config: { shelvery_source_aws_account_ids: SOURCE } };

  it('create_backups: what is made, copied and shared, and the buckets', async () => {
    const id = await estate.resource(home, 'orders');
    const { plan, run } = await planAndRun('create_backups', home);
    const [made = ''] = lines(plan, 'create').filter((line) => line.includes(` ${id} `));
    expect(done(run, 'CreateBackup', ({ entityId }) => entityId)).toEqual([id]);
    expect(lines(plan, 'create', 'change').filter((line) => line !== made)).toEqual(bucketsDone(run));
    expect(bucketsDone(run)).toHaveLength(2);
    const copied = done(run, 'CopyBackupToRegion', ({ destinationRegion }) => destinationRegion);
    expect(made.includes(`, copied to ${DR}`) ? [DR] : []).toEqual(copied);
    if (copied.length === 0) expect(made).toContain(`not copied to ${DR}: the service cannot copy`);
    const shared = done(run, 'ShareBackup', ({ destinationAccount }) => destinationAccount);
    expect(made.includes(`, shared with ${BUNKER}`) ? [BUNKER] : []).toEqual(shared);
    const again = await planAndRun('create_backups', home);
    expect(lines(again.plan, 'create', 'change', 'remake').filter((line) => line.includes('bucket'))).toEqual([]);
    expect(bucketsDone(again.run)).toEqual([]);
  });

  it('create_data_buckets', async () => {
    await estate.resource(home, 'orders');
    const { plan, run } = await planAndRun('create_data_buckets', home);
    expect(lines(plan, 'create', 'change')).toEqual(bucketsDone(run));
    expect(plan).toHaveLength(2);
    const { plan: again } = await planAndRun('create_data_buckets', home);
    expect(again.map((line) => line.split(' ')[0])).toEqual(['keep', 'keep']);
  });

  it('clean_backups: what is removed, everywhere, and the bucket that is missing', async () => {
    await estate.resource(home, 'orders');
    await estate.run('create_backups', home);
    await estate.clock().advance(DAY);
    await estate.run('create_backups', home);
    await estate.clock().advance(400 * DAY);
    // Of this name there is no bucket.
    const shelvery_bucket_name_template = 'another.{account_id}-{region}';
    const { plan, run } = await planAndRun('clean_backups', {
      ...home,
      config: { ...home.config, shelvery_bucket_name_template },
    });
    const removed = done(run, 'DeleteBackup', ({ backupId, region }) => `${backupId ?? ''} in ${region ?? ''}`);
    expect(lines(plan, 'remove').map((line) => line.replace(/^remove /, '').replace(/:[^:]*$/, ''))).toEqual(removed);
    expect(removed.length).toBeGreaterThan(0);
    expect(lines(plan, 'create', 'change')).toEqual(bucketsDone(run));
    expect(bucketsDone(run).length).toBeGreaterThan(0);
    expect(await estate.backups(home)).toHaveLength(1);
  });

  it('pull_shared_backups', async () => {
    await estate.resource(home, 'orders');
    await estate.run('create_backups', home);
    const { plan, run } = await planAndRun('pull_shared_backups', bunker);
    expect(lines(plan, 'pull')).toHaveLength(done(run, 'PullSharedBackup', ({ backupName }) => backupName).length);
    expect((await estate.backups(bunker)).length).toBe(lines(plan, 'pull').length);
  });
});

const COPYING: readonly (readonly [BackupType, string, string])[] = [
  ['rds', 'shelvery_rds_backup_mode', 'RDS_COPY_AUTOMATED_SNAPSHOT'],
  ['rds_cluster', 'shelvery_rds_backup_mode', 'RDS_COPY_AUTOMATED_SNAPSHOT'],
  ['docdb', 'shelvery_docdb_backup_mode', 'DOCDB_COPY_AUTOMATED_SNAPSHOT'],
  ['redshift', 'shelvery_redshift_backup_mode', 'REDSHIFT_COPY_AUTOMATED_SNAPSHOT'],
];

describe.each(COPYING)('a dry run in copying mode (%s)', (type, key, mode) => {
  it('says whether the automated snapshot is copied or one is made, and why', async () => {
    const site: Site = { type, account: SOURCE, region: HOME, config: { [key]: mode } };
    const service = databasesOf(type)?.service ?? 'rds';
    const databases = databaseControls(estate.emulator());
    for (const name of ['copied', 'made', 'stale']) await estate.resource(site, name);
    const old = new Date(estate.clock().now().getTime() - 40 * 3_600_000).toISOString();
    const automated = await databases.makeAutomatedSnapshot({ service, source: 'copied' });
    await databases.makeAutomatedSnapshot({ service, source: 'stale', createdAt: old });
    const { plan, run } = await planAndRun('create_backups', site);
    const planOf = (name: string): string => plan.find((line) => line.startsWith(`create ${name} `)) ?? '';
    const saidOf = (name: string): readonly string[] =>
      run.outcomes.flatMap((outcome) =>
        outcome.operation === 'CreateBackup' && outcome.entityId === name ? [messageOf(outcome)] : [],
      );
    expect(planOf('copied')).toContain(`backup, a copy of the automated snapshot ${automated} of `);
    expect(saidOf('copied')).toEqual(['']);
    expect(planOf('made')).toContain('a new snapshot, as made has no available automated snapshot');
    expect(saidOf('made')).toEqual(['made has no available automated snapshot; a new snapshot was made instead']);
    expect(planOf('stale')).toContain('a new snapshot, as the newest automated snapshot of stale is of ');
    expect(saidOf('stale')).toEqual([expect.stringContaining('more than 30 hours old')]);
  });
});

describe('a dry run of archive_pending_backups', () => {
  it('says what is archived', async () => {
    const config = { shelvery_enable_ebs_archive: 'true', shelvery_current_retention_type: 'monthly' };
    const site: Site = { type: 'ebs', account: SOURCE, region: HOME, config };
    await estate.resource(site, 'orders');
    await estate.run('create_backups', site);
    const { plan, run } = await planAndRun('archive_pending_backups', site);
    expect(lines(plan, 'archive').map((line) => line.split(' ')[1])).toEqual(
      done(run, 'ArchiveBackup', ({ backupId }) => backupId),
    );
    expect(lines(plan, 'archive')).toHaveLength(1);
  });
});
