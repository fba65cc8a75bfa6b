import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { Action, BackupType, FoundBackup, Outcome, RunResult } from '@shelvery/engine/terminal';
import { ADAPTERS } from '../../../cli/adapters.js';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { databasesOf } from '../harness/resources.js';
import { createSystemAccess } from '../harness/system-access.js';

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
  const plan = (dry.plan ?? []).map(
    ({ what, subject, region, reason }) => `${what} ${subject} in ${region}: ${reason}`,
  );
  const run = await estate.run(action, site);
  expect(troubles(dry)).toEqual(troubles(run));
  expect(dry.report.status).toBe(run.report.status);
  return { plan, run };
}

/** What fails, by its code and by what it is about. */
function troubles({ outcomes }: RunResult): readonly string[] {
  return outcomes
    .flatMap((outcome) =>
      outcome.status === 'failed'
        ? [`${outcome.operation} ${outcome.backupId ?? outcome.backupS3Location ?? ''} ${outcome.error.code}`]
        : [],
    )
    .sort();
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
    const files = lines(plan, 'change').filter((line) => line.endsWith('its metadata is missing, and is written'));
    expect(files).toHaveLength(done(run, 'StoreBackupData', ({ backupId }) => backupId).length);
    expect(lines(plan, 'create', 'change').filter((line) => !files.includes(line))).toEqual(bucketsDone(run));
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

describe.each(BACKUP_TYPES)('a dry run fails where the run does (%s)', (type: BackupType) => {
  const DAILY = { shelvery_current_retention_type: 'daily' };
  const home: Site = { type, account: SOURCE, region: HOME, config: DAILY };
  const bunker: Site = { type, account: BUNKER, region: HOME, config: { shelvery_source_aws_account_ids: SOURCE } };
  const made = async (site: Site): Promise<void> => {
    await estate.run('create_backups', site);
    await estate.clock().advance(DAY);
  };
  async function tag(found: FoundBackup, tags: Readonly<Record<string, string>>): Promise<void> {
    const adapter = ADAPTERS[type]({ access: createSystemAccess(estate.install(home)), prefix: 'shelvery' });
    await adapter.tagBackup(found, tags);
  }

  it('clean_backups: unreadable, of a type that is not configured, kept for a wrong value', async () => {
    await estate.resource(home, 'orders');
    await made({ ...home, config: { ...DAILY, shelvery_dr_regions: DR } });
    const [unreadable] = await estate.backups(home);
    if (unreadable === undefined) throw new Error('No backup was made.');
    await tag(unreadable, { 'shelvery:date_created': 'yesterday' });
    const SHORT = { shelvery_custom_retention_types: 'short:60', shelvery_current_retention_type: 'short' };
    await made({ ...home, config: SHORT });
    await estate.resource(home, 'mail', { 'shelvery:config:shelvery_keep_daily_backups': 'abc' });
    await made(home);
    await estate.clock().advance(30 * DAY);
    const { plan, run } = await planAndRun('clean_backups', home);
    expect(run.report.status).toBe('PARTIAL');
    const codes = troubles(run).map((line) => line.split(' ').at(-1));
    expect(codes.sort()).toEqual(['BackupUnreadable', 'ConfigurationError', 'TagUnreadable']);
    const { plan: lastPlan = [] } = await estate.run('clean_backups', home, { dryRun: true });
    expect(
      lastPlan
        .filter(({ problem }) => problem)
        .map(({ subject }) => subject)
        .sort(),
    ).toEqual(
      troubles(run)
        .map((line) => line.split(' ')[1])
        .sort(),
    );
    expect(lines(plan, 'keep').length).toBeGreaterThanOrEqual(3);
  });

  it('clean_backups: FAILED where there is nothing else', async () => {
    await estate.resource(home, 'orders');
    await made(home);
    const [only] = await estate.backups(home);
    if (only === undefined) throw new Error('No backup was made.');
    await tag(only, { 'shelvery:retention_type': '' });
    expect((await planAndRun('clean_backups', home)).run.report.status).toBe('FAILED');
  });

  it('clean_backups: files that are missing, of backups that are gone, and that cannot be read', async () => {
    const id = await estate.resource(home, 'orders');
    await made(home);
    await made(home);
    const [first, second] = await estate.backups(home);
    if (first === undefined || second === undefined) throw new Error('No backups were made.');
    const adapter = ADAPTERS[type]({ access: createSystemAccess(estate.install(home)), prefix: 'shelvery' });
    await adapter.deleteBackup(first);
    await estate.deleteFile(SOURCE, `backups/${type}/${nameOf(second)}.yaml`);
    await estate.putFile(SOURCE, `backups/${type}/odd-${id}.yaml`, 'x: 1');
    const { plan, run } = await planAndRun('clean_backups', home);
    expect(troubles(run)).toEqual(['StoreBackupData  MetadataRefused']);
    expect(lines(plan, 'change')).toEqual(
      [
        `change ${first.id} in ${HOME}: the backup is gone; its file is moved to removed/`,
        `change ${second.id} in ${HOME}: its metadata is missing, and is written`,
      ].sort(),
    );
    const files = Object.keys(await estate.files(SOURCE));
    expect(files).toContain(`backups/${type}/${nameOf(second)}.yaml`);
    expect(files).toContain(`backups/${type}/removed/${nameOf(first)}.yaml`);
  });

  it('pull_shared_backups: files that can never be pulled, and copies that failed', async () => {
    await estate.resource(home, 'orders');
    const sharing = { ...home, config: { ...DAILY, shelvery_share_aws_account_ids: BUNKER } };
    await made(sharing);
    await estate.putFile(SOURCE, `backups/shared/${BUNKER}/${type}/bad.yaml`, 'x: 1');
    const { plan, run } = await planAndRun('pull_shared_backups', bunker);
    const canPull = type !== 'redshift';
    expect(troubles(run)).toEqual(
      canPull ? [`PullSharedBackup backups/shared/${BUNKER}/${type}/bad.yaml MetadataRefused`] : [],
    );
    expect(lines(plan, 'refuse')).toHaveLength(canPull ? 1 : 0);
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
