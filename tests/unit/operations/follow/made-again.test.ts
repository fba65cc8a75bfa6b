import { describe, expect, it } from '@jest/globals';
import { stepDelayed } from '../../../../layers/engine/src/delayed/step.js';
import type { Waiting } from '../../../../layers/engine/src/domain/delayed.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, OTHER_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { DEADLINE, DONE, NAME, START, backedUp, copyAbroad, named, step, withContext } from '../delayed-work.js';
import type { BackedUp } from '../delayed-work.js';
import { about } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate, Ran } from '../memory-estate.js';
import { lacking, withAdapter } from '../other-parts.js';

const settings = {
  shelvery_dr_regions: DR,
  shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}`,
};

/** A run that makes a backup, copies and shares it; so many tries of its DR copy fail. */
async function run(type: BackupType, failing: number): Promise<Ran & { readonly estate: MemoryEstate }> {
  const estate = openEstate(type);
  estate.resource('orders');
  estate.buckets([LOCAL, DR]);
  let tries = 0;
  const ran = await estate.run('create_backups', {
    settings,
    parts: withAdapter((adapter) => ({
      copyToRegion: async (request) => {
        const made = await (adapter.copyToRegion?.(request) ?? lacking());
        tries += 1;
        for (const copy of estate.backups({ region: DR }))
          if (copy.id === made.found.id && tries <= failing) estate.change(copy, { outcome: 'failed' });
        return made;
      },
    })),
  });
  return { ...ran, estate };
}

const abroad = ({ told }: Pick<Ran, 'told'>, status: string) =>
  told
    .filter((outcome) => outcome.status === status && [outcome.region, outcome.destinationRegion].includes(DR))
    .map(({ operation, destinationAccount }) => [operation, destinationAccount]);

describe('a DR copy that is shared', () => {
  it.each<readonly [BackupType, number]>([
    ['ebs', 1],
    ['ebs', 3],
    ['rds', 2],
  ])('and failed, but was made again, is no error (%s, %i times)', async (type, failing) => {
    const ran = await run(type, failing);
    expect(ran.report).toMatchObject({ status: 'OK' });
    expect(abroad(ran, 'ok').slice(-3)).toEqual([
      ['StoreBackupData', undefined],
      ['ShareRegionalBackupCopy', OTHER_ACCOUNT],
      ['ShareRegionalBackupCopy', THIRD_ACCOUNT],
    ]);
    expect([abroad(ran, 'failed'), abroad(ran, 'ignored')]).toEqual([[], []]);
    expect(ran.estate.keys(DR)).toHaveLength(3);
  });

  it.each<BackupType>(['ebs', 'rds'])(
    'and fails for good is told of once, and once for each account (%s)',
    async (type) => {
      const ran = await run(type, Infinity);
      expect(ran.report).toMatchObject({ status: 'PARTIAL' });
      expect(abroad(ran, 'failed').toSorted()).toEqual([
        ['CopyBackupToRegion', undefined],
        ['ShareRegionalBackupCopy', OTHER_ACCOUNT],
        ['ShareRegionalBackupCopy', THIRD_ACCOUNT],
      ]);
    },
  );
});

/** A DR copy that failed. */
async function failedCopy(): Promise<BackedUp & { readonly copy: HeldBackup; readonly waiting: Waiting }> {
  const made = await backedUp();
  const copy = await copyAbroad(made.estate, made.backup);
  const waiting = { attempt: 0, deadline: DEADLINE, copyOf: `${LOCAL}:${made.backup.id}`, unseen: true } as const;
  return { ...made, copy: made.estate.change(copy, { outcome: 'failed' }), waiting };
}

const sharing = (copy: HeldBackup) => ({ action: 'do_share_backup', ...named(copy), account: OTHER_ACCOUNT }) as const;
const left = (action: string, { id }: HeldBackup, what: string) => [
  'SHELVERY_LEFT_TO_NEXT_COPY',
  `${action} of ${id} in ${DR} is left to the next copy: this one failed, and ${what}.`,
  { backupId: id, region: DR },
];
const notShared = (copy: HeldBackup, error: string) => ({
  operation: 'ShareRegionalBackupCopy',
  ...about(copy),
  destinationRegion: DR,
  destinationAccount: OTHER_ACCOUNT,
  status: 'failed',
  error,
});

describe('the sharing of a DR copy that failed', () => {
  it('is left to the next copy while another is to be made', async () => {
    const { estate, copy, waiting } = await failedCopy();
    const { came, told, said } = await step(estate, [sharing(copy)], { settings, waiting: { ...waiting, remakes: 2 } });
    expect([came, told]).toEqual([[DONE], []]);
    expect(said).toEqual([left('do_share_backup', copy, 'is made again')]);
  });

  it('is an error after the last try, and where its deadline has passed, with which its storing gave up', async () => {
    const { estate, copy, waiting } = await failedCopy();
    const error = `BackupFailed: do_share_backup of ${NAME} (${copy.id} in ${DR}): the service could not make it: Internal error.`;
    for (const how of [{ remakes: 3 }, { deadline: START }]) {
      const { came, told } = await step(estate, [sharing(copy)], { settings, waiting: { ...waiting, ...how } });
      expect([came, told]).toEqual([[DONE], [notShared(copy, error)]]);
    }
  });

  it('is none where another copy is there all the same', async () => {
    const { estate, copy, waiting } = await failedCopy();
    estate.change({ ...copy, id: 'snap-good' }, { outcome: 'available' });
    estate.change(copy, {});
    estate.world.backups.set('failed', copy);
    const { told, said } = await step(estate, [sharing(copy)], { settings, waiting: { ...waiting, remakes: 3 } });
    expect(told).toEqual([]);
    expect(said).toEqual([left('do_share_backup', copy, 'was made again')]);
  });
});

describe('a late message about a DR copy that is gone', () => {
  it('is left to the copy that was made in its place', async () => {
    const { estate, copy, waiting } = await failedCopy();
    estate.change({ ...copy, id: 'snap-next' }, { outcome: 'available', readyAt: Infinity });
    estate.world.backups.delete([...estate.world.backups].find(([, each]) => each.id === copy.id)?.[0] ?? '');
    const storing = { action: 'do_store_backup_data', ...named(copy) } as const;
    const { came, told, said } = await step(estate, [storing, sharing(copy)], { settings, waiting });
    expect([came, told]).toEqual([[DONE, DONE], []]);
    expect(said).toEqual([
      left('do_store_backup_data', copy, 'was made again'),
      left('do_share_backup', copy, 'was made again'),
    ]);
  });

  it('is an error where none was made, and asked again where the region cannot be asked', async () => {
    const { estate, copy, waiting } = await failedCopy();
    estate.world.backups.delete([...estate.world.backups].find(([, each]) => each.id === copy.id)?.[0] ?? '');
    const { told } = await step(estate, [sharing(copy)], { settings, waiting });
    expect(told).toMatchObject([{ error: expect.stringMatching(/^BackupGone: /) }]);
    estate.strike('ebs:findByTags', { refuse: 'Throttling' });
    const { came } = await step(estate, [sharing(copy)], { settings, waiting });
    expect(came).toMatchObject([{ kind: 'again', message: { waiting: { attempt: 1 } } }]);
  });
});

describe('a DR copy that failed, and cannot be made again', () => {
  const copying = ({ backup }: BackedUp) => ({ action: 'do_copy_backup', ...named(backup), toRegion: DR }) as const;
  const lost = (backup: Pick<HeldBackup, 'id'>) =>
    `BackupFailed: No copy of ${backup.id} in ${DR} was shared with ${OTHER_ACCOUNT}: it failed, and could not be made again.`;
  const shared = { ...settings, shelvery_share_aws_account_ids: OTHER_ACCOUNT };

  it.each<readonly [string, (made: BackedUp) => void]>([
    [
      'a quota is full',
      ({ estate }) => {
        estate.strike('ebs:copyToRegion', { refuse: 'SnapshotLimitExceeded' });
      },
    ],
    [
      'what was to be copied failed',
      ({ estate, backup }) => {
        estate.change(backup, { outcome: 'failed' });
      },
    ],
  ])('is told of for each account: %s', async (_, spoil) => {
    const made = await failedCopy();
    spoil(made);
    const { came, told } = await step(made.estate, [copying(made)], {
      settings: shared,
      waiting: { ...made.waiting, remakes: 1 },
    });
    expect(came).toEqual([DONE]);
    expect(told).toMatchObject([
      { operation: 'CopyBackupToRegion', status: 'failed' },
      { ...notShared(made.backup, lost(made.backup)) },
    ]);
  });

  it('is told of for each account of the configuration where nothing is left', async () => {
    const made = await failedCopy();
    made.estate.world.backups.clear();
    const { told } = await step(made.estate, [copying(made)], {
      settings: shared,
      waiting: { ...made.waiting, remakes: 1 },
    });
    expect(told).toMatchObject([
      { operation: 'CopyBackupToRegion', status: 'failed' },
      {
        operation: 'ShareRegionalBackupCopy',
        destinationRegion: DR,
        destinationAccount: OTHER_ACCOUNT,
        error: lost(made.backup),
      },
    ]);
  });

  it('is not told of for accounts where there was no try before', async () => {
    const made = await failedCopy();
    made.estate.strike('ebs:copyToRegion', { refuse: 'SnapshotLimitExceeded' });
    const { told } = await step(made.estate, [copying(made)], { settings: shared });
    expect(told.map(({ operation }) => operation)).toEqual(['CopyBackupToRegion']);
  });
});

describe('messages about tries that have one name', () => {
  it('are worked on as that of the last try says', async () => {
    const { estate, backup } = await backedUp('rds');
    const copy = await copyAbroad(estate, backup);
    estate.change(copy, { outcome: 'failed' });
    const { told } = await withContext(estate, (context) =>
      stepDelayed(
        context,
        [{}, { remakes: 3 }, { remakes: 1 }].map((tried) => ({
          backupType: 'rds',
          operation: sharing(copy),
          waiting: { attempt: 0, deadline: DEADLINE, ...tried },
        })),
      ),
    );
    expect(told).toMatchObject([{ operation: 'ShareRegionalBackupCopy', status: 'failed' }]);
  });
});
