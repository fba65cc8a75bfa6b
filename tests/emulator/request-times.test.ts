import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

import { startEmulator, type Emulator } from './emulator.js';

const MINUTE = 60_000;

/**
 * Pages "Error codes for the Amazon EC2 API", "Error responses" of the Amazon S3 API reference, "Troubleshoot Signature
 * Version 4 signing for AWS API requests".
 */
describe('requests of another time', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  const config = () => ({ ...emulator.clientConfig(), maxAttempts: 1, disableClockSkewCorrection: true });
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    ec2: () => new EC2Client(config()).send(new DescribeVolumesCommand({})),
    rds: () => new RDSClient(config()).send(new DescribeDBInstancesCommand({})),
    s3: () => new S3Client(config()).send(new ListBucketsCommand({})),
    sqs: () => new SQSClient(config()).send(new ListQueuesCommand({})),
    lambda: () => new LambdaClient(config()).send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' })),
  };
  const call = async (service: string): Promise<unknown> => calls[service]?.();

  it.each([
    ['ec2', 'RequestExpired', 16],
    ['rds', 'SignatureDoesNotMatch', 6],
    ['s3', 'RequestTimeTooSkewed', 16],
    ['sqs', 'InvalidSignatureException', 6],
    ['lambda', 'InvalidSignatureException', 6],
  ])('are refused by %s as %s from %i minutes on, before and after', async (service, name, minutes) => {
    for (const direction of [-1, 1]) {
      await emulator.setClockOffset(direction * minutes * MINUTE);
      await expect(call(service)).rejects.toMatchObject({ name });
      await emulator.setClockOffset(direction * (minutes - 2) * MINUTE);
      await call(service);
    }
    await emulator.setClockOffset(null);
    await call(service);
  });

  it('are known by the time that each answer has in its header, and sent again by it', async () => {
    await emulator.setClockOffset(60 * MINUTE);
    const client = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 2 });
    await client.send(new DescribeVolumesCommand({}));
    expect((await emulator.calls()).map(({ errorCode }) => errorCode)).toEqual(['RequestExpired', null]);
  });

  it('have answers with the machine’s time where no other is set', async () => {
    const response = await fetch(emulator.endpoint);
    const date = Date.parse(response.headers.get('date') ?? '');
    expect(Math.abs(Date.now() - date)).toBeLessThan(MINUTE);
  });
});
