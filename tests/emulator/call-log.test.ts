import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateSnapshotCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { DescribeClusterSnapshotsCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { DescribeDBClustersCommand, DocDBClient } from '@aws-sdk/client-docdb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

import { startEmulator, type Emulator } from './emulator.js';

describe('the call log', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('names service and action of every protocol', async () => {
    const config = { ...emulator.clientConfig(), maxAttempts: 1 };
    await new EC2Client(config).send(new DescribeVolumesCommand({}));
    await new RDSClient(config).send(new DescribeDBSnapshotsCommand({}));
    await new DocDBClient(config).send(new DescribeDBClustersCommand({}));
    await new RedshiftClient(config).send(new DescribeClusterSnapshotsCommand({}));
    await new STSClient(config).send(new GetCallerIdentityCommand({}));
    await new SSMClient(config).send(new GetParametersByPathCommand({ Path: '/shelvery' }));
    const { QueueUrl } = await new SQSClient(config).send(new CreateQueueCommand({ QueueName: 'work' }));
    await new SQSClient(config).send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await new LambdaClient(config).send(
      new InvokeCommand({ FunctionName: 'ebs', InvocationType: 'Event', Payload: '{}' }),
    );
    expect(await emulator.counts()).toEqual({
      'ec2:DescribeVolumes': 1,
      'rds:DescribeDBSnapshots': 1,
      'rds:DescribeDBClusters': 1,
      'redshift:DescribeClusterSnapshots': 1,
      'sts:GetCallerIdentity': 1,
      'ssm:GetParametersByPath': 1,
      'sqs:CreateQueue': 1,
      'sqs:SendMessage': 1,
      'lambda:Invoke': 1,
    });
  });

  it('has the parameters: flat for the query protocols, the document for JSON, the address for REST', async () => {
    const config = emulator.clientConfig();
    await new EC2Client(config).send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'tag-key', Values: ['a', 'b'] }] }),
    );
    await new SSMClient(config).send(new GetParametersByPathCommand({ Path: '/shelvery', Recursive: true }));
    await new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'ebs', InvocationType: 'Event' }));
    expect((await emulator.calls()).map((call) => call.parameters)).toEqual([
      { 'Filter.1.Name': 'tag-key', 'Filter.1.Value.1': 'a', 'Filter.1.Value.2': 'b' },
      { Path: '/shelvery', Recursive: true },
      { FunctionName: 'ebs', InvocationType: 'Event' },
    ]);
  });

  it('has status and error code, and the region and account of the credentials', async () => {
    const config = { ...emulator.clientConfig('222222222222', 'eu-west-1'), maxAttempts: 1 };
    await expect(new EC2Client(config).send(new CreateSnapshotCommand({ VolumeId: 'vol-1' }))).rejects.toThrow();
    await expect(
      new SNSClient(config).send(
        new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:222222222222:gone', Message: 'a' }),
      ),
    ).rejects.toThrow();
    await expect(
      new SQSClient(config).send(
        new SendMessageCommand({ QueueUrl: `${emulator.endpoint}/222222222222/gone`, MessageBody: 'a' }),
      ),
    ).rejects.toThrow();
    expect(await emulator.calls()).toMatchObject([
      {
        sequence: 1,
        service: 'ec2',
        status: 400,
        errorCode: 'InvalidVolume.NotFound',
        region: 'eu-west-1',
        account: '222222222222',
      },
      { sequence: 2, service: 'sns', status: 404, errorCode: 'NotFound' },
      { sequence: 3, service: 'sqs', status: 400, errorCode: 'QueueDoesNotExist' },
    ]);
  });

  it('has what the caller says that it is', async () => {
    const ec2 = new EC2Client({ ...emulator.clientConfig(), userAgentAppId: 'nightly' });
    await ec2.send(new DescribeVolumesCommand({}));
    expect(await emulator.calls()).toMatchObject([{ userAgent: expect.stringContaining(' app/nightly') }]);
  });

  it('takes an access key of twelve digits for the account', async () => {
    const { Account } = await new STSClient(emulator.clientConfig('210987654321')).send(
      new GetCallerIdentityCommand({}),
    );
    expect(Account).toBe('210987654321');
  });

  it("takes the keys of an assumed role for the role's account", async () => {
    const { Credentials } = await new STSClient(emulator.clientConfig()).send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::333333333333:role/backup', RoleSessionName: 'run' }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    await new EC2Client({ ...emulator.clientConfig(), credentials }).send(new DescribeVolumesCommand({}));
    expect(await emulator.calls({ service: 'ec2' })).toMatchObject([{ account: '333333333333' }]);
  });

  it('can be asked for some calls, and cleared', async () => {
    const ec2 = new EC2Client(emulator.clientConfig());
    await ec2.send(new DescribeVolumesCommand({}));
    await ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
    expect(await emulator.calls({ action: 'DescribeVolumes', after: 1 })).toMatchObject([{ sequence: 2 }]);
    expect(await emulator.calls({ service: 's3' })).toEqual([]);
    await emulator.clearCalls();
    expect(await emulator.calls()).toEqual([]);
  });

  it('leaves out large parameters when told to', async () => {
    await emulator.setLargestLoggedParameters(200);
    const ec2 = new EC2Client(emulator.clientConfig());
    await ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: 'tag-key', Values: ['x'.repeat(255)] }] }));
    await ec2.send(new DescribeVolumesCommand({ MaxResults: 5 }));
    expect((await emulator.calls()).map((call) => call.parameters)).toEqual([{}, { MaxResults: '5' }]);
  });
});
