import { describe, expect, it } from '@jest/globals';
import type { DelayedMessage } from '../../../../layers/engine/src/domain/delayed.js';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { EarlierInvocations } from '../../../../layers/engine/src/domain/telling/earlier-invocations.js';
import { BackupId, RunId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { AwsParts } from '../../../../layers/engine/src/run/open-run.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import {
  DR,
  LOCAL,
  OTHER_ACCOUNT,
  OWN_ACCOUNT,
  RUN,
  THIRD,
  foundBackup,
  resource,
  utc,
} from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate, Ran, Told } from '../memory-estate.js';
import { only } from '../one-of.js';
import { atMost, handingOver, keepingMessages, withAdapter } from '../other-parts.js';

const TIME = '2026-11-24-0301';
const HOUR_MS = 3_600_000;

/** An estate with its data buckets. */
async function estateOf(type: BackupType, settings: Asked['settings'] = {}): Promise<MemoryEstate> {
  const estate = openEstate(type);
  await estate.run('create_data_buckets', { settings });
  return estate;
}

/** What is told of a backup that was made. */
function made(of: string, backupId: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  const backupName = `${of}-${TIME}-daily`;
  const about = { operation: 'CreateBackup', backupName, entityId: of, retentionType: 'daily', region: LOCAL };
  return { ...about, backupId, status: 'ok', ...more };
}

/** What is told of a backup whose file was written. */
function stored(
  type: BackupType,
  of: string,
  backupId: string,
  more: {
    readonly backupName?: string;
    readonly entityName?: string;
    readonly already?: true;
    readonly message?: string;
  } = {},
): unknown {
  const { backupName = `${of}-${TIME}-daily`, ...others } = more;
  return {
    operation: 'StoreBackupData',
    backupName,
    backupId,
    entityId: of,
    retentionType: 'daily',
    region: LOCAL,
    bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
    backupS3Location: `backups/${type}/${backupName}.yaml`,
    status: 'ok',
    ...others,
  };
}

/** What is told of a backup that was not made. */
function notMade(of: string, error: string): unknown {
  const backupName = `${of}-${TIME}-daily`;
  const about = { operation: 'CreateBackup', backupName, entityId: of, retentionType: 'daily', region: LOCAL };
  return { ...about, status: 'failed', error };
}

function inShort({ operation, entityId }: Told): string {
  return `${operation} ${entityId ?? ''}`;
}

/** The calls of a service on its resources and backups. */
function callsOf(type: BackupType, { calls }: Pick<Ran, 'calls'>): readonly string[] {
  return calls.filter((call) => call.startsWith(`${type}:`));
}

describe('backups that are made', () => {
  it('have the names and the tags that they need, and are told of one by one, with the name of their resource', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-2');
    estate.resource('vol-1', {
      tags: { Name: 'web', team: 'blue', 'shelvery:config:shelvery_keep_daily_backups': '3' },
    });
    const { said, told, report, ...ran } = await estate.run('create_backups');
    const backupName = `web-90cfa3-${TIME}-daily`;
    expect(told).toEqual([
      made('vol-1', 'snap-00000000000000003', { backupName, entityName: 'web' }),
      made('vol-2', 'snap-00000000000000004'),
      stored('ebs', 'vol-1', 'snap-00000000000000003', { backupName, entityName: 'web' }),
      stored('ebs', 'vol-2', 'snap-00000000000000004'),
    ]);
    expect(said).toEqual([]);
    expect(report.summary).toEqual({ collected: 2, succeeded: 4, skipped: 0, failed: 0, unfinished: 0 });
    expect([ran.remaining, ran.time, ran.plan]).toEqual([0, utc('2026-11-24 03:01'), undefined]);
    expect(callsOf('ebs', ran)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:createBackup ${LOCAL} ${backupName}`,
      `ebs:createBackup ${LOCAL} vol-2-${TIME}-daily`,
      `ebs:describeBackups ${LOCAL}`,
      `ebs:describeBackups ${LOCAL}`,
    ]);
    expect(estate.backups().map(({ tags }) => tags)).toEqual([
      {
        Name: backupName,
        ResourceName: 'web',
        'shelvery:tag_name': 'shelvery',
        'shelvery:date_created': TIME,
        'shelvery:src_account': OWN_ACCOUNT,
        'shelvery:name': backupName,
        'shelvery:region': LOCAL,
        'shelvery:retention_type': 'daily',
        'shelvery:entity_id': 'vol-1',
        'shelvery:backup': 'true',
        'shelvery:dr_regions': '',
        'shelvery:run_id': RUN,
        'shelvery:config:shelvery_keep_daily_backups': '3',
        team: 'blue',
      },
      expect.objectContaining({ Name: `vol-2-${TIME}-daily`, 'shelvery:entity_id': 'vol-2' }),
    ]);
  });

  it('are stored, copied and shared in the same run, as the settings want it, where nobody watches', async () => {
    const settings = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    const estate = await estateOf('ebs', settings);
    estate.resource('vol-1');
    const { told, said, unfinished, report } = await estate.run('create_backups', { settings });
    expect(
      told.map(({ operation, status, backupId, destinationRegion, destinationAccount }) =>
        [operation, status, backupId, destinationRegion, destinationAccount].filter(Boolean).join(' '),
      ),
    ).toEqual([
      'CreateBackup ok snap-00000000000000005',
      'StoreBackupData ok snap-00000000000000005',
      `CopyBackupToRegion ok snap-00000000000000005 ${DR}`,
      'StoreBackupData ok snap-00000000000000009',
      `ShareRegionalBackupCopy ok snap-00000000000000009 ${DR} ${OTHER_ACCOUNT}`,
      `ShareBackup ok snap-00000000000000005 ${OTHER_ACCOUNT}`,
    ]);
    expect([said, unfinished]).toEqual([[], []]);
    expect(report).toMatchObject({ status: 'OK', summary: { failed: 0, unfinished: 0 } });
    const files = ['', `shared/${OTHER_ACCOUNT}/`].map((folder) => `backups/${folder}ebs/vol-1-${TIME}-daily.yaml`);
    expect([estate.keys(), estate.keys(DR)].map((keys) => keys.filter((key) => key.startsWith('backups/')))).toEqual([
      files,
      files,
    ]);
  });

  it('have the buckets that they need made at the same time', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    const { told } = await estate.run('create_backups');
    const bucket = bucketNameOf(OWN_ACCOUNT, LOCAL);
    expect(told).toEqual([
      made('vol-1', 'snap-00000000000000001'),
      { operation: 'CreateDataBucket', bucket, region: LOCAL, status: 'ok', message: 'bucket, policy' },
      stored('ebs', 'vol-1', 'snap-00000000000000001'),
    ]);
  });

  it('leave in the policy of their bucket whom earlier runs have let in', async () => {
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    const estate = await estateOf('ebs', settings);
    estate.resource('vol-1');
    const { told } = await estate.run('create_backups');
    expect(told.map(inShort)).toEqual(['CreateBackup vol-1', 'StoreBackupData vol-1']);
    const [bucket] = estate.world.buckets.values();
    expect(bucket?.policy).toContain(OTHER_ACCOUNT);
  });

  it('are told with what the service says of how', async () => {
    const estate = await estateOf('rds');
    estate.resource('orders');
    const id = `orders-${TIME}-daily`;
    const { told } = await estate.run('create_backups');
    expect(told).toEqual([
      made('orders', id, { message: 'orders has no available automated snapshot' }),
      stored('rds', 'orders', id),
    ]);
  });

  it('are found by a run that is repeated, and have done again what follows them, and nothing else', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    const first = await estate.run('create_backups');
    const again = await estate.run('create_backups');
    const id = first.told[0]?.backupId ?? '';
    expect(again.told).toEqual([
      made('vol-1', id, { already: true, message: 'already made by an earlier run' }),
      stored('ebs', 'vol-1', id, { already: true, message: 'already stored' }),
    ]);
    expect(again.report.summary).toMatchObject({ collected: 1, succeeded: 2 });
    expect(again.remaining).toBe(0);
    expect(callsOf('ebs', again)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:describeBackups ${LOCAL}`,
    ]);
    expect(estate.backups()).toHaveLength(1);
  });

  it('are not sent again what an earlier invocation of the run has sent for them', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    estate.resource('vol-2');
    const handed: RemainingWork[] = [];
    const first = await estate.run('create_backups', {
      parts: () => ({
        mayStart: atMost(1),
        handOver: handingOver(handed),
      }),
    });
    expect(first.told.map(inShort)).toEqual(['CreateBackup vol-1', 'StoreBackupData vol-1']);
    const earlier = EarlierInvocations.parse(only(handed).soFar);
    const second = await estate.run('create_backups', { parts: () => ({ earlier }) });
    expect(second.told.map(inShort)).toEqual(['CreateBackup vol-1', 'CreateBackup vol-2', 'StoreBackupData vol-2']);
    expect(second.told[0]).toMatchObject({ already: true, message: 'already made by an earlier run' });
  });

  it('are made for the time of an earlier try, where a run under the same id is tried again', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    const first = await estate.run('create_backups', { mayBeRetry: true });
    await estate.pass(1);
    const again = await estate.run('create_backups', { mayBeRetry: true });
    expect(again.time).toEqual(utc('2026-11-24 03:01'));
    expect(again.told[0]).toEqual(
      made('vol-1', first.told[0]?.backupId ?? '', { already: true, message: 'already made by an earlier run' }),
    );
    expect(callsOf('ebs', again).slice(0, 3)).toEqual([
      `ebs:findByTags ${LOCAL}`,
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
    ]);
  });

  it('are made for the earliest time of several tries, whatever copies of them say', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    const tags = { 'shelvery:run_id': RUN };
    hold(estate, { id: 'snap-b', created: '2026-11-24-0200', tags });
    hold(estate, { id: 'snap-a', created: '2026-11-24-0130', entity: 'vol-2', tags });
    hold(estate, { id: 'snap-c', created: '2026-11-24-0100', place: 'dr', region: LOCAL, tags });
    const { time } = await estate.run('create_backups', { mayBeRetry: true });
    expect(time).toEqual(utc('2026-11-24 01:30'));
  });

  it.each([
    ['by another run', RunId.parse('another'), true],
    ['by a run that is told its time', RUN, false],
  ])('are made for the time of the run, where others were made %s', async (_, runId, mayBeRetry) => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    await estate.run('create_backups');
    await estate.pass(1);
    const again = await estate.run('create_backups', { runId, mayBeRetry });
    expect(again.time).toEqual(utc('2026-11-24 04:01'));
    expect(again.told[0]).toEqual(
      made('vol-1', 'snap-00000000000000006', { backupName: 'vol-1-2026-11-24-0401-daily' }),
    );
  });

  it('have the longest type that was missed, where older ones are to be caught up with', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    hold(estate, { id: 'snap-a', created: '2026-11-21-0300' });
    const settings = { shelvery_catch_up: true };
    const caughtUp = await estate.run('create_backups', { settings });
    expect(caughtUp.told[0]).toMatchObject({ retentionType: 'weekly', backupName: `vol-1-${TIME}-weekly` });
    expect(callsOf('ebs', caughtUp).slice(0, 3)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:listBackups ${LOCAL}`,
    ]);
  });

  it('are of the type of the day otherwise, and nobody looks at older ones', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    hold(estate, { id: 'snap-a', created: '2026-11-21-0300' });
    const { told, calls } = await estate.run('create_backups');
    expect(told[0]).toMatchObject({ retentionType: 'daily' });
    expect(calls).not.toContain(`ebs:listBackups ${LOCAL}`);
  });

  it('are told of with what is wrong in the tags of their resources', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_keep_daily_backups': 'many' } });
    const { told, said } = await estate.run('create_backups');
    expect(told).toHaveLength(2);
    expect(said).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        'vol-1: shelvery_keep_daily_backups in the resource\'s tags is "many"; allowed: a whole number from 0 to 10000 (days). It is not used, and no backup of the resource is removed until it is corrected.',
        { entityId: 'vol-1' },
      ],
    ]);
  });
});

describe('a backup that is not made', () => {
  const whileMaking = 'while creating a backup of EBS volume vol-1';

  it.each([
    [
      'IncorrectState',
      `InvalidResourceState: IncorrectState ${whileMaking}: IncorrectState. Bring it into a state that can be backed up, or set shelvery_ignore_invalid_resource_state=true.`,
    ],
    [
      'SnapshotLimitExceeded',
      'QuotaExceeded: EBS volume vol-1 was not backed up: the quota "EBS snapshots per Region" is full. Delete snapshots that are not needed, or ask AWS to raise it (Service Quotas).',
    ],
    [
      'ConcurrentSnapshotLimitExceeded',
      `NotYet: ConcurrentSnapshotLimitExceeded ${whileMaking}: ConcurrentSnapshotLimitExceeded.`,
    ],
    [
      'UnauthorizedOperation',
      `NotAllowed: UnauthorizedOperation ${whileMaking}: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.`,
    ],
  ])('fails by what the service says: %s', async (refuse, error) => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    estate.resource('vol-2');
    estate.strike('ebs:createBackup', { refuse });
    const { told, report, remaining } = await estate.run('create_backups');
    expect(told).toEqual([
      notMade('vol-1', error),
      made('vol-2', 'snap-00000000000000003'),
      stored('ebs', 'vol-2', 'snap-00000000000000003'),
    ]);
    expect(report.summary).toEqual({ collected: 2, succeeded: 2, skipped: 0, failed: 1, unfinished: 0 });
    expect(remaining).toBe(0);
  });

  it.each([
    ['IncorrectState', true],
    ['SnapshotLimitExceeded', false],
    ['ConcurrentSnapshotLimitExceeded', true],
    ['RequestLimitExceeded', true],
    ['UnauthorizedOperation', false],
  ])('is worth another try or not, and tells what AWS said: %s', async (refuse, mendable) => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    estate.strike('ebs:createBackup', { refuse });
    const { errors } = await estate.run('create_backups');
    expect(errors).toEqual([expect.any(ShelveryError)]);
    expect(errors).toMatchObject([
      { mendable, aws: { code: refuse, requestId: 'simulated', httpStatus: 400 }, cause: { name: refuse } },
    ]);
  });

  it('is passed over where its resource was deleted in the meantime', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1', { tags: { Name: 'web' } });
    estate.strike('ebs:createBackup', { refuse: 'InvalidVolume.NotFound' });
    const { told, report } = await estate.run('create_backups');
    expect(told).toEqual([
      {
        operation: 'CreateBackup',
        backupName: `web-90cfa3-${TIME}-daily`,
        entityId: 'vol-1',
        entityName: 'web',
        retentionType: 'daily',
        region: LOCAL,
        status: 'ignored',
        reason: 'the EBS volume vol-1 was deleted while the run was going on',
      },
    ]);
    expect(report.status).toBe('OK');
  });

  it('is passed over where states that allow none are to be, as the settings say', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    estate.strike('ebs:createBackup', { refuse: 'IncorrectState' });
    const { told } = await estate.run('create_backups', {
      settings: { shelvery_ignore_invalid_resource_state: true },
    });
    expect(told).toEqual([
      {
        operation: 'CreateBackup',
        backupName: `vol-1-${TIME}-daily`,
        entityId: 'vol-1',
        retentionType: 'daily',
        region: LOCAL,
        status: 'ignored',
        reason: `IncorrectState ${whileMaking}: IncorrectState.`,
      },
    ]);
  });

  it('was made after all where the call was done, though it failed', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    estate.strike('ebs:createBackup', 'fail-after');
    const ran = await estate.run('create_backups');
    expect(ran.told).toEqual([
      made('vol-1', 'snap-00000000000000003', { message: 'the call failed, but the backup had been made' }),
      stored('ebs', 'vol-1', 'snap-00000000000000003'),
    ]);
    expect(callsOf('ebs', ran)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:createBackup ${LOCAL} vol-1-${TIME}-daily`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:describeBackups ${LOCAL}`,
    ]);
  });

  it('is passed over where backups of its type are kept for no time', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_keep_daily_backups': '0' } });
    const { told, calls, report } = await estate.run('create_backups');
    expect(told).toEqual([
      {
        operation: 'CreateBackup',
        entityId: 'vol-1',
        region: LOCAL,
        status: 'ignored',
        reason: 'daily backups are kept for 0 days',
      },
    ]);
    expect(report.summary).toMatchObject({ collected: 1, skipped: 1 });
    // Nor does it need a bucket.
    expect(calls).toEqual([`ebs:listResources ${LOCAL}`, `ebs:findByTags ${LOCAL}`]);
  });

  it('is left over where the run may begin nothing more', async () => {
    const estate = await estateOf('ebs');
    for (const id of ['vol-1', 'vol-2', 'vol-3']) estate.resource(id);
    const handed: RemainingWork[] = [];
    const { told, remaining, handedOver } = await estate.run('create_backups', {
      parts: () => ({
        mayStart: atMost(1),
        handOver: handingOver(handed),
      }),
    });
    expect(told).toEqual([made('vol-1', 'snap-00000000000000003'), stored('ebs', 'vol-1', 'snap-00000000000000003')]);
    expect([remaining, handedOver]).toEqual([2, true]);
    expect(handed).toMatchObject([{ remaining: 2, begun: 1, time: utc('2026-11-24 03:01') }]);
  });

  it('is left over where the service did not take the call before the run had to end', async () => {
    const estate = await estateOf('ebs');
    for (const id of ['vol-1', 'vol-2']) estate.resource(id);
    const { told, remaining } = await estate.run('create_backups', {
      parts: withAdapter((adapter) => ({
        createBackup: (planned) =>
          planned.resource.id === 'vol-1'
            ? Promise.reject(new ShelveryError('NotBegun', 'its turn did not come'))
            : adapter.createBackup(planned),
      })),
    });
    expect(told).toEqual([made('vol-2', 'snap-00000000000000003'), stored('ebs', 'vol-2', 'snap-00000000000000003')]);
    expect(remaining).toBe(1);
  });
});

describe('a backup that failed', () => {
  it('is deleted and made again by a run that is repeated', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    hold(estate, { id: 'snap-old', created: TIME, state: 'failed' });
    const ran = await estate.run('create_backups');
    expect(ran.told).toEqual([
      made('vol-1', 'snap-00000000000000004'),
      stored('ebs', 'vol-1', 'snap-00000000000000004'),
    ]);
    expect(callsOf('ebs', ran)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:deleteBackup ${LOCAL} snap-old`,
      `ebs:createBackup ${LOCAL} vol-1-${TIME}-daily`,
      `ebs:describeBackups ${LOCAL}`,
    ]);
    expect(ran.report.summary.collected).toBe(1);
  });

  it('is not made again where it cannot be deleted for another reason than its state', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    hold(estate, { id: 'snap-old', created: TIME, state: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const { told } = await estate.run('create_backups');
    expect(told).toEqual([
      notMade(
        'vol-1',
        'NotAllowed: UnauthorizedOperation while creating a backup of EBS volume vol-1: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.',
      ),
    ]);
  });

  it('stays where its service deletes none, and each further one gets a name apart', async () => {
    const estate = await estateOf('rds');
    estate.resource('orders');
    estate.failBackups();
    const none = 'orders has no available automated snapshot';
    const stays = 'which failed, stays, because the service deletes no snapshot in this state';
    const names = [`orders-${TIME}-daily`, `orders-87ef5843f943-${TIME}-daily`, `orders-65c4a226a6cf-${TIME}-daily`];
    const messages = [none, `${none}; ${names[0]}, ${stays}`, `${none}; ${names[0]}, ${stays}; ${names[1]}, ${stays}`];
    for (const [at, name] of names.entries()) {
      const { told } = await estate.run('create_backups');
      expect(told[0]).toEqual(made('orders', name, { backupName: name, message: messages[at] ?? '' }));
    }
    expect(estate.backups().map(({ tags }) => [tags['Name'], tags['shelvery:name']])).toEqual(
      names.map((name) => [name, name]),
    );
  });

  it('has its name apart told and stored, where it is found again', async () => {
    const estate = await estateOf('rds');
    estate.resource('orders');
    const name = `orders-${TIME}-daily`;
    const apart = `orders-87ef5843f943-${TIME}-daily`;
    hold(estate, {
      id: name,
      name,
      entity: 'orders',
      created: TIME,
      place: 'dr',
      region: LOCAL,
      source: `${DR}:${name}`,
    });
    await estate.run('create_backups');
    const { told } = await estate.run('create_backups');
    expect(told).toEqual([
      made('orders', apart, { backupName: apart, already: true, message: 'already made by an earlier run' }),
      stored('rds', 'orders', apart, { backupName: apart, already: true, message: 'already stored' }),
    ]);
  });
});

describe('a name that is taken', () => {
  const NAME = `orders-${TIME}-daily`;
  const APART = `orders-87ef5843f943-${TIME}-daily`;

  /** A database whose backup finds its name held by the DR copy of another region's, and the other name by something. */
  async function bothTaken(other: Readonly<Record<string, string | undefined>>): Promise<MemoryEstate> {
    const estate = await estateOf('rds');
    estate.resource('orders');
    hold(estate, {
      id: NAME,
      name: NAME,
      entity: 'orders',
      created: TIME,
      place: 'dr',
      region: LOCAL,
      source: `${DR}:${NAME}`,
    });
    hold(estate, { id: APART, name: APART, tags: { 'shelvery:date_created': undefined, ...other } });
    return estate;
  }

  it('leads to a name apart', async () => {
    const estate = await bothTaken({});
    for (const backup of estate.backups().slice(1)) estate.change(backup, { id: 'another' });
    const { told, ...ran } = await estate.run('create_backups');
    expect(told[0]).toEqual(
      made('orders', APART, { backupName: APART, message: 'orders has no available automated snapshot' }),
    );
    expect(callsOf('rds', ran)).toEqual([
      `rds:listResources ${LOCAL}`,
      `rds:findByTags ${LOCAL}`,
      `rds:createBackup ${LOCAL} ${NAME}`,
      ...Array.from({ length: 3 }, () => `rds:findByTags ${LOCAL}`),
      `rds:createBackup ${LOCAL} ${APART}`,
      `rds:describeBackups ${LOCAL}`,
    ]);
  });

  it.each([
    [{ 'shelvery:entity_id': 'books' }, 'is a backup of books'],
    [{ 'shelvery:entity_id': undefined }, 'is a backup that Shelvery did not make'],
    [{ 'shelvery:dr_source_backup': `${THIRD}:${NAME}` }, `is the DR copy of ${THIRD}:${NAME}`],
  ])('twice is an error that tells what holds each: %j', async (other, holder) => {
    const estate = await bothTaken(other);
    const { told } = await estate.run('create_backups');
    expect(told).toEqual([
      notMade(
        'orders',
        `AlreadyExists: Both names that this backup could have are taken: ${NAME} is the DR copy of ${DR}:${NAME}; ${APART} ${holder}. Delete one of the two.`,
      ),
    ]);
  });

  it('twice is told of also where nobody may look at what holds one', async () => {
    const estate = await bothTaken({ 'shelvery:entity_id': 'books' });
    estate.strike('rds:describeBackups', { refuse: 'AccessDenied' });
    const { told } = await estate.run('create_backups');
    expect(told).toEqual([
      notMade(
        'orders',
        `AlreadyExists: Both names that this backup could have are taken: ${NAME} is held by what could not be looked at (AccessDenied while looking at ${NAME}: AccessDenied. Allow the call in the policy of the role or user that Shelvery runs as.); ${APART} is a backup of books. Delete one of the two.`,
      ),
    ]);
  });

  it('of images, which have other ids than names, is told of', async () => {
    const estate = await estateOf('ec2ami');
    estate.resource('i-1', { tags: { Name: '?web' } });
    const names = [`web-800ba3-${TIME}-daily`, `web-800ba3-ecbbd7d4a5c5-${TIME}-daily`];
    for (const [at, serviceName] of names.entries()) {
      hold(estate, { id: `ami-${String(at)}`, entity: 'i-2', tags: { 'shelvery:backup': undefined } }, { serviceName });
    }
    const { told } = await estate.run('create_backups');
    const [first, second] = names.map((name) => `${name} is held by something that cannot be looked up by its name`);
    expect(told[0]?.error).toBe(
      `AlreadyExists: Both names that this backup could have are taken: ${first ?? ''}; ${second ?? ''}. Delete one of the two.`,
    );
  });

  it('is that of a backup of this run, where a call was repeated that had been done', async () => {
    const estate = await estateOf('rds');
    estate.resource('orders');
    const { told } = await estate.run('create_backups', {
      parts: withAdapter((adapter) => ({
        createBackup: async (planned) => {
          await adapter.createBackup(planned);
          return await adapter.createBackup(planned);
        },
      })),
    });
    expect(told).toEqual([
      made('orders', NAME, { message: 'the call failed, but the backup had been made' }),
      stored('rds', 'orders', NAME),
    ]);
  });
});

describe('what follows a backup', () => {
  /** What is handed over to be done later. */
  async function sentIn(estate: MemoryEstate, more: Partial<AwsParts['adapter']> = {}): Promise<readonly unknown[]> {
    const sent: DelayedMessage[] = [];
    await estate.run('create_backups', {
      settings: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      parts: ({ adapter }) => ({
        adapter: { ...adapter, ...more },
        ...keepingMessages(sent)(),
      }),
    });
    return sent;
  }

  const messages = (backupId: string, of: object, deadline: Date): readonly unknown[] =>
    [
      { action: 'do_store_backup_data', backupId, region: LOCAL, ...of },
      { action: 'do_copy_backup', backupId, region: LOCAL, ...of, toRegion: DR },
      { action: 'do_share_backup', backupId, region: LOCAL, ...of, account: OTHER_ACCOUNT },
    ].map((operation) => ({ backupType: 'ebs', operation, waiting: { attempt: 0, deadline } }));

  it('is to be done within the time that it waits from now on, with what is known of the resource', async () => {
    const estate = await estateOf('ebs', { shelvery_dr_regions: DR });
    const { id, region, tags } = resource('vol-1');
    const facts = { size_gib: 8 };
    const sent = await sentIn(estate, {
      listResources: async () => [{ id, region, tags, facts }],
      createBackup: async (planned) => ({
        found: {
          ...foundBackup({ id: 'snap-1', state: 'available', startedAt: utc('2026-11-20') }),
          tags: planned.tags,
        },
      }),
    });
    expect(sent).toEqual(messages('snap-1', { facts }, new Date(estate.world.conductor.now() + 48 * HOUR_MS)));
  });

  it('is to be done within that time from when its service began to make it, as long as it is being made', async () => {
    const estate = await estateOf('ebs', { shelvery_dr_regions: DR });
    estate.resource('vol-1');
    hold(estate, { id: 'snap-1', created: TIME, state: 'pending', startedAt: utc('2026-11-23 20:00') });
    expect(await sentIn(estate)).toEqual(messages('snap-1', {}, utc('2026-11-25 20:00')));
  });
});

describe('a new backup whose tags cannot be understood', () => {
  it('is an error that names it', async () => {
    const estate = await estateOf('ebs');
    estate.resource('vol-1');
    const { told } = await estate.run('create_backups', {
      parts: withAdapter((adapter) => ({
        createBackup: async (planned) => {
          const { found } = await adapter.createBackup(planned);
          return { found: { ...found, id: BackupId.parse('snap-1'), tags: { 'shelvery:date_created': 'today' } } };
        },
      })),
    });
    expect(told).toEqual([
      notMade(
        'vol-1',
        'BackupUnreadable: the new backup snap-1: its tag shelvery:date_created is "today"; allowed: YYYY-MM-DD-HHmm',
      ),
    ]);
  });
});
