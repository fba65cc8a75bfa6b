import { describe, expect, it } from '@jest/globals';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { ExaminedType } from '../../../../layers/engine/src/operations/doctor/examined.js';
import type { DryRunSubjects } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { OTHER_VOLUME, VOLUME } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { examineEstate, foundOf, refused } from './doctor-estate.js';
import type { DoctorAsked } from './doctor-estate.js';

type Found = ReturnType<typeof foundOf>[number];

const permissions = async (estate: MemoryEstate, asked: DoctorAsked = {}): Promise<readonly Found[]> =>
  foundOf(await examineEstate(estate, asked), 'permissions');

const fine = (text: string, type: BackupType = 'ebs'): Found => ({
  result: 'ok',
  reason: 'fine',
  backup_type: type,
  text,
});
const notTried = (text: string): Found => ({ result: 'ok', reason: 'not-tried', backup_type: 'ebs', text });
const NO_DRY_RUNS =
  'The service has no dry runs: whether backups may be made, copied, shared and removed shows when they are.';
const LISTED = fine(`EBS volumes can be listed, and their backups in ${LOCAL}.`);
const UNMARKED = fine(`EBS volumes can be listed, and their backups in ${LOCAL}. None is marked.`);

describe('the lists of a type', () => {
  it('are of the region of the resources, and of those that copies are made to', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:config:shelvery_dr_regions': `${DR},${THIRD}` } });
    expect(await permissions(estate, { settings: { shelvery_dr_regions: DR } })).toEqual([
      fine(`EBS volumes can be listed, and their backups in ${LOCAL}, ${DR}, ${THIRD}.`),
      notTried(NO_DRY_RUNS),
    ]);
    const settings = { shelvery_dr_regions: DR };
    expect(await permissions(openEstate('redshift'), { settings, types: ['redshift'] })).toEqual([
      fine(`Redshift clusters can be listed, and their backups in ${LOCAL}. None is marked.`, 'redshift'),
    ]);
  });

  it('are of regions, too, that only tags of backups name, or that have a data bucket', async () => {
    const estate = openEstate('ebs');
    const earlier = Region.parse('us-west-2');
    estate.buckets([LOCAL, THIRD]);
    hold(estate, { id: 'snap-1', tags: { 'shelvery:dr_regions': `${earlier},${DR}` } });
    const all = [LOCAL, DR, THIRD, earlier];
    const [listed] = await permissions(estate, { settings: { shelvery_dr_regions: DR } });
    expect(listed).toEqual(fine(`EBS volumes can be listed, and their backups in ${all.join(', ')}. None is marked.`));
    for (const unlisted of all) {
      const found = await permissions(estate, {
        settings: { shelvery_dr_regions: DR },
        adapter: (adapter) => ({
          listBackups: (region) =>
            region === unlisted ? Promise.reject(refused('ec2:DescribeSnapshots')) : adapter.listBackups(region),
        }),
      });
      expect(found[0]).toMatchObject({ result: 'failed', reason: 'call-refused', region: unlisted });
    }
  });

  it('count what is marked, and nothing else', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:create_backup': 'yes' } });
    expect(await permissions(estate)).toEqual([UNMARKED]);
  });

  it.each([['vol-nothing'], [OTHER_VOLUME]])(
    'say of a selected resource that it is not there, or not marked, and nothing of others: %s',
    async (id) => {
      const estate = openEstate('ebs');
      estate.resource(VOLUME);
      estate.resource(OTHER_VOLUME, { tags: { 'shelvery:create_backup': 'false' } });
      hold(estate, { id: 'snap-1' });
      const dryRuns: ExaminedType['dryRuns'] = () => [];
      const checkup = await examineEstate(estate, { settings: { shelvery_select_entity: id }, dryRuns });
      expect(foundOf(checkup, 'tags')).toEqual([
        {
          result: 'failed',
          reason: 'resource-not-marked',
          backup_type: 'ebs',
          text: `EBS volume ${id} (shelvery_select_entity) is not there, or not marked, in ${LOCAL} of account ${OWN_ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.`,
        },
      ]);
      expect(foundOf(checkup, 'permissions')).toEqual([
        LISTED,
        notTried('There is no such EBS volume to try calls with, so not every permission was tried.'),
      ]);
      expect(foundOf(checkup, 'quotas')).toEqual([]);
      const right = await examineEstate(estate, { settings: { shelvery_select_entity: VOLUME } });
      expect(foundOf(right, 'tags')).not.toContainEqual(expect.objectContaining({ result: 'failed' }));
      expect(foundOf(right, 'quotas')).not.toEqual([]);
    },
  );

  it('are told of where they cannot be read, and the others are read all the same', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const found = await permissions(estate, {
      settings: { shelvery_dr_regions: `${DR},${THIRD}` },
      adapter: (adapter) => ({
        listResources: () => Promise.reject(refused('ec2:DescribeVolumes')),
        listBackups: (region) =>
          region === LOCAL
            ? adapter.listBackups(region)
            : Promise.reject(
                region === DR ? refused('ec2:DescribeSnapshots') : awsError('InternalError', { status: 500 }),
              ),
      }),
    });
    const call = (action: string, region: string): Found => ({
      result: 'failed',
      reason: 'call-refused',
      backup_type: 'ebs',
      region,
      subject: action,
      text: `AWS refuses ${action} in ${region}.`,
      advice: `Allow ${action} in the policy of the role or user that Shelvery runs as.`,
    });
    expect(found).toEqual([
      call('ec2:DescribeSnapshots', DR),
      call('ec2:DescribeVolumes', LOCAL),
      {
        result: 'warning',
        reason: 'not-checked',
        backup_type: 'ebs',
        region: THIRD,
        text: `InternalError while listing the backups of EBS volumes in ${THIRD}: InternalError. This is temporary: run it again.`,
      },
    ]);
  });

  it('are told of without what could be read where one of them cannot', async () => {
    const estate = openEstate('ebs');
    const failure = (): Promise<never> => Promise.reject(awsError('InternalError', { status: 500 }));
    const unread = (region: string, doing: string): Found => ({
      result: 'warning',
      reason: 'not-checked',
      backup_type: 'ebs',
      region,
      text: `InternalError while ${doing}: InternalError. This is temporary: run it again.`,
    });
    const resources = await permissions(estate, { adapter: () => ({ listResources: failure }) });
    expect(resources).toEqual([unread(LOCAL, `listing the EBS volumes of ${LOCAL}`)]);
    const backups = await permissions(estate, { adapter: () => ({ listBackups: failure }) });
    expect(backups).toEqual([unread(LOCAL, `listing the backups of EBS volumes in ${LOCAL}`)]);
  });
});

describe('calls that are tried', () => {
  interface Tried {
    readonly found: readonly Found[];
    /** What there was to try them with. */
    readonly subjects: readonly DryRunSubjects[];
  }

  /** What comes of dry runs: those of these actions, of which some are refused. */
  async function tried(
    estate: MemoryEstate,
    asked: DoctorAsked = {},
    runs: readonly (readonly [action: string, region: typeof LOCAL, failure?: Error])[] = [
      ['ec2:CreateSnapshot', LOCAL],
    ],
  ): Promise<Tried> {
    const subjects: DryRunSubjects[] = [];
    const dryRuns: ExaminedType['dryRuns'] = (given) => {
      subjects.push(given);
      return runs.map(([action, region, failure]) => ({
        action,
        region,
        subject: VOLUME,
        call: async () => {
          if (failure !== undefined) throw failure;
        },
      }));
    };
    return { found: await permissions(estate, { ...asked, dryRuns }), subjects };
  }

  const DONE = fine('Tried as dry runs, and allowed: ec2:CreateSnapshot. Calls that remove something are never tried.');

  it('are none for a type that nobody uses', async () => {
    expect(await tried(openEstate('ebs'))).toEqual({ found: [UNMARKED], subjects: [] });
  });

  it('are tried with the newest good backup, the first volume that can be used, and all that shares', async () => {
    const estate = openEstate('ebs');
    const now = estate.world.conductor.now();
    for (const id of ['vol-00000000000000001', VOLUME]) {
      const tags = { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT };
      estate.resource(id, { tags });
    }
    hold(estate, { id: 'snap-12', created: '2026-01-12-0300' });
    hold(estate, { id: 'snap-13', created: '2026-01-13-0300' });
    hold(estate, { id: 'snap-11', created: '2026-01-11-0300' });
    hold(estate, { id: 'snap-14', created: '2026-01-14-0300' }, { archived: true });
    hold(estate, { id: 'snap-15', created: '2026-01-15-0300' }, { readyAt: now + 3_600_000 });
    hold(estate, { id: 'snap-16', created: '2026-01-16-0300', place: 'pulled' });
    hold(estate, { id: 'snap-17', created: '2026-01-17-0300', place: 'dr' });
    hold(estate, { id: 'snap-18', created: '2026-01-18-0300', place: 'dr', region: LOCAL, source: `${DR}:snap-1` });
    const settings = {
      shelvery_dr_regions: DR,
      shelvery_share_aws_account_ids: THIRD_ACCOUNT,
      shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT,
    };
    const { found, subjects } = await tried(estate, {
      settings,
      adapter: (adapter) => ({
        listResources: async () =>
          (await adapter.listResources()).map((resource) =>
            resource.id === VOLUME ? resource : { ...resource, unusable: 'it is being deleted' },
          ),
      }),
    });
    expect(found).toEqual([fine(`EBS volumes can be listed, and their backups in ${LOCAL}, ${DR}.`), DONE]);
    expect(
      subjects.map(({ resource, backup, drRegions, shareAccounts }) => [
        resource?.id,
        backup?.id,
        drRegions,
        shareAccounts,
      ]),
    ).toEqual([[VOLUME, 'snap-13', [DR], [OTHER_ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT]]]);
  });

  it('are told of together where they are allowed, and one by one where not', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    await estate.run('create_backups');
    const { found } = await tried(estate, { settings: { shelvery_dr_regions: DR } }, [
      ['ec2:CreateTags', LOCAL],
      ['ec2:CopySnapshot', DR],
      ['ec2:CreateSnapshot', LOCAL, refused('ec2:CreateSnapshot', VOLUME)],
      ['ec2:ModifySnapshotAttribute', LOCAL, awsError('InternalError', { status: 500 })],
    ]);
    expect(found).toEqual([
      {
        result: 'failed',
        reason: 'call-refused',
        backup_type: 'ebs',
        region: LOCAL,
        subject: 'ec2:CreateSnapshot',
        text: `AWS refuses ec2:CreateSnapshot on ${VOLUME} in ${LOCAL}.`,
        advice: 'Allow ec2:CreateSnapshot in the policy of the role or user that Shelvery runs as.',
      },
      {
        result: 'warning',
        reason: 'not-checked',
        backup_type: 'ebs',
        region: LOCAL,
        subject: 'ec2:ModifySnapshotAttribute',
        text: `InternalError while trying ec2:ModifySnapshotAttribute on ${VOLUME} in ${LOCAL} as a dry run: InternalError. This is temporary: run it again.`,
      },
      fine(`EBS volumes can be listed, and their backups in ${LOCAL}, ${DR}.`),
      fine(
        `Tried as dry runs, and allowed: ec2:CopySnapshot to ${DR}, ec2:CreateTags. Calls that remove something are never tried.`,
      ),
    ]);
  });

  it('are as many as there is something to try them with', async () => {
    const without = (what: string): Found =>
      notTried(`There is ${what} to try calls with, so not every permission was tried.`);
    const marked = openEstate('ebs');
    marked.resource(VOLUME);
    expect((await tried(marked)).found).toEqual([LISTED, without('no available backup'), DONE]);
    const backedUp = openEstate('ebs');
    hold(backedUp, { id: 'snap-1' });
    expect((await tried(backedUp)).found).toEqual([UNMARKED, without('no marked EBS volume'), DONE]);
    const copied = openEstate('ebs');
    hold(copied, { id: 'snap-1', place: 'dr' });
    expect((await tried(copied, { settings: { shelvery_dr_regions: DR } }, [])).found).toEqual([
      fine(`EBS volumes can be listed, and their backups in ${LOCAL}, ${DR}. None is marked.`),
      without('no marked EBS volume and no available backup'),
    ]);
  });

  it('are none with a backup where the region is not listed', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const { subjects } = await tried(estate, {
      adapter: () => ({ listBackups: () => Promise.reject(refused('ec2:DescribeSnapshots')) }),
    });
    expect(subjects.map(({ resource, backup }) => [resource?.id, backup])).toEqual([[VOLUME, undefined]]);
  });

  it('are tried with no account and no region that is the own', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const settings = { shelvery_share_aws_account_ids: OWN_ACCOUNT, shelvery_dr_regions: LOCAL };
    const { found, subjects } = await tried(estate, { settings });
    expect(found).toContainEqual(LISTED);
    expect(subjects).toMatchObject([{ drRegions: [], shareAccounts: [] }]);
  });
});

describe('quotas', () => {
  const quotas = async (estate: MemoryEstate, asked: DoctorAsked = {}): Promise<readonly Found[]> =>
    foundOf(await examineEstate(estate, asked), 'quotas');
  /** Retention types are kept so often, each. */
  const keeping = (times: number, ending = ''): Record<string, number> =>
    Object.fromEntries(
      ['daily', 'weekly', 'monthly', 'yearly'].map((type) => [`shelvery_keep_${type}_backups${ending}`, times]),
    );
  /** Databases of which there are so many backups in a region. */
  const databases = (stored: number, settings: Readonly<Record<string, unknown>>): Promise<readonly Found[]> => {
    const estate = openEstate('rds');
    estate.resource('orders');
    for (let index = 0; index < stored; index += 1) hold(estate, { id: `orders-${String(index)}`, entity: 'orders' });
    return quotas(estate, { types: ['rds'], settings });
  };
  const MANUAL = { backup_type: 'rds', region: LOCAL, subject: 'Manual DB instance snapshots' } as const;
  const ADVICE = 'Keep fewer backups, or ask AWS to raise the quota. Service Quotas shows your own value.';
  const now = (stored: number): string =>
    `${LOCAL} has ${String(stored)} of Shelvery's backups, and a run adds 1: by default AWS allows 100 (quota "Manual DB instance snapshots")`;
  const OTHERS = '; what others have made there counts as well';
  const inTheEnd = (kept: number): string =>
    `by their retention 1 marked resource keeps about ${String(kept)} backups in ${LOCAL} in the end: by default AWS allows 100 (quota "Manual DB instance snapshots")`;

  it.each<[string, number, number, Found]>([
    ['fit', 1, 1, { ...MANUAL, result: 'ok', reason: 'fine', text: `${now(1)}.` }],
    [
      'are nearly full',
      79,
      1,
      { ...MANUAL, result: 'warning', reason: 'quota-near', text: `${now(79)}${OTHERS}.`, advice: ADVICE },
    ],
    [
      'are full',
      100,
      1,
      { ...MANUAL, result: 'failed', reason: 'quota-full', text: `${now(100)}${OTHERS}.`, advice: ADVICE },
    ],
    [
      'will be full in the end',
      0,
      40,
      { ...MANUAL, result: 'warning', reason: 'quota-near', text: `${inTheEnd(149)}.`, advice: ADVICE },
    ],
    [
      'are nearly full, and will be full in the end',
      79,
      40,
      { ...MANUAL, result: 'warning', reason: 'quota-near', text: `${inTheEnd(149)}.`, advice: ADVICE },
    ],
    [
      'are full, and will be in the end',
      100,
      40,
      { ...MANUAL, result: 'failed', reason: 'quota-full', text: `${now(100)}${OTHERS}.`, advice: ADVICE },
    ],
  ])('%s', async (_, stored, keep, found) => {
    expect(await databases(stored, keeping(keep))).toEqual([found]);
  });

  it('of what copies keep go by the retention of copies', async () => {
    const estate = openEstate('rds');
    estate.resource('orders');
    const settings = { shelvery_dr_regions: DR, ...keeping(1), ...keeping(40, '_dr') };
    expect((await quotas(estate, { types: ['rds'], settings })).map(({ region, text }) => [region, text])).toEqual([
      [DR, `${inTheEnd(149).replace(LOCAL, DR)}.`],
      [LOCAL, `${now(0)}.`],
    ]);
  });

  it('are of no account where there is nothing, or the region was not listed', async () => {
    expect(await quotas(openEstate('ebs'))).toEqual([]);
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const adapter: DoctorAsked['adapter'] = (adapter) => ({
      listBackups: (region) =>
        region === DR ? Promise.reject(refused('ec2:DescribeSnapshots')) : adapter.listBackups(region),
    });
    const found = await quotas(estate, { settings: { shelvery_dr_regions: DR }, adapter });
    expect(found.map(({ region }) => region)).toEqual([LOCAL]);
  });

  it('count in each region those that go there, and only what is selected', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:config:shelvery_dr_regions': DR } });
    estate.resource(OTHER_VOLUME);
    hold(estate, { id: 'snap-1', entity: VOLUME });
    const counted = (region: string, stored: number, added: number): Found => ({
      result: 'ok',
      reason: 'fine',
      backup_type: 'ebs',
      region,
      subject: 'Snapshots per Region',
      text: `${region} has ${String(stored)} of Shelvery's backups, and a run adds ${String(added)}: by default AWS allows 100,000 (quota "Snapshots per Region").`,
    });
    expect(await quotas(estate)).toEqual([counted(DR, 0, 1), counted(LOCAL, 1, 2)]);
    const selected = (id: string): DoctorAsked => ({ settings: { shelvery_select_entity: id } });
    expect(await quotas(estate, selected(VOLUME))).toEqual([counted(DR, 0, 1), counted(LOCAL, 1, 1)]);
    expect(await quotas(estate, selected(OTHER_VOLUME))).toEqual([counted(LOCAL, 1, 1)]);
  });

  /** So many marked volumes, of which the last has tags of its own. */
  function openMany(count: number, ofLast: Readonly<Record<string, string>> = {}): MemoryEstate {
    const estate = openEstate('ebs');
    for (let index = 0; index < count; index += 1)
      estate.resource(`vol-${String(index).padStart(17, '0')}`, index === count - 1 ? { tags: ofLast } : {});
    return estate;
  }
  const COPIES = {
    backup_type: 'ebs',
    region: DR,
    subject: 'Concurrent snapshot copies per destination Region',
  } as const;
  const copies = (count: number, time: string, objective: string): string =>
    `${String(count)} copies to ${DR} at 20 at a time (quota "${COPIES.subject}") take about ${time} where each takes 6 minutes; the objective is ${objective} (shelvery_rpo_hours).`;
  const ofCopies = async (estate: MemoryEstate): Promise<readonly Found[]> =>
    (await quotas(estate, { settings: { shelvery_dr_regions: DR } })).filter(
      ({ subject }) => subject === COPIES.subject,
    );

  it('of copies are of no account where all run together', async () => {
    expect(await ofCopies(openMany(20))).toEqual([]);
  });

  it('of copies suffice where these are done before they are wanted', async () => {
    expect(await ofCopies(openMany(21))).toEqual([
      { ...COPIES, result: 'ok', reason: 'fine', text: copies(21, '12 minutes', '26 hours') },
    ]);
  });

  it('of copies do not suffice where one of these is wanted earlier', async () => {
    expect(await ofCopies(openMany(201, { 'shelvery:config:shelvery_rpo_hours': '1' }))).toEqual([
      {
        ...COPIES,
        result: 'warning',
        reason: 'copies-too-slow',
        text: copies(201, '1 hour 6 minutes', '1 hour'),
        advice:
          'Copy fewer resources to this region (the tag shelvery_dr_regions), or divide them among accounts; watch how long the copies really take.',
      },
    ]);
  });
});

describe('the tags of marked resources', () => {
  const tags = async (...values: readonly string[]): Promise<readonly Found[]> => {
    const estate = openEstate('ebs');
    estate.resource(OTHER_VOLUME);
    for (const [index, value] of values.entries())
      estate.resource(`vol-0000000000000000${String(index)}`, {
        tags: { 'shelvery:config:shelvery_keep_daily_backups': value },
      });
    return foundOf(await examineEstate(estate), 'tags');
  };

  it('are told of where they configure something', async () => {
    expect(await tags()).toEqual([]);
    expect(await tags('3')).toEqual([fine('The tags that configure marked resources have values that are allowed.')]);
  });

  it('are told of, with the resource, where a value is wrong', async () => {
    expect(await tags('3', 'abc')).toEqual([
      {
        result: 'warning',
        reason: 'tag-unusable',
        backup_type: 'ebs',
        text: `vol-00000000000000001: shelvery_keep_daily_backups in the resource's tags is "abc"; allowed: a whole number from 0 to 10000 (days). None of its backups is removed.`,
        advice: 'Correct the tag, or take it off.',
      },
    ]);
  });
});
