import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CopySnapshotCommand, CreateTagsCommand, EC2Client, ModifySnapshotAttributeCommand } from '@aws-sdk/client-ec2';
import { CopyDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateClusterSnapshotCommand, DeleteClusterSnapshotCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { accountsOf } from './accounts.js';
import { databaseControls } from './databases.js';
import { startEmulator, type Emulator } from './emulator.js';

const MINE = '111111111111';
const THEIRS = '222222222222';
const HOME = 'eu-west-1';
const DR = 'eu-central-1';

describe('the call log with targets', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator({ account: MINE, region: HOME });
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.setLoggedTargets(true);
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const targetsOf = async (action: string) => (await emulator.calls({ action })).map(({ targets }) => targets);

  it("has the tags that a thing had before the call, another account's snapshot with its owner, and keys by their ARNs", async () => {
    const ec2 = new EC2Client(emulator.clientConfig(THEIRS, HOME));
    const [theirs = ''] = await emulator.seedSnapshots([{ volumeId: 'vol-1', tags: { a: 'b' } }], { account: THEIRS });
    await ec2.send(
      new ModifySnapshotAttributeCommand({
        SnapshotId: theirs,
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [MINE],
      }),
    );
    await ec2.send(new CreateTagsCommand({ Resources: [theirs], Tags: [{ Key: 'c', Value: 'd' }] }));
    const key = await accountsOf(emulator).makeKey({ region: DR, alias: 'alias/copies' });
    const copy = { SourceRegion: HOME, SourceSnapshotId: theirs, Encrypted: true, KmsKeyId: 'alias/copies' };
    await new EC2Client(emulator.clientConfig(MINE, DR)).send(new CopySnapshotCommand(copy));
    const snapshot = { arn: `arn:aws:ec2:${HOME}::snapshot/${theirs}`, account: THEIRS, kmsKeyId: null };
    expect(await targetsOf('CreateTags')).toEqual([[{ parameter: 'ResourceId', ...snapshot, tags: { a: 'b' } }]]);
    expect(await targetsOf('CopySnapshot')).toEqual([
      [
        { parameter: 'KmsKeyId', arn: key, account: MINE, tags: {}, kmsKeyId: null },
        { parameter: 'SourceSnapshotId', ...snapshot, tags: { a: 'b', c: 'd' } },
      ],
    ]);
  });

  it('has database snapshots by name and by ARN, with their keys', async () => {
    const rds = new RDSClient(emulator.clientConfig());
    await databaseControls(emulator).seedDatabases('rds', [{ id: 'orders' }]);
    const automated = await databaseControls(emulator).makeAutomatedSnapshot({ service: 'rds', source: 'orders' });
    const key = await accountsOf(emulator).makeKey();
    await rds.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: automated,
        TargetDBSnapshotIdentifier: 'one',
        KmsKeyId: key,
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    const arn = `arn:aws:rds:${HOME}:${MINE}:snapshot:one`;
    await rds.send(new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: arn, TargetDBSnapshotIdentifier: 'two' }));
    const source = { parameter: 'SourceDBSnapshotIdentifier', account: MINE };
    expect((await targetsOf('CopyDBSnapshot'))[0]).toContainEqual({
      ...source,
      arn: `arn:aws:rds:${HOME}:${MINE}:snapshot:${automated}`,
      tags: {},
      kmsKeyId: null,
    });
    expect((await targetsOf('CopyDBSnapshot'))[1]).toEqual([{ ...source, arn, tags: { a: 'b' }, kmsKeyId: key }]);
  });

  it('has Redshift snapshots under their clusters, and buckets with their owners', async () => {
    await databaseControls(emulator).seedDatabases('redshift', [{ id: 'sales' }]);
    const redshift = new RedshiftClient(emulator.clientConfig());
    await redshift.send(
      new CreateClusterSnapshotCommand({
        ClusterIdentifier: 'sales',
        SnapshotIdentifier: 'one',
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
    await redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'one' }));
    const snapshot = {
      arn: `arn:aws:redshift:${HOME}:${MINE}:snapshot:sales/one`,
      account: MINE,
      tags: { a: 'b' },
      kmsKeyId: null,
    };
    expect(await targetsOf('DeleteClusterSnapshot')).toEqual([[{ parameter: 'SnapshotIdentifier', ...snapshot }]]);
    const configuration = { CreateBucketConfiguration: { LocationConstraint: HOME } } as const;
    await new S3Client(emulator.clientConfig(THEIRS)).send(
      new CreateBucketCommand({ Bucket: 'theirs', ...configuration }),
    );
    await expect(
      new S3Client(emulator.clientConfig()).send(new PutObjectCommand({ Bucket: 'theirs', Key: 'a', Body: 'x' })),
    ).rejects.toThrow();
    expect(await targetsOf('CreateBucket')).toEqual([[]]);
    expect(await targetsOf('PutObject')).toEqual([
      [{ parameter: 'Bucket', arn: 'arn:aws:s3:::theirs', account: THEIRS, tags: {}, kmsKeyId: null }],
    ]);
  });

  it('has none unless it was asked for', async () => {
    await emulator.reset();
    await emulator.seedSnapshots([{ id: 'snap-0123456789abcdef0', volumeId: 'vol-1' }]);
    await new EC2Client(emulator.clientConfig()).send(
      new CreateTagsCommand({ Resources: ['snap-0123456789abcdef0'], Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    expect(await targetsOf('CreateTags')).toEqual([undefined]);
  });
});
