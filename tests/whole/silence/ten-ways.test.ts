import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeleteTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { HOME, SOURCE, bucketOf } from '../../integration/harness/copy-estate.js';
import { takeBucketName } from '../../integration/harness/ebs-estate.js';
import { makeResource } from '../../integration/harness/resources.js';
import { deployInTime } from './stack-in-time.js';
import type { Disturbance, StackInTime } from './stack-in-time.js';

/** By then the first night's backup is made and cleaning has come to its end. */
const DISTURBED = 3;
/** ShelveryRpoHours: the objective, and within which silence must be noticed. */
const OBJECTIVE = 26;
const NOTICED = DISTURBED + OBJECTIVE;

let emulator: Emulator;
let stack: StackInTime;
let volume: string;

beforeAll(async () => {
  emulator = await startEmulator({ account: SOURCE, region: HOME });
}, 60_000);
beforeEach(async () => {
  await emulator.reset();
  volume = await makeResource(emulator, {
    type: 'ebs',
    account: SOURCE,
    region: HOME,
    name: 'orders',
    tags: { 'shelvery:create_backup': 'true' },
  });
  stack = await deployInTime(emulator);
  await stack.passTo(DISTURBED);
}, 60_000);
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['POWERTOOLS_DEV'];
});
afterAll(() => emulator.stop());

const config = () => emulator.clientConfig(SOURCE, HOME);
const refuseAll = (code: string, status: number, service?: string): Promise<unknown> =>
  emulator.addFault({ kind: 'refuse', code, status, times: 'always', ...(service === undefined ? {} : { service }) });

async function loseBucket(): Promise<void> {
  const s3 = new S3Client(config());
  const Bucket = bucketOf(SOURCE, HOME);
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key ?? '', VersionId }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await takeBucketName(emulator, Bucket);
}

/** What goes wrong after the first night, and which alarms tell of it before the objective is over. */
const WAYS: readonly (readonly [string, () => Disturbance, readonly string[]])[] = [
  ['schedules that are off', () => ({ parameters: { SchedulesState: 'DISABLED' } }), ['EbsSilenceAlarm']],
  [
    'schedules that are empty',
    () => ({ parameters: { CleanBackupsSchedule: '', CreateBackupSchedule: '' } }),
    ['EbsSilenceAlarm'],
  ],
  ['rules that somebody deleted', () => ({ rulesDeleted: true }), ['EbsSilenceAlarm']],
  [
    'a role without rights',
    () => ({ withoutRights: true, strike: () => refuseAll('AccessDenied', 403) }),
    ['EbsErrorsAlarm', 'EbsSilenceAlarm', 'FailedInvocationsAlarm'],
  ],
  ['a function that may not run', () => ({ throttled: true }), ['EbsSilenceAlarm', 'FailedInvocationsAlarm']],
  [
    'a data bucket that is gone, whose name another account has taken',
    () => ({ strike: loseBucket }),
    ['EbsDeadLettersAlarm', 'EbsFailedBackupsAlarm'],
  ],
  [
    'a configuration that is wrong',
    () => ({
      strike: () =>
        new SSMClient(config()).send(
          new PutParameterCommand({
            Name: '/shelvery/shelvery/shelvery_keep_daily_backups',
            Value: 'a fortnight',
            Overwrite: true,
          }),
        ),
    }),
    ['EbsErrorsAlarm', 'EbsSilenceAlarm', 'FailedInvocationsAlarm'],
  ],
  [
    'a clock that cannot be corrected',
    () => ({ strike: () => refuseAll('RequestExpired', 400, 'ec2') }),
    ['EbsErrorsAlarm', 'EbsFailedBackupsAlarm', 'EbsSilenceAlarm', 'FailedInvocationsAlarm'],
  ],
  [
    'nothing that is marked any more',
    () => ({
      strike: () =>
        new EC2Client(config()).send(
          new DeleteTagsCommand({ Resources: [volume], Tags: [{ Key: 'shelvery:create_backup' }] }),
        ),
    }),
    ['EbsLostMarksAlarm'],
  ],
  [
    'runs that are handed over without end',
    () => ({ remainingMs: 29_000 }),
    ['EbsErrorsAlarm', 'EbsFailedBackupsAlarm', 'FailedInvocationsAlarm'],
  ],
  [
    'a topic of notifications that is gone',
    () => ({
      strike: () =>
        new SNSClient(config()).send(
          new DeleteTopicCommand({ TopicArn: `arn:aws:sns:${HOME}:${SOURCE}:shelvery-notifications` }),
        ),
    }),
    ['EbsLostNotificationsAlarm'],
  ],
];

/** Of other types nothing was run here. */
const ofEbs = (alarms: readonly string[]): readonly string[] =>
  alarms.filter((name) => name.startsWith('Ebs') || !name.endsWith('SilenceAlarm')).sort();

describe('within the objective an alarm tells of', () => {
  it.each(WAYS)(
    '%s',
    async (_, disturbance, alarms) => {
      await stack.disturb(disturbance());
      await stack.passTo(NOTICED);
      expect(ofEbs(stack.inAlarm({ after: 0, upTo: DISTURBED }))).toEqual([]);
      expect(ofEbs(stack.inAlarm({ after: DISTURBED, upTo: NOTICED }))).toEqual(alarms);
    },
    120_000,
  );
});

it('no alarm goes off in a stack where nothing is wrong', async () => {
  await stack.passTo(DISTURBED + 2 * OBJECTIVE);
  expect(ofEbs(stack.inAlarm({ after: 0, upTo: DISTURBED + 2 * OBJECTIVE }))).toEqual([]);
}, 120_000);
