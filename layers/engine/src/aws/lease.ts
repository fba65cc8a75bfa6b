import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { addMilliseconds } from 'date-fns';
import * as z from 'zod';
import { ShelveryError, isShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { faultName, isPassing, isUncertain, toShelveryError } from '../domain/telling/faults.js';
import type { Aside, Clock, Log } from '../ports.js';
import { isConditionRefused } from './condition-refused.js';

/** A lease, who works under it, and what becomes of those who come second. */
export interface LeaseOptions {
  readonly client: S3Client;
  /** Tells this holder from all others. */
  readonly holder: string;
  readonly file: { readonly Bucket: string; readonly ExpectedBucketOwner: string; readonly Key: string };
  readonly clock: Clock;
  readonly log: Log;
  /** What is worked on, for people. */
  readonly what: string;
  /** How long the work may take from now on, in milliseconds: whoever holds the lease for longer has died. */
  readonly holdFor: () => number;
  /** Whether there is time to wait for so many milliseconds, and to work then. */
  readonly mayWait: (milliseconds: number) => boolean;
}

/** What is written in a lease. */
const Held = z.object({ holder: z.string(), ends: z.coerce.date() });
type Held = z.infer<typeof Held>;
/** What cannot be read holds nobody up. */
const NOBODY: Held = { holder: '', ends: new Date(0) };

/**
 * Between two looks at a lease that another has; they double. Functions that a queue keeps at work take a lease again as soon as
 * they have given it back: whoever looks seldom never gets it.
 */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 2_000;
/** After so many calls that failed the work goes on without a lease. */
const MOST_FAILURES = 3;

/**
 * Does work while nobody else does work under the same lease, which is a file that S3 lets one put alone. Whoever comes
 * second waits until the first is done, or until its time is over. Where there is no bucket, or it may not be written to,
 * the work is done without a lease.
 *
 * @param work Gets the time at which the lease ends; nothing where there is none.
 * @throws ShelveryError `NotYet`, which a repeat mends, where there is no time to wait for whoever has the lease.
 */
export async function underLease<T>(
  options: LeaseOptions,
  work: (ends: Date | undefined, aside: Aside) => Promise<T>,
): Promise<T> {
  return await whileHeld(options, await take(options), work);
}

/** The same where nobody else has the lease; nothing where somebody has it, whose end is not waited for. */
export async function underFreeLease<T>(options: LeaseOptions, work: () => Promise<T>): Promise<T | undefined> {
  let taken: Taken | undefined;
  try {
    taken = await take({ ...options, mayWait: () => false });
  } catch (error) {
    if (isShelveryError(error) && error.code === 'NotYet') return undefined;
    throw error;
  }
  return await whileHeld(options, taken, work);
}

async function whileHeld<T>(
  options: LeaseOptions,
  first: Taken | undefined,
  work: Parameters<typeof underLease<T>>[1],
): Promise<T> {
  let taken = first;
  const giveBack = async (): Promise<void> => {
    const mine = taken;
    taken = undefined;
    // Afterwards it may be somebody else's.
    if (mine !== undefined && options.clock.now() < mine.ends) await release(options, mine);
  };
  const aside: Aside = async (wait) => {
    await giveBack();
    const waited = await wait();
    taken = await take(options);
    return waited;
  };
  try {
    return await work(taken?.ends, aside);
  } finally {
    await giveBack();
  }
}

/** A lease that was taken. */
interface Taken {
  readonly ends: Date;
  /** Its version of the file, where that is all that there is of it; left out where another was there before, or nobody knows. */
  readonly version?: string;
}

/** Takes a lease; nothing where there is none. */
async function take(options: LeaseOptions): Promise<Taken | undefined> {
  const { client, file, clock, log, what, holder } = options;
  let condition: { readonly IfNoneMatch: '*' } | { readonly IfMatch: string | undefined } = { IfNoneMatch: '*' };
  let pause = FIRST_PAUSE_MS;
  let failures = 0;
  let isTold = false;
  /** Whether what failed may succeed in a moment; a wait is over then. */
  const passes = async (error: unknown): Promise<boolean> => {
    failures += 1;
    if (!isPassing(error) || failures >= MOST_FAILURES || !options.mayWait(pause)) return false;
    await clock.sleep(pause);
    return true;
  };
  for (;;) {
    const ends = addMilliseconds(clock.now(), options.holdFor());
    try {
      const Body = JSON.stringify({ holder, ends });
      const put = await client.send(
        new PutObjectCommand({ ...file, ...condition, Body, ContentType: 'application/json' }),
      );
      return { ends, ...present({ version: 'IfMatch' in condition ? undefined : put.VersionId }) };
    } catch (error) {
      // A lease that was to be taken over is gone.
      const isGone = 'IfMatch' in condition && faultName(error) === 'NoSuchKey';
      if (!isGone && !isConditionRefused(error)) {
        if (await passes(error)) continue;
        tellOfNone(options, error);
        return undefined;
      }
    }
    condition = { IfNoneMatch: '*' };
    let found: Awaited<ReturnType<typeof look>>;
    try {
      found = await look(options);
    } catch (error) {
      if (await passes(error)) continue;
      tellOfNone(options, error);
      return undefined;
    }
    // The answer to the first try was lost, and the SDK's own repeat met what it had put.
    if (found?.held.holder === holder) return { ends: found.held.ends };
    if (found !== undefined && found.held.ends <= clock.now()) {
      condition = { IfMatch: found.etag };
      continue;
    }
    const wait = found === undefined ? pause : Math.min(pause, found.held.ends.getTime() - clock.now().getTime());
    if (!options.mayWait(wait)) {
      throw new ShelveryError(
        'NotYet',
        `${what} is being worked on by somebody else, and there is no time to wait for the end of that.`,
        { mendable: true },
      );
    }
    if (!isTold) {
      log.info(
        'SHELVERY_LEASE_AWAITED',
        `${what} is being worked on by somebody else; this one waits for the end of that`,
      );
    }
    isTold = true;
    await clock.sleep(wait);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

async function look({
  client,
  file,
}: LeaseOptions): Promise<{ readonly held: Held; readonly etag: string | undefined } | undefined> {
  try {
    const { Body, ETag: etag } = await client.send(new GetObjectCommand(file));
    return { held: parseHeld((await Body?.transformToString()) ?? ''), etag };
  } catch (error) {
    if (faultName(error) === 'NoSuchKey') return undefined;
    throw error;
  }
}

function parseHeld(text: string): Held {
  try {
    return Held.catch(NOBODY).parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return NOBODY;
    throw error;
  }
}

/** That there is no lease is no reason not to work. */
function tellOfNone({ log, what }: LeaseOptions, error: unknown): void {
  const { message } = toShelveryError(error, `taking the lease of ${what}`);
  log.info('SHELVERY_LEASE_MISSING', `${message} The work goes on without a lease.`);
}

/**
 * Deletes the file of a lease, and where that is allowed its only version: data buckets keep versions, and a lease that is taken
 * every few seconds would have millions, at which S3 answers 503 (page "Troubleshooting versioning"). One that stays ends by
 * itself.
 */
async function release({ client, file, log, what }: LeaseOptions, { version }: Taken): Promise<void> {
  try {
    if (version === undefined || !(await isDeleted(client, { ...file, VersionId: version })))
      await client.send(new DeleteObjectCommand(file));
  } catch (error) {
    log.warn('SHELVERY_LEASE_KEPT', toShelveryError(error, `giving the lease of ${what} back`).message);
  }
}

/**
 * Whether a version was deleted: older roles may not do that, nor may anybody where the bucket's owner has locked them.
 *
 * @throws what does not say that it was not: the lease may be somebody else's by then.
 */
async function isDeleted(
  client: S3Client,
  version: LeaseOptions['file'] & { readonly VersionId: string },
): Promise<boolean> {
  try {
    await client.send(new DeleteObjectCommand(version));
    return true;
  } catch (error) {
    if (isUncertain(error)) throw error;
    return false;
  }
}
