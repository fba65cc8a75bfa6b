import { faultName, isUncertain } from '../domain/telling/faults.js';
import type { BackupAdapter, Clock } from '../ports.js';
import type { FoundBackup } from '../domain/backup/backup.js';
import { ShelveryError, isShelveryError } from '../domain/errors.js';

/** What is to be made exactly once. */
export interface MakeOnce<T, F = FoundBackup> {
  /** What it is to be called, for people. */
  readonly name: string;
  readonly make: () => Promise<T>;
  /** Looks for it among what is there, by its tags. */
  readonly find: () => Promise<F | undefined>;
  readonly clock: Clock;
  readonly adapter: BackupAdapter;
}

/** What was made now, or what an earlier call turned out to have made. */
export type MadeOnce<T, F = FoundBackup> =
  { readonly kind: 'made'; readonly value: T } | { readonly kind: 'found'; readonly found: F };

/**
 * Lists of EC2 and RDS lag behind. After a call that may have been done, what it made is looked for after each of these
 * pauses. Only if it is not there after the last one is the call made again.
 */
const LOOK_AFTER_MS: readonly number[] = [0, 2_000, 4_000];
const MAX_CALLS = 3;

/**
 * Makes something by a call that takes no token. After a call that may have been done although it failed (5xx,
 * time-out, dropped connection), and after the answer "already exists", it first looks for what that call made, and
 * calls again only if it is not there.
 *
 * @throws what the last call threw, or ShelveryError `AlreadyExists` when the name is held by something else.
 */
export async function makeOnce<T, F = FoundBackup>(once: MakeOnce<T, F>): Promise<MadeOnce<T, F>> {
  for (let call = 1; ; call += 1) {
    try {
      return { kind: 'made', value: await once.make() };
    } catch (error) {
      const exists = once.adapter.faults.alreadyExists.includes(faultName(error));
      if (!exists && !isUncertain(error)) throw error;
      const found = await look(once);
      if (found !== undefined) return { kind: 'found', found };
      if (exists) {
        throw new ShelveryError(
          'AlreadyExists',
          `The name ${once.name} is taken by a backup that this run did not make (another tool's, or one whose tags were changed). Look at it, and delete or rename it.`,
          { cause: error },
        );
      }
      if (call === MAX_CALLS) throw error;
    }
  }
}

/**
 * Makes something under its name. Where something else holds that, under a name apart.
 *
 * @param apart the other name; asked for only where it is needed.
 * @throws what `make` threw, ShelveryError `AlreadyExists` where the other name is taken, too.
 */
export async function underFreeName<T>(
  name: string,
  apart: () => string,
  make: (name: string) => Promise<T>,
): Promise<T> {
  try {
    return await make(name);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return await make(apart());
  }
}

/**
 * What sets a backup apart from what holds its name, for `derivedName`. Failed tries that cannot be deleted hold names, too.
 *
 * @param failed how many such tries of it there are.
 */
export function setApart(identity: string, failed: number): string {
  return failed < 2 ? identity : `${identity} ${String(failed)}`;
}

/** Whether a name was refused because something else holds it. */
export function isTaken(error: unknown): error is ShelveryError {
  return isShelveryError(error) && error.code === 'AlreadyExists';
}

/**
 * Changes something that was just made. EC2 may not know it at once (page "Ensure idempotency and eventual consistency"): it
 * is tried again after the same pauses.
 */
export async function onceKnown(
  { adapter, clock }: Pick<MakeOnce<unknown>, 'adapter' | 'clock'>,
  change: () => Promise<void>,
): Promise<void> {
  for (const pause of LOOK_AFTER_MS.slice(1)) {
    try {
      await change();
      return;
    } catch (error) {
      if (!adapter.faults.gone.includes(faultName(error))) throw error;
      await clock.sleep(pause);
    }
  }
  await change();
}

async function look<T, F>({ find, clock }: MakeOnce<T, F>): Promise<F | undefined> {
  for (const pause of LOOK_AFTER_MS) {
    if (pause > 0) await clock.sleep(pause);
    const found = await find();
    if (found !== undefined) return found;
  }
  return undefined;
}
