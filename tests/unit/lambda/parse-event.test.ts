import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import { parseEvent } from '../../../layers/engine/src/lambda/parse-event.js';

const CREATE = { action: 'create_backups' };
const plain = { kind: 'action', action: 'create_backups', dryRun: false, backdate: false };
const STORE = { action: 'do_store_backup_data', arguments: { BackupId: 'snap-1', BackupRegion: 'eu-west-1' } };
const stored = { action: 'do_store_backup_data', backupId: 'snap-1', region: 'eu-west-1' };

function problemOf(event: unknown): string {
  try {
    parseEvent(event, 'ebs');
  } catch (error) {
    if (error instanceof ShelveryError && error.code === 'EventError') return error.message;
    throw error;
  }
  return 'no problem';
}
const queued = (body: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  messageId: 'm-1',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const firstOf = (event: unknown) => parseEvent(event, 'ebs').items[0];

describe('parseEvent', () => {
  it.each([
    ['an action alone', CREATE, plain],
    ['its own type', { ...CREATE, backup_type: 'ebs' }, plain],
    ['flags', { ...CREATE, dry_run: true, backdate: true }, { ...plain, dryRun: true, backdate: true }],
    ['flags as texts', { ...CREATE, dry_run: 'true', backdate: 'false' }, { ...plain, dryRun: true }],
    [
      'a time',
      { ...CREATE, scheduled_time: '2026-03-04T01:00:00Z' },
      { ...plain, givenTime: new Date('2026-03-04T01:00:00Z') },
    ],
    [
      "the original's further fields",
      { ...CREATE, arguments: {}, config: null, is_started_internally: true, Timestamp: 1 },
      plain,
    ],
    [
      'a run that was handed over',
      { ...CREATE, arguments: { HandOver: { RunId: 'r-1', Count: 2, Remaining: 5 } } },
      { ...plain, continues: { runId: 'r-1', count: 2, remaining: 5 } },
    ],
    [
      'an EventBridge event, whose time it takes',
      { 'detail-type': 'x', time: '2026-03-04T01:00:00Z', detail: CREATE },
      { ...plain, givenTime: new Date('2026-03-04T01:00:00Z') },
    ],
    [
      'an EventBridge event whose payload has a time of its own',
      {
        'detail-type': 'x',
        time: '2026-03-04T01:00:00Z',
        detail: { ...CREATE, scheduled_time: '2026-03-03T01:00:00Z' },
      },
      { ...plain, givenTime: new Date('2026-03-03T01:00:00Z') },
    ],
    [
      'a delayed operation',
      STORE,
      { kind: 'delayed', messages: [{ backupType: 'ebs', operation: stored, waiting: { attempt: 0 } }] },
    ],
    [
      'several delayed operations',
      { action: 'do_delayed_operations', arguments: { Operations: [STORE, STORE] }, config: { a: 1 } },
      {
        kind: 'delayed',
        messages: [1, 2].map(() => ({
          backupType: 'ebs',
          operation: stored,
          waiting: { attempt: 0 },
        })),
      },
    ],
  ])('understands %s', (_, event, work) => {
    const { source, items } = parseEvent(event, 'ebs');
    expect(source).toBe('direct');
    expect(items).toHaveLength(1);
    expect(items[0]?.work).toEqual(work);
  });

  it('keeps the configuration of a payload', () => {
    expect(firstOf({ ...CREATE, config: { shelvery_dr_regions: 'us-east-1' } })?.config).toEqual({
      shelvery_dr_regions: 'us-east-1',
    });
  });

  describe('with records', () => {
    it('takes those of SQS, each with its id and the time at which it was sent', () => {
      const { source, items } = parseEvent(
        {
          Records: [
            queued(CREATE, { attributes: { SentTimestamp: '1772586000000' } }),
            queued(STORE, { messageId: 'm-2' }),
          ],
        },
        'ebs',
      );
      expect(source).toBe('queue');
      expect(items).toMatchObject([
        { recordId: 'm-1', work: { ...plain, givenTime: new Date(1_772_586_000_000) } },
        { recordId: 'm-2', work: { kind: 'delayed' } },
      ]);
    });

    it.each([
      ['without attributes', {}],
      ['with attributes that say no time', { attributes: {} }],
      ['with a time that is none', { attributes: { SentTimestamp: 'soon' } }],
    ])('takes those of SQS %s', (_, more) => {
      expect(firstOf({ Records: [queued(CREATE, more)] })?.work).toEqual(plain);
    });

    it('takes those of SNS, also out of a queue', () => {
      const time = '2026-03-04T01:00:00.000Z';
      const work = { ...plain, givenTime: new Date(time) };
      const topic = { Records: [{ Sns: { MessageId: 's-1', Message: JSON.stringify(CREATE), Timestamp: time } }] };
      expect(parseEvent(topic, 'ebs')).toMatchObject({ source: 'topic', items: [{ recordId: 's-1', work }] });
      const envelope = { Type: 'Notification', Message: JSON.stringify(CREATE), Timestamp: time };
      expect(firstOf({ Records: [queued(envelope)] })?.work).toEqual(work);
      const untimed = { Type: 'Notification', Message: JSON.stringify(CREATE) };
      expect(
        firstOf({ Records: [queued(untimed, { attributes: { SentTimestamp: '1772586000000' } })] })?.work,
      ).toMatchObject({ givenTime: new Date(1_772_586_000_000) });
    });

    it.each(['do_copy_backup', 'do_delayed_operations'])('has no dry run of %s', (action) => {
      const [item] = parseEvent({ Records: [queued({ action, dry_run: true, arguments: {} })] }, 'ebs').items;
      expect(item?.work).toMatchObject({
        code: 'EventError',
        message: expect.stringContaining(`dry_run works with create_backups, clean_backups`),
      });
    });

    it('keeps a bad one as an error of its own', () => {
      const { items } = parseEvent({ Records: [queued('{'), queued({ action: 'x' }), queued(CREATE)] }, 'ebs');
      expect(items.map(({ work }) => (work instanceof ShelveryError ? work.message.slice(0, 26) : work.kind))).toEqual([
        'The message (1 characters)',
        'action is "x". Allowed: cr',
        'action',
      ]);
    });

    it.each([
      ['{"action": "create_backups", "config": {"role_external_id": "hush"},}', 'see position 68.'],
      ['hush', 'it ends too early, or does not begin like JSON.'],
    ])('does not quote what is not JSON, as it may hold a secret: %s', (text, where) => {
      const [item] = parseEvent({ Records: [queued(text)] }, 'ebs').items;
      const message = item?.work instanceof ShelveryError ? item.work.message : '';
      expect(message).toBe(`The message (${String(text.length)} characters) is not JSON: ${where}`);
      expect(message).not.toContain('hush');
    });
  });

  it.each([
    ['nothing', null, 'The event is not a payload: it must be an object with backup_type, action,'],
    ['no action', {}, 'Its keys may be backup_type, action, config'],
    ['an unknown key', { ...CREATE, actoin: 1 }, 'actoin'],
    ['a configuration that is a text', { ...CREATE, config: 'a=b' }, 'config'],
    [
      'a misspelt action',
      { action: 'clean_backup' },
      'did you mean clean_backups? Allowed: create_backups, clean_backups',
    ],
    [
      'what is for a terminal',
      { action: 'restore_plan' },
      'restore_plan is for a terminal: run "shelvery ebs restore_plan --help" there',
    ],
    ['another of these', { action: 'report' }, 'report is for a terminal: run "shelvery ebs report --help" there'],
    ['an action that resembles none', { action: 'xyz' }, 'action is "xyz". Allowed: create_backups, clean_backups'],
    [
      'what a terminal alone does',
      { action: 'doctor' },
      'doctor is for a terminal: run "shelvery ebs doctor --help" there',
    ],
    ["another type's", { ...CREATE, backup_type: 'rds' }, 'this function backs up ebs'],
    ['a time that is none', { ...CREATE, scheduled_time: 'now' }, 'scheduled_time is "now"; allowed: a time such as'],
    ['a time without a date', { ...CREATE, scheduled_time: '2026' }, 'scheduled_time is "2026"'],
    [
      'a day that does not exist',
      { ...CREATE, scheduled_time: '2026-13-01T00:00:00Z' },
      'scheduled_time is "2026-13-01T00:00:00Z"',
    ],
    [
      'a delayed operation without its backup',
      { action: 'do_store_backup_data', arguments: {} },
      'arguments of do_store_backup_data',
    ],
    [
      'a delayed operation in a region that is none',
      { ...STORE, arguments: { BackupId: 'snap-1', BackupRegion: 'x' } },
      'BackupRegion',
    ],
    ['no list of operations', { action: 'do_delayed_operations', arguments: {} }, 'Operations'],
    [
      'an operation that is none',
      { action: 'do_delayed_operations', arguments: { Operations: [{ action: 'create_backups', arguments: {} }] } },
      '"create_backups" is not a delayed operation',
    ],
    ['records of another service', { Records: [{ s3: {} }] }, 'neither from SQS nor from SNS'],
  ])('refuses %s, and says what is allowed', (_, event, message) => {
    expect(problemOf(event)).toContain(message);
  });

  const events = join(import.meta.dirname, '../../../events');
  it.each(readdirSync(events).filter((name) => !name.startsWith('data-buckets')))(
    'understands the sample %s',
    (name) => {
      const event: unknown = JSON.parse(readFileSync(join(events, name), 'utf8'));
      const type = BACKUP_TYPES.find((candidate) => name.startsWith(`${candidate}-`));
      const { items } = parseEvent(event, type ?? 'ebs');
      expect(items.filter(({ work }) => work instanceof ShelveryError)).toEqual([]);
    },
  );
});

describe('what tells an event from others', () => {
  const identity = (event: unknown): string | undefined => parseEvent(event, 'ebs').identity;
  const at = (scheduled_time: string) => ({ ...CREATE, scheduled_time });
  const TIME = '2026-03-04T01:00:00Z';

  it('is the id that EventBridge gives it', () => {
    expect(identity({ id: 'event-1', 'detail-type': 'x', time: TIME, detail: CREATE })).toBe('event-1');
  });

  it('is, of what a schedule sends, all of it with its time', () => {
    expect(identity(at(TIME))).toBe(identity(at(TIME)));
    expect(identity(at(TIME))).not.toBe(identity(at('2026-03-05T01:00:00Z')));
    expect(identity(at(TIME))).not.toBe(identity({ ...at(TIME), config: { shelvery_select_entity: 'vol-1' } }));
  });

  it('is nothing but the request where it has no time', () => {
    expect(identity(CREATE)).toBeUndefined();
    expect(identity(STORE)).toBeUndefined();
  });

  it('is the ids of the messages, whatever their order', () => {
    const messages = (...ids: readonly string[]) => ({ Records: ids.map((messageId) => queued(STORE, { messageId })) });
    expect(identity(messages('m-1', 'm-2'))).toBe(identity(messages('m-2', 'm-1')));
    expect(identity(messages('m-1', 'm-2'))).not.toBe(identity(messages('m-1')));
  });
});

describe('the time of an event', () => {
  it.each(['2026-02-30T01:00:00Z', '2026-03-04T24:00:00Z', '2026-03-04T24:00', '2026-02-30', 'today'])(
    'is refused with what is allowed: %s',
    (time) => {
      expect(problemOf({ ...CREATE, scheduled_time: time })).toBe(
        `scheduled_time is "${time}"; allowed: a time such as 2026-11-24T03:01:00Z, 2026-11-24T04:01+01:00, 2026-11-24-0301 or 2026-11-24 (UTC where no zone is named).`,
      );
    },
  );
});
