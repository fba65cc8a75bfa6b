import { describe, expect, it } from '@jest/globals';
import { underLease } from '../../../layers/engine/src/aws/lease.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { s3ClientOver } from '../../simulation/world/read-s3-calls.js';

const START = Date.UTC(2026, 10, 24, 3, 1);
const RESERVE_MS = 10_000;

/** Somebody has a lease for so long, and whoever comes second has so long to live. */
async function secondUnder(heldForMs: number, limitMs: number): Promise<number> {
  let now = START;
  const held = JSON.stringify({ holder: 'first', ends: new Date(START + heldForMs) });
  const client = s3ClientOver({
    get: async () => ({ body: held, etag: 'first' }),
    put: async (_key, _body, { ifMatch }) => {
      if (ifMatch === undefined) throw awsError('PreconditionFailed', { status: 412 });
    },
    remove: async () => undefined,
    getPolicy: async () => '',
    putPolicy: async () => undefined,
  });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await underLease(
    {
      client,
      holder: 'second',
      file: { Bucket: 'data', ExpectedBucketOwner: '111111111111', Key: 'leases/ebs/1.json' },
      clock: {
        now: () => new Date(now),
        sleep: async (milliseconds) => {
          now += milliseconds;
        },
        timeout: () => new AbortController().signal,
      },
      log,
      what: 'This event',
      holdFor: () => limitMs,
      mayWait: (milliseconds) => START + limitMs - now - milliseconds > RESERVE_MS,
    },
    async () => undefined,
  );
  return now - START;
}

describe('a lease that somebody else has', () => {
  it('is waited for to its end, where that comes in time though the next pause would not', async () => {
    expect(await secondUnder(20_000, 36_000)).toBe(20_000);
  });
  it('is not waited for where its end comes too late', async () => {
    await expect(secondUnder(30_000, 36_000)).rejects.toMatchObject({ code: 'NotYet', mendable: true });
  });
});
