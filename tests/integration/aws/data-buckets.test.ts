import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { openAwsAccess } from '../../../layers/engine/src/aws/access.js';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { createDataBuckets } from '../../../layers/engine/src/aws/data-buckets.js';
import { AccountId, Region } from '../../../layers/engine/src/domain/values.js';
import type { DataBuckets } from '../../../layers/engine/src/ports.js';
import { accountsOf } from '../../emulator/accounts.js';
import type { Emulator } from '../../emulator/emulator.js';
import { ACCOUNT, DR_REGION, HOME_REGION, OTHER_ACCOUNT, keptLog, startEmulatedAccess } from './emulated-access.js';

/** Another run puts a policy right after the first that goes through this. */
class ReplacedPolicy extends NodeHttpHandler {
  isOver = false;
  readonly #replace: () => Promise<unknown>;

  constructor(replace: () => Promise<unknown>) {
    super();
    this.#replace = replace;
  }

  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const answer = await super.handle(...args);
    const [{ method, query }] = args;
    if (!this.isOver && method === 'PUT' && 'policy' in query) {
      this.isOver = true;
      await this.#replace();
    }
    return answer;
  }
}

const TEMPLATE = 'shelvery.data.{account_id}-{region}.base2tools';
const BUCKET = 'shelvery.data.111111111111-eu-west-1.base2tools';
const BESIDE = { clock: systemClock, log: keptLog() };
const NOBODY = AccountId.parse('999999999999');
const ADD = { exact: false, dryRun: false } as const;
const EXACT = { exact: true, dryRun: false } as const;
const DRY = { exact: false, dryRun: true } as const;

describe('createDataBuckets', () => {
  let emulator: Emulator;
  let access: AwsAccess;
  let buckets: DataBuckets;
  let s3: S3Client;

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
    s3 = new S3Client({ ...emulator.clientConfig(), forcePathStyle: true });
  });
  beforeEach(async () => {
    await emulator.reset();
    buckets = createDataBuckets(access, TEMPLATE, BESIDE);
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const policyOf = async (Bucket = BUCKET): Promise<string> =>
    (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? '';
  const makeBucket = async (Bucket = BUCKET, account: string = ACCOUNT) => {
    const client = new S3Client({ ...emulator.clientConfig(account), forcePathStyle: true });
    await client.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
  };
  /** Everything about a bucket that matters here. */
  const settingsOf = async (Bucket = BUCKET) => ({
    location: (await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint,
    versioning: (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status,
    encryption: (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration
      ?.Rules?.[0]?.ApplyServerSideEncryptionByDefault,
    block: (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    ownership: (await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls?.Rules,
    policy: await policyOf(Bucket),
  });
  const changesMade = async () =>
    (await emulator.calls({ service: 's3' }))
      .map((call) => call.action)
      .filter((action) => /^(?:Put|Create|Delete)(?!Object)/.test(action));

  it('makes a bucket with all its settings, the policy last', async () => {
    const report = await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD });
    expect(report).toMatchObject({ region: HOME_REGION, bucket: BUCKET, state: 'created', refusedAccounts: [] });
    expect(report.changes[0]).toBe('bucket');
    expect(report.changes.at(-1)).toBe('policy');
    const made = await changesMade();
    expect(made[0]).toBe('CreateBucket');
    expect(made.at(-1)).toBe('PutBucketPolicy');
    expect(await settingsOf()).toMatchObject({
      location: 'eu-west-1',
      versioning: 'Enabled',
      encryption: { SSEAlgorithm: 'AES256' },
      block: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      ownership: [{ ObjectOwnership: 'BucketOwnerEnforced' }],
      policy: expect.stringContaining(`arn:aws:iam::${OTHER_ACCOUNT}:root`),
    });
  });

  it('makes a bucket in us-east-1, whose location has no name', async () => {
    const region = Region.parse('us-east-1');
    expect(await buckets.ensure(region, { accounts: [], ...ADD })).toMatchObject({ state: 'created' });
    expect(await buckets.ensure(region, { accounts: [], ...ADD })).toMatchObject({ state: 'ready' });
  });

  it('only looks at a bucket that is ready, and names the owner in every call', async () => {
    await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD });
    await emulator.clearCalls();
    expect(await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD })).toEqual({
      region: HOME_REGION,
      bucket: BUCKET,
      state: 'ready',
      changes: [],
      refusedAccounts: [],
    });
    expect(await changesMade()).toEqual([]);
    const calls = await emulator.calls({ service: 's3' });
    expect(calls).toHaveLength(6);
    for (const call of calls) expect(call.parameters).toMatchObject({ ExpectedBucketOwner: ACCOUNT });
  });

  it('makes good what a run that was killed half-way left, wherever that was', async () => {
    await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD });
    const undisturbed = await settingsOf();
    const changes = await changesMade();
    expect(changes.length).toBeGreaterThan(2);
    for (const [index, action] of changes.entries()) {
      await emulator.reset();
      await emulator.addFault({ kind: 'refuse', action, code: 'Killed' });
      await expect(buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD })).rejects.toMatchObject({
        name: 'Killed',
      });
      if (index > 0)
        expect(await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...DRY })).toMatchObject({
          state: 'unfinished',
        });
      expect(await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD })).toMatchObject({
        state: index === 0 ? 'created' : 'completed',
      });
      expect(await settingsOf()).toEqual(undisturbed);
    }
  });

  it.each(['fail-after', 'drop-after'] as const)('takes a bucket as made whose answer was lost (%s)', async (kind) => {
    await emulator.addFault({ kind, action: 'CreateBucket' });
    expect(await buckets.ensure(HOME_REGION, { accounts: [], ...ADD })).toMatchObject({ state: 'created' });
  });

  it('leaves settings of the user as they are', async () => {
    await makeBucket();
    const encryption = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'alias/backups' };
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault: encryption }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket: BUCKET, ServerSideEncryptionConfiguration }));
    const Statement = [
      {
        Sid: 'Audit',
        Effect: 'Allow',
        Principal: { AWS: OTHER_ACCOUNT },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${BUCKET}/*`,
      },
    ];
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
    const report = await buckets.ensure(HOME_REGION, { accounts: [], ...ADD });
    expect(report.state).toBe('completed');
    expect(report.changes).not.toContain('encryption');
    const settings = await settingsOf();
    expect(settings.encryption).toMatchObject(encryption);
    expect(settings.policy).toContain('"Sid":"Audit"');
  });

  it('only adds accounts to the policy, and takes away those not given where it is to be exact', async () => {
    const third = AccountId.parse('333333333333');
    await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD });
    expect(await buckets.ensure(HOME_REGION, { accounts: [third], ...ADD })).toMatchObject({
      state: 'completed',
      changes: ['policy'],
    });
    expect(await policyOf()).toContain(OTHER_ACCOUNT);
    expect(await buckets.ensure(HOME_REGION, { accounts: [third], ...EXACT })).toMatchObject({
      state: 'completed',
      changes: ['policy'],
    });
    expect(await policyOf()).not.toContain(OTHER_ACCOUNT);
    expect(await policyOf()).toContain(third);
  });

  it('changes nothing in a dry run', async () => {
    expect(await buckets.ensure(HOME_REGION, { accounts: [], ...DRY })).toMatchObject({
      state: 'missing',
      changes: ['bucket', 'public access block', 'owner enforced', 'encryption', 'versioning', 'policy'],
    });
    await makeBucket();
    await emulator.clearCalls();
    const report = await buckets.ensure(HOME_REGION, { accounts: [], ...DRY });
    expect(report.state).toBe('unfinished');
    expect(report.changes).toEqual(expect.arrayContaining(['versioning', 'policy']));
    expect(await changesMade()).toEqual([]);
  });

  it("touches nothing of somebody else's bucket", async () => {
    await makeBucket(BUCKET, OTHER_ACCOUNT);
    await emulator.clearCalls();
    expect(await buckets.ensure(HOME_REGION, { accounts: [], ...ADD })).toEqual({
      region: HOME_REGION,
      bucket: BUCKET,
      state: 'refused',
      refusal: 'AccessDenied',
      changes: [],
      refusedAccounts: [],
    });
    expect(await changesMade()).toEqual([]);
  });

  it('sees that the name is taken only when it makes the bucket', async () => {
    await emulator.addFault({ kind: 'refuse', action: 'CreateBucket', code: 'BucketAlreadyExists', status: 409 });
    expect(await buckets.ensure(HOME_REGION, { accounts: [], ...ADD })).toMatchObject({
      state: 'refused',
      refusal: 'BucketAlreadyExists',
      changes: [],
    });
    expect(await changesMade()).toEqual(['CreateBucket']);
  });

  it('says where a bucket is that is in another region', async () => {
    const there = new S3Client({ ...emulator.clientConfig(ACCOUNT, DR_REGION), forcePathStyle: true });
    await there.send(
      new CreateBucketCommand({
        Bucket: 'one-for-all-111111111111',
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      }),
    );
    await expect(
      createDataBuckets(access, 'one-for-all-{account_id}', BESIDE).ensure(HOME_REGION, { accounts: [], ...ADD }),
    ).rejects.toMatchObject({
      code: 'BucketNotOurs',
      message: expect.stringContaining(
        'is in eu-central-1, not in eu-west-1. Put {region} into shelvery_bucket_name_template',
      ),
    });
  });

  it('makes no bucket of one name for two regions', async () => {
    await expect(
      createDataBuckets(access, 'one-for-all-{account_id}', BESIDE).ensure(DR_REGION, { accounts: [], ...ADD }),
    ).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('With DR regions shelvery_bucket_name_template needs {region}'),
    });
    expect(await changesMade()).toEqual([]);
  });

  it('puts its accounts again where another run replaced the policy meanwhile', async () => {
    const [mine, theirs] = [AccountId.parse('333333333333'), AccountId.parse('444444444444')];
    await buckets.ensure(HOME_REGION, { accounts: [theirs], ...ADD });
    const stale = await policyOf();
    const replaced = new ReplacedPolicy(() => s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: stale })));
    const beside = createDataBuckets(
      await openAwsAccess({ region: HOME_REGION, clock: systemClock, requestHandler: replaced }),
      TEMPLATE,
      BESIDE,
    );
    expect(await beside.ensure(HOME_REGION, { accounts: [mine], ...ADD })).toMatchObject({
      state: 'completed',
      changes: ['policy'],
    });
    expect(replaced.isOver).toBe(true);
    for (const account of [mine, theirs]) expect(await policyOf()).toContain(account);
  });

  it('lets what is refused or passes be told by name', async () => {
    await emulator.addFault({ kind: 'refuse', action: 'CreateBucket', code: 'OperationAborted', status: 409 });
    await expect(buckets.ensure(HOME_REGION, { accounts: [], ...ADD })).rejects.toMatchObject({
      name: 'OperationAborted',
    });
    await makeBucket();
    await emulator.addFault({ kind: 'refuse', action: 'GetBucketVersioning', code: 'AccessDenied', status: 403 });
    await expect(buckets.ensure(HOME_REGION, { accounts: [], ...ADD })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  describe('with an account that S3 refuses', () => {
    const accounts = Array.from({ length: 8 }, (_, index) => AccountId.parse(String(300000000000 + index)));

    it('writes the others and names it', async () => {
      const refused = [accounts[0]!, accounts[3]!];
      await accountsOf(emulator).setUnknownAccounts(refused);
      expect(await buckets.ensure(HOME_REGION, { accounts, ...ADD })).toMatchObject({
        state: 'created',
        refusedAccounts: refused,
      });
      const policy = await policyOf();
      for (const account of accounts) expect(policy.includes(`:${account}:root`)).toBe(!refused.includes(account));
      expect(await buckets.ensure(HOME_REGION, { accounts, ...ADD })).toMatchObject({
        state: 'ready',
        changes: [],
        refusedAccounts: refused,
      });
    });

    it('leaves no account that had access without it meanwhile', async () => {
      await buckets.ensure(HOME_REGION, { accounts, ...ADD });
      await accountsOf(emulator).setUnknownAccounts([NOBODY]);
      const send = jest.spyOn(S3Client.prototype, 'send');
      const report = await buckets.ensure(HOME_REGION, { accounts: [NOBODY, OTHER_ACCOUNT], ...ADD });
      const sent = send.mock.calls.map(([command]) => command);
      send.mockRestore();
      expect(report).toMatchObject({ state: 'completed', changes: ['policy'], refusedAccounts: [NOBODY] });
      const policies = sent.flatMap((command) =>
        command instanceof PutBucketPolicyCommand ? [command.input.Policy] : [],
      );
      expect(policies.length).toBeGreaterThan(2);
      for (const policy of policies) for (const account of accounts) expect(policy).toContain(`:${account}:root`);
      expect(await policyOf()).toContain(`:${OTHER_ACCOUNT}:root`);
    });

    it('writes the others also when one that had access is gone', async () => {
      await buckets.ensure(HOME_REGION, { accounts, ...ADD });
      await accountsOf(emulator).setUnknownAccounts([accounts[2]!]);
      expect(await buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD })).toMatchObject({
        refusedAccounts: [accounts[2]],
      });
      const policy = await policyOf();
      for (const account of [...accounts, OTHER_ACCOUNT])
        expect(policy.includes(`:${account}:root`)).toBe(account !== accounts[2]);
    });

    it('still closes the bucket when every account is refused', async () => {
      await accountsOf(emulator).setUnknownAccounts([NOBODY]);
      expect(await buckets.ensure(HOME_REGION, { accounts: [NOBODY], ...ADD })).toMatchObject({
        state: 'created',
        refusedAccounts: [NOBODY],
      });
      expect(await policyOf()).toContain('ShelveryTlsOnly');
    });

    it('throws the refusal when it is no fault of an account', async () => {
      await emulator.addFault({ kind: 'refuse', action: 'PutBucketPolicy', code: 'MalformedPolicy', times: 'always' });
      await expect(buckets.ensure(HOME_REGION, { accounts: [OTHER_ACCOUNT], ...ADD })).rejects.toMatchObject({
        name: 'MalformedPolicy',
      });
    });
  });

  describe('regionsInUse', () => {
    it('are those of the buckets of the template, on all pages, without the local one', async () => {
      await emulator.setPageSize(2);
      for (const region of [HOME_REGION, DR_REGION, Region.parse('us-east-1'), Region.parse('ap-southeast-2')])
        await buckets.ensure(region, { accounts: [], ...ADD });
      for (const name of [
        'shelvery.data.222222222222-eu-west-2.base2tools',
        'shelvery.data.111111111111-eu-west-3.other',
        'something-else',
      ]) {
        await makeBucket(name);
      }
      expect(await buckets.regionsInUse()).toEqual(['ap-southeast-2', 'eu-central-1', 'us-east-1']);
    });

    it('are none where the template names no region', async () => {
      await makeBucket('one-for-all-111111111111');
      expect(await createDataBuckets(access, 'one-for-all-{account_id}', BESIDE).regionsInUse()).toEqual([]);
    });

    it('are found where the template names the region first, and twice', async () => {
      await makeBucket('eu-west-2-111111111111-eu-west-2');
      await makeBucket('eu-west-2-111111111111-eu-west-3');
      expect(await createDataBuckets(access, '{region}-{account_id}-{region}', BESIDE).regionsInUse()).toEqual([
        'eu-west-2',
      ]);
    });
  });
});
