import type { AwsAccess } from '../aws/access.js';
import { eventLease } from '../aws/event-lease.js';
import { underLeaseInTime } from '../aws/lease.js';
import type { Holder, LeaseOptions } from '../aws/lease.js';
import { formatIso } from '../domain/calendar.js';
import type { RunConfig } from '../domain/config/config.js';
import { MAKING_COPIES } from '../domain/files/keys.js';
import { present } from '../domain/present.js';
import { printable } from '../domain/telling/printable.js';
import type { BackupType } from '../domain/values.js';
import type { Alone, Clock, Log } from '../ports.js';

/**
 * How long the lease of a terminal lasts after the terminal has died, and how often it is renewed. Two clocks may be a minute
 * from AWS's each, and a call may fail twice.
 */
const HOLD_MS = 300_000;
const RENEW_EVERY_MS = 60_000;

/** Who works at a terminal, and by what. */
export interface TerminalOptions {
  readonly type: BackupType;
  readonly clock: Clock;
  readonly log: Log;
  /** Which terminal it is, for people who wait for it. @example 'a terminal on build-7 (process 4242)' */
  readonly by: string;
  /** Ends the waiting for others. */
  readonly signal?: AbortSignal;
  /** Told what is waited for, in words, each time that a wait for others begins. */
  readonly onAwaited?: (text: string) => void;
}

/**
 * Works at a terminal while neither a function nor another terminal makes copies of the type: by the lease that functions take
 * for that. It is renewed for as long as the work goes on, and waited for as long as it takes.
 */
export function aloneAtTerminal({
  access,
  config,
  ...options
}: TerminalOptions & { readonly access: AwsAccess; readonly config: RunConfig }): Alone {
  // Most commands never ask for it.
  return (work) => aloneUnder(eventLease(access, options.type, config.values, MAKING_COPIES), options)(work);
}

/** The same under a lease that is given. */
export function aloneUnder(
  lease: Pick<LeaseOptions, 'client' | 'file' | 'holder'>,
  { type, clock, log, by, signal, onAwaited }: TerminalOptions,
): Alone {
  let isTold = false;
  const options: LeaseOptions = {
    ...lease,
    by,
    clock,
    log,
    what: `Pulling of ${type} backups`,
    holdFor: () => HOLD_MS,
    renewEvery: RENEW_EVERY_MS,
    mayWait: () => true,
    ...present({ signal }),
    onAwaited: (holder) => {
      const text = awaitedText(holder);
      // Whoever waits for places of copies lets others copy again and again.
      if (!isTold) log.warn('SHELVERY_PULL_AWAITED', `${type}: ${text}`);
      isTold = true;
      onAwaited?.(text);
    },
  };
  return (work) => underLeaseInTime(options, work);
}

/** What is waited for, how long at the most, and why. */
function awaitedText({ by, ends, isRenewed }: Partial<Holder> = {}): string {
  const who = by === undefined ? 'another run' : printable(by.replaceAll(/\s+/g, ' '));
  const at = ends === undefined ? '' : formatIso(ends);
  const until =
    at === '' ? '' : isRenewed === true ? ` (or, if it was killed, until ${at})` : ` (by ${at} at the latest)`;
  return `waiting until ${who} has made its copies${until}, so that nothing is copied twice`;
}
