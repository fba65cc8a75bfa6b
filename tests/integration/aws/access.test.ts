import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateSnapshotCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { openAwsAccess, perRegion } from '../../../layers/engine/src/aws/access.js';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { Region } from '../../../layers/engine/src/domain/values.js';
import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Emulator } from '../../emulator/emulator.js';
import { ACCOUNT, DR_REGION, HOME_REGION, OTHER_ACCOUNT, startEmulatedAccess } from './emulated-access.js';

const ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/backups`;

describe('openAwsAccess', () => {
  let emulator: Emulator;
  let access: AwsAccess;

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterEach(() => {
    Object.assign(process.env, emulator.environment());
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const whoAmI = async (config: ReturnType<AwsAccess['config']>) =>
    (await new STSClient(config).send(new GetCallerIdentityCommand({}))).Account;

  it('finds account and partition by one call', async () => {
    const opened = await openAwsAccess({ region: HOME_REGION, clock: systemClock });
    expect(opened.home).toEqual({ accountId: ACCOUNT, region: HOME_REGION });
    expect(opened.partition).toBe('aws');
    expect(await emulator.counts()).toEqual({ 'sts:GetCallerIdentity': 1 });
  });

  it.each([
    ['eu-west-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['us-isob-east-1', 'aws-iso-b'],
  ])('needs no call in %s where the account is known', async (region, partition) => {
    const opened = await openAwsAccess({ region: Region.parse(region), clock: systemClock, accountId: ACCOUNT });
    expect(opened).toMatchObject({ home: { accountId: ACCOUNT, region }, partition });
    expect(await emulator.calls()).toEqual([]);
  });

  it("makes calls on backups with the role's credentials, and others with its own", async () => {
    const opened = await openAwsAccess({
      region: HOME_REGION,
      clock: systemClock,
      roleArn: ROLE,
      roleExternalId: 'a-secret',
    });
    expect(opened.home).toEqual({ accountId: OTHER_ACCOUNT, region: HOME_REGION });
    expect(await whoAmI(opened.config(HOME_REGION))).toBe(OTHER_ACCOUNT);
    expect(await whoAmI(opened.config(DR_REGION, 'refused-only'))).toBe(OTHER_ACCOUNT);
    expect(await whoAmI(opened.ownConfig())).toBe(ACCOUNT);
    const assumed = await emulator.calls({ action: 'AssumeRole' });
    expect(assumed).toHaveLength(1);
    expect(assumed[0]?.parameters).toMatchObject({
      RoleArn: ROLE,
      RoleSessionName: 'shelvery',
      ExternalId: 'a-secret',
    });
  });

  it('takes on the role again shortly before its credentials end, once for all clients', async () => {
    let now = new Date();
    const clock: Clock = {
      now: () => now,
      sleep: async () => {},
      timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
    };
    const opened = await openAwsAccess({ region: HOME_REGION, clock, roleArn: ROLE });
    now = new Date(now.getTime() + 53 * 60_000);
    await whoAmI(opened.config(HOME_REGION));
    expect(await emulator.calls({ action: 'AssumeRole' })).toHaveLength(1);
    now = new Date(now.getTime() + 2 * 60_000);
    await emulator.addFault({ kind: 'refuse', action: 'AssumeRole', code: 'AccessDenied', status: 403 });
    await expect(whoAmI(opened.config(HOME_REGION))).rejects.toMatchObject({ name: 'AccessDenied' });
    await Promise.all([whoAmI(opened.config(HOME_REGION)), whoAmI(opened.config(DR_REGION))]);
    expect(await emulator.calls({ action: 'AssumeRole' })).toHaveLength(3);
  });

  it('says which role cannot be taken on', async () => {
    await emulator.addFault({ kind: 'refuse', action: 'AssumeRole', code: 'AccessDenied', status: 403 });
    await expect(openAwsAccess({ region: HOME_REGION, clock: systemClock, roleArn: ROLE })).rejects.toMatchObject({
      code: 'CredentialsError',
      aws: { code: 'AccessDenied', httpStatus: 403 },
      message: expect.stringMatching(
        /role arn:aws:iam::222222222222:role\/backups.*Check role_arn and role_external_id/s,
      ),
    });
  });

  it('says what to do without credentials', async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    await expect(openAwsAccess({ region: HOME_REGION, clock: systemClock })).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringContaining('Give credentials: set AWS_PROFILE'),
    });
  });

  it.each(['ExpiredToken', 'InvalidClientTokenId', 'UnrecognizedClientException'])(
    'says what to do about %s',
    async (code) => {
      await emulator.addFault({ kind: 'refuse', action: 'GetCallerIdentity', code, status: 403 });
      await expect(openAwsAccess({ region: HOME_REGION, clock: systemClock })).rejects.toMatchObject({
        code: 'CredentialsError',
        message: expect.stringContaining(`${code} while asking AWS in eu-west-1`),
      });
    },
  );

  it('calls a region that nobody answers for a matter of credentials, too', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    await expect(openAwsAccess({ region: HOME_REGION, clock: systemClock })).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringMatching(/asking AWS in eu-west-1 .*ECONNREFUSED/),
    });
  });

  describe('clients', () => {
    const snapshot = async (repeat: 'adaptive' | 'refused-only') => {
      const [VolumeId] = await emulator.seedVolumes([{}]);
      return new EC2Client(access.config(HOME_REGION, repeat)).send(new CreateSnapshotCommand({ VolumeId }));
    };

    it.each(['adaptive', 'refused-only'] as const)('repeat what was refused by throttling (%s)', async (repeat) => {
      await emulator.addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'RequestLimitExceeded', status: 503 });
      await snapshot(repeat);
      expect(await emulator.counts()).toEqual({ 'ec2:CreateSnapshot': 2 });
    });

    it.each(['fail-after', 'drop-after'] as const)(
      'for calls that make something repeat nothing that may have been done (%s)',
      async (kind) => {
        await emulator.addFault({ kind, action: 'CreateSnapshot' });
        await expect(snapshot('refused-only')).rejects.toThrow();
        expect(await emulator.counts()).toEqual({ 'ec2:CreateSnapshot': 1 });
      },
    );

    it.each(['fail-after', 'drop-after'] as const)('for all other calls repeat what passes (%s)', async (kind) => {
      await emulator.addFault({ kind, action: 'DescribeVolumes', times: 2 });
      await new EC2Client(access.config(HOME_REGION)).send(new DescribeVolumesCommand({}));
      expect(await emulator.counts()).toEqual({ 'ec2:DescribeVolumes': 3 });
    });
  });
});

describe('perRegion', () => {
  it('makes one for each region', () => {
    const made: Region[] = [];
    const client = perRegion((region) => {
      made.push(region);
      return { region };
    });
    expect(client(HOME_REGION)).toBe(client(HOME_REGION));
    expect(client(DR_REGION)).toEqual({ region: DR_REGION });
    expect(made).toEqual([HOME_REGION, DR_REGION]);
  });
});
