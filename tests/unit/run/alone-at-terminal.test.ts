import { describe, expect, it } from '@jest/globals';
import { underLease } from '../../../layers/engine/src/aws/lease.js';
import type { Log } from '../../../layers/engine/src/ports.js';
import { aloneUnder } from '../../../layers/engine/src/run/alone-at-terminal.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { s3ClientOver } from '../../simulation/world/read-s3-calls.js';
import { openLeaseFile } from '../aws/lease-file.js';
import { createFakeClock } from '../cli/fake-clock.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const FILE = { Bucket: 'data', ExpectedBucketOwner: '111111111111', Key: 'leases/ebs/1.json' };

/** Something that goes on until it is ended. */
function endless() {
  let finish = (): void => undefined;
  let isBegun = false;
  const over = new Promise<string>((resolve) => {
    finish = () => {
      resolve('pulled');
    };
  });
  const work = (): Promise<string> => {
    isBegun = true;
    return over;
  };
  return { finish: () => finish(), isBegun: () => isBegun, work };
}

/** Terminals and functions that have a lease in common. */
function openAccount(client = openLeaseFile().client) {
  const clock = createFakeClock();
  const said: string[] = [];
  const say = (...[code, message]: Parameters<Log['warn']> | Parameters<Log['info']>): void => {
    said.push(`${code} ${message}`);
  };
  const common = { client, file: FILE, clock, log: { info: say, warn: say, error: () => undefined } };
  /** A pull at a terminal. */
  const pull = (host: string) => {
    const interruption = new AbortController();
    const awaited: string[] = [];
    const pulling = endless();
    const ended = aloneUnder(
      { ...common, holder: host },
      {
        ...common,
        type: 'ebs',
        by: `a terminal on ${host}`,
        signal: interruption.signal,
        onAwaited: (text) => {
          awaited.push(text);
        },
      },
    )(pulling.work);
    return { ...pulling, awaited, ended, interrupt: () => interruption.abort() };
  };
  /** An invocation that has so many minutes. */
  const invoke = (minutes: number) => {
    const working = endless();
    const ended = underLease(
      {
        ...common,
        holder: 'function',
        by: 'the function shelvery-ebs',
        what: 'This event',
        holdFor: () => minutes * MINUTE_MS,
        mayWait: () => true,
      },
      working.work,
    );
    return { ...working, ended };
  };
  return { clock, invoke, pull, said };
}

const until = (who: string, when: string): string =>
  `waiting until ${who} has made its copies (${when}), so that nothing is copied twice`;

describe('a pull at a terminal', () => {
  it('waits for an invocation, says for which and how long at the most, and begins within 2 s of its end', async () => {
    const { clock, invoke, pull, said } = openAccount();
    const function_ = invoke(15);
    await clock.advance(0);
    const terminal = pull('a');
    for (let second = 0; second < 60; second += 1) await clock.advance(SECOND_MS);
    const text = until('the function shelvery-ebs', 'by 2026-11-24T03:16:00Z at the latest');
    expect([terminal.isBegun(), terminal.awaited, said]).toEqual([
      false,
      [text],
      [`SHELVERY_PULL_AWAITED ebs: ${text}`],
    ]);
    function_.finish();
    await function_.ended;
    await clock.advance(2 * SECOND_MS);
    expect(terminal.isBegun()).toBe(true);
    terminal.finish();
    expect(await terminal.ended).toBe('pulled');
    expect(clock.sleeping()).toBe(0);
  });

  it('waits for another terminal for as long as that works', async () => {
    const { clock, pull } = openAccount();
    const first = pull('a');
    await clock.advance(0);
    const second = pull('b');
    await clock.advance(0);
    for (let minute = 0; minute < 30; minute += 1) await clock.advance(MINUTE_MS);
    expect(second.isBegun()).toBe(false);
    expect(second.awaited).toEqual([until('a terminal on a', 'or, if it was killed, until 2026-11-24T03:06:00Z')]);
    first.finish();
    await first.ended;
    await clock.advance(2 * SECOND_MS);
    expect(second.isBegun()).toBe(true);
    second.finish();
    await second.ended;
  });

  it('waits five minutes for a terminal that was killed', async () => {
    const file = openLeaseFile();
    const { clock, pull } = openAccount(file.client);
    // As it leaves its lease.
    file.replace({ holder: 'a', ends: new Date(clock.now().getTime() + 5 * MINUTE_MS) });
    const second = pull('b');
    for (let seconds = 0; seconds < 299; seconds += 1) await clock.advance(SECOND_MS);
    expect(second.isBegun()).toBe(false);
    await clock.advance(SECOND_MS);
    expect(second.isBegun()).toBe(true);
    second.finish();
    await second.ended;
  });

  it('keeps an invocation waiting, too, and no longer than it works', async () => {
    const { clock, invoke, pull, said } = openAccount();
    const terminal = pull('a');
    await clock.advance(0);
    const function_ = invoke(15);
    await clock.advance(MINUTE_MS);
    expect(function_.isBegun()).toBe(false);
    expect(said.map((line) => line.split(' ')[0])).toEqual(['SHELVERY_LEASE_AWAITED']);
    terminal.finish();
    await terminal.ended;
    await clock.advance(2 * SECOND_MS);
    expect(function_.isBegun()).toBe(true);
    function_.finish();
    await function_.ended;
  });

  it('begins nothing, and leaves nothing, where Ctrl-C ends its wait', async () => {
    const { clock, invoke, pull, said } = openAccount();
    const function_ = invoke(15);
    await clock.advance(0);
    const terminal = pull('a');
    await clock.advance(5 * SECOND_MS);
    terminal.interrupt();
    expect(await terminal.ended).toBeUndefined();
    expect([terminal.isBegun(), clock.sleeping(), said.length]).toEqual([false, 0, 1]);
    function_.finish();
    await function_.ended;
  });

  it('gives its lease back after Ctrl-C, once it has finished what it began', async () => {
    const file = openLeaseFile();
    const { clock, pull } = openAccount(file.client);
    const terminal = pull('a');
    await clock.advance(0);
    terminal.interrupt();
    await clock.advance(0);
    expect(file.written()?.holder).toBe('a');
    terminal.finish();
    expect([await terminal.ended, file.written()]).toEqual(['pulled', undefined]);
  });

  it.each([
    ['where there is no bucket', 'NoSuchBucket', 404],
    ['without the permission', 'AccessDenied', 403],
  ])('goes on without a lease %s', async (_, code, status) => {
    const refuse = (): Promise<never> => Promise.reject(awsError(code, { status }));
    const client = s3ClientOver({ get: refuse, put: refuse, remove: refuse, getPolicy: refuse, putPolicy: refuse });
    const { clock, pull, said } = openAccount(client);
    const terminal = pull('a');
    await clock.advance(0);
    expect(terminal.isBegun()).toBe(true);
    terminal.finish();
    expect(await terminal.ended).toBe('pulled');
    expect(said.map((line) => line.split(' ')[0])).toEqual(['SHELVERY_LEASE_MISSING']);
  });

  it('fails by what it does, and gives its lease back', async () => {
    const file = openLeaseFile();
    const { clock } = openAccount(file.client);
    const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const alone = aloneUnder(
      { client: file.client, file: FILE, holder: 'a' },
      { type: 'ebs', clock, log, by: 'a terminal' },
    );
    await expect(alone(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
    expect(file.written()).toBeUndefined();
  });
});
