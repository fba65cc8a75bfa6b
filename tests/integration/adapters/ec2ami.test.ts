import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  CreateTagsCommand,
  DeregisterImageCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { FoundBackup, MendScope, MendedItem, Region, Tags } from '@shelvery/engine/terminal';
import { ResourceId } from '@shelvery/engine/terminal';
import { adapterContract } from '../../contract/adapter.js';
import { tagged, untagged } from './ebs.harness.js';
import { wireContract } from './wire-contract.js';
import { startAmi } from './ec2ami.harness.js';
import type { AmiHarness } from './ec2ami.harness.js';
import { idsOf, understood } from '../../contract/expectations.js';
import {
  DR_REGION,
  HOME,
  OTHER_ACCOUNT,
  PREFIX,
  marked,
  mendAll,
  plannedFor,
  resourceOf,
} from '../../contract/harness.js';

adapterContract('ec2ami', startAmi, wireContract);

describe('the AMI adapter', () => {
  let harness: AmiHarness;
  beforeAll(async () => {
    harness = await startAmi();
  }, 60_000);
  beforeEach(() => harness.reset());
  afterAll(() => harness.stop());

  const AMI_ID = `${PREFIX}:ami_id`;
  const AMI_NAME = `${PREFIX}:ami_name`;

  async function make(): Promise<FoundBackup> {
    const resource = resourceOf(await harness.makeResource(marked({ Name: 'web' })));
    return (await harness.adapter.createBackup(plannedFor(harness.adapter, resource))).found;
  }

  async function snapshots(region: Region = HOME.region): Promise<ReadonlyMap<string, Tags>> {
    const { Snapshots = [] } = await harness.client(region).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    return new Map(Snapshots.map(({ SnapshotId, Tags: tags }) => [SnapshotId ?? '', untagged(tags)]));
  }

  /** Deregisters an image and leaves its snapshots, as a deletion does that is broken off. */
  async function deregister(found: FoundBackup): Promise<void> {
    await harness.client(HOME.region).send(new DeregisterImageCommand({ ImageId: found.id }));
  }

  const GONE = 'ami-0123456789abcdef0';
  const MADE_FOR_GONE = `Created by CreateImage(i-0123456789abcdef0) for ${GONE}`;

  /** A snapshot with these tags, as EC2 makes it for an image, or with another description. */
  async function seed(tags: Tags, description = MADE_FOR_GONE): Promise<string> {
    const [id = ''] = await harness.account.emulator.seedSnapshots([{ volumeId: 'vol-1', tags, description }]);
    return id;
  }
  const mend = async (narrowed: Partial<MendScope> = {}): Promise<readonly MendedItem[]> =>
    (await harness.adapter.mend?.(HOME.region, mendAll(narrowed))) ?? [];

  it('tells the sizes of its volumes together', async () => {
    await make();
    expect(await harness.adapter.listBackups(HOME.region)).toMatchObject([{ sizeGib: 2 }]);
  });

  it('backs up what runs or is stopped, and nothing that is terminated', async () => {
    const kept = await harness.makeResource(marked());
    const gone = await harness.makeResource(marked());
    await harness.removeResource(gone);
    expect((await harness.adapter.listResources()).map(({ id }) => id)).toEqual([kept]);
  });

  it('tells when an instance was made, and not when it was started last', async () => {
    const id = await harness.makeResource(marked());
    const [first] = await harness.adapter.listResources();
    await harness.account.emulator.advanceClock(3_600_000);
    await harness.client(HOME.region).send(new StopInstancesCommand({ InstanceIds: [id] }));
    await harness.client(HOME.region).send(new StartInstancesCommand({ InstanceIds: [id] }));
    const [restarted] = await harness.adapter.listResources();
    expect(restarted?.createdAt).toEqual(first?.createdAt);
    expect(restarted?.createdAt).toBeInstanceOf(Date);
  });

  it('lists an instance with an instance-store root with why it cannot be backed up', async () => {
    const ec2 = harness.client(HOME.region);
    const image = new RegisterImageCommand({ Name: 'store', ImageLocation: 'bucket/image.manifest.xml' });
    const { ImageId } = await ec2.send(image);
    await ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1, ...tagged('instance', marked()) }));
    expect(await harness.adapter.listResources()).toMatchObject([
      { unusable: expect.stringContaining('instance store') },
    ]);
  });

  it('asks for many instances with no more filter values in a call than EC2 takes', async () => {
    const kept = await harness.makeResource(marked());
    const ids = Array.from({ length: 400 }, (_, n) => ResourceId.parse(`i-${n.toString(16).padStart(17, '0')}`));
    await harness.forgetCalls();
    expect([...(await harness.adapter.findResources([...ids, kept])).keys()]).toEqual([kept]);
    const calls = await harness.account.emulator.calls({ service: 'ec2', action: 'DescribeInstances' });
    const values = calls.map(({ parameters }) =>
      Object.keys(parameters).filter((key) => /^Filter\.\d+\.Value/.test(key)),
    );
    expect(values.map(({ length }) => length).sort()).toEqual([13, 200, 200]);
  });

  it('makes the image without a reboot', async () => {
    await make();
    const [call] = await harness.account.emulator.calls({ service: 'ec2', action: 'CreateImage' });
    expect(call?.parameters).toMatchObject({ NoReboot: 'true' });
  });

  it('tags the snapshots in the call that makes the image, and never as backups', async () => {
    const found = await make();
    const { [`${PREFIX}:backup`]: _mark, ...own } = found.tags;
    const expected = { ...own, [AMI_NAME]: found.serviceName };
    expect([...(await snapshots()).values()]).toEqual([expected, expected]);
  });

  it('leaves room for a hold in the tags of its snapshots', async () => {
    const source = understood(await make());
    const many = Object.fromEntries(
      Array.from({ length: 50 - Object.keys(source.found.tags).length }, (_, n) => [`own-${n}`, 'x']),
    );
    const tags = { ...many, ...source.found.tags };
    await harness.adapter.copyToRegion?.({ source, toRegion: DR_REGION, name: source.name, tags, encrypt: false });
    const [copied] = [...(await snapshots(DR_REGION)).values()];
    expect(copied).toMatchObject({ [AMI_NAME]: source.name, [`${PREFIX}:entity_id`]: source.entityId });
    expect(Object.keys(copied ?? {})).toHaveLength(49);
  });

  it('lists disabled images', async () => {
    const found = await make();
    await harness.client(HOME.region).send(new DisableImageCommand({ ImageId: found.id }));
    expect(await harness.adapter.listBackups(HOME.region)).toMatchObject([{ id: found.id, state: 'available' }]);
  });

  it('names the key of a copy that fails because its key cannot be used', async () => {
    const source = understood(await make());
    const kmsKeyId = `arn:aws:kms:${DR_REGION}:${HOME.accountId}:key/00000000-0000-0000-0000-000000000000`;
    const request = {
      source,
      toRegion: DR_REGION,
      name: source.name,
      tags: source.found.tags,
      encrypt: true,
      kmsKeyId,
    };
    await harness.adapter.copyToRegion?.(request);
    expect(await harness.adapter.listBackups(DR_REGION)).toMatchObject([{ state: 'failed', kmsKeyId }]);
  });

  it('shares the snapshots with the image', async () => {
    const found = await make();
    await harness.adapter.share?.(understood(found), [OTHER_ACCOUNT]);
    for (const SnapshotId of await harness.snapshotsOf(HOME.region, found.id)) {
      const command = new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' });
      const { CreateVolumePermissions } = await harness.client(HOME.region).send(command);
      expect(CreateVolumePermissions).toEqual([{ UserId: OTHER_ACCOUNT }]);
    }
  });

  describe('deleteBackup', () => {
    it('deletes the snapshots with the image, in one call', async () => {
      const found = await make();
      await harness.forgetCalls();
      await harness.adapter.deleteBackup(found);
      expect([...(await harness.calls())]).toEqual([['DeregisterImage', 1]]);
      expect(await snapshots()).toEqual(new Map());
    });
    it('removes what an earlier deletion left, known by the id of the image', async () => {
      const [found, other] = [await make(), await make()];
      await deregister(found);
      await harness.adapter.deleteBackup(found);
      expect([...(await snapshots()).keys()].sort()).toEqual(
        [...(await harness.snapshotsOf(HOME.region, other.id))].sort(),
      );
    });
    it('leaves the left-over snapshots of an image one of which is held', async () => {
      const found = await make();
      await mend();
      const [Resource = ''] = await harness.snapshotsOf(HOME.region, found.id);
      const hold = new CreateTagsCommand({ Resources: [Resource], Tags: [{ Key: `${PREFIX}:hold`, Value: 'audit' }] });
      await harness.client(HOME.region).send(hold);
      await deregister(found);
      const before = await snapshots();
      await harness.adapter.deleteBackup(found);
      expect(await snapshots()).toEqual(before);
      expect(before.size).toBe(2);
    });
  });

  describe('mend', () => {
    it('leaves the snapshots of images alone that are there', async () => {
      await make();
      const before = await snapshots();
      await harness.forgetCalls();
      expect(await mend()).toEqual([]);
      expect([...(await harness.calls())]).toEqual([
        ['DescribeSnapshots', 1],
        ['DescribeImages', 1],
      ]);
      expect(await snapshots()).toEqual(before);
    });
    it('only tells in a dry run', async () => {
      const left = await seed({ [AMI_ID]: GONE });
      const before = await snapshots();
      expect((await mend({ dryRun: true })).map(({ fate }) => fate)).toEqual(['removed']);
      expect(await snapshots()).toEqual(before);
      expect(before.has(left)).toBe(true);
    });
    it('removes snapshots of images that are gone', async () => {
      const kept = await make();
      const gone = await make();
      await mend();
      await deregister(gone);
      await seed({ [AMI_NAME]: 'no-such-image' });
      expect((await mend()).map(({ fate }) => fate)).toEqual(['removed', 'removed', 'removed']);
      expect([...(await snapshots()).keys()].sort()).toEqual(
        [...(await harness.snapshotsOf(HOME.region, kept.id))].sort(),
      );
    });
    it('of one that may not be deleted goes on with the others, and tells of it', async () => {
      for (let n = 0; n < 3; n += 1) await seed({ [AMI_ID]: GONE });
      await harness.faultNext('DeleteSnapshot', { refuse: 'UnauthorizedOperation' });
      const items = await mend();
      expect(items.map(({ fate }) => fate).sort()).toEqual(['not-removed', 'removed', 'removed']);
      const left = items.find(({ fate }) => fate === 'not-removed');
      expect(left).toMatchObject({
        what: `left over: its image ${GONE} is gone`,
        error: { name: 'UnauthorizedOperation' },
      });
      expect([...(await snapshots()).keys()]).toEqual([left?.id]);
    });
    it('removes what copying of an image left', async () => {
      const source = understood(await make());
      const { name, found } = source;
      await harness.adapter.copyToRegion?.({ source, toRegion: DR_REGION, name, tags: found.tags, encrypt: false });
      const [copy] = await harness.adapter.listBackups(DR_REGION);
      await harness.client(DR_REGION).send(new DeregisterImageCommand({ ImageId: copy?.id }));
      expect((await snapshots(DR_REGION)).size).toBe(2);
      expect(await harness.adapter.mend?.(DR_REGION, mendAll())).toHaveLength(2);
      expect((await snapshots(DR_REGION)).size).toBe(0);
    });
    it('keeps the snapshots of an image that something else deregistered until they expire, and says so', async () => {
      const found = await make();
      await mend();
      await deregister(found);
      const before = await snapshots();
      const asked: FoundBackup[] = [];
      const hasExpired = (leftover: FoundBackup): boolean => {
        asked.push(leftover);
        return false;
      };
      const kept = await mend({ hasExpired });
      expect(kept.map(({ id, fate }) => [id, fate])).toEqual([...before.keys()].map((id) => [id, 'kept']));
      expect(kept[0]?.what).toContain(`its image ${found.id} was deregistered by something else`);
      expect(await snapshots()).toEqual(before);
      expect(asked.map(({ id, tags }) => [id, tags])).toEqual([...before]);
      expect(asked[0]).toMatchObject({ region: HOME.region, startedAt: expect.any(Date) });
      expect((await mend()).map(({ fate }) => fate)).toEqual(['removed', 'removed']);
    });
    it.each([
      ['is held', { [AMI_ID]: GONE, [`${PREFIX}:hold`]: 'true' }, MADE_FOR_GONE],
      ['has the tag of another prefix', { 'shelvery:ami_id': GONE }, MADE_FOR_GONE],
      ['is marked as a backup itself', { [AMI_ID]: GONE, [`${PREFIX}:backup`]: 'true' }, MADE_FOR_GONE],
      ['names another image than EC2 does', { [AMI_ID]: 'ami-0123456789abcdef1' }, MADE_FOR_GONE],
      ['was made by hand', { [AMI_ID]: GONE }, 'before the update'],
      ['says nothing of an image', { [AMI_ID]: GONE }, ''],
      ['is a copy', { [AMI_ID]: GONE }, `[Copied snap-1 from eu-west-1] ${MADE_FOR_GONE}`],
    ])('keeps a snapshot that %s', async (_why, tags: Tags, description) => {
      const id = await seed(tags, description);
      expect(await mend()).toEqual([]);
      expect([...(await snapshots()).keys()]).toEqual([id]);
    });
    it('keeps all snapshots of an image one of which is held', async () => {
      await seed({ [AMI_ID]: GONE });
      await seed({ [AMI_NAME]: 'web', [`${PREFIX}:hold`]: 'yes' });
      expect(await mend()).toEqual([]);
      expect((await snapshots()).size).toBe(2);
    });
    it('sees to what it is told to, and no more', async () => {
      const found = await make();
      const mine = await seed({ [AMI_ID]: GONE, [`${PREFIX}:entity_id`]: 'i-mine' });
      const others = await seed({ [AMI_ID]: GONE, [`${PREFIX}:entity_id`]: 'i-other' });
      const covers = (tags: Tags): boolean => tags[`${PREFIX}:entity_id`] === 'i-mine';
      expect(await mend({ covers })).toEqual([
        { id: mine, what: `left over: its image ${GONE} is gone`, fate: 'removed' },
      ]);
      expect((await snapshots()).has(others)).toBe(true);
      expect([...(await snapshots()).values()].filter((tags) => tags[AMI_ID] === found.id)).toEqual([]);
    });
    it('keeps the snapshots of an image that is still being made', async () => {
      await harness.keepPending();
      await make();
      expect(await mend()).toEqual([]);
      expect((await snapshots()).size).toBe(2);
    });
    it('keeps a copy of such a snapshot that somebody made, tags and all', async () => {
      const found = await make();
      await mend();
      const [source = ''] = await harness.snapshotsOf(HOME.region, found.id);
      const tags = (await snapshots()).get(source) ?? {};
      const command = { SourceRegion: HOME.region, SourceSnapshotId: source, ...tagged('snapshot', tags) };
      const { SnapshotId: copy = '' } = await harness.client(HOME.region).send(new CopySnapshotCommand(command));
      await harness.adapter.deleteBackup(found);
      expect(await mend()).toEqual([]);
      expect([...(await snapshots()).keys()]).toEqual([copy]);
    });
    it('removes nothing where the images cannot be listed', async () => {
      const id = await seed({ [AMI_ID]: GONE });
      await harness.faultNext('DescribeImages', { refuse: 'UnauthorizedOperation' });
      await expect(mend()).rejects.toThrow();
      expect((await snapshots()).has(id)).toBe(true);
    });
  });

  it('lists no image that another tool made under a name of ours', async () => {
    const found = await make();
    const RootDeviceName = '/dev/sda1';
    await harness
      .client(HOME.region)
      .send(new RegisterImageCommand({ Name: `${found.serviceName ?? ''}-too`, RootDeviceName }));
    expect(idsOf(await harness.adapter.listBackups(HOME.region))).toEqual([found.id]);
  });
});
