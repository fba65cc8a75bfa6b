import { beforeEach, describe, expect, it } from '@jest/globals';
import { CreateSnapshotCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetObjectCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createAwsClock, openAwsAccess, openAwsParts, resolveRunConfig, runAction } from '@shelvery/engine/terminal';
import type { AwsAccess, Clock, RunResult } from '@shelvery/engine/terminal';
import { createHandler } from '@shelvery/engine/lambda';
import { ADAPTERS } from '../../../cli/adapters.js';
import { createInProcessOperations } from '../../../layers/engine/src/delayed/in-process.js';
import { Region, RunId } from '../../../layers/engine/src/domain/values.js';
import { keptLog } from '../aws/emulated-access.js';
import type { KeptLog } from '../aws/emulated-access.js';
import { AnotherTime } from '../harness/another-time.js';
import { ACCOUNT, HOME, VOLUME, bucketOf, useEbsEstate } from '../harness/ebs-estate.js';
import { environmentOf, lambdaContext, useProcess } from '../harness/installation.js';

/** A laptop whose clock is two hours behind AWS's. */
const AHEAD = 2 * 3_600_000;
const MINUTE = 60_000;
const estate = useEbsEstate();
let aws: AnotherTime;
let clock: Clock;
let access: AwsAccess;
let log: KeptLog;

beforeEach(async () => {
  useProcess(estate.install());
  aws = new AnotherTime(AHEAD);
  clock = createAwsClock();
  access = await openAwsAccess({ region: Region.parse(HOME), clock, requestHandler: aws });
  log = keptLog();
});

const run = async (action: 'create_backups' | 'clean_backups'): Promise<RunResult> => {
  const config = resolveRunConfig({ environment: {} });
  return await runAction(
    { action, runId: RunId.parse('a-run'), mayBeRetry: false, dryRun: false, backdate: false },
    {
      ...openAwsParts({ access, config, makeAdapter: ADAPTERS.ebs, clock, log }),
      mayStart: () => true,
      delayed: (context) => createInProcessOperations(context, { oneByOne: false, onUnfinished: () => undefined }),
    },
  );
};
const minutesApart = (name: string | undefined, time: number): number =>
  Math.abs(Date.parse((name ?? '').replace(/-(\d\d)(\d\d)$/, 'T$1:$2:00Z')) - time) / MINUTE;

describe('on a machine whose clock is two hours behind', () => {
  it("names the backups by AWS's time, says so, and has every call refused at most once", async () => {
    await estate.volume(VOLUME);
    const { report } = await run('create_backups');
    expect(report).toMatchObject({ status: 'OK', summary: { succeeded: 3 } });
    const [snapshot] = await estate.snapshots();
    expect(minutesApart(snapshot?.tags['shelvery:date_created'], Date.now() + AHEAD)).toBeLessThan(2);
    expect(log.lines.find(({ code }) => code === 'SHELVERY_CLOCK_OFF')?.message).toBe(
      "This machine's clock is 2 hours behind AWS's. Shelvery goes by AWS's time; set the clock (for example by NTP).",
    );
    expect(aws.calls.filter((call) => call.startsWith('POST sts'))).toEqual(['POST sts 403', 'POST sts 200']);
    expect(aws.calls.filter((call) => / (400|403)$/.test(call))).toEqual(['POST sts 403']);
  });

  it("cleans by AWS's time: what has expired there goes", async () => {
    const expired = new Date(Date.now() + AHEAD - 14 * 24 * 60 * MINUTE - 30 * MINUTE);
    const created = expired.toISOString().replace(/^(.{10})T(..):(..).*$/, '$1-$2$3');
    await estate.backup({ created });
    await run('clean_backups');
    expect(await estate.snapshots()).toEqual([]);
  });

  it('makes a call that AWS answers with 404 once, and not ten times', async () => {
    const s3 = new S3Client({ ...access.config(Region.parse(HOME)), forcePathStyle: true });
    aws.calls.length = 0;
    await expect(s3.send(new HeadBucketCommand({ Bucket: bucketOf(HOME) }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await estate.run('create_data_buckets');
    await expect(s3.send(new GetObjectCommand({ Bucket: bucketOf(HOME), Key: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    expect(aws.calls).toEqual(['HEAD s3 404', 'GET s3 404']);
  });

  it('makes again what was refused for its time, where it would repeat nothing that may have been done', async () => {
    await estate.volume(VOLUME);
    const ec2 = new EC2Client({
      ...access.config(Region.parse(HOME), 'refused-only'),
      // The clock was set after the client was made.
      systemClockOffset: 0,
    });
    aws.calls.length = 0;
    await ec2.send(new CreateSnapshotCommand({ VolumeId: VOLUME }));
    expect(aws.calls).toEqual(['POST ec2 400', 'POST ec2 200']);
    expect(await estate.snapshots()).toHaveLength(1);
  });

  it('says that the clock is off, and not that credentials have expired, where AWS refuses all the same', async () => {
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'GetCallerIdentity', code: 'RequestExpired', status: 400, times: 'always' });
    const opening = openAwsAccess({ region: Region.parse(HOME), clock: createAwsClock(), requestHandler: aws });
    await expect(opening).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringMatching(/clock is not right.*clock is 2 hours behind AWS's/),
    });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('expired: sign in') });
  });
});

describe('a function whose clock is two hours behind', () => {
  it("takes AWS's time from the first answer", async () => {
    await estate.volume(VOLUME);
    const installation = estate.install({ role_arn: `arn:aws:iam::${ACCOUNT}:role/backups` });
    const handler = createHandler('ebs', ADAPTERS.ebs, {
      environment: environmentOf(installation),
      requestHandler: aws,
    });
    await handler({ action: 'create_backups' }, lambdaContext(installation));
    const [snapshot] = await estate.snapshots();
    expect(minutesApart(snapshot?.tags['shelvery:date_created'], Date.now() + AHEAD)).toBeLessThan(2);
  });
});

describe('credentials of a role, on a machine whose clock is two hours behind', () => {
  it('are new before they end by AWS', async () => {
    const opened = await openAwsAccess({
      region: Region.parse(HOME),
      clock,
      requestHandler: aws,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/backups`,
    });
    const { credentials } = opened.config(Region.parse(HOME));
    const taken = typeof credentials === 'function' ? await credentials() : credentials;
    // The role's credentials are good for an hour, by the real time that the emulator goes by.
    expect(taken?.expiration?.getTime()).toBeLessThan(Date.now() - AHEAD + 61 * MINUTE);
  });
});
