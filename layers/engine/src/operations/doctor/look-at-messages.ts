import type { Found } from '../../domain/doctor/checkup.js';
import { faultName } from '../../domain/telling/faults.js';
import type { QueueFacts } from '../../ports.js';
import { fine, look } from './examined.js';
import type { Examination } from './examined.js';

const TOPIC_KEYS = ['shelvery_sns_topic', 'shelvery_error_sns_topic', 'shelvery_status_sns_topic'] as const;

/** Whether the configured topics exist, and where. */
export async function lookAtTopics(examination: Examination): Promise<readonly Found[]> {
  const { config, home, surroundings } = examination;
  const keysOf = new Map<string, string[]>();
  for (const key of TOPIC_KEYS) {
    const topic = config.values[key];
    if (topic !== undefined) keysOf.set(topic, [...(keysOf.get(topic) ?? []), key]);
  }
  if (keysOf.size === 0)
    return [fine('topics', 'No topic is configured: what fails is told by logs, alarms and exit codes alone.')];
  const found = await Promise.all(
    [...keysOf].map(async ([topic, keys]) => {
      const names = keys.join(', ');
      const about = { check: 'topics', subject: topic } as const;
      const doing = `looking at the topic ${topic} (${names})`;
      return await look(examination, { ...about, doing, needed: false }, async (): Promise<readonly Found[]> => {
        try {
          const region = await surroundings.topic(topic);
          if (region === home.region)
            return [fine('topics', `${topic} is there (${names}).`, { subject: topic, region })];
          return [
            {
              ...about,
              region,
              reason: 'topic-elsewhere',
              text: `${topic} (${names}) is there, but in ${region}: while that region is down nobody is told of backups in ${home.region}.`,
              advice: `Use a topic of ${home.region}.`,
            },
          ];
        } catch (error) {
          if (!TOPIC_GONE.includes(faultName(error))) throw error;
          const text = `${topic} (${names}) does not exist: what is published there is lost.`;
          return [{ ...about, reason: 'topic-missing', text, advice: 'Make the topic, or correct the key.' }];
        }
      });
    }),
  );
  return found.flat();
}

/** Page "GetTopicAttributes": `NotFound`; the SDK names it by its class. */
const TOPIC_GONE: readonly string[] = ['NotFound', 'NotFoundException'];
/** Pages "GetQueueAttributes", "GetQueueUrl"; older answers carry the prefix of SQS's query API. */
const QUEUE_GONE: readonly string[] = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/**
 * What waits in queues, and what was given up: in the queue of the configuration and its dead-letter queue, and in the
 * queues of the stack.
 */
export async function lookAtQueues(examination: Examination): Promise<readonly Found[]> {
  const { config, stack } = examination;
  const url = config.values.shelvery_sqs_queue_url;
  const found = await Promise.all([
    url === undefined ? [] : lookAtConfigured(examination, url),
    stack === undefined ? [] : lookAtQueuesOfStack(examination, stack),
  ]);
  if (url === undefined && stack === undefined)
    return [fine('queues', 'No queue is configured: what is begun at a terminal is waited for there.')];
  return found.flat();
}

async function lookAtConfigured(examination: Examination, url: string): Promise<readonly Found[]> {
  const { surroundings } = examination;
  const about = { check: 'queues', subject: url } as const;
  const doing = `looking at the queue ${url} (shelvery_sqs_queue_url)`;
  return await look(examination, { ...about, doing, needed: false }, async (): Promise<readonly Found[]> => {
    let queue: QueueFacts;
    try {
      queue = await surroundings.queue({ url });
    } catch (error) {
      if (!QUEUE_GONE.includes(faultName(error))) throw error;
      const text = `The queue ${url} (shelvery_sqs_queue_url) does not exist: no delayed operation can be sent.`;
      return [{ ...about, reason: 'queue-missing', text, advice: 'Make the queue, or correct the key.' }];
    }
    const { name, deadLetters } = queue;
    const without = {
      ...about,
      reason: 'no-dead-letter-queue',
      advice: 'Give it a redrive policy with 5 receives.',
    } as const;
    if (deadLetters === undefined) {
      const text = `The queue ${name} has no dead-letter queue: what is given up is lost without a trace.`;
      return [{ ...without, text }];
    }
    try {
      return [waiting(queue), givenUp(await surroundings.queue({ arn: deadLetters }))];
    } catch (error) {
      if (!QUEUE_GONE.includes(faultName(error))) throw error;
      const text = `The dead-letter queue of the queue ${name}, ${deadLetters}, does not exist: what is given up has no place to go.`;
      return [waiting(queue), { ...without, text, advice: "Make it, or name another in the queue's redrive policy." }];
    }
  });
}

async function lookAtQueuesOfStack(examination: Examination, stack: string): Promise<readonly Found[]> {
  const doing = `looking at the queues of the stack ${stack}`;
  return await look(examination, { check: 'queues', subject: stack, doing, needed: false }, async () => {
    const queues = await examination.surroundings.queuesOfStack(stack);
    if (queues.length === 0) return [fine('queues', `The stack ${stack} has no queues here.`, { subject: stack })];
    // In a stack of ours every queue in which something waits has one for what is given up; the others are these.
    const ends = queues.filter(({ deadLetters }) => deadLetters === undefined);
    const full = ends.filter(({ messages }) => messages > 0);
    if (full.length > 0) return full.map(givenUp);
    const messages = queues.reduce((sum, queue) => sum + queue.messages, 0);
    return [
      fine(
        'queues',
        `Queues of the stack ${stack}: ${String(queues.length)}, with ${counted(messages)} waiting, and nothing given up.`,
        { subject: stack },
      ),
    ];
  });
}

function waiting({ name, messages }: QueueFacts): Found {
  return fine('queues', `The queue ${name} has ${counted(messages)} waiting.`, { subject: name });
}

function givenUp({ name, messages }: QueueFacts): Found {
  if (messages === 0) return fine('queues', `The dead-letter queue ${name} is empty.`, { subject: name });
  return {
    check: 'queues',
    reason: 'dead-letters',
    subject: name,
    text: `The dead-letter queue ${name} holds ${counted(messages)}: what was to be done was given up, and was not done.`,
    advice:
      'Find the reason in the log of the function and correct it; then send them to the function again. SQS keeps them for 14 days at most.',
  };
}

function counted(messages: number): string {
  return `${String(messages)} ${messages === 1 ? 'message' : 'messages'}`;
}
