import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AccountId } from '../values.js';
import { countedOf } from './outcome.js';
import type { Outcome, OutcomeSubject } from './outcome.js';
import { ReportEntry, toEntry } from './report-entry.js';

const Hash = z.string().length(8);
/** Eight characters for each thing, one after the other. */
const Hashes = z.string().transform((text) => text.match(/.{8}/g) ?? []);

/**
 * What the invocations of a run before this one did, as each hands it on. Each looks at everything anew and finds what
 * the earlier ones made: a hash of each thing tells what was counted already.
 */
export const EarlierInvocations = z.object({
  startedAt: z.coerce.date(),
  collected: z.int(),
  succeeded: Hashes,
  skipped: Hashes,
  failures: z.array(z.object({ hash: Hash, entry: ReportEntry })),
  /** Failures that were too many to hand on. */
  failuresOmitted: z.int(),
  // Invocations of earlier versions do not tell it.
  pulled: z
    .array(z.tuple([AccountId, z.int().nonnegative()]))
    .transform((counts): ReadonlyMap<AccountId, number> => new Map(counts))
    .optional(),
});
export interface EarlierInvocations {
  readonly startedAt: Date;
  readonly collected: number;
  readonly succeeded: readonly string[];
  readonly skipped: readonly string[];
  readonly failures: readonly { readonly hash: string; readonly entry: ReportEntry }[];
  readonly failuresOmitted: number;
  /** How many copies of each source account they have begun. */
  readonly pulled?: ReadonlyMap<AccountId, number> | undefined;
}

/**
 * Limits of what is handed on, together below 250 KB: an asynchronous invocation carries 1 MB (page "Lambda quotas"). What
 * is beyond is not counted by the later invocations, unless they find it themselves.
 */
const MAX_HASHES = 10_000;
const MAX_FAILURES = 100;
const MAX_FAILURE_BYTES = 60 * 1024;

/** All invocations of a run together. */
export interface Together {
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
  readonly earlierSucceeded: number;
  /** Failures of earlier invocations that this one has not met again, nor mended. */
  readonly earlierFailures: readonly ReportEntry[];
}

/** Counts what one invocation and those before it came to; what several came to counts as the last has it. */
export function talliedTogether(outcomes: readonly Outcome[], earlier: EarlierInvocations | undefined): Together {
  const still = notMetAgain(outcomes, earlier);
  const told = countedOf(outcomes);
  const count = (status: Outcome['status']): number => told.filter((outcome) => outcome.status === status).length;
  return {
    succeeded: count('ok') + still.succeeded.length,
    skipped: count('ignored') + still.skipped.length,
    failed: count('failed') + still.failures.length + still.failuresOmitted,
    earlierSucceeded: still.succeeded.length,
    earlierFailures: still.failures.map(({ entry }) => entry),
  };
}

/** What is handed on to the next invocation, as a value of JSON. */
export function formatEarlier(
  {
    outcomes,
    collected,
    startedAt,
    pulled,
  }: {
    readonly outcomes: readonly Outcome[];
    readonly collected: number;
    readonly startedAt: Date;
    /** By the whole run. */
    readonly pulled?: ReadonlyMap<AccountId, number> | undefined;
  },
  earlier: EarlierInvocations | undefined,
): Readonly<Record<string, unknown>> {
  const still = notMetAgain(outcomes, earlier);
  const hashes = (status: Outcome['status'], before: readonly string[]): string =>
    [...before, ...outcomes.filter((outcome) => outcome.status === status).map(hashOf)].slice(0, MAX_HASHES).join('');
  const failures = [
    ...still.failures,
    ...outcomes.flatMap((outcome) =>
      outcome.status === 'failed' ? [{ hash: hashOf(outcome), entry: toEntry(outcome) }] : [],
    ),
  ];
  const kept: (typeof failures)[number][] = [];
  let bytes = 0;
  for (const failure of failures) {
    bytes += Buffer.byteLength(JSON.stringify(failure));
    if (kept.length === MAX_FAILURES || bytes > MAX_FAILURE_BYTES) break;
    kept.push(failure);
  }
  return {
    startedAt: (earlier?.startedAt ?? startedAt).toISOString(),
    collected: Math.max(collected, earlier?.collected ?? 0),
    succeeded: hashes('ok', still.succeeded),
    skipped: hashes('ignored', still.skipped),
    failures: kept,
    failuresOmitted: still.failuresOmitted + failures.length - kept.length,
    ...(pulled === undefined ? {} : { pulled: [...pulled] }),
  };
}

/** Whether an earlier invocation did, and told of, what this one found done. */
export function isToldAlready(outcome: Outcome, earlier: EarlierInvocations | undefined): boolean {
  return outcome.status === 'ok' && earlier?.succeeded.includes(hashOf(outcome)) === true;
}

/**
 * Whether an earlier invocation made a backup and handed over what follows it: each does that before it hands over itself, and
 * tells as a failure what it could not send. Where it told of such a failure, nothing counts as handed over.
 *
 * @returns nothing where this is the first invocation.
 */
export function sentByEarlier(
  earlier: EarlierInvocations | undefined,
): ((made: OutcomeSubject) => boolean) | undefined {
  if (earlier === undefined) return undefined;
  const isSure = earlier.failuresOmitted === 0 && earlier.failures.every(({ entry }) => entry.operation === CREATE);
  const succeeded = new Set(isSure ? earlier.succeeded : []);
  return (made) => succeeded.has(hashOf(made));
}

const CREATE = 'CreateBackup' satisfies OutcomeSubject['operation'];

function notMetAgain(
  outcomes: readonly Outcome[],
  earlier: EarlierInvocations | undefined,
): Pick<EarlierInvocations, 'succeeded' | 'skipped' | 'failures' | 'failuresOmitted'> {
  if (earlier === undefined) return { succeeded: [], skipped: [], failures: [], failuresOmitted: 0 };
  const met = new Set(outcomes.map(hashOf));
  return {
    succeeded: earlier.succeeded.filter((hash) => !met.has(hash)),
    skipped: earlier.skipped.filter((hash) => !met.has(hash)),
    failures: earlier.failures.filter(({ hash }) => !met.has(hash)),
    failuresOmitted: earlier.failuresOmitted,
  };
}

/** The same for each try at the same thing: a backup that was not made has no id, and no name of its own yet. */
function hashOf(subject: OutcomeSubject): string {
  const { operation, entityId, backupId, backupName, region, destinationRegion, destinationAccount } = subject;
  const what = operation === 'CreateBackup' ? entityId : (backupName ?? backupId ?? entityId);
  const thing = [operation, what, region, destinationRegion, destinationAccount, subject.sourceAccount, subject.bucket];
  return createHash('sha256').update(JSON.stringify(thing)).digest('base64url').slice(0, 8);
}
