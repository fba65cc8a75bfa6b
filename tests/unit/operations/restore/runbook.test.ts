import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import { BUNKER, OTHER_VOLUME, SHARED, VOLUME, openPulled, openShared, telling } from '../looking-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { at } from '../one-of.js';
import { withAdapter, withStore } from '../other-parts.js';

const NAME = 'orders-158db4-2026-11-24-0301-daily';
const SNAPSHOT = 'snap-00000000000000001';
const COPY = 'snap-00000000000000007';

/** What is in the runbook of the volume's newest backup in each place. */
const PLACE = {
  account: OWN_ACCOUNT,
  name: NAME,
  createdAt: new Date('2026-11-24T03:01:00Z'),
  encrypted: false,
  archived: false,
};
const ORDERS = {
  id: VOLUME,
  name: 'orders',
  account: OWN_ACCOUNT,
  originRegion: LOCAL,
  sharedWith: [OTHER_ACCOUNT],
  toShareWith: [OTHER_ACCOUNT],
};

/** How the volume is restored from a snapshot of a region. */
async function scriptOf(estate: MemoryEstate, backup: string, region = LOCAL): Promise<string | undefined> {
  const { restorePlan } = await estate.run('restore_plan', {
    ...SHARED,
    restore: { backup, form: 'cli', into: { region } },
  });
  return restorePlan?.text;
}

describe('the runbook', () => {
  it('tells of each resource what it is restored from in each place, and how, by reading alone', async () => {
    const estate = await openPulled();
    estate.resource(OTHER_VOLUME, { tags: { Name: 'wages' } });
    const { runbook, told, said, report, calls } = await estate.run('runbook', SHARED);
    const script = await scriptOf(estate, SNAPSHOT);
    expect(script?.split('\n')[1]).toBe(
      `# Restores ${VOLUME} from ${NAME} (${SNAPSHOT}) of 2026-11-24T03:01:00Z, which is in ${LOCAL} of ${OWN_ACCOUNT}, into ${LOCAL} of ${OWN_ACCOUNT}`,
    );
    expect(runbook).toEqual([
      {
        ...ORDERS,
        places: [
          { ...PLACE, place: 'local', region: LOCAL, id: SNAPSHOT, script },
          { ...PLACE, place: 'dr', region: DR, id: COPY, script: await scriptOf(estate, COPY, DR) },
        ],
      },
      {
        id: OTHER_VOLUME,
        name: 'wages',
        account: OWN_ACCOUNT,
        originRegion: LOCAL,
        sharedWith: [],
        toShareWith: [],
        places: [],
      },
    ]);
    expect([told, said]).toEqual([[], []]);
    expect(report.summary).toEqual({ collected: 2, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    // What is marked is listed once, and whether metadata files are there is not asked for.
    expect(calls).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:listBackups ${LOCAL}`,
      `s3:listBuckets ${LOCAL}`,
      `ebs:listBackups ${DR}`,
      ...[LOCAL, DR].map((region) => `s3:listFolders ${region} backups/shared/`),
      ...[LOCAL, DR].flatMap((region) =>
        ['ebs', 'ebs-processed', 'ebs-archived'].map(
          (folder) => `s3:list ${region} backups/shared/${OTHER_ACCOUNT}/${folder}/`,
        ),
      ),
      `s3:get ${LOCAL} backups/ebs/${NAME}.yaml`,
      `s3:get ${DR} backups/ebs/${NAME}.yaml`,
    ]);
  });

  it('is of the selected resource alone, marked or not', async () => {
    const estate = await openPulled();
    estate.resource(OTHER_VOLUME, { tags: { Name: 'wages' } });
    const of = async (id: string): Promise<readonly (readonly [string, number])[] | undefined> => {
      const { runbook, report } = await estate.run('runbook', {
        settings: { ...SHARED.settings, shelvery_select_entity: id },
      });
      expect(report).toMatchObject({ status: 'OK', summary: { collected: 1 } });
      return runbook?.map((resource) => [resource.id, resource.places.length]);
    };
    expect(await of(VOLUME)).toEqual([[VOLUME, 2]]);
    expect(await of(OTHER_VOLUME)).toEqual([[OTHER_VOLUME, 0]]);
    estate.resource(VOLUME, { tags: { Name: 'orders', 'shelvery:create_backup': 'false' } });
    expect(await of(VOLUME)).toEqual([[VOLUME, 2]]);
  });

  it('refuses what is neither marked nor has backups', async () => {
    const estate = await openPulled();
    const { runbook, brokeOff } = await estate.run('runbook', {
      settings: { ...SHARED.settings, shelvery_select_entity: 'vol-nothing' },
    });
    expect(runbook).toBeUndefined();
    expect(brokeOff).toMatchObject({
      code: 'UsageError',
      message: `EBS volume vol-nothing (shelvery_select_entity) is not there, or not marked, in ${LOCAL} of account ${OWN_ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.`,
    });
  });

  it('says how large a backup is, under which key, and whether it is in the archive tier', async () => {
    const estate = await openPulled();
    estate.change(at(estate.backups(), 0), { encrypted: true, kmsKeyId: 'alias/own', archived: true });
    const { runbook } = await estate.run('runbook', {
      ...SHARED,
      parts: withAdapter((adapter) => ({
        listBackups: async (region) =>
          (await adapter.listBackups(region)).map((found) => ({
            ...found,
            sizeGib: 8,
            underOwnedKey: found.region === DR,
          })),
      })),
    });
    const [archived, copy] = runbook?.flatMap(({ places }) => places) ?? [];
    expect(archived).toEqual({
      ...PLACE,
      place: 'local',
      region: LOCAL,
      id: SNAPSHOT,
      sizeGib: 8,
      encrypted: true,
      kmsKeyId: 'alias/own',
      underOwnedKey: false,
      archived: true,
      script: await scriptOf(estate, SNAPSHOT),
    });
    expect(copy).toMatchObject({ encrypted: false, underOwnedKey: true, archived: false, sizeGib: 8 });
    expect(archived?.script).toContain(`aws ec2 restore-snapshot-tier --region ${LOCAL}`);
  });

  it('goes by what the resource is where the metadata file does not say what it was', async () => {
    const estate = openShared();
    await estate.run('create_backups');
    const { runbook } = await estate.run('runbook', { parts: telling({ availability_zone: 'eu-west-1a' }) });
    expect(runbook?.[0]?.places[0]?.script).toContain('--availability-zone eu-west-1a ');
  });

  it('is made in a bunker, of what was pulled', async () => {
    const estate = await openPulled();
    const { runbook } = await estate.run('runbook', BUNKER);
    const pulled = runbook?.map(({ places, ...resource }) => [
      resource,
      places.map(({ place, account, id }) => [place, account, id]),
    ]);
    expect(pulled).toEqual([
      [{ ...ORDERS, sharedWith: [], toShareWith: [] }, [['pulled', OTHER_ACCOUNT, 'snap-0000000000000000d']]],
    ]);
  });

  it('says with whom backups are shared by the files that offer them, whatever is configured', async () => {
    const estate = await openPulled();
    const { runbook, report } = await estate.run('runbook');
    expect(runbook).toMatchObject([{ sharedWith: [OTHER_ACCOUNT], toShareWith: [] }]);
    expect(report.status).toBe('OK');
    const unshared = openShared();
    await unshared.run('create_backups');
    const { runbook: configured } = await unshared.run('runbook', SHARED);
    expect(configured).toMatchObject([{ sharedWith: [], toShareWith: [OTHER_ACCOUNT] }]);
  });

  it('says that it is not known where the files cannot be listed, which is an error', async () => {
    const estate = await openPulled();
    const { runbook, told } = await estate.run('runbook', {
      ...SHARED,
      parts: withStore(() => ({ listFolders: () => Promise.reject(new ShelveryError('NotAllowed', 'Denied.')) })),
    });
    expect(runbook?.map(({ sharedWith, toShareWith }) => [sharedWith, toShareWith])).toEqual([
      [undefined, [OTHER_ACCOUNT]],
    ]);
    expect(told).toMatchObject([
      { operation: 'ListBackups', region: LOCAL, status: 'failed', error: 'NotAllowed: Denied.' },
      { operation: 'ListBackups', region: DR, status: 'failed', error: 'NotAllowed: Denied.' },
    ]);
  });

  it('says of a backup that no way can be planned to restore, and why, and tells of the others', async () => {
    const estate = await openPulled();
    const { runbook, told } = await estate.run('runbook', {
      ...SHARED,
      parts: withStore((store) => ({
        bucketName: (region, account) => {
          if (region === DR) throw new Error('No bucket has a name there');
          return store.bucketName(region, account);
        },
      })),
    });
    expect(runbook?.[0]?.places.map(({ id, script, problem }) => [id, script !== undefined, problem])).toEqual([
      [SNAPSHOT, true, undefined],
      [COPY, false, `Error while planning how ${COPY} is restored: No bucket has a name there.`],
    ]);
    expect(told).toEqual([]);
  });

  it('tells which region cannot be listed, and is made of the others', async () => {
    const estate = await openPulled();
    const { runbook, told } = await estate.run('runbook', {
      settings: { ...SHARED.settings, shelvery_dr_regions: `${DR},${THIRD}` },
      parts: withAdapter((adapter) => ({
        listBackups: (region) =>
          region === THIRD ? Promise.reject(new ShelveryError('AwsError', 'It is away.')) : adapter.listBackups(region),
      })),
    });
    expect(told).toEqual([
      { operation: 'ListBackups', region: THIRD, status: 'failed', error: 'AwsError: It is away.' },
    ]);
    expect(runbook?.map(({ places }) => places.map(({ id }) => id))).toEqual([[SNAPSHOT, COPY]]);
  });
});
