import { describe, expect, it } from '@jest/globals';
import { underLease } from '../../../layers/engine/src/aws/lease.js';
import type { Holding } from '../../../layers/engine/src/aws/lease.js';
import type { Log } from '../../../layers/engine/src/ports.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { s3ClientOver } from '../../simulation/world/read-s3-calls.js';
import { createFakeClock } from '../cli/fake-clock.js';
import { openLeaseFile } from './lease-file.js';

const START = Date.UTC(2026, 10, 24, 3, 1);
const RESERVE_MS = 10_000;

/** What S3 does with the file of a lease. */
type LeaseFile = Pick<Parameters<typeof s3ClientOver>[0], 'get' | 'put'>;

/** When a lease ends, how long it took to get it, the pauses in that, and what was said. */
interface Worked {
  readonly ends: Date | undefined;
  readonly took: number;
  readonly pauses: readonly number[];
  readonly said: readonly string[];
}

/** Works under a lease, with so long to live. */
async function workUnder(file: LeaseFile, limitMs: number): Promise<Worked> {
  let now = START;
  const pauses: number[] = [];
  const said: string[] = [];
  const client = s3ClientOver({
    ...file,
    remove: async () => undefined,
    getPolicy: async () => '',
    putPolicy: async () => undefined,
  });
  const log: Log = {
    info: (...[code]) => {
      said.push(code);
    },
    warn: () => undefined,
    error: () => undefined,
  };
  const ends = await underLease(
    {
      client,
      holder: 'second',
      file: { Bucket: 'data', ExpectedBucketOwner: '111111111111', Key: 'leases/ebs/1.json' },
      clock: {
        now: () => new Date(now),
        sleep: async (milliseconds) => {
          now += milliseconds;
          pauses.push(milliseconds);
        },
        timeout: () => new AbortController().signal,
      },
      log,
      what: 'This event',
      holdFor: () => limitMs,
      mayWait: (milliseconds) => START + limitMs - now - milliseconds > RESERVE_MS,
    },
    async ({ ends: until }) => until,
  );
  return { ends, took: now - START, pauses, said };
}

/** Somebody has a lease for so long, and whoever comes second has so long to live. */
async function secondUnder(heldForMs: number, limitMs: number): Promise<Worked> {
  const held = JSON.stringify({ holder: 'first', ends: new Date(START + heldForMs) });
  return await workUnder(
    {
      get: async () => ({ body: held, etag: 'first' }),
      put: async (_key, _body, { ifMatch }) => {
        if (ifMatch === undefined) throw awsError('PreconditionFailed', { status: 412 });
        return { etag: 'second' };
      },
    },
    limitMs,
  );
}

/** A lease that S3 refuses so often, at the put or at the look after it. */
async function refused(times: number, at: 'put' | 'get', code = 'SlowDown'): Promise<Worked> {
  let left = times;
  const refuse = (): void => {
    left -= 1;
    if (left >= 0) throw awsError(code, { status: code === 'SlowDown' ? 503 : 403 });
  };
  return await workUnder(
    {
      get: async () => {
        if (at === 'get') refuse();
        return { body: JSON.stringify({ holder: 'second', ends: new Date(START + 60_000) }), etag: 'second' };
      },
      put: async () => {
        if (at === 'get') throw awsError('PreconditionFailed', { status: 412 });
        refuse();
        return { etag: 'second' };
      },
    },
    60_000,
  );
}

describe('a lease that S3 cannot give for a moment', () => {
  it.each(['put', 'get'] as const)('is asked for again, up to three times (%s)', async (at) => {
    const { ends, took, said } = await refused(2, at);
    expect({ ends: ends?.getTime(), took, said }).toEqual({
      ends: START + (at === 'put' ? 62_000 : 60_000),
      took: 2_000,
      said: [],
    });
    expect(await refused(3, at)).toMatchObject({ ends: undefined, took: 2_000, said: ['SHELVERY_LEASE_MISSING'] });
  });

  it('is not asked for again where it may not be taken', async () => {
    expect(await refused(1, 'put', 'AccessDenied')).toMatchObject({ ends: undefined, took: 0 });
  });
});

describe('a lease that somebody else has', () => {
  it('is waited for to its end, where that comes in time though the next pause would not', async () => {
    expect((await secondUnder(20_000, 36_000)).took).toBe(20_000);
  });
  it('is looked at again every 2 s at the most, and that it is waited for is said once', async () => {
    const { pauses, said } = await secondUnder(8_500, 36_000);
    expect(pauses).toEqual([1_000, 2_000, 2_000, 2_000, 1_500]);
    expect(said).toEqual(['SHELVERY_LEASE_AWAITED']);
  });
  it('is not waited for where its end comes too late', async () => {
    await expect(secondUnder(30_000, 36_000)).rejects.toMatchObject({ code: 'NotYet', mendable: true });
  });
});

/** A file that several hold leases in, one after the other, in a time of their own. */
function openLeases() {
  let now = START;
  const { client, written } = openLeaseFile();
  const holder = (): unknown => written()?.holder;
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const under = (who: string, limitMs: number, work: Parameters<typeof underLease<string>>[1]): Promise<string> => {
    const ends = now + limitMs;
    return underLease(
      {
        client,
        holder: who,
        file: { Bucket: 'data', ExpectedBucketOwner: '111111111111', Key: 'leases/ebs/1.json' },
        clock: {
          now: () => new Date(now),
          sleep: (milliseconds) => {
            now += milliseconds;
            return Promise.resolve();
          },
          timeout: () => new AbortController().signal,
        },
        log: silent,
        what: 'This event',
        holdFor: () => ends - now,
        mayWait: (milliseconds) => ends - now - milliseconds > RESERVE_MS,
      },
      work,
    );
  };
  return { under, holder, pass: (milliseconds: number) => (now += milliseconds) };
}

describe('whoever waits for others under a lease', () => {
  it('gives it back for so long, and takes it again', async () => {
    const { under, holder } = openLeases();
    const held: unknown[] = [];
    const answer = await under('first', 60_000, async ({ aside }) => {
      held.push(holder());
      const waited = await aside(async () => {
        held.push(holder());
        return await under('second', 60_000, async () => {
          held.push(holder());
          return 'what the second did';
        });
      });
      held.push(holder());
      return waited;
    });
    expect([answer, held, holder()]).toEqual([
      'what the second did',
      ['first', undefined, 'second', 'first'],
      undefined,
    ]);
  });

  it('goes on once the other has died, and not where there is no time for that', async () => {
    for (const [limit, ended] of [
      [90_000, 'went on'],
      [60_000, 'NotYet'],
    ] as const) {
      const { under, pass } = openLeases();
      const first = under('first', limit, async ({ aside }) => {
        await aside(async () => {
          pass(10_000);
          // It holds the lease for 50 s, and never gives it back.
          void under('second', 50_000, () => new Promise<string>(() => undefined));
          await Promise.resolve();
        });
        return 'went on';
      });
      expect(await first.catch((error: unknown) => (error as { readonly code: string }).code)).toBe(ended);
    }
  });

  it('has no other one given back after it has come to nothing', async () => {
    const { under, holder, pass } = openLeases();
    await expect(
      under('first', 60_000, ({ aside }) =>
        aside(async () => {
          void under('second', 900_000, () => new Promise<string>(() => undefined));
          await Promise.resolve();
          pass(30_000);
          throw new Error('interrupted');
        }),
      ),
    ).rejects.toThrow('interrupted');
    expect(holder()).toBe('second');
  });
});

const MINUTE_MS = 60_000;

/** A lease that its holder renews each minute, for five more. */
function openRenewed(versions?: 'suspended') {
  const clock = createFakeClock();
  const file = openLeaseFile(versions);
  const warned: string[] = [];
  let finish = (): void => undefined;
  let holding: Holding | undefined;
  const work = underLease(
    {
      client: file.client,
      holder: 'first',
      by: 'a terminal',
      file: { Bucket: 'data', ExpectedBucketOwner: '111111111111', Key: 'leases/ebs/1.json' },
      clock,
      log: {
        info: () => undefined,
        warn: (...[code, message]) => {
          warned.push(`${code} ${message}`);
        },
        error: () => undefined,
      },
      what: 'Pulling',
      holdFor: () => 5 * MINUTE_MS,
      renewEvery: MINUTE_MS,
      mayWait: () => true,
    },
    (given) => {
      holding = given;
      return new Promise<void>((resolve) => (finish = resolve));
    },
  );
  return {
    ...file,
    clock,
    warned,
    isHeld: () => holding?.isHeld(),
    aside: async (wait: () => Promise<void>) => holding?.aside(wait),
    minutesLeft: () => {
      const ends = file.written()?.ends;
      return ends === undefined ? undefined : (Date.parse(ends) - clock.now().getTime()) / MINUTE_MS;
    },
    end: async () => {
      finish();
      await work;
    },
  };
}

describe('a lease that is renewed', () => {
  it('lasts five minutes from each minute on, says who has it, and leaves no version of itself', async () => {
    const { clock, end, isHeld, minutesLeft, removed, warned, written } = openRenewed();
    await clock.advance(0);
    expect([minutesLeft(), written()]).toEqual([5, expect.objectContaining({ by: 'a terminal', renewed: true })]);
    for (let minute = 0; minute < 12; minute += 1) {
      await clock.advance(MINUTE_MS);
      expect([minutesLeft(), isHeld()]).toEqual([5, true]);
    }
    await end();
    expect(written()).toBeUndefined();
    expect(removed).toEqual(Array.from({ length: 13 }, (_, index) => `v${String(index + 1)}`));
    expect(warned).toEqual([]);
    expect(clock.sleeping()).toBe(0);
  });

  it('stays where versioning is suspended, and the renewed file is the version that it was', async () => {
    const { clock, end, isHeld, minutesLeft, removed, written } = openRenewed('suspended');
    await clock.advance(0);
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(MINUTE_MS);
      expect([minutesLeft(), isHeld()]).toEqual([5, true]);
    }
    expect(removed).toEqual([]);
    await end();
    expect(written()).toBeUndefined();
  });

  it('is renewed the next time where S3 refused it, or did it and answered by an error', async () => {
    const { clock, end, failNext, isHeld, minutesLeft, warned, written } = openRenewed();
    await clock.advance(0);
    failNext('refused');
    await clock.advance(MINUTE_MS);
    expect(minutesLeft()).toBe(4);
    await clock.advance(MINUTE_MS);
    expect(minutesLeft()).toBe(5);
    failNext('done-500');
    for (let minute = 0; minute < 3; minute += 1) await clock.advance(MINUTE_MS);
    expect([minutesLeft(), isHeld()]).toEqual([5, true]);
    await end();
    expect([written(), warned]).toEqual([undefined, []]);
  });

  it.each(['done-500', 'not-deleted'] as const)('is given back though nobody knows its version: %s', async (fault) => {
    const { clock, end, failNext, warned, written } = openRenewed();
    await clock.advance(0);
    failNext(fault);
    await clock.advance(MINUTE_MS);
    await end();
    expect([written(), warned]).toEqual([undefined, []]);
  });

  it.each([
    ['is', { holder: 'second', ends: new Date(START) }],
    ['was', undefined],
  ])("is lost where it %s another's meanwhile", async (_, other) => {
    const lease = openRenewed();
    await lease.clock.advance(0);
    lease.replace(other);
    await lease.clock.advance(MINUTE_MS);
    expect(lease.isHeld()).toBe(false);
    const left = lease.written();
    await lease.end();
    // What is another's is not given back.
    expect([lease.written(), lease.removed]).toEqual([left, []]);
    expect(lease.warned).toEqual([
      'SHELVERY_LEASE_LOST Pulling was taken over by somebody else. Nothing more is begun.',
    ]);
  });

  it('is no more in the last two minutes, where nobody could renew it until then: clocks may be so far apart', async () => {
    const { clock, end, isHeld, removed, warned } = openRenewed();
    await clock.advance(0);
    // The machine was asleep.
    clock.jump(3 * MINUTE_MS);
    expect(isHeld()).toBe(false);
    await clock.advance(0);
    // What was renewed afterwards was another's for all that is known.
    expect(isHeld()).toBe(false);
    await end();
    expect(warned).toEqual([
      'SHELVERY_LEASE_LOST The lease of Pulling was not renewed in time. Nothing more is begun.',
    ]);
    expect(removed.at(-1)).toBe('v2');
  });

  it('is not renewed while others may have it', async () => {
    const { aside, clock, end, minutesLeft, warned } = openRenewed();
    await clock.advance(0);
    await aside(async () => {
      expect(minutesLeft()).toBeUndefined();
      await clock.advance(10 * MINUTE_MS);
      expect([minutesLeft(), clock.sleeping()]).toEqual([undefined, 0]);
    });
    expect(minutesLeft()).toBe(5);
    await end();
    expect([minutesLeft(), warned]).toEqual([undefined, []]);
  });
});
