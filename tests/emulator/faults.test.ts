import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { HttpRequest } from '@smithy/core/protocols';

import { startEmulator, type Emulator } from './emulator.js';

describe('faults', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let volumeId: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    const [seeded] = await emulator.seedVolumes([{}]);
    volumeId = seeded ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const snapshots = async (): Promise<number> =>
    (await ec2.send(new DescribeSnapshotsCommand({}))).Snapshots?.length ?? 0;
  const snapshot = async (): Promise<unknown> => ec2.send(new CreateSnapshotCommand({ VolumeId: volumeId }));

  it('refuse before anything is done', async () => {
    await emulator.addFault({
      action: 'CreateSnapshot',
      kind: 'refuse',
      code: 'SnapshotCreationPerVolumeRateExceeded',
      message: 'Slowly.',
    });
    await expect(snapshot()).rejects.toMatchObject({
      name: 'SnapshotCreationPerVolumeRateExceeded',
      message: 'Slowly.',
    });
    expect(await snapshots()).toBe(0);
  });

  it.each(['InvalidPaginationToken', 'InvalidNextToken'])(
    'refuse the token of a page by %s, and no first page',
    async (code) => {
      await emulator.seedVolumes(Array.from({ length: 6 }, () => ({})));
      await emulator.addFault({ kind: 'refuse', code, paged: true });
      const { NextToken } = await ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
      const next = new DescribeVolumesCommand({ MaxResults: 5, NextToken });
      await expect(ec2.send(next)).rejects.toMatchObject({ name: code });
      expect((await ec2.send(next)).Volumes).toHaveLength(2);
    },
  );

  it('refuse as the service does by throttling', async () => {
    await emulator.addFault({ kind: 'throttle', times: 'always' });
    await expect(snapshot()).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    const rds = new RDSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    await expect(rds.send(new DescribeDBSnapshotsCommand({}))).rejects.toMatchObject({
      name: 'Throttling',
      $metadata: { httpStatusCode: 400 },
    });
    const s3 = new S3Client({ ...emulator.clientConfig(), maxAttempts: 1 });
    await expect(s3.send(new CreateBucketCommand({ Bucket: 'some-bucket' }))).rejects.toMatchObject({
      name: 'SlowDown',
    });
    await emulator.clearFaults();
    expect(await snapshots()).toBe(0);
  });

  it('strike a call that names its own in a header', async () => {
    const fault = async (kind: string): Promise<unknown> => {
      const client = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
      client.middlewareStack.add(
        (next) => (args) => {
          if (HttpRequest.isInstance(args.request)) args.request.headers['x-emulator-fault'] = kind;
          return next(args);
        },
        { step: 'finalizeRequest' },
      );
      return await client.send(new CreateSnapshotCommand({ VolumeId: volumeId }));
    };
    await expect(fault('throttle')).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(await snapshots()).toBe(0);
    await expect(fault('fail-after')).rejects.toMatchObject({ name: 'InternalError' });
    expect(await snapshots()).toBe(1);
  });

  it('fail after it was done, as an internal error', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'fail-after' });
    await expect(snapshot()).rejects.toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } });
    expect(await snapshots()).toBe(1);
  });

  it('drop the connection before it was done', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'drop-before' });
    await expect(snapshot()).rejects.toThrow();
    expect(await snapshots()).toBe(0);
    expect(await emulator.calls({ action: 'CreateSnapshot' })).toMatchObject([{ status: 0, errorCode: null }]);
  });

  it('drop the connection after it was done', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'drop-after' });
    await expect(snapshot()).rejects.toThrow();
    expect(await snapshots()).toBe(1);
  });

  it('hold a call before it is done until they are cleared', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'hold-before' });
    const held = expect(snapshot()).rejects.toThrow();
    expect(await emulator.waitForHeldCalls(60_000)).toEqual([1]);
    expect(await snapshots()).toBe(0);
    await emulator.clearFaults();
    await held;
    expect(await snapshots()).toBe(0);
  });

  it('hold a call after it was done until they are cleared', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'hold-after' });
    const held = expect(snapshot()).rejects.toThrow();
    expect(await emulator.waitForHeldCalls(60_000)).toEqual([1]);
    expect(await snapshots()).toBe(1);
    await emulator.clearFaults();
    await held;
  });

  it('strike the nth call that fits, once', async () => {
    const id = await emulator.addFault({
      service: 'ec2',
      action: 'CreateSnapshot',
      nth: 2,
      kind: 'refuse',
      code: 'Unavailable',
    });
    await snapshot();
    await ec2.send(new DescribeVolumesCommand({}));
    await expect(snapshot()).rejects.toMatchObject({ name: 'Unavailable' });
    await snapshot();
    expect(await emulator.faults()).toEqual([{ id, seen: 3, struck: 1 }]);
  });

  it('strike several calls in a row, or all', async () => {
    await emulator.addFault({ action: 'CreateSnapshot', times: 2, kind: 'refuse', code: 'Unavailable' });
    await emulator.addFault({
      action: 'DescribeVolumes',
      times: 'always',
      nth: 2,
      kind: 'refuse',
      code: 'Unavailable',
    });
    await expect(snapshot()).rejects.toThrow();
    await expect(snapshot()).rejects.toThrow();
    await snapshot();
    await ec2.send(new DescribeVolumesCommand({}));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(ec2.send(new DescribeVolumesCommand({}))).rejects.toThrow();
    }
  });

  it('count every call where no action is named', async () => {
    await emulator.addFault({ nth: 2, kind: 'refuse', code: 'Unavailable' });
    await ec2.send(new DescribeVolumesCommand({}));
    await expect(snapshot()).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('strike only calls with the given parameters, account and region', async () => {
    const [other] = await emulator.seedVolumes([{}]);
    await emulator.addFault({
      action: 'CreateSnapshot',
      match: { VolumeId: other ?? '' },
      kind: 'refuse',
      code: 'Unavailable',
      times: 'always',
    });
    await emulator.addFault({
      action: 'DescribeVolumes',
      account: '222222222222',
      kind: 'refuse',
      code: 'Unavailable',
      times: 'always',
    });
    await emulator.addFault({
      action: 'DescribeVolumes',
      region: 'eu-west-1',
      kind: 'refuse',
      code: 'Unavailable',
      times: 'always',
    });
    await snapshot();
    await expect(ec2.send(new CreateSnapshotCommand({ VolumeId: other }))).rejects.toMatchObject({
      name: 'Unavailable',
    });
    await ec2.send(new DescribeVolumesCommand({}));
    for (const config of [emulator.clientConfig('222222222222'), emulator.clientConfig(undefined, 'eu-west-1')]) {
      await expect(
        new EC2Client({ ...config, maxAttempts: 1 }).send(new DescribeVolumesCommand({})),
      ).rejects.toMatchObject({ name: 'Unavailable' });
    }
  });

  it('are over when they are cleared', async () => {
    await emulator.addFault({ kind: 'refuse', code: 'Unavailable', times: 'always' });
    await emulator.clearFaults();
    await snapshot();
  });

  it('are themselves refused without a code, or of an unknown kind', async () => {
    await expect(emulator.addFault({ kind: 'refuse' })).rejects.toThrow('needs a code');
    await expect(emulator.control.send('POST', 'faults', { kind: 'explode' })).rejects.toThrow('kind must be one of');
  });

  it('are repeated calls to the SDK: a 500 after it was done makes a second snapshot', async () => {
    // Page "Retry behavior" (AWS SDKs and Tools Reference Guide): a 500 is sent again, whether it was done or not.
    await emulator.addFault({ action: 'CreateSnapshot', kind: 'fail-after' });
    await new EC2Client(emulator.clientConfig()).send(new CreateSnapshotCommand({ VolumeId: volumeId }));
    expect(await snapshots()).toBe(2);
  });

  // Each service's own form: pages "AWS query protocol", "Error responses" (S3), "AWS JSON 1.0 protocol", "AWS
  // restJson1 protocol".
  describe.each([
    [
      'ec2',
      'AuthFailure',
      'InternalError',
      (config: Config) => new EC2Client(config).send(new DeleteSnapshotCommand({ SnapshotId: 'snap-1' })),
    ],
    [
      'rds',
      'AccessDenied',
      'InternalFailure',
      (config: Config) => new RDSClient(config).send(new DescribeDBSnapshotsCommand({})),
    ],
    [
      'sns',
      'AuthorizationErrorCode',
      'InternalFailure',
      (config: Config) => new SNSClient(config).send(new ListTopicsCommand({})),
    ],
    [
      'sts',
      'ExpiredToken',
      'InternalFailure',
      (config: Config) => new STSClient(config).send(new GetCallerIdentityCommand({})),
    ],
    [
      's3',
      'AccessDenied',
      'InternalError',
      (config: Config) => new S3Client(config).send(new GetObjectCommand({ Bucket: 'b-1', Key: 'k' })),
    ],
    ['sqs', 'OverLimit', 'InternalFailure', (config: Config) => new SQSClient(config).send(new ListQueuesCommand({}))],
    [
      'ssm',
      'InvalidFilterKey',
      'InternalFailure',
      (config: Config) => new SSMClient(config).send(new GetParametersByPathCommand({ Path: '/a' })),
    ],
    [
      'lambda',
      'ResourceNotFoundException',
      'InternalFailure',
      (config: Config) => new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'f' })),
    ],
  ])('of %s', (service, code, internal, send) => {
    it('have a name and a message that its client reads', async () => {
      const config = { ...emulator.clientConfig(), maxAttempts: 1 };
      await emulator.addFault({ service, kind: 'refuse', code, message: 'Told <so> & "said".' });
      await expect(send(config)).rejects.toMatchObject({ name: code, message: 'Told <so> & "said".' });
      await emulator.addFault({ service, kind: 'fail-after' });
      await expect(send(config)).rejects.toMatchObject({ name: internal, $metadata: { httpStatusCode: 500 } });
      expect((await emulator.calls({ service })).map((call) => call.errorCode)).toEqual([code, internal]);
    });
  });

  it('have the modelled error classes of the clients', async () => {
    const config = { ...emulator.clientConfig(), maxAttempts: 1 };
    await emulator.addFault({ service: 'rds', kind: 'refuse', code: 'SnapshotQuotaExceeded' });
    await expect(new RDSClient(config).send(new DescribeDBSnapshotsCommand({}))).rejects.toMatchObject({
      name: 'SnapshotQuotaExceededFault',
    });
    const s3 = new S3Client(config);
    await s3.send(new CreateBucketCommand({ Bucket: 'b-1' }));
    await emulator.addFault({ action: 'GetObject', kind: 'refuse', code: 'NoSuchKey', status: 404 });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'b-1', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
    await emulator.addFault({ action: 'HeadObject', kind: 'refuse', code: 'AccessDenied', status: 403 });
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'b-1', Key: 'k' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });
});

type Config = ReturnType<Emulator['clientConfig']> & { maxAttempts: number };
