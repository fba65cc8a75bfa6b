import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';

import { startEmulator, type Emulator } from './emulator.js';

describe('throttling', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const config = (account?: string, region?: string) => ({ ...emulator.clientConfig(account, region), maxAttempts: 1 });

  /** How many of the calls were not refused. */
  async function taken(count: number, send: () => Promise<unknown>): Promise<number> {
    let done = 0;
    for (let index = 0; index < count; index += 1) {
      try {
        await send();
        done += 1;
      } catch (error) {
        expect(error).toMatchObject({ name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } });
      }
    }
    return done;
  }

  it('takes as many calls as the bucket has tokens, and more as it fills', async () => {
    const ec2 = new EC2Client(config());
    const describe = (): Promise<unknown> => ec2.send(new DescribeVolumesCommand({}));
    await emulator.setThrottle('ec2', 'DescribeVolumes', { size: 3, refillPerSecond: 2 });
    expect(await taken(5, describe)).toBe(3);
    await emulator.advanceClock(1_000);
    expect(await taken(5, describe)).toBe(2);
    await emulator.advanceClock(3_600_000);
    expect(await taken(5, describe)).toBe(3);
  });

  it('has a bucket for each action, account and region', async () => {
    await emulator.setThrottle('ec2', '*', { size: 1, refillPerSecond: 0 });
    const sent: (() => Promise<unknown>)[] = [
      () => new EC2Client(config()).send(new DescribeVolumesCommand({})),
      () => new EC2Client(config()).send(new DescribeSnapshotsCommand({})),
      () => new EC2Client(config('222222222222')).send(new DescribeVolumesCommand({})),
      () => new EC2Client(config(undefined, 'eu-west-1')).send(new DescribeVolumesCommand({})),
    ];
    for (const send of sent) {
      expect(await taken(2, send)).toBe(1);
    }
  });

  it('refuses as each service does', async () => {
    for (const service of ['rds', 's3', 'ssm']) {
      await emulator.setThrottle(service, '*', { size: 0, refillPerSecond: 0 });
    }
    await expect(new RDSClient(config()).send(new DescribeDBSnapshotsCommand({}))).rejects.toMatchObject({
      name: 'Throttling',
    });
    await expect(new S3Client(config()).send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'SlowDown' });
    await expect(new SSMClient(config()).send(new GetParametersByPathCommand({ Path: '/a' }))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
  });

  it('knows the documented buckets of EC2 (page "Request throttling for the Amazon EC2 API")', async () => {
    const ec2 = new EC2Client(config());
    await emulator.setDocumentedThrottle('ec2');
    expect(await taken(55, () => ec2.send(new DescribeVolumesCommand({})))).toBe(50);
    expect(await taken(105, () => ec2.send(new DescribeVolumesCommand({ MaxResults: 5 })))).toBe(100);
    const [VolumeId] = await emulator.seedVolumes([{}]);
    expect(await taken(105, () => ec2.send(new CreateSnapshotCommand({ VolumeId })))).toBe(100);
    await emulator.advanceClock(1_000);
    expect(await taken(10, () => ec2.send(new CreateSnapshotCommand({ VolumeId })))).toBe(5);
  });

  it('counts refused calls in the log, and ends when it is cleared', async () => {
    const ec2 = new EC2Client(config());
    await emulator.setThrottle('ec2', 'DescribeVolumes', { size: 0, refillPerSecond: 0 });
    expect(await taken(2, () => ec2.send(new DescribeVolumesCommand({})))).toBe(0);
    expect(await emulator.counts()).toEqual({ 'ec2:DescribeVolumes': 2 });
    await emulator.clearThrottles();
    expect(await taken(1, () => ec2.send(new DescribeVolumesCommand({})))).toBe(1);
  });
});
