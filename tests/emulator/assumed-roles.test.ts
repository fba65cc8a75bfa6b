import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

import { present } from '../../layers/engine/src/domain/present.js';
import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const RoleArn = `arn:aws:iam::${OTHER}:role/backup`;

/** Pages "AssumeRole" and "Access to AWS accounts owned by third parties". */
describe('accounts and roles', () => {
  let emulator: Emulator;
  let sts: STSClient;

  beforeAll(async () => {
    emulator = await startEmulator();
    sts = new STSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('are what the access key says', async () => {
    for (const account of [emulator.account, OTHER]) {
      const { Account } = await new STSClient(emulator.clientConfig(account)).send(new GetCallerIdentityCommand({}));
      expect(Account).toBe(account);
    }
  });

  it("give keys of the role's account, and that account's resources", async () => {
    const [volumeId] = await emulator.seedVolumes([{}], { account: OTHER });
    const { Credentials, AssumedRoleUser } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'shelvery' }),
    );
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${OTHER}:assumed-role/backup/shelvery`);
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const identity = await new STSClient({ ...emulator.clientConfig(), credentials }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(identity).toMatchObject({ Account: OTHER, Arn: `arn:aws:sts::${OTHER}:assumed-role/backup/shelvery` });
    const { Volumes } = await new EC2Client({ ...emulator.clientConfig(), credentials }).send(
      new DescribeVolumesCommand({}),
    );
    expect((Volumes ?? []).map((volume) => volume.VolumeId)).toEqual([volumeId]);
  });

  it('refuse a role that asks for an external id without it, and with another', async () => {
    await accountsOf(emulator).requireExternalId(RoleArn, 'secret');
    const assume = (ExternalId?: string): Promise<unknown> =>
      sts.send(
        new AssumeRoleCommand({
          RoleArn,
          RoleSessionName: 'shelvery',
          ...present({ ExternalId }),
        }),
      );
    await expect(assume()).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    await expect(assume('other')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume('secret')).resolves.toMatchObject({ Credentials: {} });
    await emulator.reset();
    await expect(assume()).resolves.toMatchObject({ Credentials: {} });
  });

  it('have environments, so that one product runs as two of them', () => {
    expect(emulator.environment()).toMatchObject({ AWS_ACCESS_KEY_ID: emulator.account, AWS_REGION: emulator.region });
    expect(emulator.credentials(OTHER, 'eu-west-1')).toMatchObject({
      AWS_ACCESS_KEY_ID: OTHER,
      AWS_REGION: 'eu-west-1',
    });
  });
});
