import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { parseEvent } from '../../../layers/engine/src/lambda/parse-event.js';

const ACCOUNT = '111111111111';
const of = (source: string, detailType: string, detail: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  version: '0',
  id: 'event-1',
  'detail-type': detailType,
  source,
  account: ACCOUNT,
  time: '2026-11-24T01:05:00Z',
  region: 'eu-west-1',
  resources: [],
  detail,
  ...more,
});
const ebs = (detail: Readonly<Record<string, unknown>>) =>
  of('aws.ec2', 'EBS Snapshot Notification', { result: 'succeeded', ...detail });
const image = (detail: Readonly<Record<string, unknown>>) => of('aws.ec2', 'EC2 AMI State Change', detail);
const rds = (eventId: string) =>
  of('aws.rds', 'RDS DB Snapshot Event', {
    SourceType: 'SNAPSHOT',
    SourceIdentifier: 'orders-daily',
    EventID: eventId,
  });
const cluster = (eventId: string) =>
  of('aws.rds', 'RDS DB Cluster Snapshot Event', { SourceIdentifier: 'orders-daily', EventID: eventId });

/** What the record of a queue with this body asks for. */
function workOf(body: unknown, type: BackupType = 'ebs'): unknown {
  const [item] = parseEvent({ Records: [{ messageId: 'm-1', body: JSON.stringify(body) }] }, type).items;
  return item?.work;
}
const completed = (...ids: readonly string[]) => ({ kind: 'completed', account: ACCOUNT, region: 'eu-west-1', ids });
const NOT_OF_CONCERN = { kind: 'not-of-concern' };

describe('an event of AWS', () => {
  it.each<[string, BackupType, unknown, unknown]>([
    [
      'of an EBS snapshot, whose ARN has the region in the place of the account',
      'ebs',
      ebs({ event: 'createSnapshot', snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1' }),
      completed('snap-1'),
    ],
    [
      'of an EBS copy, whose ARN has it in its own',
      'ebs',
      ebs({ event: 'copySnapshot', snapshot_id: 'arn:aws-cn:ec2:eu-west-1::snapshot/snap-1' }),
      completed('snap-1'),
    ],
    [
      'of an EBS copy that took longer than was asked for, whose ARN has both',
      'ebs',
      ebs({ event: 'copySnapshot', snapshot_id: 'arn:aws:ec2:eu-west-1:111111111111:snapshot/snap-1' }),
      completed('snap-1'),
    ],
    [
      'of several volumes at once',
      'ebs',
      of('aws.ec2', 'EBS Multi-Volume Snapshots Completion Status', {
        event: 'createSnapshots',
        result: 'succeeded',
        snapshots: [
          { snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1', status: 'completed' },
          { snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-2', status: 'completed' },
        ],
      }),
      completed('snap-1', 'snap-2'),
    ],
    ['of an image', 'ec2ami', image({ ImageId: 'ami-1', State: 'available' }), completed('ami-1')],
    ['of a manual snapshot of an instance', 'rds', rds('RDS-EVENT-0042'), completed('orders-daily')],
    ['of a copy from another region', 'rds', rds('RDS-EVENT-0060'), completed('orders-daily')],
    ['of a copy within a region', 'rds', rds('RDS-EVENT-0197'), completed('orders-daily')],
    ['of a snapshot of an RDS cluster', 'rds_cluster', cluster('RDS-EVENT-0075'), completed('orders-daily')],
    ['of a snapshot of a DocumentDB cluster', 'docdb', cluster('RDS-EVENT-0075'), completed('orders-daily')],
    [
      'of what another account shared',
      'ebs',
      ebs({ event: 'shareSnapshot', snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1', source: '222222222222' }),
      { kind: 'shared', account: ACCOUNT, region: 'eu-west-1', by: '222222222222' },
    ],
    [
      'of what was shared by an account that begins with a zero, as a number',
      'ebs',
      ebs({ event: 'shareSnapshot', source: 22222222222 }),
      { kind: 'shared', account: ACCOUNT, region: 'eu-west-1', by: '022222222222' },
    ],
    ['of a failed snapshot', 'ebs', ebs({ event: 'createSnapshot', result: 'failed' }), NOT_OF_CONCERN],
    ['of a deleted snapshot', 'ebs', ebs({ event: 'deleteSnapshot' }), NOT_OF_CONCERN],
    ['of a failed image', 'ec2ami', image({ ImageId: 'ami-1', State: 'failed' }), NOT_OF_CONCERN],
    ['of an automated snapshot', 'rds', rds('RDS-EVENT-0091'), NOT_OF_CONCERN],
    ['of a cluster snapshot that is begun', 'rds_cluster', cluster('RDS-EVENT-0074'), NOT_OF_CONCERN],
  ])('%s is understood', (_, type, event, expected) => {
    expect(workOf(event, type)).toEqual(expected);
  });

  it.each<[string, BackupType, unknown, string]>([
    ['that is no business of the type', 'ebs', rds('RDS-EVENT-0042'), 'The function for ebs has no use for the event'],
    ['for a type that has none', 'redshift', rds('RDS-EVENT-0042'), 'it takes none of AWS. Correct the rule'],
    ['without an id', 'ebs', ebs({ event: 'createSnapshot' }), 'snapshot_id'],
    ['with another id than a snapshot has', 'ebs', ebs({ event: 'createSnapshot', snapshot_id: 'a b' }), 'snapshot_id'],
    ['that tells of no account', 'ebs', ebs({ event: 'shareSnapshot', source: 'somebody' }), 'source'],
    [
      'of an unnamed snapshot',
      'rds',
      of('aws.rds', 'RDS DB Snapshot Event', { EventID: 'RDS-EVENT-0042' }),
      'SourceId',
    ],
    ['without a region', 'ec2ami', { ...image({ ImageId: 'ami-1', State: 'available' }), region: 'here' }, 'region'],
  ])('%s is refused with what is wrong', (_, type, event, message) => {
    const work = workOf(event, type);
    expect(work).toBeInstanceOf(ShelveryError);
    expect(work).toMatchObject({ code: 'EventError', message: expect.stringContaining(message) });
  });

  it('that comes past the queue is refused, as nothing would repeat it', () => {
    const event = ebs({ event: 'createSnapshot', snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1' });
    expect(() => parseEvent(event, 'ebs')).toThrow("Events of AWS come through the function's queue");
  });

  it('that a topic passed on to the queue is understood all the same', () => {
    const event = ebs({ event: 'createSnapshot', snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1' });
    expect(workOf({ Type: 'Notification', Message: JSON.stringify(event) })).toEqual(completed('snap-1'));
  });
});

/** What Redshift publishes to a topic, as it has been seen, and as the topic passes it on to a queue. */
const published = (event: string, resource = 'dw-2026-11-24-0100-daily', topic?: string) => ({
  Type: 'Notification',
  MessageId: 'm-1',
  ...(topic === '' ? {} : { TopicArn: topic ?? `arn:aws:sns:eu-west-1:${ACCOUNT}:shelvery-redshift-events` }),
  Message: JSON.stringify({
    'Event Source': 'cluster-snapshot',
    Resource: ` ${resource} `,
    'Event Time': '2026-11-24 01:05:00.000',
    Severity: 'INFO',
    'About this Event': `http://docs.aws.amazon.com/redshift/latest/mgmt/working-with-event-notifications.html#${event} `,
  }),
});

describe('an event that Redshift publishes to a topic', () => {
  it('names the snapshot that is complete, and its topic where that is', () => {
    expect(workOf(published('REDSHIFT-EVENT-3004'), 'redshift')).toEqual(completed('dw-2026-11-24-0100-daily'));
  });

  it.each(['REDSHIFT-EVENT-2009', 'REDSHIFT-EVENT-30040', 'REDSHIFT-EVENT-3503'])(
    'is of no concern where it tells of something else: %s',
    (event) => {
      expect(workOf(published(event), 'redshift')).toEqual(NOT_OF_CONCERN);
    },
  );

  it.each([
    ['without its topic', published('REDSHIFT-EVENT-3004', 'dw', ''), 'raw message delivery off'],
    [
      'by what is no topic',
      published('REDSHIFT-EVENT-3004', 'dw', 'arn:aws:sqs:eu-west-1:1:q'),
      'raw message delivery',
    ],
    ['with an id that none has', published('REDSHIFT-EVENT-3004', 'a b'), 'which is no snapshot'],
  ])('is refused where it comes %s', (_, body, message) => {
    const work = workOf(body, 'redshift');
    expect(work).toBeInstanceOf(ShelveryError);
    expect(work).toMatchObject({ code: 'EventError', message: expect.stringContaining(message) });
  });

  it('is no payload for a type that has none', () => {
    expect(workOf(published('REDSHIFT-EVENT-3004'), 'ebs')).toMatchObject({ code: 'EventError' });
  });
});
