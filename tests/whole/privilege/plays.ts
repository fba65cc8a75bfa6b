import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DisableAllowedImagesSettingsCommand,
  EC2Client,
  EnableAllowedImagesSettingsCommand,
  ModifyEbsDefaultKmsKeyIdCommand,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { BackupType } from '@shelvery/engine/terminal';
import { createDataBucketsHandler } from '@shelvery/engine/lambda';
import * as z from 'zod';
import { startSurroundings } from '../../../scripts/invoke/surroundings.js';
import { POLICY_LEASE_KEY } from '../../../layers/engine/src/domain/files/keys.js';
import { accountsOf } from '../../emulator/accounts.js';
import { databaseControls } from '../../emulator/databases.js';
import type { Emulator } from '../../emulator/emulator.js';
import { attachToInstance } from '../../integration/harness/attached-volumes.js';
import { BUNKER, DR, HOME, SOURCE, SOURCE_2, bucketOf } from '../../integration/harness/copy-estate.js';
import { environmentOf, lambdaContext, useProcess } from '../../integration/harness/installation.js';
import { lambdaFunction } from '../../integration/harness/lambda-function.js';
import { deliverAll, invoke } from '../../integration/harness/product.js';
import { AWS_MANAGED_KEY, databasesOf, makeResource } from '../../integration/harness/resources.js';
import { createTestClock } from '../../integration/harness/test-clock.js';
import type { TestClock } from '../../integration/harness/test-clock.js';
import { deployFunction } from './stack.js';
import type { DeployedFunction } from './stack.js';

/** The first of a month: monthly backups, which may go to the archive tier. */
const MADE = '2026-10-01T03:00:00Z';
const LATER = '2026-10-02T03:00:00Z';
/** Whose keys are further ones, to everybody. */
const KEYS = '444444444444';
/** Accounts of the stacks with the default parameters, and with a role. */
const PLAIN = '555555555555';
const WITH_ROLE = '666666666666';
/** An error to tell of. */
const GONE = { action: 'do_store_backup_data', arguments: { BackupId: 'gone', BackupRegion: HOME } };

const topicArn = (name: string, account = SOURCE): string => `arn:aws:sns:${HOME}:${account}:${name}`;
const roleArn = (name: string): string => `arn:aws:iam::${SOURCE_2}:role/${name}`;

/** One invocation; what it throws ends the play. */
async function deliver(
  { installation }: DeployedFunction,
  event: unknown,
): Promise<Awaited<ReturnType<typeof invoke>>> {
  const end = await invoke(installation, event, crypto.randomUUID());
  if (end.how === 'threw') throw end.error;
  return end;
}

/** Does what an event asks for, and what it leads to, through the function and its queue to the end. */
async function act(deployed: DeployedFunction, event: Readonly<Record<string, unknown>>): Promise<void> {
  await deployed.during(async () => {
    await deliver(deployed, event);
    await deliverAll(deployed.installation, (each) => deliver(deployed, each));
  });
}

/** An event that is delivered twice at the same time. */
async function actTwice(deployed: DeployedFunction, event: Readonly<Record<string, unknown>>): Promise<void> {
  await deployed.during(() => Promise.all([deliver(deployed, event), deliver(deployed, event)]));
}

interface Estate {
  readonly emulator: Emulator;
  readonly clock: TestClock;
  readonly type: BackupType;
}

/** Topics that are not the stack's, encrypted as others' may be. */
async function makeTopics({ emulator }: Estate, account: string, names: readonly string[]): Promise<void> {
  const KmsMasterKeyId = await accountsOf(emulator).makeKey({ account, region: HOME });
  const sns = new SNSClient(emulator.clientConfig(account, HOME));
  for (const Name of names) await sns.send(new CreateTopicCommand({ Name, Attributes: { KmsMasterKeyId } }));
}

/** A stack with everything that a parameter can open, in an account that makes backups. */
async function deploySource(estate: Estate): Promise<DeployedFunction> {
  const { emulator, clock, type } = estate;
  await makeTopics(estate, SOURCE, ['ours', 'errors', 'status', 'further']);
  const parameters = {
    ShelveryDrRegions: DR,
    ShelveryShareAwsAccountIds: BUNKER,
    ShelverySourceAwsAccountIds: BUNKER,
    ShelveryCopyKmsKeyId: `${DR}=${await accountsOf(emulator).makeKey({ account: SOURCE, region: DR })}`,
    ShelveryEnableEbsArchive: 'true',
    ShelveryKeepLastBackups: '0',
    ShelverySnsTopic: topicArn('ours'),
    ShelveryErrorSnsTopic: topicArn('errors'),
    ShelveryStatusSnsTopic: topicArn('status'),
    AllowedTopics: topicArn('further'),
    AllowedKmsKeys: `arn:aws:kms:*:${KEYS}:key/*`,
    AllowedRoles: roleArn('further'),
    Tracing: 'Active',
  };
  return await deployFunction({ emulator, clock, account: SOURCE, region: HOME, parameters }, type);
}

/** A stack in the account that pulls. */
async function deployBunker({ emulator, clock, type }: Estate): Promise<DeployedFunction> {
  const parameters = {
    ShelverySourceAwsAccountIds: SOURCE,
    ShelveryCopyKmsKeyId: await accountsOf(emulator).makeKey({ account: BUNKER, region: HOME }),
    ShelveryEnableEbsArchivePulled: 'true',
    ShelveryKeepLastBackups: '0',
    AllowedKmsKeys: `arn:aws:kms:*:${KEYS}:key/*`,
  };
  return await deployFunction({ emulator, clock, account: BUNKER, region: HOME, parameters }, type);
}

/**
 * One resource under a key of its account, of which a database has an automated snapshot, and one under another
 * account's.
 */
async function makeResources({ emulator, type }: Estate): Promise<void> {
  const place = { type, account: SOURCE, region: HOME };
  const own = await accountsOf(emulator).makeKey({ account: SOURCE, region: HOME });
  const further = await accountsOf(emulator).makeKey({ account: KEYS, region: HOME });
  await makeResource(emulator, { ...place, name: 'orders', kmsKeyId: own });
  const service = databasesOf(type)?.service;
  if (service !== undefined)
    await databaseControls(emulator).makeAutomatedSnapshot({
      service,
      source: 'orders',
      account: SOURCE,
      region: HOME,
    });
  // It cannot be shared: the function asks who manages its key. Redshift shares under every key.
  if (type !== 'redshift') await makeResource(emulator, { ...place, name: 'drafts', kmsKeyId: AWS_MANAGED_KEY });
  if (type === 'ebs' || type === 'ec2ami') await makeUnderDefaultKey(emulator, { ...place, kmsKeyId: own });
  const reencrypted = { 'shelvery:config:shelvery_reencrypt_kms_key_id': `${HOME}=${further}` };
  await makeResource(emulator, {
    ...place,
    name: 'stock',
    kmsKeyId: type === 'redshift' ? own : further,
    tags: reencrypted,
  });
}

/** Images of others are hidden from the bunker, which asks why it sees none, and then they are not. */
async function pullWhatIsHidden(emulator: Emulator, bunker: DeployedFunction): Promise<void> {
  const ec2 = new EC2Client(emulator.clientConfig(BUNKER, HOME));
  await ec2.send(new EnableAllowedImagesSettingsCommand({ AllowedImagesSettingsState: 'enabled' }));
  await act(bunker, { action: 'pull_shared_backups' });
  await ec2.send(new DisableAllowedImagesSettingsCommand({}));
}

/** A resource without a key for its copies, which are shared: the function asks whose the region's default key is. */
async function makeUnderDefaultKey(
  emulator: Emulator,
  place: { readonly type: BackupType; readonly account: string; readonly region: string; readonly kmsKeyId: string },
): Promise<void> {
  const KmsKeyId = await accountsOf(emulator).makeKey({ account: place.account, region: DR });
  const ec2 = new EC2Client(emulator.clientConfig(place.account, DR));
  await ec2.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId }));
  await makeResource(emulator, { ...place, name: 'carts', tags: { 'shelvery:config:shelvery_copy_kms_key_id': '' } });
}

/** What has expired in the year that is to come goes. */
const YEARS = 20 * 366 * 86_400_000;

/**
 * What a function does in its stacks. One has all that parameters can open: the backups there, under keys, are made,
 * copied, shared, archived and cleaned. One is a bunker that pulls them. One has no parameter but the defaults, and one
 * a role that all is done with.
 */
export async function playAll(emulator: Emulator, type: BackupType): Promise<readonly DeployedFunction[]> {
  await emulator.reset();
  const estate = { emulator, clock: createTestClock(emulator), type };
  const [source, bunker] = [await deploySource(estate), await deployBunker(estate)];
  const plain = await deployFunction({ ...estate, account: PLAIN, region: HOME, parameters: {} }, type);
  const withRole = await deployFunction(
    { ...estate, account: WITH_ROLE, region: HOME, parameters: { ShelveryRoleArn: roleArn('configured') } },
    type,
  );
  await makeResources(estate);
  await makeUnfinishedBucket(estate);
  await act(source, { action: 'create_data_buckets' });
  await act(source, { action: 'create_backups', scheduled_time: MADE, backdate: true });
  await act(bunker, { action: 'create_data_buckets' });
  if (type === 'ec2ami') await pullWhatIsHidden(emulator, bunker);
  await act(bunker, { action: 'pull_shared_backups' });
  if (type === 'ec2ami') await followOlderImage(estate, source);
  if (type === 'ebs') {
    // Done, but answered by an error: the function asks whether it was done.
    await emulator.addFault({ action: 'ModifySnapshotTier', account: SOURCE, kind: 'fail-after' });
    await act(source, { action: 'archive_pending_backups' });
  }
  if (type === 'redshift') {
    // Where the function may not delete several at once, it deletes them one by one.
    const refused = { kind: 'refuse', code: 'AccessDenied', status: 403 } as const;
    await emulator.addFault({ action: 'BatchDeleteClusterSnapshots', account: SOURCE, ...refused });
  }
  // A record without a backup is read before it is told of.
  await putRecord(estate, `backups/${type}/nobodys.yaml`);
  await act(source, { action: 'clean_backups', scheduled_time: LATER });
  for (const action of ['list_backups', 'status', 'show_config']) await act(source, { action });
  await act(bunker, { action: 'status' });
  await act(source, { action: 'create_data_buckets', config: { shelvery_sns_topic: topicArn('further') } });
  await act(source, { action: 'list_backups', config: { role_arn: roleArn('further') } });
  await act(source, GONE);
  await handOver(source);
  await actTwice(source, { action: 'create_data_buckets', scheduled_time: LATER });
  await act(withRole, { action: 'list_backups' });
  await makeResource(emulator, { type, account: PLAIN, region: HOME, name: 'orders' });
  if (type === 'ebs') await makeVolumesOfInstance(emulator);
  for (const action of ['create_backups', 'list_backups']) await act(plain, { action });
  await act(plain, GONE);
  await estate.clock.advance(YEARS);
  for (const each of [source, bunker, plain]) await act(each, { action: 'clean_backups' });
  return [source, bunker, plain, withRole];
}

/** Two volumes that are to be backed up together. */
async function makeVolumesOfInstance(emulator: Emulator): Promise<void> {
  const tags = { 'shelvery:config:shelvery_ebs_volume_sets': 'true' };
  const place = { type: 'ebs', account: PLAIN, region: HOME, tags } as const;
  const volumes = [
    await makeResource(emulator, { ...place, name: 'log' }),
    await makeResource(emulator, { ...place, name: 'data' }),
  ];
  await attachToInstance(emulator, volumes, place);
}

/** The snapshots of an image have no more tags than earlier versions gave them; it is shared again. */
async function followOlderImage({ emulator }: Estate, source: DeployedFunction): Promise<void> {
  const ec2 = new EC2Client(emulator.clientConfig(SOURCE, HOME));
  const { Images: images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  for (const { ImageId: BackupId = '', BlockDeviceMappings: devices = [] } of images) {
    const snapshots = devices.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
    await ec2.send(new DeleteTagsCommand({ Resources: snapshots }));
    await ec2.send(
      new CreateTagsCommand({ Resources: snapshots, Tags: [{ Key: 'shelvery:ami_id', Value: BackupId }] }),
    );
  }
  for (const { ImageId: BackupId = '' } of images)
    await act(source, { action: 'do_share_backup', arguments: { BackupId, Region: HOME, AwsAccountId: BUNKER } });
}

/** As buckets were before S3 closed new ones by itself: everything is put that closes it. */
async function makeUnfinishedBucket({ emulator }: Pick<Estate, 'emulator'>): Promise<void> {
  const bucket = { Bucket: bucketOf(SOURCE, DR), CreateBucketConfiguration: { LocationConstraint: DR } } as const;
  await emulator.setBehaviours({ newBucketsClosed: false });
  await new S3Client(emulator.clientConfig(SOURCE, DR)).send(
    new CreateBucketCommand({ ...bucket, ObjectOwnership: 'ObjectWriter' }),
  );
  await emulator.setBehaviours({ newBucketsClosed: true });
}

/** Whoever wrote the policy of that bucket has died over it. */
async function leavePolicyLease({ emulator }: Pick<Estate, 'emulator'>): Promise<void> {
  const Body = JSON.stringify({ holder: 'nobody', ends: new Date(0) });
  const file = { Bucket: bucketOf(SOURCE, DR), Key: POLICY_LEASE_KEY, Body };
  await new S3Client(emulator.clientConfig(SOURCE, DR)).send(new PutObjectCommand(file));
}

async function putRecord({ emulator }: Estate, Key: string): Promise<void> {
  await new S3Client(emulator.clientConfig(SOURCE, HOME)).send(
    new PutObjectCommand({ Bucket: bucketOf(SOURCE), Key, Body: 'nothing' }),
  );
}

/** A run that has no time left to begin anything invokes the function again. */
async function handOver(deployed: DeployedFunction): Promise<void> {
  const { installation } = deployed;
  const event = { action: 'create_backups', scheduled_time: LATER, backdate: true };
  await deployed.during(() => lambdaFunction(installation)(event, { remaining: () => 29_000 }));
  await deliverAll(installation, (each) => deliver(deployed, each));
}

/** What the custom resource does as its stack comes, changes and goes; and with a role. */
export async function playDataBuckets(emulator: Emulator): Promise<readonly DeployedFunction[]> {
  await emulator.reset();
  const surroundings = await startSurroundings();
  const clock = createTestClock(emulator);
  const deploy = (account: string, parameters: Readonly<Record<string, string>>): Promise<DeployedFunction> =>
    deployFunction(
      { emulator, clock, account, region: HOME, parameters: { Tracing: 'Active', ...parameters } },
      'data-buckets',
    );
  const send = async (deployed: DeployedFunction, RequestType: string, before?: unknown): Promise<void> => {
    const { installation } = deployed;
    const ids = {
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'DataBuckets',
      ResponseURL: 'https://cloudformation',
    };
    const event = surroundings.place({
      RequestType,
      ...ids,
      ResourceProperties: deployed.properties('DataBuckets'),
      ...(before === undefined ? {} : { OldResourceProperties: before }),
    });
    useProcess(installation);
    const handler = createDataBucketsHandler({ environment: environmentOf(installation), clock });
    await deployed.during(() => handler(event, lambdaContext(installation)));
    const [answer] = surroundings.takeAnswers();
    if (!CustomResourceAnswer.safeParse(answer).success) throw new Error(`${RequestType}: ${JSON.stringify(answer)}`);
  };
  try {
    const own = await deploy(SOURCE, { ShelveryDrRegions: DR, ShelveryShareAwsAccountIds: BUNKER });
    await makeUnfinishedBucket({ emulator });
    await leavePolicyLease({ emulator });
    await send(own, 'Create');
    // An account that was named before is looked for in the buckets of all regions.
    await send(own, 'Update', { Configuration: { shelvery_share_aws_account_ids: WITH_ROLE } });
    await send(own, 'Delete');
    const withRole = await deploy(WITH_ROLE, { ShelveryRoleArn: roleArn('configured') });
    await send(withRole, 'Create');
    return [own, withRole];
  } finally {
    await surroundings.close();
  }
}

const CustomResourceAnswer = z.object({ Status: z.literal('SUCCESS') });
