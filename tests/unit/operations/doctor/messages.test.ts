import { describe, expect, it } from '@jest/globals';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { QueueFacts, Surroundings } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, LOCAL, OWN_ACCOUNT } from '../../domain/builders.js';
import { openEstate } from '../memory-estate.js';
import { examineEstate, foundOf, refused } from './doctor-estate.js';
import type { DoctorAsked } from './doctor-estate.js';

type Found = ReturnType<typeof foundOf>;

const examineFor = async (check: 'topics' | 'queues', asked: DoctorAsked): Promise<Found> =>
  foundOf(await examineEstate(openEstate('ebs'), asked), check);

describe('topics', () => {
  const topics = (settings: Readonly<Record<string, string>>, topic?: Surroundings['topic']): Promise<Found> =>
    examineFor('topics', { settings, ...(topic === undefined ? {} : { surroundings: { topic } }) });
  const arn = (name: string, region = LOCAL): string => `arn:aws:sns:${region}:${OWN_ACCOUNT}:${name}`;

  it('need not be configured', async () => {
    expect(await topics({})).toEqual([
      {
        result: 'ok',
        reason: 'fine',
        text: 'No topic is configured: what fails is told by logs, alarms and exit codes alone.',
      },
    ]);
  });

  it('are each told of once, with every key that names them', async () => {
    const settings = {
      shelvery_sns_topic: arn('news'),
      shelvery_error_sns_topic: arn('errors'),
      shelvery_status_sns_topic: arn('news'),
    };
    const asked: string[] = [];
    const found = await topics(settings, async (topic) => {
      asked.push(topic);
      return Region.parse(LOCAL);
    });
    expect(found).toEqual([
      {
        result: 'ok',
        reason: 'fine',
        region: LOCAL,
        subject: arn('errors'),
        text: `${arn('errors')} is there (shelvery_error_sns_topic).`,
      },
      {
        result: 'ok',
        reason: 'fine',
        region: LOCAL,
        subject: arn('news'),
        text: `${arn('news')} is there (shelvery_sns_topic, shelvery_status_sns_topic).`,
      },
    ]);
    expect(asked).toEqual([arn('news'), arn('errors')]);
  });

  it('of another region than the backups are warned of', async () => {
    expect(await topics({ shelvery_sns_topic: arn('news', DR) })).toEqual([
      {
        result: 'warning',
        reason: 'topic-elsewhere',
        region: DR,
        subject: arn('news', DR),
        text: `${arn('news', DR)} (shelvery_sns_topic) is there, but in ${DR}: while that region is down nobody is told of backups in ${LOCAL}.`,
        advice: `Use a topic of ${LOCAL}.`,
      },
    ]);
  });

  it.each(['NotFound', 'NotFoundException'])('are missing where SNS says so: %s', async (name) => {
    const gone = (): Promise<never> => Promise.reject(awsError(name, { status: 404 }));
    expect(await topics({ shelvery_error_sns_topic: arn('gone') }, gone)).toEqual([
      {
        result: 'failed',
        reason: 'topic-missing',
        subject: arn('gone'),
        text: `${arn('gone')} (shelvery_error_sns_topic) does not exist: what is published there is lost.`,
        advice: 'Make the topic, or correct the key.',
      },
    ]);
  });

  it('are only not looked at where that is refused, or fails', async () => {
    const settings = { shelvery_sns_topic: arn('news') };
    const action = 'sns:GetTopicAttributes';
    expect(await topics(settings, () => Promise.reject(refused(action, arn('news'))))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: action,
        text: `AWS refuses ${action} on ${arn('news')}, so this could not be looked at.`,
        advice: `Allow ${action} in the policy of the role or user that runs doctor.`,
      },
    ]);
    expect(await topics(settings, () => Promise.reject(awsError('InternalError', { status: 500 })))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: arn('news'),
        text: `InternalError while looking at the topic ${arn('news')} (shelvery_sns_topic): InternalError. This is temporary: run it again.`,
      },
    ]);
  });
});

const URL = `https://sqs.${LOCAL}.amazonaws.com/${OWN_ACCOUNT}/waiting`;
const DEAD = `arn:aws:sqs:${LOCAL}:${OWN_ACCOUNT}:dead`;
const ABOUT_DEAD = {
  result: 'failed',
  reason: 'dead-letters',
  advice:
    'Find the reason in the log of the function and correct it; then send them to the function again. SQS keeps them for 14 days at most.',
} as const;

describe('the queue of the configuration', () => {
  /** What is found of it, where its service tells these facts, or throws. */
  const queue = (waiting: QueueFacts | Error, dead?: QueueFacts | Error): Promise<Found> =>
    examineFor('queues', {
      settings: { shelvery_sqs_queue_url: URL },
      surroundings: {
        queue: async (which) => {
          const facts =
            'url' in which && which.url === URL ? waiting : 'arn' in which && which.arn === DEAD ? dead : undefined;
          if (facts === undefined) throw new Error('Nobody asks for that.');
          if (facts instanceof Error) throw facts;
          return facts;
        },
      },
    });
  const holds = (messages: number, deadLetters?: string): QueueFacts => ({
    name: 'waiting',
    messages,
    ...(deadLetters === undefined ? {} : { deadLetters }),
  });

  it('need not be there', async () => {
    expect(await examineFor('queues', {})).toEqual([
      {
        result: 'ok',
        reason: 'fine',
        text: 'No queue is configured: what is begun at a terminal is waited for there.',
      },
    ]);
  });

  it.each([
    [0, '0 messages'],
    [1, '1 message'],
    [2, '2 messages'],
  ])('is well with %p that wait, and none that was given up', async (messages, counted) => {
    expect(await queue(holds(messages, DEAD), { name: 'dead', messages: 0 })).toEqual([
      { result: 'ok', reason: 'fine', subject: 'dead', text: 'The dead-letter queue dead is empty.' },
      { result: 'ok', reason: 'fine', subject: 'waiting', text: `The queue waiting has ${counted} waiting.` },
    ]);
  });

  it('tells by its dead-letter queue what was given up', async () => {
    expect(await queue(holds(0, DEAD), { name: 'dead', messages: 2 })).toEqual([
      {
        ...ABOUT_DEAD,
        subject: 'dead',
        text: 'The dead-letter queue dead holds 2 messages: what was to be done was given up, and was not done.',
      },
      { result: 'ok', reason: 'fine', subject: 'waiting', text: 'The queue waiting has 0 messages waiting.' },
    ]);
  });

  it('lacks a queue for what is given up', async () => {
    expect(await queue(holds(3))).toEqual([
      {
        result: 'warning',
        reason: 'no-dead-letter-queue',
        subject: URL,
        text: 'The queue waiting has no dead-letter queue: what is given up is lost without a trace.',
        advice: 'Give it a redrive policy with 5 receives.',
      },
    ]);
  });

  it('names a queue for what is given up that is not there', async () => {
    expect(await queue(holds(3, DEAD), awsError('QueueDoesNotExist', { status: 400 }))).toEqual([
      {
        result: 'warning',
        reason: 'no-dead-letter-queue',
        subject: URL,
        text: `The dead-letter queue of the queue waiting, ${DEAD}, does not exist: what is given up has no place to go.`,
        advice: "Make it, or name another in the queue's redrive policy.",
      },
      { result: 'ok', reason: 'fine', subject: 'waiting', text: 'The queue waiting has 3 messages waiting.' },
    ]);
  });

  it('may have a queue for what is given up that nobody may look at', async () => {
    const action = 'sqs:GetQueueUrl';
    expect(await queue(holds(3, DEAD), refused(action, DEAD))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: action,
        text: `AWS refuses ${action} on ${DEAD}, so this could not be looked at.`,
        advice: `Allow ${action} in the policy of the role or user that runs doctor.`,
      },
    ]);
  });

  it.each(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'])(
    'is missing where SQS says so: %s',
    async (name) => {
      expect(await queue(awsError(name, { status: 400 }))).toEqual([
        {
          result: 'failed',
          reason: 'queue-missing',
          subject: URL,
          text: `The queue ${URL} (shelvery_sqs_queue_url) does not exist: no delayed operation can be sent.`,
          advice: 'Make the queue, or correct the key.',
        },
      ]);
    },
  );

  it('is only not looked at where that is refused, or fails', async () => {
    const action = 'sqs:GetQueueAttributes';
    expect(await queue(refused(action, URL))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: action,
        text: `AWS refuses ${action} on ${URL}, so this could not be looked at.`,
        advice: `Allow ${action} in the policy of the role or user that runs doctor.`,
      },
    ]);
    expect(await queue(awsError('InternalError', { status: 500 }))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: URL,
        text: `InternalError while looking at the queue ${URL} (shelvery_sqs_queue_url): InternalError. This is temporary: run it again.`,
      },
    ]);
  });
});

describe('the queues of a stack', () => {
  const queues = (queuesOfStack: Surroundings['queuesOfStack'], asked: DoctorAsked = {}): Promise<Found> =>
    examineFor('queues', { ...asked, stack: 'prod', surroundings: { ...asked.surroundings, queuesOfStack } });
  const own = (name: string, messages: number): readonly QueueFacts[] => [
    { name: `prod-${name}Queue`, messages, deadLetters: `arn:of:prod-${name}Dead` },
  ];
  const dead = (name: string, messages: number): readonly QueueFacts[] => [{ name: `prod-${name}Dead`, messages }];

  it('need not be there', async () => {
    const asked: string[] = [];
    const found = await queues(async (stack) => {
      asked.push(stack);
      return [];
    });
    expect(asked).toEqual(['prod']);
    expect(found).toEqual([
      { result: 'ok', reason: 'fine', subject: 'prod', text: 'The stack prod has no queues here.' },
    ]);
  });

  it('are counted together where nothing was given up', async () => {
    const all = [...own('Ebs', 1), ...dead('Ebs', 0), ...own('Rds', 2), ...dead('Rds', 0)];
    expect(await queues(async () => all)).toEqual([
      {
        result: 'ok',
        reason: 'fine',
        subject: 'prod',
        text: 'Queues of the stack prod: 4, with 3 messages waiting, and nothing given up.',
      },
    ]);
  });

  it('are told of one by one where something was given up', async () => {
    const all = [...own('Ebs', 7), ...dead('Ebs', 1), ...own('Rds', 0), ...dead('Rds', 0), ...dead('Schedules', 2)];
    expect(await queues(async () => all)).toEqual([
      {
        ...ABOUT_DEAD,
        subject: 'prod-EbsDead',
        text: 'The dead-letter queue prod-EbsDead holds 1 message: what was to be done was given up, and was not done.',
      },
      {
        ...ABOUT_DEAD,
        subject: 'prod-SchedulesDead',
        text: 'The dead-letter queue prod-SchedulesDead holds 2 messages: what was to be done was given up, and was not done.',
      },
    ]);
  });

  it('are only not looked at where that is refused, or fails', async () => {
    expect(await queues(() => Promise.reject(refused('sqs:ListQueues')))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: 'sqs:ListQueues',
        text: 'AWS refuses sqs:ListQueues, so this could not be looked at.',
        advice: 'Allow sqs:ListQueues in the policy of the role or user that runs doctor.',
      },
    ]);
    expect(await queues(() => Promise.reject(awsError('InternalError', { status: 500 })))).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        subject: 'prod',
        text: 'InternalError while looking at the queues of the stack prod: InternalError. This is temporary: run it again.',
      },
    ]);
  });

  it('are looked at beside that of the configuration', async () => {
    const found = await queues(async () => [...own('Ebs', 0), ...dead('Ebs', 0)], {
      settings: { shelvery_sqs_queue_url: URL },
      surroundings: {
        queue: async (which) =>
          'url' in which ? { name: 'waiting', messages: 0, deadLetters: DEAD } : { name: 'dead', messages: 0 },
      },
    });
    expect(found.map(({ text }) => text)).toEqual([
      'The dead-letter queue dead is empty.',
      'Queues of the stack prod: 2, with 0 messages waiting, and nothing given up.',
      'The queue waiting has 0 messages waiting.',
    ]);
  });
});
