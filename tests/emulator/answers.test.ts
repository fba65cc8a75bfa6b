import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as docdbCalls from '@aws-sdk/client-docdb';
import * as ec2Calls from '@aws-sdk/client-ec2';
import * as kmsCalls from '@aws-sdk/client-kms';
import * as lambdaCalls from '@aws-sdk/client-lambda';
import * as rdsCalls from '@aws-sdk/client-rds';
import * as redshiftCalls from '@aws-sdk/client-redshift';
import * as s3Calls from '@aws-sdk/client-s3';
import * as snsCalls from '@aws-sdk/client-sns';
import * as sqsCalls from '@aws-sdk/client-sqs';
import * as ssmCalls from '@aws-sdk/client-ssm';
import * as stsCalls from '@aws-sdk/client-sts';

import { accountsOf } from './accounts.js';
import { databaseControls } from './databases.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const Tags = [{ Key: 'Name', Value: 'a' }];
const secret = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1' };

/** The paths of all that an answer has, without the numbers of items. */
function pathsOf(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsOf(each, at));
  if (typeof value !== 'object' || value === null || value instanceof Date) return at === '' ? [] : [at];
  const inner = Object.entries(value).flatMap(([name, each]) => pathsOf(each, at === '' ? name : `${at}.${name}`));
  return at === '' ? inner : [at, ...inner];
}

/** The actions that the product's code calls, by its commands and paginators. */
function calledActions(): ReadonlySet<string> {
  const sources = ['functions', 'layers/engine/src', 'cli'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, '../..', folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const calls = /new ([A-Z]\w+)Command\(|\bpaginate([A-Z]\w+)\(/g;
  return new Set(
    sources.flatMap((source) =>
      [...source.matchAll(calls)].map(([, command, paginator]) => command ?? paginator ?? ''),
    ),
  );
}

/** The pages of the API references of all services that are called: "Response Elements" and "Errors" of each action. */
describe('answers, compared with AWS’s service models', () => {
  let emulator: Emulator;
  let ec2: ec2Calls.EC2Client;
  let rds: rdsCalls.RDSClient;
  let docdb: docdbCalls.DocDBClient;
  let redshift: redshiftCalls.RedshiftClient;
  let s3: s3Calls.S3Client;
  let sns: snsCalls.SNSClient;
  let sqs: sqsCalls.SQSClient;
  let ssm: ssmCalls.SSMClient;
  let sts: stsCalls.STSClient;
  let lambda: lambdaCalls.LambdaClient;
  /** What has been called, and so compared. */
  const compared = new Set<string>();

  beforeAll(async () => {
    emulator = await startEmulator();
    await emulator.setAnswerChecks(true);
    const config = { ...emulator.clientConfig(), maxAttempts: 1 };
    ec2 = new ec2Calls.EC2Client(config);
    rds = new rdsCalls.RDSClient(config);
    docdb = new docdbCalls.DocDBClient(config);
    redshift = new redshiftCalls.RedshiftClient(config);
    s3 = new s3Calls.S3Client(config);
    sns = new snsCalls.SNSClient(config);
    sqs = new sqsCalls.SQSClient(config);
    ssm = new ssmCalls.SSMClient(config);
    sts = new stsCalls.STSClient(config);
    lambda = new lambdaCalls.LambdaClient(config);
  });
  afterAll(() => emulator.stop());

  /** Makes a call, compares it, and looks for the members that the product reads. */
  async function answered<T extends object>(answer: Promise<T>, reads: readonly string[] = []): Promise<T> {
    const found = await answer;
    expect(await emulator.takeAnswerProblems()).toEqual([]);
    const [last] = (await emulator.calls()).slice(-1);
    compared.add(last?.action ?? '');
    // An answer of which nothing is read may be a stream.
    expect(reads.length === 0 ? [] : pathsOf(found)).toEqual(expect.arrayContaining([...reads]));
    return found;
  }

  /** The same for a call that is refused, by the error that the product knows. */
  async function refused(answer: Promise<unknown>, name: string): Promise<void> {
    await expect(answer).rejects.toMatchObject({ name });
    expect(await emulator.takeAnswerProblems()).toEqual([]);
    await emulator.takeViolations();
  }

  const under = (at: string, ...names: readonly string[]): readonly string[] => names.map((name) => `${at}.${name}`);

  it('EC2: volumes and snapshots', async () => {
    await ec2.send(new ec2Calls.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, Encrypted: true }));
    const { Volumes } = await answered(
      ec2.send(new ec2Calls.DescribeVolumesCommand({})),
      under('Volumes', 'VolumeId', 'CreateTime'),
    );
    const VolumeId = Volumes?.[0]?.VolumeId;
    const TagSpecifications = [{ ResourceType: 'snapshot' as const, Tags }];
    const { SnapshotId } = await answered(
      ec2.send(new ec2Calls.CreateSnapshotCommand({ VolumeId, TagSpecifications })),
      ['SnapshotId', 'StartTime', 'State', 'Encrypted', 'KmsKeyId', 'Tags.Key', 'Tags.Value'],
    );
    const { Instances } = await answered(
      ec2.send(new ec2Calls.RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 })),
    );
    const InstanceSpecification = { InstanceId: Instances?.[0]?.InstanceId };
    await answered(
      ec2.send(new ec2Calls.CreateSnapshotsCommand({ InstanceSpecification, TagSpecifications })),
      under('Snapshots', 'SnapshotId', 'StartTime', 'State', 'Encrypted', 'VolumeId'),
    );
    await answered(ec2.send(new ec2Calls.CreateTagsCommand({ Resources: [SnapshotId ?? ''], Tags })));
    await answered(
      ec2.send(new ec2Calls.DescribeSnapshotsCommand({ OwnerIds: ['self'] })),
      under(
        'Snapshots',
        'SnapshotId',
        'StartTime',
        'State',
        'StorageTier',
        'OwnerId',
        'Encrypted',
        'KmsKeyId',
        'Tags.Key',
      ),
    );
    await emulator.setSnapshot(SnapshotId ?? '', { state: 'error' });
    await answered(ec2.send(new ec2Calls.DescribeSnapshotsCommand({ OwnerIds: ['self'] })), ['Snapshots.StateMessage']);
    await emulator.setSnapshot(SnapshotId ?? '', { state: 'completed' });
    await answered(ec2.send(new ec2Calls.GetEbsDefaultKmsKeyIdCommand({})), ['KmsKeyId']);
    const source = { SourceSnapshotId: SnapshotId, SourceRegion: emulator.region };
    const KmsKeyId = await accountsOf(emulator).makeKey();
    const copy = await answered(
      ec2.send(new ec2Calls.CopySnapshotCommand({ ...source, Encrypted: true, KmsKeyId, TagSpecifications })),
      ['SnapshotId', 'Tags.Key'],
    );
    const share = { Attribute: 'createVolumePermission' as const, OperationType: 'add' as const, UserIds: [OTHER] };
    await answered(ec2.send(new ec2Calls.ModifySnapshotAttributeCommand({ SnapshotId: copy.SnapshotId, ...share })));
    await refused(
      ec2.send(new ec2Calls.ModifySnapshotAttributeCommand({ SnapshotId, ...share })),
      'OperationNotPermitted',
    );
    await answered(ec2.send(new ec2Calls.ModifySnapshotTierCommand({ SnapshotId, StorageTier: 'archive' })));
    await answered(
      ec2.send(new ec2Calls.DescribeSnapshotTierStatusCommand({})),
      under('SnapshotTierStatuses', 'SnapshotId', 'LastTieringOperationStatus', 'StorageTier'),
    );
    await answered(ec2.send(new ec2Calls.DeleteSnapshotCommand({ SnapshotId: copy.SnapshotId })));
    await refused(
      ec2.send(new ec2Calls.DeleteSnapshotCommand({ SnapshotId: copy.SnapshotId })),
      'InvalidSnapshot.NotFound',
    );
  });

  it('EC2: instances and images', async () => {
    const run = new ec2Calls.RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 });
    const InstanceId = (await ec2.send(run)).Instances?.[0]?.InstanceId;
    await answered(
      ec2.send(new ec2Calls.DescribeInstancesCommand({})),
      under(
        'Reservations.Instances',
        'InstanceId',
        'LaunchTime',
        'State',
        'RootDeviceType',
        'NetworkInterfaces.Attachment',
      ),
    );
    const TagSpecifications = [{ ResourceType: 'image' as const, Tags }];
    const { ImageId } = await answered(
      ec2.send(new ec2Calls.CreateImageCommand({ InstanceId, Name: 'image', TagSpecifications })),
      ['ImageId'],
    );
    const { Images } = await answered(
      ec2.send(new ec2Calls.DescribeImagesCommand({ Owners: ['self'] })),
      under(
        'Images',
        'ImageId',
        'Name',
        'State',
        'OwnerId',
        'CreationDate',
        'Tags.Key',
        'BlockDeviceMappings.Ebs.SnapshotId',
      ),
    );
    const SourceRegion = emulator.region;
    await answered(ec2.send(new ec2Calls.CopyImageCommand({ SourceImageId: ImageId, SourceRegion, Name: 'copy' })), [
      'ImageId',
    ]);
    const share = { Attribute: 'launchPermission' as const, OperationType: 'add' as const, UserIds: [OTHER] };
    await answered(ec2.send(new ec2Calls.ModifyImageAttributeCommand({ ImageId, ...share })));
    await emulator.setProductCodes(ImageId ?? '', [{ id: 'abc123' }]);
    await answered(
      ec2.send(new ec2Calls.DescribeImagesCommand({ Owners: ['self'] })),
      under('Images.ProductCodes', 'ProductCodeId', 'ProductCodeType'),
    );
    const ImageCriteria = [{ ImageProviders: [OTHER] }];
    await ec2.send(new ec2Calls.ReplaceImageCriteriaInAllowedImagesSettingsCommand({ ImageCriteria }));
    await answered(ec2.send(new ec2Calls.GetAllowedImagesSettingsCommand({})), ['State', 'ImageCriteria']);
    const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    await refused(ec2.send(new ec2Calls.DeleteSnapshotCommand({ SnapshotId })), 'InvalidSnapshot.InUse');
    await refused(ec2.send(new ec2Calls.CreateImageCommand({ InstanceId, Name: 'image' })), 'InvalidAMIName.Duplicate');
    const deregister = new ec2Calls.DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true });
    await answered(ec2.send(deregister), under('DeleteSnapshotResults', 'SnapshotId', 'ReturnCode'));
    await refused(ec2.send(deregister), 'InvalidAMIID.Unavailable');
  });

  const INSTANCE_SNAPSHOT = [
    'DBSnapshotIdentifier',
    'DBSnapshotArn',
    'DBInstanceIdentifier',
    'DbiResourceId',
    'Status',
  ];
  const CLUSTER_SNAPSHOT = [
    'DBClusterSnapshotIdentifier',
    'DBClusterSnapshotArn',
    'DBClusterIdentifier',
    'Engine',
    'Status',
  ];

  it('RDS: instances and their snapshots', async () => {
    const sizes = { DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20 };
    const KmsKeyId = await accountsOf(emulator).makeKey();
    const instance = { DBInstanceIdentifier: 'db', ...sizes, ...secret, Tags, StorageEncrypted: true, KmsKeyId };
    await rds.send(new rdsCalls.CreateDBInstanceCommand(instance));
    await answered(
      rds.send(new rdsCalls.DescribeDBInstancesCommand({})),
      under(
        'DBInstances',
        'DBInstanceIdentifier',
        'DbiResourceId',
        'InstanceCreateTime',
        'TagList.Key',
        'DBInstanceStatus',
      ),
    );
    const made = { DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made', Tags };
    const { DBSnapshot } = await answered(
      rds.send(new rdsCalls.CreateDBSnapshotCommand(made)),
      under('DBSnapshot', ...INSTANCE_SNAPSHOT, 'Encrypted', 'KmsKeyId', 'TagList.Value', 'OptionGroupName'),
    );
    await refused(rds.send(new rdsCalls.CreateDBSnapshotCommand(made)), 'DBSnapshotAlreadyExistsFault');
    await answered(
      rds.send(new rdsCalls.DescribeDBSnapshotsCommand({})),
      under(
        'DBSnapshots',
        ...INSTANCE_SNAPSHOT,
        'SnapshotCreateTime',
        'OriginalSnapshotCreateTime',
        'InstanceCreateTime',
      ),
    );
    await answered(rds.send(new rdsCalls.AddTagsToResourceCommand({ ResourceName: DBSnapshot?.DBSnapshotArn, Tags })));
    const share = { DBSnapshotIdentifier: 'made', AttributeName: 'restore', ValuesToAdd: [OTHER] };
    await answered(rds.send(new rdsCalls.ModifyDBSnapshotAttributeCommand(share)));
    const copy = { SourceDBSnapshotIdentifier: 'made', TargetDBSnapshotIdentifier: 'copy' };
    await answered(rds.send(new rdsCalls.CopyDBSnapshotCommand(copy)), under('DBSnapshot', ...INSTANCE_SNAPSHOT));
    const remove = new rdsCalls.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'copy' });
    await answered(rds.send(remove), under('DBSnapshot', 'Status'));
    await refused(rds.send(remove), 'DBSnapshotNotFoundFault');
    const gone = { DBInstanceIdentifier: 'gone', DBSnapshotIdentifier: 'other' };
    await refused(rds.send(new rdsCalls.CreateDBSnapshotCommand(gone)), 'DBInstanceNotFoundFault');
    await databaseControls(emulator).setDatabaseState({ service: 'rds', id: 'db', state: 'modifying' });
    const busy = { DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'other' };
    await refused(rds.send(new rdsCalls.CreateDBSnapshotCommand(busy)), 'InvalidDBInstanceStateFault');
  });

  it('RDS and DocumentDB: clusters and their snapshots', async () => {
    const KmsKeyId = await accountsOf(emulator).makeKey();
    for (const [DBClusterIdentifier, Engine] of [
      ['aurora', 'aurora-postgresql'],
      ['documents', 'docdb'],
    ]) {
      const cluster = { DBClusterIdentifier, Engine, ...secret, StorageEncrypted: true, KmsKeyId, Tags };
      await rds.send(new rdsCalls.CreateDBClusterCommand(cluster));
    }
    const members = ['DBClusterIdentifier', 'DbClusterResourceId', 'Engine', 'ClusterCreateTime', 'Status'];
    await answered(
      rds.send(new rdsCalls.DescribeDBClustersCommand({})),
      under('DBClusters', ...members, 'TagList.Key'),
    );
    const aurora = { DBClusterIdentifier: 'aurora', DBClusterSnapshotIdentifier: 'made', Tags };
    const documents = { DBClusterIdentifier: 'documents', DBClusterSnapshotIdentifier: 'of-documents', Tags };
    const reads = under('DBClusterSnapshot', ...CLUSTER_SNAPSHOT, 'SnapshotCreateTime', 'StorageEncrypted', 'KmsKeyId');
    const { DBClusterSnapshot } = await answered(rds.send(new rdsCalls.CreateDBClusterSnapshotCommand(aurora)), [
      ...reads,
      'DBClusterSnapshot.TagList.Key',
      'DBClusterSnapshot.DbClusterResourceId',
    ]);
    await answered(docdb.send(new docdbCalls.CreateDBClusterSnapshotCommand(documents)), reads);
    await answered(
      rds.send(new rdsCalls.DescribeDBClusterSnapshotsCommand({})),
      under('DBClusterSnapshots', ...CLUSTER_SNAPSHOT, 'DbClusterResourceId', 'ClusterCreateTime', 'TagList.Value'),
    );
    await answered(
      docdb.send(
        new docdbCalls.AddTagsToResourceCommand({ ResourceName: DBClusterSnapshot?.DBClusterSnapshotArn, Tags }),
      ),
    );
    const copy = { SourceDBClusterSnapshotIdentifier: 'made', TargetDBClusterSnapshotIdentifier: 'copy' };
    await answered(rds.send(new rdsCalls.CopyDBClusterSnapshotCommand(copy)), reads);
    const copied = { SourceDBClusterSnapshotIdentifier: 'of-documents', TargetDBClusterSnapshotIdentifier: 'copied' };
    await answered(docdb.send(new docdbCalls.CopyDBClusterSnapshotCommand(copied)), reads);
    const share = { DBClusterSnapshotIdentifier: 'copied', AttributeName: 'restore', ValuesToAdd: [OTHER] };
    await answered(docdb.send(new docdbCalls.ModifyDBClusterSnapshotAttributeCommand(share)));
    await answered(rds.send(new rdsCalls.ModifyDBClusterSnapshotAttributeCommand(share)));
    const remove = { DBClusterSnapshotIdentifier: 'copied' };
    await answered(docdb.send(new docdbCalls.DeleteDBClusterSnapshotCommand(remove)));
    await refused(rds.send(new rdsCalls.DeleteDBClusterSnapshotCommand(remove)), 'DBClusterSnapshotNotFoundFault');
    const again = new rdsCalls.CreateDBClusterSnapshotCommand(aurora);
    await refused(rds.send(again), 'DBClusterSnapshotAlreadyExistsFault');
    const gone = { DBClusterIdentifier: 'gone', DBClusterSnapshotIdentifier: 'other' };
    await refused(rds.send(new rdsCalls.CreateDBClusterSnapshotCommand(gone)), 'DBClusterNotFoundFault');
  });

  it('Redshift: clusters and their snapshots', async () => {
    const cluster = { ClusterIdentifier: 'cluster', NodeType: 'ra3.large', ...secret, Tags };
    await redshift.send(new redshiftCalls.CreateClusterCommand(cluster));
    await answered(
      redshift.send(new redshiftCalls.DescribeClustersCommand({})),
      under('Clusters', 'ClusterIdentifier', 'ClusterNamespaceArn', 'ClusterCreateTime', 'ClusterStatus', 'Tags.Key'),
    );
    const reads = [
      'SnapshotIdentifier',
      'ClusterIdentifier',
      'SnapshotCreateTime',
      'Status',
      'Encrypted',
      'OwnerAccount',
    ];
    const made = { ClusterIdentifier: 'cluster', SnapshotIdentifier: 'made', Tags };
    await answered(
      redshift.send(new redshiftCalls.CreateClusterSnapshotCommand(made)),
      under('Snapshot', ...reads, 'SnapshotArn', 'Tags.Key'),
    );
    const again = new redshiftCalls.CreateClusterSnapshotCommand(made);
    await refused(redshift.send(again), 'ClusterSnapshotAlreadyExistsFault');
    const source = await databaseControls(emulator).makeAutomatedSnapshot({ service: 'redshift', source: 'cluster' });
    const copy = { SourceSnapshotIdentifier: source, TargetSnapshotIdentifier: 'copy' };
    await answered(redshift.send(new redshiftCalls.CopyClusterSnapshotCommand(copy)), under('Snapshot', ...reads));
    const access = { SnapshotIdentifier: 'made', AccountWithRestoreAccess: OTHER };
    await answered(
      redshift.send(new redshiftCalls.AuthorizeSnapshotAccessCommand(access)),
      under('Snapshot', 'AccountsWithRestoreAccess.AccountId'),
    );
    await answered(
      redshift.send(new redshiftCalls.DescribeClusterSnapshotsCommand({})),
      under('Snapshots', ...reads, 'ClusterCreateTime', 'Tags.Value', 'AccountsWithRestoreAccess.AccountId'),
    );
    const remove = new redshiftCalls.DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'made' });
    await refused(redshift.send(remove), 'InvalidClusterSnapshotStateFault');
    await answered(redshift.send(new redshiftCalls.RevokeSnapshotAccessCommand(access)));
    const ResourceName = `arn:aws:redshift:${emulator.region}:${emulator.account}:snapshot:cluster/copy`;
    await answered(redshift.send(new redshiftCalls.CreateTagsCommand({ ResourceName, Tags })));
    await answered(redshift.send(remove), under('Snapshot', 'Status'));
    await refused(redshift.send(remove), 'ClusterSnapshotNotFoundFault');
    const named = ['copy', 'gone'].map((SnapshotIdentifier) => ({ SnapshotIdentifier }));
    await answered(redshift.send(new redshiftCalls.BatchDeleteClusterSnapshotsCommand({ Identifiers: named })), [
      'Resources',
      ...under('Errors', 'SnapshotIdentifier', 'FailureCode', 'FailureReason'),
    ]);
    const tooMany = Array.from({ length: 101 }, (_, at) => ({ SnapshotIdentifier: `snapshot-${String(at)}` }));
    await refused(
      redshift.send(new redshiftCalls.BatchDeleteClusterSnapshotsCommand({ Identifiers: tooMany })),
      'BatchDeleteRequestSizeExceededFault',
    );
  });

  it('S3: buckets and objects', async () => {
    const Bucket = 'bucket';
    await answered(s3.send(new s3Calls.CreateBucketCommand({ Bucket })));
    await answered(s3.send(new s3Calls.ListBucketsCommand({})), under('Buckets', 'Name'));
    await answered(s3.send(new s3Calls.GetBucketLocationCommand({ Bucket })));
    await answered(
      s3.send(new s3Calls.GetPublicAccessBlockCommand({ Bucket })),
      under('PublicAccessBlockConfiguration', 'BlockPublicAcls', 'BlockPublicPolicy'),
    );
    await answered(
      s3.send(new s3Calls.GetBucketEncryptionCommand({ Bucket })),
      under('ServerSideEncryptionConfiguration.Rules', 'ApplyServerSideEncryptionByDefault.SSEAlgorithm'),
    );
    await answered(
      s3.send(new s3Calls.GetBucketOwnershipControlsCommand({ Bucket })),
      under('OwnershipControls.Rules', 'ObjectOwnership'),
    );
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }];
    const encryption = { Bucket, ServerSideEncryptionConfiguration: { Rules } };
    await answered(s3.send(new s3Calls.PutBucketEncryptionCommand(encryption)));
    const controls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
    await answered(s3.send(new s3Calls.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: controls })));
    const PublicAccessBlockConfiguration = { BlockPublicAcls: true, BlockPublicPolicy: true };
    await answered(s3.send(new s3Calls.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration })));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await answered(s3.send(new s3Calls.PutBucketVersioningCommand({ Bucket, VersioningConfiguration })));
    await answered(s3.send(new s3Calls.GetBucketVersioningCommand({ Bucket })), ['Status']);
    await refused(s3.send(new s3Calls.GetBucketPolicyCommand({ Bucket })), 'NoSuchBucketPolicy');
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await answered(s3.send(new s3Calls.PutBucketPolicyCommand({ Bucket, Policy })));
    await answered(s3.send(new s3Calls.GetBucketPolicyCommand({ Bucket })), ['Policy']);
    await answered(s3.send(new s3Calls.PutObjectCommand({ Bucket, Key: 'a/1', Body: 'text' })), ['ETag']);
    await answered(
      s3.send(new s3Calls.ListObjectsV2Command({ Bucket })),
      under('Contents', 'Key', 'LastModified', 'Size'),
    );
    await answered(
      s3.send(new s3Calls.ListObjectsV2Command({ Bucket, Delimiter: '/' })),
      under('CommonPrefixes', 'Prefix'),
    );
    const { Body } = await answered(s3.send(new s3Calls.GetObjectCommand({ Bucket, Key: 'a/1' })));
    expect(await Body?.transformToString()).toBe('text');
    await answered(s3.send(new s3Calls.DeleteObjectCommand({ Bucket, Key: 'gone' })));
    await answered(s3.send(new s3Calls.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a/1' }] } })));
    await refused(s3.send(new s3Calls.GetObjectCommand({ Bucket, Key: 'a/1' })), 'NoSuchKey');
    await refused(s3.send(new s3Calls.ListObjectsV2Command({ Bucket: 'gone' })), 'NoSuchBucket');
  });

  it('KMS, SNS, SQS, SSM, STS and Lambda', async () => {
    const KeyId = await accountsOf(emulator).makeKey();
    const kms = new kmsCalls.KMSClient(emulator.clientConfig());
    await answered(
      kms.send(new kmsCalls.DescribeKeyCommand({ KeyId })),
      under('KeyMetadata', 'KeyManager', 'KeyState'),
    );
    const { TopicArn } = await sns.send(new snsCalls.CreateTopicCommand({ Name: 'topic' }));
    await answered(sns.send(new snsCalls.PublishCommand({ TopicArn, Message: 'text' })), ['MessageId']);
    const PublishBatchRequestEntries = [{ Id: '1', Message: 'text' }];
    await answered(
      sns.send(new snsCalls.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })),
      under('Successful', 'Id', 'MessageId'),
    );
    await answered(sns.send(new snsCalls.GetTopicAttributesCommand({ TopicArn })), ['Attributes']);
    const { QueueUrl } = await sqs.send(new sqsCalls.CreateQueueCommand({ QueueName: 'queue' }));
    await answered(sqs.send(new sqsCalls.ListQueuesCommand({ QueueNamePrefix: 'queue' })), ['QueueUrls']);
    await answered(sqs.send(new sqsCalls.GetQueueUrlCommand({ QueueName: 'queue' })), ['QueueUrl']);
    await answered(sqs.send(new sqsCalls.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })), [
      'Attributes',
    ]);
    const Entries = [1, 2].map((Id) => ({ Id: String(Id), MessageBody: 'text' }));
    await emulator.failBatchEntries({ every: 2 });
    await answered(sqs.send(new sqsCalls.SendMessageBatchCommand({ QueueUrl, Entries })), [
      'Successful.Id',
      ...under('Failed', 'Id', 'Code', 'Message', 'SenderFault'),
    ]);
    await ssm.send(new ssmCalls.PutParameterCommand({ Name: '/shelvery/a', Value: '1', Type: 'String' }));
    await answered(
      ssm.send(new ssmCalls.GetParametersByPathCommand({ Path: '/shelvery' })),
      under('Parameters', 'Name', 'Value'),
    );
    await answered(sts.send(new stsCalls.GetCallerIdentityCommand({})), ['Account', 'Arn']);
    const role = { RoleArn: `arn:aws:iam::${OTHER}:role/backup`, RoleSessionName: 'test' };
    await answered(
      sts.send(new stsCalls.AssumeRoleCommand(role)),
      under('Credentials', 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'),
    );
    await answered(
      lambda.send(new lambdaCalls.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: '{}' })),
      ['StatusCode'],
    );
  });

  it('leave out no call that the product makes', () => {
    expect([...calledActions()].filter((action) => !compared.has(action))).toEqual([]);
  });

  it('are told apart from the models where they differ', async () => {
    await emulator.addFault({ action: 'CreateDBSnapshot', kind: 'refuse', code: 'NoSuchErrorFault' });
    const made = { DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' };
    await expect(rds.send(new rdsCalls.CreateDBSnapshotCommand(made))).rejects.toBeInstanceOf(Error);
    const [problem] = await emulator.takeAnswerProblems();
    expect(problem).toMatchObject({ action: 'CreateDBSnapshot' });
    expect(problem?.problem).toContain('NoSuchErrorFault is none of the errors DBInstanceNotFound');
  });
});
