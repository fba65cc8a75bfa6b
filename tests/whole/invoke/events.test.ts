import { readdirSync } from 'node:fs';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import {
  findFunction,
  findRuntimeEmulator,
  lambdaEnvironment,
  readEvent,
} from '../../../scripts/invoke/built-function.js';
import { startLocalLambda } from '../../../scripts/invoke/local-lambda.js';
import type { Invoked, LocalLambda } from '../../../scripts/invoke/local-lambda.js';
import { startSurroundings } from '../../../scripts/invoke/surroundings.js';
import type { Surroundings } from '../../../scripts/invoke/surroundings.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';

const EVENTS = new URL('../../../events/', import.meta.url);

let emulator: Emulator;
let surroundings: Surroundings;
beforeAll(async () => {
  emulator = await startEmulator({ account: '111111111111', region: 'eu-west-1' });
  surroundings = await startSurroundings();
});
afterAll(async () => {
  await surroundings.close();
  await emulator.stop();
});

/** What a sample names does not exist in the emulated account: delayed operations say so, and nothing else is wrong. */
const GONE = 'it does not exist any more.';

/**
 * The event as it comes when its backup was not there at the first look; the function waits for that, and tests do not.
 */
function atSecondLook(event: unknown): unknown {
  const text = JSON.stringify(event).replace(
    /(\\?")(BackupRegion|OriginRegion|AwsAccountId)\1:/g,
    '$1Unseen$1:true,$1$2$1:',
  );
  return JSON.parse(text);
}

describe.each([...BACKUP_TYPES, 'data-buckets'])('the built function %s', (name) => {
  const files = readdirSync(EVENTS).filter((file) => file.startsWith(`${name}-`));
  let lambda: LocalLambda;
  let log = '';

  beforeAll(async () => {
    lambda = await startLocalLambda({
      ...findFunction(name),
      emulator: findRuntimeEmulator(),
      environment: lambdaEnvironment(name, {
        PATH: process.env['PATH'],
        ...emulator.environment(),
        ...surroundings.environment,
      }),
      log: new Writable({
        write(chunk, _encoding, done) {
          log += String(chunk);
          done();
        },
      }),
    });
  });
  afterAll(() => lambda.stop());

  /** The answer, and the messages of what was logged as an error. */
  async function send(
    file: string,
    change: (event: unknown) => unknown = (event) => event,
  ): Promise<{ readonly invoked: Invoked; readonly errors: readonly string[] }> {
    log = '';
    const invoked = await lambda.invoke(surroundings.place(change(readEvent(new URL(file, EVENTS).pathname))));
    return {
      invoked,
      errors: [...log.matchAll(/"level":"ERROR","message":"([^"]*)"/g)].map(([, message = '']) => message),
    };
  }

  const actions = files.filter((file) => !/-do_|-sqs|-completion|^data-buckets/.test(file));
  if (actions.length > 0) {
    it.each(actions)('does %s', async (file) => {
      const { invoked, errors } = await send(file);
      expect(invoked).toMatchObject({ answer: { status: 'OK', account_id: '111111111111', region: 'eu-west-1' } });
      expect(errors).toEqual([]);
    });
  }
  const delayed = files.filter((file) => /-do_|-sqs/.test(file));
  const custom = files.filter((file) => file.startsWith('data-buckets'));
  if (delayed.length > 0) {
    it.each(delayed)('understands %s, whose backup is gone', async (file) => {
      const { invoked, errors } = await send(file, atSecondLook);
      expect(invoked).toEqual({ answer: file.includes('-sqs') ? { batchItemFailures: [] } : null });
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.filter((message) => !message.endsWith(GONE))).toEqual([]);
    });
  }
  const completions = files.filter((file) => file.includes('-completion'));
  if (completions.length > 0) {
    it.each(completions)('takes %s, which names what is not ours, without a word', async (file) => {
      expect(await send(file)).toEqual({ invoked: { answer: { batchItemFailures: [] } }, errors: [] });
    });
  }
  if (custom.length > 0) {
    it.each(custom)('answers CloudFormation for %s', async (file) => {
      expect(await send(file)).toEqual({ invoked: { answer: null }, errors: [] });
      expect(surroundings.takeAnswers()).toEqual([
        expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'shelvery-data-buckets' }),
      ]);
    });
  }
});
