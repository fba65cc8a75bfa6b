import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CopyImageCommand,
  CreateSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import {
  DescribeDBClusterSnapshotsCommand as DescribeDocDBClusterSnapshotsCommand,
  CreateDBClusterSnapshotCommand,
  DocDBClient,
} from '@aws-sdk/client-docdb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateClusterSnapshotCommand,
  DescribeClusterSnapshotsCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

import { present } from '../../layers/engine/src/domain/present.js';
import { startEmulator, type Emulator } from './emulator.js';
import { expectNoViolations } from './violations.js';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(() => expectNoViolations(emulator));
afterAll(() => emulator.stop());

const config = () => ({ ...emulator.clientConfig(), maxAttempts: 1 });
const ec2 = () => new EC2Client(config());
const rds = () => new RDSClient(config());
const docdb = () => new DocDBClient(config());
const redshift = () => new RedshiftClient(config());
const s3 = () => new S3Client(config());
const sns = () => new SNSClient(config());
const sqs = () => new SQSClient(config());
const lambda = () => new LambdaClient(config());
const ssm = () => new SSMClient(config());
const sts = () => new STSClient(config());

const ARN = 'arn:aws:rds:us-east-1:123456789012:snapshot:made';
const TopicArn = 'arn:aws:sns:us-east-1:123456789012:topic';
const Bucket = 'shelvery.data.bucket';
const QueueUrl = 'http://localhost/123456789012/queue';
const MIB = 1024 * 1024;

const tags = (count: number): Tag[] =>
  Array.from({ length: count }, (_, index) => ({ Key: `k${String(index)}`, Value: 'v' }));
const withTags = (Tags: Tag[]) =>
  ec2().send(new CreateSnapshotCommand({ VolumeId: 'vol-1', TagSpecifications: [{ ResourceType: 'snapshot', Tags }] }));
const entries = (count: number, body = 'a') =>
  Array.from({ length: count }, (_, index) => ({ Id: String(index), MessageBody: body }));
const messages = (count: number, text = 'a') =>
  Array.from({ length: count }, (_, index) => ({ Id: String(index), Message: text }));
const dbSnapshot = (DBSnapshotIdentifier: string) =>
  rds().send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier }));
const clusterSnapshot = (name: string, Tags: Tag[] = []) =>
  docdb().send(
    new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'db', DBClusterSnapshotIdentifier: name, Tags }),
  );
const redshiftSnapshot = (SnapshotIdentifier: string, Tags: Tag[] = []) =>
  redshift().send(new CreateClusterSnapshotCommand({ ClusterIdentifier: 'db', SnapshotIdentifier, Tags }));
const tagDatabase = (Value: string) =>
  rds().send(new AddTagsToResourceCommand({ ResourceName: ARN, Tags: [{ Key: 'k', Value }] }));
const share = (count: number) =>
  rds().send(
    new ModifyDBSnapshotAttributeCommand({
      DBSnapshotIdentifier: 'made',
      AttributeName: 'restore',
      ValuesToAdd: Array.from({ length: count }, (_, index) => String(100_000_000_000 + index)),
    }),
  );
const policy = (size: number) =>
  s3().send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Statement: [{ Sid: 'x'.repeat(size) }] }) }));
const deleteKeys = (count: number) =>
  s3().send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: Array.from({ length: count }, (_, index) => ({ Key: String(index) })) },
    }),
  );

/** What the SDK would not send. */
async function raw(
  service: string,
  init: {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  },
): Promise<string> {
  const response = await fetch(`${emulator.endpoint}${init.path ?? '/'}`, {
    method: init.method ?? 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/${service}/aws4_request`,
      ...init.headers,
    },
    ...present({ body: init.body }),
  });
  return await response.text();
}
const json = (service: string, action: string, body: unknown): Promise<string> =>
  raw(service, {
    headers: { 'x-amz-target': `Service.${action}`, 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(body),
  });

/** Whether it can be done is another matter. */
async function tried(call: () => Promise<unknown>): Promise<void> {
  await call().catch(() => undefined);
}

describe('what the models of the services say', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['EC2 query', () => withTags(tags(50))],
    ['RDS query', () => tagDatabase('a-b_c.d:e/f=g+h@i ü')],
    ['an empty list in a query', () => redshiftSnapshot('made', [])],
    [
      'a map in a query',
      () =>
        sns().send(
          new PublishCommand({
            TopicArn,
            Message: 'a',
            MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
          }),
        ),
    ],
    ['JSON', () => ssm().send(new GetParametersByPathCommand({ Path: '/shelvery', Recursive: true, MaxResults: 10 }))],
    [
      'REST and XML',
      () =>
        s3().send(
          new PutBucketVersioningCommand({
            Bucket,
            VersioningConfiguration: { Status: 'Enabled' },
            ExpectedBucketOwner: '123456789012',
          }),
        ),
    ],
    [
      'REST with headers of its own',
      () => s3().send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Metadata: { a: 'b' } })),
    ],
    [
      'REST and JSON',
      () => lambda().send(new InvokeCommand({ FunctionName: 'ebs', InvocationType: 'Event', Payload: '{}' })),
    ],
  ])('a legal call passes: %s', async (_, call) => {
    await tried(call);
    expect(await emulator.violations()).toEqual([]);
  });

  it.each<[string, () => Promise<string>, string, object]>([
    [
      'an action that there is not',
      () => raw('ec2', { body: 'Action=MakeSnapshot' }),
      'InvalidAction',
      { parameter: '', page: 'Actions' },
    ],
    [
      'an unknown parameter',
      () => raw('ec2', { body: 'Action=DescribeVolumes&Colour=red' }),
      'UnknownParameter',
      { action: 'DescribeVolumes', parameter: 'Colour', page: 'DescribeVolumes' },
    ],
    [
      'an unknown nested parameter',
      () =>
        raw('rds', {
          body: 'Action=DescribeDBSnapshots&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=a&Filters.Filter.1.Or=b',
        }),
      'ValidationError',
      { parameter: 'Filters.1.Or' },
    ],
    [
      'a list under another name',
      () => raw('rds', { body: 'Action=DescribeDBSnapshots&Filters.1.Name=engine' }),
      'ValidationError',
      { parameter: 'Filters.1' },
    ],
    [
      'a list that does not begin with 1',
      () => raw('ec2', { body: 'Action=DescribeVolumes&VolumeId.2=vol-1' }),
      'InvalidParameterValue',
      { parameter: 'VolumeIds' },
    ],
    [
      'a missing parameter',
      () => raw('ec2', { body: 'Action=CreateSnapshot' }),
      'MissingParameter',
      { parameter: 'VolumeId' },
    ],
    [
      'a missing nested parameter',
      () => json('sqs', 'SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a' }] }),
      'MissingParameter',
      { parameter: 'Entries.1.MessageBody' },
    ],
    [
      'a value that an enum has not',
      () => raw('ec2', { body: 'Action=ModifySnapshotTier&SnapshotId=snap-1&StorageTier=cold' }),
      'InvalidParameterValue',
      { parameter: 'StorageTier' },
    ],
    [
      'no number',
      () => raw('ec2', { body: 'Action=DescribeVolumes&MaxResults=many' }),
      'InvalidParameterValue',
      { parameter: 'MaxResults' },
    ],
    [
      'no boolean',
      () => raw('rds', { body: 'Action=DescribeDBSnapshots&IncludeShared=yes' }),
      'InvalidParameterValue',
      { parameter: 'IncludeShared' },
    ],
    [
      'a text for a boolean in JSON',
      () => json('ssm', 'GetParametersByPath', { Path: '/a', Recursive: 'true' }),
      'ValidationException',
      { parameter: 'Recursive' },
    ],
    [
      'an unknown member in JSON',
      () => json('ssm', 'GetParametersByPath', { Path: '/a', Deep: true }),
      'ValidationException',
      { parameter: 'Deep' },
    ],
    [
      'an unknown element in XML',
      () =>
        raw('s3', {
          method: 'PUT',
          path: `/${Bucket}?versioning`,
          body: '<VersioningConfiguration><State>Enabled</State></VersioningConfiguration>',
        }),
      'MalformedXML',
      { parameter: 'State' },
    ],
    [
      'XML that is none',
      () => raw('s3', { method: 'PUT', path: `/${Bucket}?versioning`, body: '<Versioning' }),
      'MalformedXML',
      { action: 'PutBucketVersioning' },
    ],
    [
      'an unknown query parameter',
      () => raw('s3', { method: 'GET', path: `/${Bucket}?list-type=2&folder=a` }),
      'InvalidArgument',
      { action: 'ListObjectsV2', parameter: 'folder' },
    ],
    [
      'an unknown header',
      () => raw('s3', { method: 'PUT', path: `/${Bucket}/k`, headers: { 'x-amz-colour': 'red' }, body: 'x' }),
      'InvalidArgument',
      { parameter: 'x-amz-colour' },
    ],
  ])('refuses and remembers %s', async (_, call, code, violation) => {
    expect(await call()).toContain(code);
    expect(await emulator.takeViolations()).toMatchObject([violation]);
  });

  it.each<[string, () => Promise<unknown>, string, object]>([
    [
      'what a pattern does not match',
      () => sts().send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/a', RoleSessionName: 'a b' })),
      'ValidationError',
      { parameter: 'RoleSessionName' },
    ],
    [
      'what is too short',
      () => sts().send(new AssumeRoleCommand({ RoleArn: 'role', RoleSessionName: 'run' })),
      'ValidationError',
      { service: 'sts', parameter: 'RoleArn' },
    ],
    [
      'what is out of range',
      () => ssm().send(new GetParametersByPathCommand({ Path: '/a', MaxResults: 11 })),
      'ValidationException',
      { service: 'ssm', parameter: 'MaxResults' },
    ],
  ])('refuses and remembers %s', async (_, call, code, violation) => {
    await expect(call()).rejects.toMatchObject({ name: code });
    expect(await emulator.takeViolations()).toMatchObject([violation]);
  });
});

describe('what AWS says in prose only', () => {
  const rules: readonly [
    page: string,
    legal: () => Promise<unknown>,
    illegal: () => Promise<unknown>,
    code: string,
    parameter: string,
  ][] = [
    [
      'Tag your Amazon EC2 resources',
      () => withTags(tags(50)),
      () => withTags(tags(51)),
      'TagLimitExceeded',
      'TagSpecifications.1.Tags',
    ],
    [
      'Tag your Amazon EC2 resources',
      () => withTags([{ Key: 'my-aws:k', Value: 'v'.repeat(256) }]),
      () => withTags([{ Key: 'AWS:k', Value: 'v' }]),
      'InvalidParameterValue',
      'TagSpecifications.1.Tags.1.Key',
    ],
    ['CreateImage', () => image("a ([b]) ./-'@_c"), () => image('a:b:c'), 'InvalidAMIName.Malformed', 'Name'],
    [
      'DescribeTags',
      () => ec2().send(new DescribeVolumesCommand({ MaxResults: 5 })),
      () => ec2().send(new DescribeVolumesCommand({ MaxResults: 4 })),
      'InvalidParameterValue',
      'MaxResults',
    ],
    [
      'Filter',
      () => filtered('volume-id', 200),
      () => filtered('volume-id', 201),
      'FilterLimitExceeded',
      'Filters.1.Values',
    ],
    [
      'DescribeSnapshots',
      () => filtered('tag:Name', 1),
      () => filtered('name', 1),
      'InvalidParameterValue',
      'Filters.1.Name',
    ],
    [
      'ModifySnapshotAttribute',
      () => shareEbs('222222222222'),
      () => shareEbs('somebody'),
      'InvalidParameterValue',
      'UserIds.1',
    ],
    [
      'CreateDBSnapshot',
      () => dbSnapshot(`a${'-b'.repeat(127)}`),
      () => dbSnapshot('a--b'),
      'InvalidParameterValue',
      'DBSnapshotIdentifier',
    ],
    [
      'CreateDBSnapshot',
      () => dbSnapshot('a'),
      () => dbSnapshot('a'.repeat(256)),
      'InvalidParameterValue',
      'DBSnapshotIdentifier',
    ],
    [
      'CreateDBClusterSnapshot',
      () => clusterSnapshot('a'.repeat(63)),
      () => clusterSnapshot('a'.repeat(64)),
      'InvalidParameterValue',
      'DBClusterSnapshotIdentifier',
    ],
    [
      'CreateClusterSnapshot',
      () => redshiftSnapshot('a'.repeat(255)),
      () => redshiftSnapshot('a-'),
      'InvalidParameterValue',
      'SnapshotIdentifier',
    ],
    ['Tag', () => tagDatabase('a b@c'), () => tagDatabase('a,b'), 'InvalidParameterValue', 'Tags.1.Value'],
    [
      'Tag',
      () => clusterSnapshot('a', [{ Key: 'k', Value: 'a:b' }]),
      () => clusterSnapshot('a', [{ Key: 'k', Value: 'a@b' }]),
      'InvalidParameterValue',
      'Tags.1.Value',
    ],
    [
      'Tag resources in Amazon Redshift',
      () => redshiftSnapshot('a', [{ Key: 'k', Value: '@' }]),
      () => redshiftSnapshot('a', [{ Key: 'k', Value: '*' }]),
      'InvalidTagFault',
      'Tags.1.Value',
    ],
    [
      'DescribeDBSnapshots',
      () => databaseFilter('engine'),
      () => databaseFilter('tag:Name'),
      'InvalidParameterValue',
      'Filters.1.Name',
    ],
    [
      'DescribeDBClusterSnapshots',
      () => docdb().send(new DescribeDocDBClusterSnapshotsCommand({})),
      () =>
        docdb().send(new DescribeDocDBClusterSnapshotsCommand({ Filters: [{ Name: 'engine', Values: ['docdb'] }] })),
      'InvalidParameterValue',
      'Filters.1.Name',
    ],
    ['DescribeDBSnapshots', () => page(100), () => page(101), 'InvalidParameterValue', 'MaxRecords'],
    ['Sharing a DB snapshot for Amazon RDS', () => share(20), () => share(21), 'InvalidParameterValue', 'ValuesToAdd'],
    [
      'DescribeClusterSnapshots',
      () => redshift().send(new DescribeClusterSnapshotsCommand({ MaxRecords: 20 })),
      () => redshift().send(new DescribeClusterSnapshotsCommand({ MaxRecords: 19 })),
      'InvalidParameterValue',
      'MaxRecords',
    ],
    [
      'SendMessage',
      () => sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 900 })),
      () => sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 901 })),
      'InvalidParameterValue',
      'DelaySeconds',
    ],
    [
      'SendMessage',
      () => sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: 'a\tb' })),
      () => sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: '\u0000' })),
      'InvalidMessageContents',
      'MessageBody',
    ],
    ['SendMessageBatch', () => batch(entries(10)), () => batch(entries(11)), 'TooManyEntriesInBatchRequest', 'Entries'],
    [
      'SendMessageBatch',
      () => batch(entries(1, 'a'.repeat(MIB))),
      () => batch(entries(2, 'a'.repeat(MIB / 2 + 1))),
      'BatchRequestTooLong',
      'Entries',
    ],
    [
      'SendMessageBatch',
      () => batch(entries(2)),
      () => batch([...entries(1), ...entries(1)]),
      'BatchEntryIdsNotDistinct',
      'Entries',
    ],
    [
      'ReceiveMessage',
      () => sqs().send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 })),
      () => sqs().send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })),
      'InvalidParameterValue',
      'MaxNumberOfMessages',
    ],
    [
      'PublishBatch',
      () => publish(messages(10)),
      () => publish(messages(11)),
      'TooManyEntriesInBatchRequestException',
      'PublishBatchRequestEntries',
    ],
    [
      'PublishBatch',
      () => publish(messages(1, 'a'.repeat(MIB / 4))),
      () => publish(messages(2, 'a'.repeat(MIB / 4))),
      'BatchRequestTooLongException',
      'PublishBatchRequestEntries',
    ],
    ['DeleteObjects', () => deleteKeys(1000), () => deleteKeys(1001), 'MalformedXML', 'Delete.Objects'],
    [
      'General purpose bucket naming rules',
      () => s3().send(new CreateBucketCommand({ Bucket })),
      () => s3().send(new CreateBucketCommand({ Bucket: 'Upper' })),
      'InvalidBucketName',
      'Bucket',
    ],
    ['Bucket policies for Amazon S3', () => policy(20_000), () => policy(20_480), 'MalformedPolicy', 'Policy'],
    ['Lambda quotas', () => invoke(MIB), () => invoke(MIB + 1), 'RequestTooLargeException', 'Payload'],
    [
      'GetParametersByPath',
      () => ssm().send(new GetParametersByPathCommand({ Path: '/a' })),
      () => ssm().send(new GetParametersByPathCommand({ Path: 'a' })),
      'ValidationException',
      'Path',
    ],
  ];
  const image = (Name: string) =>
    ec2().send(new CopyImageCommand({ Name, SourceImageId: 'ami-1', SourceRegion: 'us-east-1' }));
  const filtered = (Name: string, count: number) =>
    ec2().send(new DescribeSnapshotsCommand({ Filters: [{ Name, Values: Array.from({ length: count }, String) }] }));
  const databaseFilter = (Name: string) =>
    rds().send(new DescribeDBSnapshotsCommand({ Filters: [{ Name, Values: ['a'] }] }));
  const page = (MaxRecords: number) => rds().send(new DescribeDBSnapshotsCommand({ MaxRecords }));
  const shareEbs = (id: string) =>
    ec2().send(
      new ModifySnapshotAttributeCommand({
        SnapshotId: 'snap-1',
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [id],
      }),
    );
  const batch = (Entries: ReturnType<typeof entries>) => sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const publish = (PublishBatchRequestEntries: ReturnType<typeof messages>) =>
    sns().send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  const invoke = (size: number) =>
    lambda().send(
      new InvokeCommand({
        FunctionName: 'ebs',
        InvocationType: 'Event',
        Payload: JSON.stringify('x'.repeat(size - 2)),
      }),
    );

  it.each(rules)('page "%s"', async (title, legal, illegal, code, parameter) => {
    await tried(legal);
    expect(await emulator.violations()).toEqual([]);
    await expect(illegal()).rejects.toMatchObject({ name: code });
    expect(await emulator.takeViolations()).toEqual([expect.objectContaining({ page: title, parameter })]);
  });
});

describe('violations', () => {
  const illegal = (): Promise<unknown> => tried(() => ec2().send(new DescribeVolumesCommand({ MaxResults: 4 })));

  it('are remembered for calls that something else answered, and over a reset', async () => {
    await emulator.addFault({ kind: 'refuse', action: 'DescribeVolumes', code: 'Unavailable' });
    await illegal();
    await emulator.reset();
    expect(await emulator.takeViolations()).toMatchObject([
      { service: 'ec2', action: 'DescribeVolumes', rule: '4 is not from 5 to 1000' },
    ]);
    expect(await emulator.violations()).toEqual([]);
  });

  it('are no matter of services that are not checked', async () => {
    await json('kms', 'ListKeys', { Colour: 'red' });
    expect(await emulator.violations()).toEqual([]);
  });

  it('that nobody took end a test file as failed', async () => {
    const other = await startEmulator();
    await tried(() =>
      new EC2Client({ ...other.clientConfig(), maxAttempts: 1 }).send(new DescribeVolumesCommand({ MaxResults: 4 })),
    );
    await expect(other.stop()).rejects.toThrow(
      '- ec2:DescribeVolumes MaxResults: 4 is not from 5 to 1000 (page "DescribeTags")',
    );
    await expect(fetch(other.endpoint)).rejects.toThrow();
  });
});
