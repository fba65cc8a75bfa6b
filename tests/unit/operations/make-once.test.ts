import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import {
  isTaken,
  makeOnce,
  onceKnown,
  setApart,
  underFreeName,
} from '../../../layers/engine/src/operations/make-once.js';
import type { MakeOnce } from '../../../layers/engine/src/operations/make-once.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { serviceOf } from '../../simulation/world/services.js';

const UNCERTAIN = awsError('InternalError', { status: 500 });
const EXISTS = awsError('DBSnapshotAlreadyExistsFault', { status: 400 });
const REFUSED = awsError('AccessDenied', { status: 403 });
const GONE = awsError('DBSnapshotNotFoundFault', { status: 404 });

/** What was done, in order, with each call's answer given beforehand: an error is thrown. */
function story(calls: readonly (Error | string)[], looks: readonly (string | undefined)[] = []) {
  const done: string[] = [];
  const left = [...calls];
  const seen = [...looks];
  const { adapter } = serviceOf('rds');
  const clock: MakeOnce<string>['clock'] = {
    now: () => new Date(0),
    sleep: async (milliseconds) => void done.push(`sleeps ${String(milliseconds)}`),
    timeout: () => new AbortController().signal,
  };
  const next = async (what: string): Promise<string> => {
    done.push(what);
    const answer = left.shift();
    if (answer === undefined) throw new Error('It was called once too often.');
    if (typeof answer === 'string') return answer;
    throw answer;
  };
  const find = async (): Promise<string | undefined> => {
    done.push('looks');
    return seen.shift();
  };
  return { done, next, once: { adapter, clock, name: 'orders-1', make: () => next('makes'), find } };
}

const LOOKS_LONG = ['looks', 'sleeps 2000', 'looks', 'sleeps 4000', 'looks'];

describe('what is to be made once', () => {
  it('is made by one call, and not looked for', async () => {
    const { once, done } = story(['new']);
    expect(await makeOnce(once)).toEqual({ kind: 'made', value: 'new' });
    expect(done).toEqual(['makes']);
  });

  it('is looked for after a call that may have been done, and found', async () => {
    const { once, done } = story([UNCERTAIN], [undefined, undefined, 'there']);
    expect(await makeOnce(once)).toEqual({ kind: 'found', found: 'there' });
    expect(done).toEqual(['makes', ...LOOKS_LONG]);
  });

  it('is looked for no longer than it takes to find it', async () => {
    const { once, done } = story([UNCERTAIN], ['there']);
    expect(await makeOnce(once)).toEqual({ kind: 'found', found: 'there' });
    expect(done).toEqual(['makes', 'looks']);
  });

  it('is made by another call where it is not there', async () => {
    const { once, done } = story([UNCERTAIN, 'new']);
    expect(await makeOnce(once)).toEqual({ kind: 'made', value: 'new' });
    expect(done).toEqual(['makes', ...LOOKS_LONG, 'makes']);
  });

  it('is given up after the third call', async () => {
    const { once, done } = story([UNCERTAIN, UNCERTAIN, UNCERTAIN]);
    await expect(makeOnce(once)).rejects.toBe(UNCERTAIN);
    expect(done).toEqual(['makes', ...LOOKS_LONG, 'makes', ...LOOKS_LONG, 'makes', ...LOOKS_LONG]);
  });

  it('is neither looked for nor made again where the call was not done', async () => {
    const { once, done } = story([REFUSED]);
    await expect(makeOnce(once)).rejects.toBe(REFUSED);
    expect(done).toEqual(['makes']);
  });

  it('is what an earlier call has made, where its name exists', async () => {
    const { once, done } = story([EXISTS], ['there']);
    expect(await makeOnce(once)).toEqual({ kind: 'found', found: 'there' });
    expect(done).toEqual(['makes', 'looks']);
  });

  it('cannot be made where something else has its name', async () => {
    const { once, done } = story([EXISTS]);
    const error: unknown = await makeOnce(once).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'AlreadyExists',
      message:
        "The name orders-1 is taken by a backup that this run did not make (another tool's, or one whose tags were changed). Look at it, and delete or rename it.",
      cause: EXISTS,
    });
    expect(isTaken(error)).toBe(true);
    expect(done).toEqual(['makes', ...LOOKS_LONG]);
  });
});

describe('a name', () => {
  const TAKEN = new ShelveryError('AlreadyExists', 'taken');

  it('is kept where it is free', async () => {
    const asked: string[] = [];
    const made = await underFreeName(
      'orders-1',
      () => {
        throw new Error('No other name is needed.');
      },
      async (name) => {
        asked.push(name);
        return `made ${name}`;
      },
    );
    expect([made, asked]).toEqual(['made orders-1', ['orders-1']]);
  });

  it('is another where something else holds it', async () => {
    const make = (name: string): Promise<string> =>
      name === 'orders-1' ? Promise.reject(TAKEN) : Promise.resolve(`made ${name}`);
    expect(await underFreeName('orders-1', () => 'orders-2', make)).toBe('made orders-2');
  });

  it.each([
    ['something else is wrong', new ShelveryError('NotAllowed', 'no')],
    ['nobody has looked for what holds it', EXISTS],
  ])('is no other where %s', async (_, error) => {
    await expect(
      underFreeName(
        'orders-1',
        () => 'orders-2',
        () => Promise.reject(error),
      ),
    ).rejects.toBe(error);
  });

  it('is refused where both are taken', async () => {
    const make = (): Promise<string> => Promise.reject(TAKEN);
    await expect(underFreeName('orders-1', () => 'orders-2', make)).rejects.toBe(TAKEN);
  });

  it('is set apart by failed tries that hold names, too', () => {
    expect([0, 1, 2, 3].map((failed) => setApart('orders', failed))).toEqual([
      'orders',
      'orders',
      'orders 2',
      'orders 3',
    ]);
  });
});

describe('a change of what was just made', () => {
  const change = async (answers: readonly (Error | string)[]): Promise<{ done: readonly string[]; error: unknown }> => {
    const { once, done, next } = story(answers);
    const error: unknown = await onceKnown(once, async () => {
      await next('changes');
    }).catch((thrown: unknown) => thrown);
    return { done, error };
  };

  it('is done once where the service knows of it', async () => {
    expect(await change(['done'])).toEqual({ done: ['changes'], error: undefined });
  });

  it('is done as soon as the service knows of it', async () => {
    expect(await change([GONE, GONE, 'done'])).toEqual({
      done: ['changes', 'sleeps 2000', 'changes', 'sleeps 4000', 'changes'],
      error: undefined,
    });
  });

  it('is given up where the service never knows of it', async () => {
    expect(await change([GONE, GONE, GONE])).toEqual({
      done: ['changes', 'sleeps 2000', 'changes', 'sleeps 4000', 'changes'],
      error: GONE,
    });
  });

  it('is given up at once for any other reason', async () => {
    expect(await change([REFUSED])).toEqual({ done: ['changes'], error: REFUSED });
  });
});
