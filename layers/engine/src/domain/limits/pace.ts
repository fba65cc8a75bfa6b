import type { RequestBucket } from './request-buckets.js';

/**
 * How fast calls of one API action go, for an account in a region. It follows AWS's bucket where a page states one, and
 * else knows no limit until AWS refuses a call. What AWS refuses lowers it, because others use the account, too; then it
 * rises again slowly, up to what the page states.
 */
export interface Pace {
  /** Calls that may be made at once; below 1, the next one waits, unless it is one of the first. */
  readonly tokens: number;
  /** Calls that a full bucket has room for from the first on, however fast they come and whatever it gains meanwhile. */
  readonly first: number;
  /** When that was so, in milliseconds. */
  readonly at: number;
  /** Most tokens. */
  readonly size: number;
  /** Tokens that come each second now. */
  readonly perSecond: number;
  /** The rate that it never exceeds: what the page states. */
  readonly most: number;
  /** How much the rate rises each second. */
  readonly rise: number;
  /** When it was last lowered: what is refused of the calls that were made before says nothing new. */
  readonly loweredAt: number;
  /** How many calls were made lately, by which a rate is known where no page states one. */
  readonly made: Made;
}

/** Calls counted over half seconds, and a mean in which the latest weighs most: as the SDK's adaptive mode does. */
interface Made {
  readonly since: number;
  readonly calls: number;
  readonly perSecond: number;
}

/** What is left of the rate when AWS refuses a call: as in the SDK's adaptive mode. */
const LOWERED = 0.7;
/** How much of the documented rate comes back each second: all of it in 200 s. */
const RISE = 0.005;
/** The same of the rate at which AWS first refused a call, where none is documented: it is a guess, and may be low. */
const RISE_UNDOCUMENTED = 0.02;
/** The least part of the documented rate, and the least rate where none is documented (the SDK's least). */
const LEAST_PART = 0.1;
const LEAST_UNDOCUMENTED = 0.5;
const COUNTED_MS = 500;
const LATEST_WEIGHS = 0.8;

/** The pace before the first call. */
export function paceOf(bucket: RequestBucket | undefined, now: number): Pace {
  const { size, perSecond } = bucket ?? { size: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY };
  const usable = bucket === undefined ? size : size - cushion(perSecond);
  return {
    tokens: usable,
    first: bucket?.size ?? 0,
    at: now,
    size: usable,
    perSecond,
    most: perSecond,
    rise: perSecond * RISE,
    loweredAt: now,
    made: { since: now, calls: 0, perSecond: 0 },
  };
}

/**
 * What is left in AWS's bucket, so that a call which comes a little early is not refused: calls take unlike times on their
 * way, and the page says that tokens are added "every second", so some come up to a second later than by this reckoning.
 */
function cushion(perSecond: number): number {
  return perSecond + 1;
}

/** How long the next call has to wait, in milliseconds. */
export function waitBefore(pace: Pace, now: number): number {
  const { tokens, first, perSecond } = passed(pace, now);
  return tokens >= 1 || first >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000;
}

/** The pace after a call is made. */
export function afterCall(pace: Pace, now: number): Pace {
  const then = passed(pace, now);
  return { ...then, tokens: then.tokens - 1, first: Math.max(0, then.first - 1), made: counted(then.made, now) };
}

/**
 * The pace after AWS refused a call. If there should have been tokens left, somebody else has used them; the rate is not in
 * question then. If the call was made as soon as it might be, the rate is too high.
 *
 * @param madeAt when the call was made.
 */
export function afterRefusal(pace: Pace, madeAt: number, now: number): Pace {
  if (madeAt < pace.loweredAt) return pace;
  const then = passed(pace, now);
  if (!Number.isFinite(then.perSecond)) return afterFirstRefusal(then);
  const isEarly = then.tokens < 1;
  const perSecond = isEarly ? Math.max(then.perSecond * LOWERED, leastOf(then)) : then.perSecond;
  return { ...then, perSecond, tokens: -cushion(perSecond), first: 0, loweredAt: now };
}

/** Where no page states a rate: the one at which calls were made until now shows how high it may be. */
function afterFirstRefusal(pace: Pace): Pace {
  // In the first half second no mean is known yet, but the calls are.
  const was = Math.max(pace.made.perSecond, pace.made.calls, LEAST_UNDOCUMENTED);
  const perSecond = Math.max(was * LOWERED, LEAST_UNDOCUMENTED);
  const size = Math.max(was, 1);
  return { ...pace, perSecond, size, rise: was * RISE_UNDOCUMENTED, tokens: -cushion(perSecond), loweredAt: pace.at };
}

function leastOf({ most }: Pace): number {
  return Number.isFinite(most) ? most * LEAST_PART : LEAST_UNDOCUMENTED;
}

/**
 * What time brings: tokens, and some of the rate that was lost. A clock that was set back brings nothing, and what is refused from
 * then on counts.
 */
function passed(pace: Pace, now: number): Pace {
  const seconds = Math.max(0, now - pace.at) / 1000;
  const loweredAt = Math.min(pace.loweredAt, now);
  if (!Number.isFinite(pace.perSecond)) return { ...pace, at: now, loweredAt };
  const perSecond = Math.min(pace.perSecond + seconds * pace.rise, pace.most);
  const gained = (seconds * (pace.perSecond + perSecond)) / 2;
  return { ...pace, at: now, loweredAt, perSecond, tokens: Math.min(pace.tokens + gained, pace.size) };
}

function counted({ since, calls, perSecond }: Made, now: number): Made {
  if (now - since < COUNTED_MS) return { since, calls: calls + 1, perSecond };
  const latest = ((calls + 1) / (now - since)) * 1000;
  return { since: now, calls: 0, perSecond: latest * LATEST_WEIGHS + perSecond * (1 - LATEST_WEIGHS) };
}
