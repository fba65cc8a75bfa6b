import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSnapshotCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Tag,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

/** Pages "Tag your Amazon EC2 resources" and "CreateTags". */
describe('tags of EC2 resources', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let volumeId: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    volumeId = (await emulator.seedVolumes([{}]))[0] ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const snapshotWith = async (Tags: Tag[]): Promise<unknown> =>
    ec2.send(
      new CreateSnapshotCommand({ VolumeId: volumeId, TagSpecifications: [{ ResourceType: 'snapshot', Tags }] }),
    );
  const tagVolume = async (Tags: Tag[]): Promise<unknown> =>
    ec2.send(new CreateTagsCommand({ Resources: [volumeId], Tags }));
  const tags = (count: number): Tag[] =>
    Array.from({ length: count }, (_, index) => ({ Key: `key-${index}`, Value: 'a' }));

  it('are at most 50', async () => {
    await snapshotWith(tags(50));
    await expect(snapshotWith(tags(51))).rejects.toMatchObject({ name: 'TagLimitExceeded' });
    expect(await emulator.takeViolations()).not.toEqual([]);
    await tagVolume(tags(50));
    await expect(tagVolume([{ Key: 'one more', Value: '' }])).rejects.toMatchObject({ name: 'TagLimitExceeded' });
  });

  it.each<[string, Tag[]]>([
    ['a key of 129 characters', [{ Key: 'k'.repeat(129), Value: 'a' }]],
    ['a key that starts with aws:', [{ Key: 'aws:thing', Value: 'a' }]],
    ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }]],
    [
      'a key twice',
      [
        { Key: 'k', Value: 'a' },
        { Key: 'k', Value: 'b' },
      ],
    ],
  ])('cannot have %s', async (_, refused) => {
    await expect(snapshotWith(refused)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(tagVolume(refused)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await emulator.takeViolations()).not.toEqual([]);
    expect((await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots).toEqual([]);
  });

  it('may be as long as allowed, and of any characters', async () => {
    const longest = [
      { Key: 'k'.repeat(128), Value: 'ü'.repeat(256) },
      { Key: '<&>"\'', Value: ' a\tb ' },
      { Key: 'empty', Value: '' },
    ];
    await snapshotWith(longest);
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({}));
    expect(Snapshots?.[0]?.Tags).toEqual(longest);
  });

  it('can be taken away', async () => {
    await tagVolume([{ Key: 'a', Value: '1' }]);
    await ec2.send(new DeleteTagsCommand({ Resources: [volumeId], Tags: [{ Key: 'a' }] }));
    await tagVolume(tags(50));
  });
});
