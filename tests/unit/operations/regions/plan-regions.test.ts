import { describe, expect, it } from '@jest/globals';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { BackupAdapter } from '../../../../layers/engine/src/ports.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';

const DENIED = 'AccessDenied. Allow the call in the policy of the role or user that Shelvery runs as.';

/** An estate with a marked volume, and data buckets in some regions. */
function estateOf(...buckets: readonly Region[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.buckets(buckets);
  estate.resource('vol-1');
  return estate;
}

/** The regions that are listed, in order. */
const listedIn = (calls: readonly string[]): readonly string[] =>
  calls.flatMap((call) => /^ebs:listBackups (.*)/.exec(call)?.[1] ?? []);

/** The same adapter, by which the backups of one region cannot be listed. */
const without = (adapter: BackupAdapter, region: string, error: Error): BackupAdapter => ({
  ...adapter,
  listBackups: (asked) => (asked === region ? Promise.reject(error) : adapter.listBackups(asked)),
});

describe('the DR regions that are looked at', () => {
  it('are those of the settings, of tags of backups and of resources, and with a data bucket, each once', async () => {
    const estate = estateOf(LOCAL, Region.parse('sa-east-1'));
    estate.resource('vol-2', { tags: { 'shelvery:config:shelvery_dr_regions': 'us-west-1' } });
    // This one has lost its mark, and has a backup.
    estate.resource('vol-3', {
      tags: { 'shelvery:create_backup': 'false', 'shelvery:config:shelvery_dr_regions': 'us-west-2' },
    });
    hold(estate, { id: 'snap-1', tags: { 'shelvery:dr_regions': `ap-south-1,${LOCAL},${DR}` } });
    hold(estate, { id: 'snap-3', entity: 'vol-3' });
    const { calls } = await estate.run('list_backups', { settings: { shelvery_dr_regions: `${THIRD},${DR}` } });
    expect(listedIn(calls)).toEqual([LOCAL, 'ap-south-1', DR, 'sa-east-1', THIRD, 'us-west-1', 'us-west-2']);
  });

  it.each([
    ['list_backups', 'ListBackups'],
    ['clean_backups', 'DeleteBackup'],
  ] as const)('are fewer where nobody may list buckets, which is told: %s', async (action, operation) => {
    const estate = estateOf(LOCAL, DR);
    estate.strike('s3:listBuckets', { refuse: 'AccessDenied' });
    const { told, calls } = await estate.run(action);
    expect(told).toEqual([
      {
        operation,
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while looking for data buckets in other regions: ${DENIED}`,
      },
    ]);
    expect(listedIn(calls)).toEqual([LOCAL]);
  });
});

describe('resources that backups were made of', () => {
  it('are asked for only where they are not among the marked ones', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1' });
    hold(estate, { id: 'snap-2', entity: 'vol-2', created: '2026-11-23-0300' });
    hold(estate, { id: 'pulled', entity: 'vol-3', created: '2026-11-23-0300', place: 'pulled', source: `${LOCAL}:x` });
    hold(estate, { id: 'copy-1', entity: 'vol-1', place: 'dr', source: `${LOCAL}:snap-1` });
    const asked: unknown[] = [];
    await estate.run('list_backups', {
      parts: withAdapter((adapter) => ({
        findResources: async (ids) => {
          asked.push(ids);
          return await adapter.findResources(ids);
        },
      })),
    });
    expect(asked).toEqual([['vol-2']]);
  });

  it('are asked for also where only a copy in a DR region tells of them', async () => {
    const estate = estateOf(LOCAL, DR);
    estate.resource('vol-2', { tags: { 'shelvery:create_backup': 'no', Name: 'lost' } });
    hold(estate, { id: 'copy-1', entity: 'vol-2', place: 'dr', source: `${LOCAL}:gone` });
    const { listed, calls } = await estate.run('list_backups');
    expect(listed?.map(({ id, entity_name: name }) => [id, name])).toEqual([['copy-1', 'lost']]);
    expect(calls.filter((call) => call.includes('findResources'))).toEqual([`ebs:findResources ${LOCAL}`]);
  });
});

describe('the home region', () => {
  it('breaks the run off where it cannot be listed', async () => {
    const estate = estateOf(LOCAL);
    estate.strike('ebs:listBackups', { refuse: 'AccessDenied' });
    const { told, said, listed, report } = await estate.run('list_backups');
    expect([told, listed, report.status]).toEqual([[], undefined, 'FAILED']);
    expect(said).toEqual([
      [
        'SHELVERY_RUN_BROKE_OFF',
        `AccessDenied while running list_backups of ebs: ${DENIED}`,
        { errorCode: 'NotAllowed', awsCode: 'AccessDenied', requestId: 'simulated' },
      ],
    ]);
  });
});

describe('a DR region that cannot be listed', () => {
  it.each([
    ['list_backups', 'ListBackups', 'left out'],
    ['clean_backups', 'DeleteBackup', 'not cleaned in this run'],
  ] as const)('is told of, and the others are looked at: %s', async (action, operation, what) => {
    const estate = estateOf(LOCAL, DR, THIRD);
    estate.strike('ebs:listBackups', { refuse: 'AccessDenied', nth: 2 });
    const { told, calls } = await estate.run(action);
    expect(told).toEqual([
      {
        operation,
        region: DR,
        status: 'failed',
        error: `NotAllowed: AccessDenied while listing the backups in the DR region ${DR}; its copies are ${what}: ${DENIED}`,
      },
    ]);
    expect(listedIn(calls)).toEqual([LOCAL, DR, THIRD]);
  });

  it('keeps a list waiting for ten seconds, and no longer', async () => {
    const estate = estateOf(LOCAL, DR, THIRD);
    hold(estate, { id: 'snap-1' });
    hold(estate, { id: 'copy-1', place: 'dr', region: THIRD });
    const { conductor } = estate.world;
    const began = conductor.now();
    const failures: unknown[] = [];
    const asked = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<readonly FoundBackup[]>();
    const running = estate.run('list_backups', {
      parts: ({ adapter }) => ({
        adapter: {
          ...adapter,
          listBackups: (region) => {
            if (region !== DR) return adapter.listBackups(region);
            asked.resolve(undefined);
            return answer.promise;
          },
        },
        listener: {
          onOutcome: (outcome) => {
            if (outcome.status === 'failed') failures.push([conductor.now() - began, outcome.error.mendable]);
          },
        },
      }),
    });
    await asked.promise;
    await estate.pass(1);
    answer.resolve([]);
    const { told, listed } = await running;
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        region: DR,
        status: 'failed',
        error: `AwsError: The DR region ${DR} did not answer within 10 s: its copies are left out.`,
      },
    ]);
    expect(failures).toEqual([[10_000, true]]);
    expect(listed?.map(({ id }) => id)).toEqual(['snap-1', 'copy-1']);
  });

  it('keeps cleaning waiting for as long as it takes', async () => {
    const estate = estateOf(LOCAL, DR);
    let isOver = false;
    const asked = Promise.withResolvers<undefined>();
    const answer = Promise.withResolvers<readonly FoundBackup[]>();
    const running = estate
      .run('clean_backups', {
        parts: withAdapter((adapter) => ({
          listBackups: (region) => {
            if (region !== DR) return adapter.listBackups(region);
            asked.resolve(undefined);
            return answer.promise;
          },
        })),
      })
      .finally(() => {
        isOver = true;
      });
    await asked.promise;
    await estate.pass(1);
    expect(isOver).toBe(false);
    answer.resolve([]);
    expect((await running).told).toEqual([]);
  });

  it('is the configuration’s fault where AWS has no such region, and the tags that name it are told', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', tags: { 'shelvery:dr_regions': 'eu-centrall-1' } });
    hold(estate, { id: 'snap-2', created: '2026-01-11-0300', tags: { 'shelvery:dr_regions': DR } });
    hold(estate, { id: 'snap-3', created: '2026-01-12-0300', tags: { 'shelvery:dr_regions': 'eu-centrall-1' } });
    const nowhere = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const { told } = await estate.run('list_backups', {
      parts: ({ adapter, store }) => ({
        adapter: without(adapter, 'eu-centrall-1', nowhere),
        store: {
          ...store,
          list: (region, prefix) => (region === 'eu-centrall-1' ? Promise.reject(nowhere) : store.list(region, prefix)),
        },
      }),
    });
    // The bucket, which is not there either, is not told of.
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        region: 'eu-centrall-1',
        status: 'failed',
        error:
          'ConfigurationError: ENOTFOUND while listing the backups in the DR region eu-centrall-1; its copies are left out: AWS has nothing in eu-centrall-1, which is no region that this version knows (did you mean eu-central-1?). Correct shelvery_dr_regions, and the tag dr_regions of snap-1 and 1 more, where it stays.',
      },
    ]);
  });

  it('is one that young backups may still be copied to, which stay, and say so', async () => {
    const estate = estateOf(LOCAL, DR, THIRD);
    const settings = {
      shelvery_keep_daily_backups: 1,
      shelvery_keep_last_backups: 0,
      shelvery_wait_deadline_hours: 48,
    };
    const made = (id: string, created: string, regions: string): void => {
      hold(estate, { id, created, tags: { 'shelvery:dr_regions': regions } });
    };
    made('snap-young', '2026-11-22-0302', `${THIRD},${DR}`);
    made('snap-elsewhere', '2026-11-22-0302', THIRD);
    made('snap-nowhere', '2026-11-22-0302', '');
    made('snap-old', '2026-11-22-0301', DR);
    hold(estate, { id: 'snap-untagged', created: '2026-11-22-0302', tags: { 'shelvery:dr_regions': undefined } });
    hold(estate, { id: 'snap-unreadable', created: 'yesterday', tags: { 'shelvery:dr_regions': DR } });
    // Begun by its service later than its tags say.
    const late = hold(estate, { id: 'snap-late', created: '2026-11-20-0300', tags: { 'shelvery:dr_regions': DR } });
    estate.change(late, { createdAt: Date.UTC(2026, 10, 23) });
    const ran = await estate.run('clean_backups', {
      dryRun: true,
      settings,
      parts: ({ adapter }) => ({ adapter: without(adapter, DR, new Error('it is down')) }),
    });
    const kept = ran.plan?.filter(({ what }) => what === 'keep').map(({ subject, reason }) => [subject, reason]);
    expect(kept).toEqual([
      ['snap-young', `${DR} could not be listed: a copy of it may still be being made`],
      ['snap-late', `${DR} could not be listed: a copy of it may still be being made`],
      ['snap-unreadable', expect.stringContaining('shelvery:date_created')],
    ]);
    expect(ran.plan?.filter(({ what }) => what === 'remove').map(({ subject }) => subject)).toEqual([
      'snap-elsewhere',
      'snap-nowhere',
      'snap-old',
      'snap-untagged',
    ]);
  });

  it('keeps nothing in a dry run for a time when what is young now has long been copied', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: '2026-11-24-0300', tags: { 'shelvery:dr_regions': DR } });
    const { plan } = await estate.run('clean_backups', {
      dryRun: true,
      givenTime: new Date('2028-01-01T03:00:00Z'),
      settings: { shelvery_keep_last_backups: 0 },
      parts: ({ adapter }) => ({ adapter: without(adapter, DR, new Error('it is down')) }),
    });
    expect(plan?.map(({ what, subject }) => `${what} ${subject}`)).toContain('remove snap-1');
  });

  it('says nothing of backups that stay all the same, and lists still tell when they expire', async () => {
    const estate = estateOf(LOCAL, DR);
    const tags = { 'shelvery:dr_regions': DR };
    hold(estate, { id: 'snap-1', created: '2026-11-24-0300', tags });
    hold(estate, { id: 'snap-2', created: '2026-11-22-2000', tags });
    const { listed } = await estate.run('list_backups', {
      settings: { shelvery_keep_daily_backups: 1, shelvery_keep_last_backups: 0 },
      parts: ({ adapter }) => ({ adapter: without(adapter, DR, new Error('it is down')) }),
    });
    expect(listed?.map(({ id, reason, expires_at: expires }) => [id, reason, expires])).toEqual([
      ['snap-2', 'maybe-being-copied', '2026-11-23T20:00:00.000Z'],
      ['snap-1', 'not-expired', '2026-11-25T03:00:00.000Z'],
    ]);
  });
});

describe('a backup of which a copy is being made', () => {
  it('stays, by what the list of the copy’s region shows', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: '2026-10-01-0300' });
    hold(estate, { id: 'snap-2', created: '2026-10-02-0300' });
    hold(estate, {
      id: 'copy-1',
      created: '2026-10-01-0300',
      place: 'dr',
      source: `${LOCAL}:snap-1`,
      state: 'pending',
    });
    const { plan } = await estate.run('clean_backups', { dryRun: true, settings: { shelvery_keep_last_backups: 0 } });
    expect(plan?.map(({ what, subject }) => `${what} ${subject}`)).toContain('keep snap-1');
    expect(plan?.map(({ what, subject }) => `${what} ${subject}`)).toContain('remove snap-2');
  });
});

describe('metadata of a region that cannot be listed', () => {
  it.each([
    ['list_backups', 'ListBackups', '; whether it is there is not known'],
    ['clean_backups', 'StoreBackupData', ''],
  ] as const)('is told of, and the backups are looked at: %s', async (action, operation, unknown) => {
    const estate = estateOf(LOCAL, DR);
    estate.strike('s3:list', { refuse: 'AccessDenied', nth: 2 });
    const { told, calls } = await estate.run(action);
    const bucket = bucketNameOf(OWN_ACCOUNT, DR);
    expect(told).toEqual([
      {
        operation,
        bucket,
        region: DR,
        status: 'failed',
        error: `NotAllowed: AccessDenied while listing the metadata in ${bucket}${unknown}: ${DENIED}`,
      },
    ]);
    expect(listedIn(calls)).toEqual([LOCAL, DR]);
  });

  it('is not told of where there is no bucket', async () => {
    const estate = estateOf();
    hold(estate, { id: 'snap-1', created: '2026-11-23-0300' });
    const { told, listed } = await estate.run('list_backups');
    expect([told, listed?.length]).toEqual([[], 1]);
  });
});

describe('files that lie among the metadata', () => {
  it('are no backups’ where their names are none', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: '2026-11-23-0300' });
    estate.file('backups/ebs/vol-1-2026-11-23-0300-daily.txt', '');
    estate.file('backups/ebs/removed/vol-1-2026-11-23-0300-daily.yaml', '');
    const { listed } = await estate.run('list_backups');
    expect(listed?.map(({ metadata }) => metadata)).toEqual(['missing']);
  });
});

describe('what is only archived', () => {
  it('needs no list of files', async () => {
    const estate = estateOf(LOCAL, DR);
    const { calls, told } = await estate.run('archive_pending_backups', {
      settings: { shelvery_enable_ebs_archive: true },
    });
    expect(told).toEqual([]);
    expect(listedIn(calls)).toEqual([LOCAL, DR]);
    expect(calls.filter((call) => call.startsWith('s3:list ') && call.endsWith(' backups/ebs/'))).toEqual([]);
  });
});
