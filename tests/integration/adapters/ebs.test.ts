import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateVolumeCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { FoundBackup } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { adapterContract } from '../../contract/adapter.js';
import { startEbs } from './ebs.harness.js';
import type { EbsHarness } from './ebs.harness.js';
import { wireContract } from './wire-contract.js';
import { idsOf, rejection, understood } from '../../contract/expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from '../../contract/harness.js';

adapterContract('ebs', startEbs, wireContract);

describe('the EBS adapter', () => {
  let harness: EbsHarness;
  beforeAll(async () => {
    harness = await startEbs();
  }, 60_000);
  beforeEach(() => harness.reset());
  afterAll(() => harness.stop());

  const backup = { [`${PREFIX}:backup`]: 'true' };

  async function make(): Promise<FoundBackup> {
    const resource = resourceOf(await harness.makeResource(marked()));
    return (await harness.adapter.createBackup(plannedFor(harness.adapter, resource))).found;
  }

  it('tells the size of the volume', async () => {
    await harness.account.emulator.seedSnapshots([
      { volumeId: (await harness.account.emulator.seedVolumes([{ sizeGib: 33 }]))[0] ?? '', tags: backup },
    ]);
    expect(await harness.adapter.listBackups(HOME.region)).toMatchObject([{ sizeGib: 33 }]);
  });

  it('names the volumes of marked instances that are not marked themselves', async () => {
    const ec2 = new EC2Client(harness.account.emulator.clientConfig(HOME.accountId, HOME.region));
    const run = async (tags: Readonly<Record<string, string>>) => {
      const given = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const { Instances: [instance] = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: 'ami-12c6146b',
          MinCount: 1,
          MaxCount: 1,
          ...(given.length === 0 ? {} : { TagSpecifications: [{ ResourceType: 'instance', Tags: given }] }),
        }),
      );
      const [device] = instance?.BlockDeviceMappings ?? [];
      return { id: instance?.InstanceId ?? '', volume: device?.Ebs?.VolumeId ?? '' };
    };
    const first = await run(marked());
    const second = await run(marked());
    await run({ [`${PREFIX}:create_backup`]: 'yes' });
    await run({});
    const listed = await harness.adapter.listUnmarkedParts?.([resourceOf(ResourceId.parse(second.volume))]);
    expect(listed).toEqual([{ id: first.volume, of: first.id }]);
  });

  it('lists no snapshot of an image as a backup, and knows each by its id, whatever somebody has tagged it with', async () => {
    const volume = await harness.makeResource({});
    const tags = { ...backup, [`${PREFIX}:run_id`]: 'run' };
    const ofImage = await harness.makeSnapshot(volume, '', { ...tags, [`${PREFIX}:ami_id`]: 'ami-1' });
    const named = await harness.makeSnapshot(volume, '', { ...tags, [`${PREFIX}:ami_name`]: 'an-image' });
    const plain = await harness.makeSnapshot(volume, '', tags);
    expect(idsOf(await harness.adapter.listBackups(HOME.region))).toEqual([plain]);
    expect(idsOf(await harness.adapter.findByTags(HOME.region, `${PREFIX}:run_id`, ['run']))).toEqual([plain]);
    const all = [ofImage, named, plain];
    const described = await harness.adapter.describeBackups(HOME.region, all);
    expect(idsOf([...described.values()]).toSorted()).toEqual(all.toSorted());
  });

  it('asks for 450 backups in three calls, and for their volumes in three more', async () => {
    const { emulator } = harness.account;
    const volumes = await emulator.seedVolumes(Array.from({ length: 450 }, () => ({})));
    const seeds = volumes.map((volumeId) => ({ volumeId, tags: backup }));
    const ids = (await emulator.seedSnapshots(seeds)).map((id) => BackupId.parse(id));
    await harness.forgetCalls();
    expect((await harness.adapter.describeBackups(HOME.region, ids)).size).toBe(450);
    expect((await harness.adapter.findResources(volumes.map((id) => ResourceId.parse(id)))).size).toBe(450);
    const calls = await harness.calls();
    expect([calls.get('DescribeSnapshots'), calls.get('DescribeVolumes')]).toEqual([3, 3]);
  });

  it('finds the value of a tag and nothing like it, where the value looks like a pattern', async () => {
    const volume = await harness.makeResource({});
    const starred = await harness.makeSnapshot(volume, '', { ...backup, which: 'a*' });
    await harness.makeSnapshot(volume, '', { ...backup, which: 'abc' });
    expect(idsOf(await harness.adapter.findByTags(HOME.region, 'which', ['a*']))).toEqual([starred]);
  });

  it('counts a snapshot in the Recycle Bin as deleted', async () => {
    const found = await make();
    await harness.account.emulator.setSnapshot(found.id, { state: 'recoverable' });
    expect(await harness.adapter.listBackups(HOME.region)).toEqual([]);
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
    const [copy] = await harness.adapter.listBackups(DR_REGION);
    expect(copy).toMatchObject({ state: 'failed', kmsKeyId });
    expect(copy?.stateReason).toBeTruthy();
  });

  it('does not share a snapshot under the default key', async () => {
    const ec2 = harness.client(HOME.region);
    const { VolumeId } = await ec2.send(
      new CreateVolumeCommand({ AvailabilityZone: `${HOME.region}a`, Size: 1, Encrypted: true }),
    );
    const resource = resourceOf(ResourceId.parse(VolumeId));
    const { found } = await harness.adapter.createBackup(plannedFor(harness.adapter, resource));
    const share = harness.adapter.share?.(understood(found), [OTHER_ACCOUNT]) ?? Promise.resolve();
    expect((await rejection(share)).name).toBe('OperationNotPermitted');
  });

  it('tells the volume that a snapshot was made of, which that of a copy is not', async () => {
    const made = understood(await make());
    const [original] = await harness.adapter.listBackups(HOME.region);
    expect(original?.volumeId).toBe(made.entityId);
    const { found, name } = made;
    await harness.adapter.copyToRegion?.({ source: made, toRegion: DR_REGION, name, tags: found.tags, encrypt: false });
    const [copy] = await harness.adapter.listBackups(DR_REGION);
    expect(copy?.volumeId).not.toBe(made.entityId);
  });

  describe('archive', () => {
    it('is done where the call was done and its answer was lost', async () => {
      const found = understood(await make());
      await harness.faultNext('ModifySnapshotTier', 'fail-after');
      await harness.adapter.archive?.(found);
      expect((await harness.adapter.listBackups(HOME.region)).map(({ archived }) => archived)).toEqual([true]);
    });
    it('asks nothing where the backup is archived already', async () => {
      const found = await make();
      await harness.forgetCalls();
      await harness.adapter.archive?.(understood({ ...found, archived: true }));
      expect((await harness.calls()).size).toBe(0);
    });
    it('lets a refusal pass', async () => {
      const found = understood(await make());
      await harness.faultNext('ModifySnapshotTier', { refuse: 'ResourceLimitExceeded' });
      const archive = harness.adapter.archive?.(found) ?? Promise.resolve();
      expect((await rejection(archive)).name).toBe('ResourceLimitExceeded');
    });
  });
});
