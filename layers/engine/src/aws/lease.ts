import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { addMilliseconds, subMilliseconds } from 'date-fns';
import * as z from 'zod';
import { ShelveryError, isShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { withoutFullStop } from '../domain/telling/full-stop.js';
import { faultName, isPassing, isUncertain, toShelveryError } from '../domain/telling/faults.js';
import type { Aside, Clock, Held, Log } from '../ports.js';
import { isConditionRefused } from './condition-refused.js';

/** A lease, who works under it, and what becomes of those who come second. */
export interface LeaseOptions {
  readonly client: S3Client;
  /** Tells this holder from all others. */
  readonly holder: string;
  /** Who that is, for people who wait for it. @example 'the function shelvery-ebs' */
  readonly by?: string;
  readonly file: { readonly Bucket: string; readonly ExpectedBucketOwner: string; readonly Key: string };
  readonly clock: Clock;
  readonly log: Log;
  /** What is worked on, for people. */
  readonly what: string;
  /**
   * How long the work may take from now on, in milliseconds: whoever holds the lease for longer has died. Where it is renewed,
   * how long it lasts after its holder has died.
   */
  readonly holdFor: () => number;
  /** How often the lease is renewed while the work goes on, in milliseconds; never where it is left out. */
  readonly renewEvery?: number;
  /** Whether there is time to wait for so many milliseconds, and to work then. */
  readonly mayWait: (milliseconds: number) => boolean;
  /** Ends the waiting for others. */
  readonly signal?: AbortSignal;
  /** Told before the first wait who has the lease, as far as that is known; where it is left out, the log is. */
  readonly onAwaited?: (holder: Holder | undefined) => void;
}

/** Who has a lease, as far as it says so. */
export interface Holder {
  readonly by?: string;
  /** When it ends, unless it is renewed. */
  readonly ends: Date;
  /** Whether it is renewed for as long as its holder works. */
  readonly isRenewed: boolean;
}

/** What is known under a lease. */
export interface Holding extends Held {
  /** When the lease ends, unless it is renewed; nothing where there is none. */
  readonly ends: Date | undefined;
}

/** Longer is no name of anybody. */
const LONGEST_NAME = 200;

/** What is written in a lease. */
const Written = z.object({
  holder: z.string(),
  ends: z.coerce.date(),
  by: z.string().max(LONGEST_NAME).optional().catch(undefined),
  renewed: z.boolean().optional().catch(undefined),
});
type Written = z.infer<typeof Written>;
/** What cannot be read holds nobody up. */
const NOBODY: Written = { holder: '', ends: new Date(0) };

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
 * @throws ShelveryError `NotYet`, which a repeat mends, where there is no time to wait for whoever has the lease, or the wait
 *   was ended by its signal.
 */
export async function underLease<T>(options: LeaseOptions, work: (holding: Holding) => Promise<T>): Promise<T> {
  return await whileHeld(options, await take(options), work);
}

/** The same; nothing where there is no time to wait for whoever has the lease, or the wait was ended by its signal. */
export async function underLeaseInTime<T>(
  options: LeaseOptions,
  work: (holding: Holding) => Promise<T>,
): Promise<T | undefined> {
  let taken: Taken | undefined;
  try {
    taken = await take(options);
  } catch (error) {
    if (isShelveryError(error) && error.code === 'NotYet') return undefined;
    throw error;
  }
  return await whileHeld(options, taken, work);
}

/** The same where nobody else has the lease; nothing where somebody has it, whose end is not waited for. */
export async function underFreeLease<T>(options: LeaseOptions, work: () => Promise<T>): Promise<T | undefined> {
  return await underLeaseInTime({ ...options, mayWait: () => false }, work);
}

async function whileHeld<T>(
  options: LeaseOptions,
  taken: Taken | undefined,
  work: (holding: Holding) => Promise<T>,
): Promise<T> {
  let kept = keep(options, taken);
  const giveBack = async (): Promise<void> => {
    const mine = kept;
    kept = keep(options, undefined);
    await mine.giveBack();
  };
  const aside: Aside = async (wait) => {
    await giveBack();
    const waited = await wait();
    kept = keep(options, await take(options));
    return waited;
  };
  try {
    return await work({ ends: taken?.ends, aside, isHeld: () => kept.isHeld() });
  } finally {
    await giveBack();
  }
}

/** A lease in its holder's hands. */
interface Kept {
  isHeld(): boolean;
  giveBack(): Promise<void>;
}

/**
 * Two clocks may be so far apart, each a minute from AWS's: whoever renews a lease works no longer under it than it lasts by
 * anybody's. Others end, with their invocation, when it does.
 */
const CLOCKS_APART_MS = 120_000;

/** Keeps what was taken until it is given back, and renews it where it is to be. Where nothing was taken, nothing is lost. */
function keep(options: LeaseOptions, taken: Taken | undefined): Kept {
  const { clock, log, renewEvery, what } = options;
  if (taken === undefined) return { isHeld: () => true, giveBack: () => Promise.resolve() };
  const over = new AbortController();
  let mine = taken;
  let isLost = false;
  let isTakenOver = false;
  const lose = (why: string): void => {
    if (!isLost) log.warn('SHELVERY_LEASE_LOST', `${withoutFullStop(why)}. Nothing more is begun.`);
    isLost = true;
  };
  const renewAll = async (every: number): Promise<void> => {
    try {
      while (await hasRested(options, every, over.signal)) mine = await renew(options, mine);
    } catch (error) {
      isTakenOver = true;
      lose(toShelveryError(error, `renewing the lease of ${what}`).message);
    }
  };
  const renewing = renewEvery === undefined ? Promise.resolve() : renewAll(renewEvery);
  return {
    isHeld() {
      if (renewEvery !== undefined && clock.now() >= subMilliseconds(mine.ends, CLOCKS_APART_MS))
        lose(`The lease of ${what} was not renewed in time`);
      return !isLost;
    },
    async giveBack() {
      over.abort();
      await renewing;
      // Afterwards it may be somebody else's.
      if (!isTakenOver && clock.now() < mine.ends) await release(options, mine);
    },
  };
}

/** Sleeps; whether it came to the end of that, and was not woken by the signal. */
async function hasRested(
  { clock }: Pick<LeaseOptions, 'clock'>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const isWoken = (): boolean => signal?.aborted === true;
  if (isWoken()) return false;
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    if (!isWoken()) throw error;
  }
  return !isWoken();
}

/** A lease that was taken. */
interface Taken {
  readonly ends: Date;
  /** What it is renewed by. */
  readonly etag?: string;
  /** Its version of the file, where that is all that there is of it; left out where another was there before, or nobody knows. */
  readonly version?: string;
}

/** Takes a lease; nothing where there is none. */
async function take(options: LeaseOptions): Promise<Taken | undefined> {
  const { clock, what, holder, signal } = options;
  let condition: Condition = { IfNoneMatch: '*' };
  let pause = FIRST_PAUSE_MS;
  let failures = 0;
  let isTold = false;
  const mayWait = (milliseconds: number): boolean => signal?.aborted !== true && options.mayWait(milliseconds);
  /** Whether what failed may succeed in a moment; a wait is over then. */
  const passes = async (error: unknown): Promise<boolean> => {
    failures += 1;
    if (!isPassing(error) || failures >= MOST_FAILURES || !mayWait(pause)) return false;
    return await hasRested(options, pause, signal);
  };
  for (;;) {
    const ends = addMilliseconds(clock.now(), options.holdFor());
    try {
      const { etag, version } = await put(options, ends, condition);
      return { ends, ...present({ etag, version: 'IfMatch' in condition ? undefined : version }) };
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
    if (found?.written.holder === holder) return { ends: found.written.ends, ...present({ etag: found.etag }) };
    if (found !== undefined && found.written.ends <= clock.now()) {
      condition = { IfMatch: found.etag };
      continue;
    }
    const wait = found === undefined ? pause : Math.min(pause, found.written.ends.getTime() - clock.now().getTime());
    if (!mayWait(wait)) throw noTime(what);
    if (!isTold) tellOfHolder(options, found?.written);
    isTold = true;
    if (!(await hasRested(options, wait, signal))) throw noTime(what);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

function noTime(what: string): ShelveryError {
  return new ShelveryError(
    'NotYet',
    `${what} is being worked on by somebody else, and there is no time to wait for the end of that.`,
    { mendable: true },
  );
}

function tellOfHolder({ log, onAwaited, what }: LeaseOptions, written: Written | undefined): void {
  if (onAwaited !== undefined) onAwaited(written === undefined ? undefined : holderOf(written));
  else
    log.info(
      'SHELVERY_LEASE_AWAITED',
      `${what} is being worked on by somebody else; this one waits for the end of that`,
    );
}

/** S3 puts a file only where there is none, or where there is still the one that was looked at. */
type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string | undefined };

async function put(
  { client, file, holder, by, renewEvery }: LeaseOptions,
  ends: Date,
  condition: Condition,
): Promise<{ readonly etag: string | undefined; readonly version: string | undefined }> {
  const written: Written = { holder, ends, ...present({ by, renewed: renewEvery === undefined ? undefined : true }) };
  const Body = JSON.stringify(written);
  const { ETag: etag, VersionId: version } = await client.send(
    new PutObjectCommand({ ...file, ...condition, Body, ContentType: 'application/json' }),
  );
  return { etag, version };
}

function holderOf({ by, ends, renewed = false }: Written): Holder {
  return { ends, isRenewed: renewed, ...present({ by }) };
}

/**
 * Puts a lease anew, for as long as it may be held from now on. What fails may succeed the next time, before it ends.
 *
 * @throws ShelveryError where somebody else has taken it.
 */
async function renew(options: LeaseOptions, mine: Taken): Promise<Taken> {
  const { clock, holder, what } = options;
  if (mine.etag === undefined) return mine;
  // It may have been put though it failed: nobody knows its version then.
  const perhapsRenewed: Taken = { ends: mine.ends, etag: mine.etag };
  const ends = addMilliseconds(clock.now(), options.holdFor());
  try {
    const { etag, version } = await put(options, ends, { IfMatch: mine.etag });
    // Where versioning is suspended, the new file is the same version.
    const isOnly = mine.version !== version && (await isWithout(options, mine.version));
    return { ends, ...present({ etag, version: isOnly ? version : undefined }) };
  } catch (error) {
    if (!isConditionRefused(error) && faultName(error) !== 'NoSuchKey') return perhapsRenewed;
  }
  let found: Awaited<ReturnType<typeof look>>;
  try {
    found = await look(options);
  } catch (error) {
    if (isPassing(error)) return perhapsRenewed;
    throw error;
  }
  // An answer was lost, and the repeat met what the first had put.
  if (found?.written.holder === holder) return { ends: found.written.ends, ...present({ etag: found.etag }) };
  throw new ShelveryError('NotYet', `${what} was taken over by somebody else.`, { mendable: true });
}

/** Whether a version is not there any more, which has another above it by now. */
async function isWithout({ client, file }: LeaseOptions, version: string | undefined): Promise<boolean> {
  if (version === undefined) return false;
  try {
    return await isDeleted(client, { ...file, VersionId: version });
  } catch (error) {
    if (isUncertain(error)) return false;
    throw error;
  }
}

async function look({
  client,
  file,
}: LeaseOptions): Promise<{ readonly written: Written; readonly etag: string | undefined } | undefined> {
  try {
    const { Body, ETag: etag } = await client.send(new GetObjectCommand(file));
    return { written: parseWritten((await Body?.transformToString()) ?? ''), etag };
  } catch (error) {
    if (faultName(error) === 'NoSuchKey') return undefined;
    throw error;
  }
}

function parseWritten(text: string): Written {
  try {
    return Written.catch(NOBODY).parse(JSON.parse(text));
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
