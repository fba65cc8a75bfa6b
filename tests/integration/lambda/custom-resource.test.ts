import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { CreateBucketCommand, GetBucketPolicyCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Clock } from '@shelvery/engine/terminal';
import { createDataBucketsHandler } from '@shelvery/engine/lambda';
import { DR, HOME, OTHER_ACCOUNT, VOLUME, bucketOf, takeBucketName, useEbsEstate } from '../harness/ebs-estate.js';
import { environmentOf, lambdaContext, useProcess } from '../harness/installation.js';

const SECRET = 'X-Amz-Signature=0123secret';
const estate = useEbsEstate();

/** What stands in for CloudFormation's signed URL. */
interface Answered {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly body: z.infer<typeof Body>;
}
const Body = z.looseObject({ Status: z.string(), Reason: z.string(), PhysicalResourceId: z.string() });
let server: Server;
let answers: Answered[];
let refusals: number;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      refusals -= 1;
      if (refusals >= 0) {
        response.writeHead(503).end();
        return;
      }
      answers.push({
        method: request.method,
        contentType: request.headers['content-type'],
        body: Body.parse(JSON.parse(Buffer.concat(chunks).toString())),
      });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}/answer?${SECRET}`;
});
beforeEach(() => {
  answers = [];
  refusals = 0;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});
afterEach(() => {
  jest.restoreAllMocks();
});

type Config = Readonly<Record<string, string>>;
const request = (type: string, more: Readonly<Record<string, unknown>> = {}, config: unknown = {}) => ({
  RequestType: type,
  ResponseURL: url,
  StackId: 'arn:aws:cloudformation:eu-west-1:111111111111:stack/shelvery/1',
  RequestId: 'request-1',
  LogicalResourceId: 'DataBuckets',
  ResourceType: 'Custom::DataBuckets',
  ResourceProperties: { ServiceToken: 'x', Configuration: config },
  ...more,
});
async function send(
  event: unknown,
  {
    environment = {},
    remaining = 300_000,
    clock,
  }: { readonly environment?: Config; readonly remaining?: number; readonly clock?: Clock } = {},
) {
  const installation = estate.install(environment);
  useProcess(installation);
  const handler = createDataBucketsHandler({
    environment: environmentOf(installation),
    clock: clock ?? installation.clock,
  });
  await handler(event, lambdaContext(installation, { remaining: () => remaining }));
  return answers.at(-1)?.body;
}
const sharing = (accounts: string): Config => ({ shelvery_share_aws_account_ids: accounts });
const DENIED = { kind: 'refuse', code: 'AccessDenied', status: 403 } as const;
/** A clock that writes down how long it was slept by it. */
function watched(clock: Clock): { readonly clock: Clock; readonly pauses: readonly number[] } {
  const pauses: number[] = [];
  return {
    clock: {
      now: () => clock.now(),
      sleep: async (milliseconds, signal) => {
        pauses.push(milliseconds);
        await clock.sleep(milliseconds, signal);
      },
      timeout: (milliseconds) => clock.timeout(milliseconds),
    },
    pauses,
  };
}
const policy = async (region = HOME): Promise<string> => {
  const s3 = new S3Client(estate.emulator().clientConfig(undefined, region));
  return (await s3.send(new GetBucketPolicyCommand({ Bucket: bucketOf(region) }))).Policy ?? '';
};
const exists = async (region: string): Promise<boolean> => {
  try {
    await new S3Client(estate.emulator().clientConfig(undefined, region)).send(
      new HeadBucketCommand({ Bucket: bucketOf(region) }),
    );
    return true;
  } catch {
    return false;
  }
};

describe('the custom resource of the data buckets', () => {
  it('makes the buckets of the local and of each DR region, and answers with their names', async () => {
    const answer = await send(request('Create', {}, { shelvery_dr_regions: DR }));
    expect(answer).toEqual({
      Status: 'SUCCESS',
      Reason: 'done',
      PhysicalResourceId: 'shelvery-data-buckets',
      StackId: request('Create').StackId,
      RequestId: 'request-1',
      LogicalResourceId: 'DataBuckets',
      Data: { Buckets: `${bucketOf(HOME)},${bucketOf(DR)}`, WouldChange: 'nothing' },
    });
    expect(answers).toMatchObject([{ method: 'PUT', contentType: '' }]);
    expect([await exists(HOME), await exists(DR)]).toEqual([true, true]);
  });

  it('keeps its id when it is updated, and makes what new parameters name', async () => {
    const created = await send(request('Create'));
    const updated = await send(
      request('Update', { PhysicalResourceId: created?.PhysicalResourceId }, { shelvery_dr_regions: DR }),
    );
    expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: created?.PhysicalResourceId });
    expect(await exists(DR)).toBe(true);
  });

  it('keeps the buckets when it is deleted, without a call', async () => {
    await send(request('Create'));
    await estate.emulator().clearCalls();
    expect(await send(request('Delete', { PhysicalResourceId: 'shelvery-data-buckets' }))).toMatchObject({
      Status: 'SUCCESS',
    });
    expect(await estate.emulator().calls()).toEqual([]);
    expect(await exists(HOME)).toBe(true);
  });

  it('takes accounts away that the parameters name no more, and leaves those that it did not give', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_share_aws_account_ids': '333333333333' });
    await estate.run('create_data_buckets', undefined, {
      ...sharing(OTHER_ACCOUNT),
      shelvery_allowed_share_aws_account_ids: '333333333333',
    });
    await send(
      request('Update', { OldResourceProperties: { Configuration: sharing(OTHER_ACCOUNT) } }, sharing('444444444444')),
    );
    expect(await policy()).not.toContain(OTHER_ACCOUNT);
    expect(await policy()).toContain('333333333333');
    expect(await policy()).toContain('444444444444');
  });

  describe('where the parameters name a DR region no longer', () => {
    const shared = { shelvery_dr_regions: DR, ...sharing(`${OTHER_ACCOUNT},333333333333`) };
    const from = (old: Config, config: Config = {}) =>
      request('Update', { OldResourceProperties: { Configuration: old } }, config);
    beforeEach(async () => {
      await send(request('Create', {}, shared));
    });

    it('takes accounts out of the policy there that go with it, and leaves those that stay named', async () => {
      expect(await send(from(shared, sharing('333333333333')))).toMatchObject({
        Status: 'SUCCESS',
        Data: { Buckets: bucketOf(HOME) },
      });
      expect(await policy(DR)).not.toContain(OTHER_ACCOUNT);
      expect(await policy(DR)).toContain('333333333333');
    });
    it('takes accounts out of the policy there that go later', async () => {
      const later = sharing(`${OTHER_ACCOUNT},333333333333`);
      await send(from(shared, later));
      expect(await policy(DR)).toContain(OTHER_ACCOUNT);
      await send(from(later));
      expect(await policy(DR)).not.toMatch(/222222222222|333333333333/);
    });
    it('makes no bucket there', async () => {
      const never = { shelvery_dr_regions: 'us-east-2', ...sharing(OTHER_ACCOUNT) };
      expect(await send(from(never))).toMatchObject({ Status: 'SUCCESS' });
      expect(await exists('us-east-2')).toBe(false);
    });
    it('asks nothing of other regions where no account is dropped', async () => {
      await estate.emulator().clearCalls();
      await send(from(shared, sharing(`${OTHER_ACCOUNT},333333333333`)));
      expect((await estate.emulator().calls()).filter(({ region }) => region === DR)).toEqual([]);
      expect(await estate.count('s3:ListBuckets')).toBe(0);
    });
    it.each([
      ['the region may not be used', { ...DENIED, action: 'GetBucketPolicy', region: DR, times: 'always' } as const],
      ['the buckets may not be listed', { ...DENIED, action: 'ListBuckets', times: 'always' } as const],
    ])('does not fail the stack where %s', async (_, fault) => {
      await estate.emulator().addFault(fault);
      expect(await send(from(shared))).toMatchObject({ Status: 'SUCCESS' });
      expect(await policy()).not.toContain(OTHER_ACCOUNT);
    });
    it('does not wait for a region that does not answer', async () => {
      await estate.emulator().addFault({ kind: 'hold-before', service: 's3', region: DR });
      const { clock } = estate.install();
      const patience: number[] = [];
      const impatient: Clock = {
        now: () => clock.now(),
        sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
        timeout: (milliseconds) => {
          patience.push(milliseconds);
          return AbortSignal.timeout(200);
        },
      };
      expect(await send(from(shared), { clock: impatient })).toMatchObject({ Status: 'SUCCESS' });
      expect(patience).toContain(30_000);
      await estate.emulator().clearFaults();
      while ((await policy(DR)).includes(OTHER_ACCOUNT)) await setTimeout(20);
    });
    it('says what it would take out of a policy there while the schedules of the stack are off', async () => {
      const off = request('Update', {
        ResourceProperties: { SchedulesState: 'DISABLED', Configuration: {} },
        OldResourceProperties: { Configuration: shared },
      });
      expect(await send(off)).toMatchObject({
        Data: { WouldChange: expect.stringContaining(`${bucketOf(DR)} (${DR}) would get: policy`) },
      });
      expect(await policy(DR)).toContain(OTHER_ACCOUNT);
    });
  });

  describe('while the schedules of the stack are off', () => {
    const off = (type: string, config: Config = {}, more: Readonly<Record<string, unknown>> = {}) =>
      request(type, { ResourceProperties: { SchedulesState: 'DISABLED', Configuration: config }, ...more });
    const changes = async (): Promise<readonly string[]> =>
      Object.keys(await estate.emulator().counts()).filter((call) => /^s3:(Put|Create|Delete)/.test(call));

    it('makes no bucket, and says which it would make', async () => {
      expect(await send(off('Create', { shelvery_dr_regions: DR }))).toMatchObject({
        Status: 'SUCCESS',
        Data: { WouldChange: `${bucketOf(HOME)} (${HOME}) would be made; ${bucketOf(DR)} (${DR}) would be made` },
      });
      expect([await exists(HOME), await exists(DR), await changes()]).toEqual([false, false, []]);
    });
    it('leaves a bucket that is there as it is, its policy too, and says what it would change', async () => {
      const s3 = new S3Client(estate.emulator().clientConfig());
      await estate.emulator().setBehaviours({ newBucketsClosed: false });
      await s3.send(
        new CreateBucketCommand({
          Bucket: bucketOf(HOME),
          CreateBucketConfiguration: { LocationConstraint: HOME },
        }),
      );
      await estate.emulator().setBehaviours({ newBucketsClosed: true });
      await estate.emulator().clearCalls();
      const answer = await send(off('Create', sharing(OTHER_ACCOUNT)));
      expect(answer).toMatchObject({
        Status: 'SUCCESS',
        Data: { WouldChange: expect.stringMatching(/ would get: .*versioning.*policy/) },
      });
      expect(await changes()).toEqual([]);
      await expect(policy()).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
    });
    it('changes all of that once they are on, and has nothing more to say', async () => {
      await send(off('Create', sharing(OTHER_ACCOUNT)));
      const on = request('Update', { OldResourceProperties: off('Create').ResourceProperties }, sharing(OTHER_ACCOUNT));
      expect(await send(on)).toMatchObject({ Status: 'SUCCESS', Data: { WouldChange: 'nothing' } });
      expect(await policy()).toContain(OTHER_ACCOUNT);
      expect(await send(off('Update', sharing(OTHER_ACCOUNT)))).toMatchObject({ Data: { WouldChange: 'nothing' } });
    });
    it('takes no account out of a policy', async () => {
      await send(request('Create', {}, sharing(OTHER_ACCOUNT)));
      const old = { OldResourceProperties: { Configuration: sharing(OTHER_ACCOUNT) } };
      expect(await send(off('Update', {}, old))).toMatchObject({
        Data: { WouldChange: expect.stringMatching(/would get: policy$/) },
      });
      expect(await policy()).toContain(OTHER_ACCOUNT);
    });
    it("says so where a bucket is somebody else's, and does not fail", async () => {
      await takeBucketName(estate.emulator(), bucketOf(HOME));
      expect(await send(off('Create'))).toMatchObject({
        Status: 'SUCCESS',
        Data: { WouldChange: expect.stringMatching(/^S3 answers AccessDenied .*ShelveryBucketNameTemplate/) },
      });
    });
  });

  describe('of a configuration that each run would refuse', () => {
    const KEEPING = { shelvery_min_retention_days: '30', shelvery_tag_config: 'safe', shelvery_catch_up: 'true' };
    const BAD = { shelvery_custom_retention_types: 'daily:60' };
    const update = (old: Config, config: Config, name = 'Configuration') =>
      request('Update', { OldResourceProperties: { [name]: old } }, config);

    it.each([
      ...['daily:60', 'hourly:9999999999', '-a:60', 'a:1,A:2', 'x-re-encrypted:60'].map(
        (value) => ['shelvery_custom_retention_types', value, 'name:seconds pairs'] as const,
      ),
      ...['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'].flatMap((key) =>
        ['mykey', 'eu-west-1=', 'alias/x,alias/y'].map((value) => [key, value, 'a KMS key id'] as const),
      ),
      ...['eu-west-1=a--b', 'eu-west-1=a-', 'eu-west-1=a,eu-west-1=b'].map(
        (value) => ['shelvery_copy_option_groups', value, 'region=group pairs'] as const,
      ),
      ['shelvery_reencrypt_backup_cleanup_hours', '99999', 'a whole number of hours from 1 to 87600'],
      ['shelvery_tag_prefix', 'aws:x', 'nor beginning with aws:'],
    ])('fails the update, without a call, by %s=%s', async (key, value, allowed) => {
      for (const type of ['Create', 'Update']) {
        const answer = await send(request(type, {}, { ...KEEPING, [key]: value }));
        expect(answer).toMatchObject({
          Status: 'FAILED',
          Reason: expect.stringContaining(`${key} in the stack's parameters is "${value}"; allowed: `),
        });
        expect(answer?.Reason).toContain(allowed);
      }
      expect(await estate.emulator().calls()).toEqual([]);
    });
    it('says what is allowed where the value is long', async () => {
      const value = `${'a'.repeat(20)}:1,`.repeat(170);
      const { Reason = '' } = (await send(request('Create', {}, { shelvery_custom_retention_types: value }))) ?? {};
      expect(Reason).toMatch(/^shelvery_custom_retention_types in .*…; allowed: name:seconds pairs/);
    });
    it('does not say a value that is secret', async () => {
      const { Reason = '' } = (await send(request('Create', {}, { role_external_id: 'a secret' }))) ?? {};
      expect(Reason).toMatch(/^role_external_id in the stack's parameters is not valid; allowed: /);
    });
    it('takes the keys that only the owner may set', async () => {
      expect(await send(request('Create', {}, KEEPING))).toMatchObject({ Status: 'SUCCESS' });
    });
    it('rolls back to what was before, and takes out whom the update would have shared with', async () => {
      await send(request('Create', {}, KEEPING));
      await estate.run('create_data_buckets', undefined, {});
      const refused = { ...BAD, ...sharing(OTHER_ACCOUNT), shelvery_dr_regions: 'the moon' };
      expect(await send(update(KEEPING, refused))).toMatchObject({ Status: 'FAILED' });
      expect(await send(update(refused, KEEPING))).toMatchObject({ Status: 'SUCCESS' });
      expect(await policy()).not.toContain(OTHER_ACCOUNT);
    });
    it.each(['Configuration', 'Config'])(
      'can be corrected, and the stack deleted, where a stack has it already (%s)',
      async (name) => {
        const had = { ...BAD, ...sharing(OTHER_ACCOUNT) };
        await send(request('Create', {}, sharing(OTHER_ACCOUNT)));
        expect(await send(update(had, KEEPING, name))).toMatchObject({ Status: 'SUCCESS' });
        expect(await policy()).not.toContain(OTHER_ACCOUNT);
        expect(await send(request('Delete', {}, BAD))).toMatchObject({ Status: 'SUCCESS' });
      },
    );
    it('is not asked about where a rollback leads to an earlier version, which passed five keys', async () => {
      const earlier = { ServiceToken: 'x', Config: sharing(OTHER_ACCOUNT) };
      const rollback = request('Update', {
        ResourceProperties: earlier,
        OldResourceProperties: { Configuration: { ...BAD, shelvery_dr_regions: DR } },
      });
      expect(await send(rollback)).toMatchObject({ Status: 'SUCCESS' });
      expect(await policy()).toContain(OTHER_ACCOUNT);
      expect(await exists(DR)).toBe(false);
    });
    it('may have been no configuration at all', async () => {
      expect(await send(request('Update', { OldResourceProperties: { Configuration: 'none' } }))).toMatchObject({
        Status: 'SUCCESS',
      });
    });
  });

  it.each([
    ['a bad setting', { shelvery_dr_regions: 'the moon' }, {}, 'shelvery_dr_regions'],
    ['settings that are none', 'shelvery_dr_regions=us-east-1', {}, 'Config'],
    ['a region that is not one', {}, { AWS_REGION: 'nowhere' }, 'AWS_REGION'],
  ])('answers also with %s, and names it', async (_, config, environment, said) => {
    const answer = await send(request('Create', {}, config), { environment });
    expect(answer).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(said),
      PhysicalResourceId: 'shelvery-data-buckets',
    });
    expect(await send(request('Delete', {}, config), { environment })).toMatchObject({ Status: 'SUCCESS' });
  });

  it("answers where a bucket is somebody else's, and where AWS refuses", async () => {
    await estate.emulator().addFault({ ...DENIED, action: 'CreateBucket', times: 'always' });
    expect(await send(request('Create'))).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('making the data buckets'),
    });
    await estate.emulator().clearFaults();
    await takeBucketName(estate.emulator(), bucketOf(HOME));
    expect(await send(request('Create'))).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(
        /^S3 answers AccessDenied .*set ShelveryBucketNameTemplate to another name.*update the stack again/,
      ),
    });
  });

  it.each([
    ['GetBucketLocation', {}],
    ['CreateBucket', {}],
    ['PutBucketPolicy', {}],
    ['AssumeRole', { role_arn: 'arn:aws:iam::111111111111:role/backups' }],
  ])('repeats %s while the policy that allows it has not spread yet', async (action, config) => {
    await estate.emulator().addFault({ ...DENIED, action, times: 3 });
    const { clock, pauses } = watched(estate.install().clock);
    expect(await send(request('Update', {}, config), { clock })).toMatchObject({ Status: 'SUCCESS' });
    expect(pauses).toEqual([2_000, 4_000, 8_000]);
    expect(await exists(HOME)).toBe(true);
  });

  it('gives up what is still refused after 90 s, long before its time limit', async () => {
    await estate.emulator().addFault({ ...DENIED, action: 'PutBucketPolicy', times: 'always' });
    const { clock, pauses } = watched(estate.install().clock);
    expect(await send(request('Update'), { clock })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('AccessDenied while making the data buckets'),
    });
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(90_000);
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
  });

  it('repeats nothing once it had to answer', async () => {
    await estate.emulator().addFault({ ...DENIED, action: 'GetBucketLocation', times: 'always' });
    let slept = 0;
    const clock: Clock = {
      now: () => estate.install().clock.now(),
      sleep: (_, signal) =>
        new Promise((__, reject) => {
          slept += 1;
          signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }),
      timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
    };
    expect(await send(request('Update'), { clock, remaining: 11_000 })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('were not finished in time'),
    });
    expect([slept, await estate.count('s3:GetBucketLocation')]).toEqual([1, 1]);
  });

  it('answers in time where the work takes too long', async () => {
    await estate.emulator().addFault({ kind: 'hold-before', service: 's3' });
    expect(await send(request('Create'), { remaining: 10_200 })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('were not finished in time'),
    });
    await estate.emulator().clearFaults();
    // Lambda would freeze the work here; this process must not leave it to the next test.
    while ((await estate.count('s3:PutBucketPolicy')) === 0) await setTimeout(20);
  });

  it('tries its answer again, and fails in the end without naming the URL', async () => {
    refusals = 2;
    await send(request('Delete'));
    expect(answers).toHaveLength(1);
    refusals = 100;
    const failure = send(request('Delete')).catch((error: unknown) => error);
    expect(String(await failure)).toContain('CloudFormation did not accept the answer: HTTP 503');
    expect(String(await failure)).not.toContain(SECRET);
  });

  it('never logs the signed URL', async () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      });
    }
    const installation = estate.install();
    useProcess(installation);
    process.env['POWERTOOLS_LOG_LEVEL'] = 'DEBUG';
    const handler = createDataBucketsHandler({ environment: environmentOf(installation), clock: installation.clock });
    await handler(request('Create', {}, { shelvery_dr_regions: 'the moon' }), lambdaContext(installation));
    refusals = 100;
    await handler(request('Delete'), lambdaContext(installation)).catch(() => undefined);
    jest.restoreAllMocks();
    expect(written.join('')).toContain('SHELVERY_OUTCOME_FAILED');
    expect(written.join('')).not.toContain('secret');
  });
});
