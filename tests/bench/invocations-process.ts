// Backs up volumes as the function does, in emulated time, and prints what it came to as JSON. It is a process of its own, so
// that its memory can be measured: the AWS in memory is in it, too.
import process from 'node:process';
import { createHandler } from '@shelvery/engine/lambda';
import { createEbsAdapter } from '../../functions/ebs/adapter.js';
import { lambdaContext } from '../integration/harness/installation.js';
import { EMULATED_BEGINNING, createEmulatedTime } from './emulated-time.js';
import { markedVolumes } from './emulated-runs.js';
import type { Invocations } from './invocations.js';
import { createMemoryAws } from './memory-aws.js';
import { createMemoryEc2 } from './memory-ec2.js';
import { createAwsBuckets, throttledAws } from './throttled-aws.js';

const PLACE = { account: '111111111111', region: 'eu-west-1' };
const TIME_LIMIT_MS = 900_000;
/** What never ends is given up. */
const MOST_INVOCATIONS = 10;

const [volumes = ''] = process.argv.slice(2);
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
});
const time = createEmulatedTime();
const ec2 = createMemoryEc2({ time, volumes: markedVolumes(Number(volumes)) });
const aws = createMemoryAws(ec2);
const { requestHandler, log } = throttledAws(time, createAwsBuckets(time), (asked) => aws.answer(asked));
const environment = {
  AWS_REGION: PLACE.region,
  shelvery_sqs_queue_url: `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.account}/queue`,
};
aws.invocations.push({ action: 'create_backups', scheduled_time: new Date(EMULATED_BEGINNING).toISOString() });
const invocations: { seconds: number; backups: number }[] = [];
for (let payload = aws.invocations.shift(); payload !== undefined; payload = aws.invocations.shift()) {
  if (invocations.length === MOST_INVOCATIONS) throw new Error('the run hands over without end');
  // Each is a new process on Lambda, which knows nothing of the pace of the one before.
  const handler = createHandler('ebs', createEbsAdapter, { environment, clock: time.clock, requestHandler });
  const began = time.now();
  const remaining = (): number => began + TIME_LIMIT_MS - time.now();
  await time.run(handler(payload, lambdaContext(PLACE, { remaining })));
  invocations.push({ seconds: (time.now() - began) / 1000, backups: ec2.snapshots.size });
}
const backedUp = new Set([...ec2.snapshots.values()].map(({ volumeId }) => volumeId));
const stored = aws.messages.length;
const result: Invocations = {
  invocations,
  volumes: backedUp.size,
  backups: ec2.snapshots.size,
  stored,
  refused: (log.refused.get('ec2:CreateSnapshot') ?? 0) / (log.calls.get('ec2:CreateSnapshot') ?? 1),
  megabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
