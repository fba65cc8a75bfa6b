import { describe, expect, it } from '@jest/globals';
import type { RestorePlan } from '../../../../layers/engine/src/domain/restore/restore-plan.js';
import { DR, LOCAL, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import type { BackupParts } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate, Ran } from '../memory-estate.js';
import { only } from '../one-of.js';
import { withAdapter } from '../other-parts.js';

const VOLUME = 'vol-1';
const OTHER_VOLUME = 'vol-2';

type Into = NonNullable<Asked['restore']>['into'];

/** Asks how a backup is restored. */
const ask = (estate: MemoryEstate, backup: string, into: Into = {}, asked: Asked = {}): Promise<Ran> =>
  estate.run('restore_plan', { restore: { backup, form: 'cli', into }, ...asked });

/** The place that it is restored from, then the others. */
const placesOf = (plan: RestorePlan | undefined): readonly string[] =>
  plan === undefined
    ? []
    : [plan.backup, ...plan.also_in].map(({ region, id, place }) => [region, id, place].join(' '));

const NAME = 'orders-2026-01-10-0300-daily';
/** A pulled copy that is called as the own backup is. */
const PULLED: BackupParts = { id: 'snap-pulled', name: NAME, place: 'pulled', source: `${LOCAL}:snap-far` };

describe('a backup that is to be restored', () => {
  it.each(['snap-1', `${LOCAL}:snap-1`, NAME])('is found as %s', async (wanted) => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-1', name: NAME });
    hold(estate, { id: 'snap-2', entity: OTHER_VOLUME });
    const { restorePlan, told, said, calls } = await ask(estate, wanted);
    expect(placesOf(restorePlan)).toEqual([`${LOCAL} snap-1 local`]);
    expect([told, said]).toEqual([[], []]);
    // Whether metadata files are there is not asked for.
    expect(calls).toEqual([
      `ebs:listBackups ${LOCAL}`,
      `ebs:listResources ${LOCAL}`,
      `ebs:findResources ${LOCAL}`,
      `s3:listBuckets ${LOCAL}`,
      `s3:get ${LOCAL} backups/ebs/${NAME}.yaml`,
    ]);
  });

  it('is found by the name that an image has in the service', async () => {
    const estate = openEstate('ec2ami');
    estate.resource('i-0123456789abcdef0');
    await estate.run('create_backups');
    const image = only(estate.backups());
    const serviceName = `${image.serviceName ?? ''}-re-encrypted`;
    estate.change(image, { serviceName });
    const { restorePlan } = await ask(estate, serviceName);
    expect(placesOf(restorePlan)).toEqual([`${LOCAL} ${image.id} local`]);
  });

  it.each<[string, Into, readonly string[]]>([
    ['here', {}, [`${LOCAL} snap-own local`, `${DR} snap-dr dr`]],
    ['abroad', { region: DR }, [`${DR} snap-dr dr`, `${LOCAL} snap-own local`]],
    ['where there is none', { region: THIRD }, [`${LOCAL} snap-own local`, `${DR} snap-dr dr`]],
  ])('is taken from the nearest of several places that are complete: %s', async (_, into, places) => {
    const estate = openEstate('ebs');
    const now = estate.world.conductor.now();
    hold(estate, { id: 'snap-dr', name: NAME, place: 'dr' });
    hold(estate, { id: 'snap-back', name: NAME, place: 'dr', region: LOCAL, source: `${DR}:snap-x` });
    hold(estate, PULLED);
    hold(estate, { id: 'snap-own', name: NAME });
    hold(estate, { id: 'snap-young', name: NAME }, { readyAt: now + 3_600_000 });
    const { restorePlan } = await ask(estate, NAME, into, { settings: { shelvery_dr_regions: DR } });
    expect(placesOf(restorePlan)).toEqual([...places, `${LOCAL} snap-young local`]);
  });

  it('is told with its other places where one of them is named', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-dr', name: NAME, place: 'dr' });
    hold(estate, { id: 'snap-own', name: NAME });
    hold(estate, { id: 'snap-other', entity: OTHER_VOLUME, name: NAME });
    hold(estate, { id: 'snap-failed', name: NAME }, { outcome: 'failed' });
    const settings = { shelvery_dr_regions: DR };
    for (const wanted of ['snap-dr', `${DR}:snap-dr`]) {
      const { restorePlan } = await ask(estate, wanted, {}, { settings });
      expect(placesOf(restorePlan)).toEqual([`${DR} snap-dr dr`, `${LOCAL} snap-own local`]);
    }
  });

  it('is looked for in the other regions where one does not answer, which is told', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-dr', name: NAME, place: 'dr' });
    const { restorePlan, told } = await ask(
      estate,
      NAME,
      {},
      {
        settings: { shelvery_dr_regions: `${THIRD},${DR}` },
        parts: withAdapter((adapter) => ({
          listBackups: (region) =>
            region === THIRD ? Promise.reject(new Error('It is away')) : adapter.listBackups(region),
        })),
      },
    );
    expect(placesOf(restorePlan)).toEqual([`${DR} snap-dr dr`]);
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        region: THIRD,
        status: 'failed',
        error: `Unexpected: Error while listing the backups in the DR region ${THIRD}; its copies are left out: It is away.`,
      },
    ]);
  });

  it('is said to be elsewhere, perhaps, where the home region cannot be listed', async () => {
    const estate = openEstate('ebs');
    estate.strike('ebs:listBackups', { refuse: 'InternalError' });
    const { brokeOff, restorePlan } = await ask(estate, NAME);
    expect(restorePlan).toBeUndefined();
    expect(brokeOff).toMatchObject({
      code: 'AwsError',
      message: `InternalError while listing the backups in ${LOCAL}: InternalError. If ${LOCAL} cannot be reached, look in a DR region: --region <that region>.`,
    });
  });
});

describe('what cannot be restored', () => {
  /** Why a run broke off. */
  async function whyNot(estate: MemoryEstate, wanted: string, asked: Asked = {}): Promise<string | undefined> {
    const { brokeOff, restorePlan } = await ask(estate, wanted, {}, asked);
    expect(restorePlan).toBeUndefined();
    expect(brokeOff?.code).toBe('UsageError');
    return brokeOff?.message;
  }

  /** What is said of a name that no backup has. */
  const noSuch = (wanted: string, hint: string): string =>
    `There is no backup "${wanted}". Looked in ${LOCAL}, ${DR} of account ${OWN_ACCOUNT}. ${hint}list_backups shows all.`;

  it.each<[what: string, wanted: string, proposed: readonly string[]]>([
    ['one letter', 'orders-158db4-2026-01-10-0300-dayli', ['orders-158db4-2026-01-10-0300-daily']],
    [
      'a day for which there are others',
      'orders-158db4-2026-01-12-0300-daily',
      [
        'orders-158db4-2026-01-10-0300-daily',
        'orders-158db4-2026-01-11-0300-daily',
        'orders-158db4-2026-01-14-0300-daily',
      ],
    ],
    ['three letters', 'oders-158db4-2026-01-10-0300-dly', ['orders-158db4-2026-01-10-0300-daily']],
    ['a letter of an id', 'snap-0a1b2c3d4e5f60718', ['snap-0a1b2c3d4e5f60719']],
  ])('is told with the nearest names, and where it was looked for: %s', async (_, wanted, proposed) => {
    const estate = openEstate('ebs');
    const of = (day: string): string => `orders-158db4-2026-01-${day}-0300-daily`;
    hold(estate, { id: 'snap-0a1b2c3d4e5f60719', name: of('10') });
    hold(estate, { id: 'snap-0ffff00000fffff02', name: of('11') });
    hold(estate, { id: 'snap-0ffff00000fffff03', name: of('13'), place: 'dr' });
    hold(estate, { id: 'snap-0ffff00000fffff04', name: of('14') });
    hold(estate, { id: 'snap-0ffff00000fffff05', name: 'others-9c0fe1-2026-01-10-0300-daily', entity: OTHER_VOLUME });
    const said = await whyNot(estate, wanted, { settings: { shelvery_dr_regions: DR } });
    expect(said).toBe(noSuch(wanted, `The nearest: ${proposed.join(', ')}. `));
  });

  it.each(['nix', 'orders-158db4-2026-01-10-0300-daily', 'snap-0a1b2c3d4e5f60719'])(
    'is told without names of other resources, which nobody may take for it: %s',
    async (wanted) => {
      const estate = openEstate('ebs');
      hold(estate, { id: 'snap-0ffff00000fffff01', name: 'orders-9c0fe1-2026-01-10-0300-daily' });
      hold(estate, { id: 'snap-0ffff00000fffff02', name: 'wages-2026-01-10-0300-daily', entity: OTHER_VOLUME });
      expect(await whyNot(estate, wanted, { settings: { shelvery_dr_regions: DR } })).toBe(noSuch(wanted, ''));
    },
  );

  it('is told where there is no backup at all', async () => {
    expect(await whyNot(openEstate('ebs'), 'orders')).toBe(
      `There is no backup "orders". Looked in ${LOCAL} of account ${OWN_ACCOUNT}. There is no backup of this type that can be restored. list_backups shows all.`,
    );
  });

  it('is told why where a snapshot has tags that nobody understands, or that are those of another', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-1' });
    hold(estate, { id: 'snap-unread', tags: { 'shelvery:date_created': 'in May' } });
    hold(estate, { id: 'snap-copy' }, { of: OTHER_VOLUME });
    expect(await whyNot(estate, 'snap-unread')).toBe(
      'snap-unread cannot be planned: its tag shelvery:date_created is "in May"; allowed: YYYY-MM-DD-HHmm.',
    );
    expect(await whyNot(estate, 'snap-copy')).toBe(
      `snap-copy cannot be planned: it is a snapshot of ${OTHER_VOLUME}, and its tags are those of a backup of ${VOLUME}.`,
    );
  });

  it('is told why where a backup has failed, or only serves to be shared', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-1' });
    hold(estate, { id: 'snap-failed', name: NAME }, { outcome: 'failed' });
    hold(
      estate,
      { id: 'snap-shared', name: `${NAME}-re-encrypted`, tags: { 'shelvery:src_backup': `${LOCAL}:snap-1` } },
      { of: 'vol-ffffffff' },
    );
    expect(await whyNot(estate, NAME)).toBe(
      `snap-failed in ${LOCAL} cannot be restored: it has failed (Internal error).`,
    );
    expect(await whyNot(estate, 'snap-shared')).toBe(
      `snap-shared in ${LOCAL} cannot be restored: it is a re-encrypted copy, which goes once it has been shared; restore the backup that it was made of.`,
    );
  });

  it.each([VOLUME, 'the orders'])(
    'is told with its newest good backup where a resource is named: %s',
    async (wanted) => {
      const estate = openEstate('ebs');
      const now = estate.world.conductor.now();
      const tags = { ResourceName: 'the orders' };
      const of = (day: string, more: BackupParts = {}): BackupParts => ({
        id: `snap-${day}`,
        created: `2026-01-${day}-0300`,
        tags,
        ...more,
      });
      hold(estate, of('09'));
      hold(estate, of('12'));
      hold(estate, of('10'));
      hold(estate, of('12', { id: 'snap-dr', place: 'dr' }));
      hold(estate, of('13'), { outcome: 'failed' });
      hold(estate, of('14'), { readyAt: now + 3_600_000 });
      hold(
        estate,
        {
          ...of('15', { name: `${VOLUME}-2026-01-15-0300-daily-re-encrypted` }),
          tags: { ...tags, 'shelvery:src_backup': `${LOCAL}:snap-12` },
        },
        { of: 'vol-ffffffff' },
      );
      hold(estate, { id: 'snap-other', entity: OTHER_VOLUME, created: '2026-01-16-0300' });
      expect(await whyNot(estate, wanted, { settings: { shelvery_dr_regions: DR } })).toBe(
        `"${wanted}" is a resource, and no backup. Its newest backup is ${VOLUME}-2026-01-12-0300-daily (snap-12 in ${LOCAL}). list_backups shows all.`,
      );
    },
  );

  it('is told without a newest backup where none of a resource is good', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-1' }, { outcome: 'failed' });
    expect(await whyNot(estate, VOLUME)).toBe(
      `There is no backup "${VOLUME}". Looked in ${LOCAL} of account ${OWN_ACCOUNT}. There is no backup of this type that can be restored. list_backups shows all.`,
    );
  });

  it('is told where nothing is named', async () => {
    const { brokeOff } = await openEstate('ebs').run('restore_plan');
    expect(brokeOff).toMatchObject({
      code: 'UsageError',
      message: 'restore_plan needs the name or the id of a backup.',
    });
  });
});
