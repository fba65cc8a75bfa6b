import * as z from 'zod';
import { HOME } from '../../contract/harness.js';
import { DELAY_S, MOST_RECEIVES, VISIBILITY_S, backupOf, queueContract } from '../../contract/queue.js';
import { createMemoryQueueOperations } from '../world/delayed.js';
import { createMemoryQueue } from '../world/queue.js';
import type { MemoryQueue, MemoryQueueOptions } from '../world/queue.js';
import { openMemoryAccount } from './memory-account.js';

const SEND = 'sqs:sendBatch';
const Bodies = z.array(z.string());

queueContract(async () => {
  const account = openMemoryAccount('ebs');
  const { conductor } = account.world;
  const process = account.open(HOME.accountId);
  let dead: string[] = [];
  let work: (ids: readonly string[]) => readonly string[] = () => [];
  const deliver: MemoryQueueOptions['deliver'] = (records, ended) => {
    const failed = work(records.map(({ body }) => backupOf(body)));
    ended(new Set(records.filter(({ body }) => failed.includes(backupOf(body))).map(({ messageId }) => messageId)));
  };
  const makeQueue = (): MemoryQueue =>
    createMemoryQueue({
      conductor,
      name: 'the queue',
      visibility: VISIBILITY_S * 1_000,
      mostReceives: MOST_RECEIVES,
      atWork: () => 0,
      deliver,
      giveUp: (body) => {
        dead.push(backupOf(body));
      },
    });
  let queue = makeQueue();
  return {
    open: () =>
      createMemoryQueueOperations({
        config: undefined,
        send: (payloads) =>
          conductor.call(process, { action: SEND, region: HOME.region, changes: true }, () => {
            queue.send(Bodies.parse(payloads.map((payload) => JSON.stringify(payload))), DELAY_S * 1_000);
          }),
      }),
    failNextSend: async (how) => {
      account.strike(SEND, how === 'done' ? 'fail-after' : { refuse: 'AccessDenied' });
    },
    pass: async (seconds, worker) => {
      work = worker;
      await conductor.runUntil(conductor.now() + seconds * 1_000);
    },
    deadLetters: async () => dead,
    reset: async () => {
      account.reset();
      work = () => [];
      dead = [];
      queue = makeQueue();
    },
    stop: async () => undefined,
  };
});
