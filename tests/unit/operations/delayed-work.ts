import { stepDelayed } from '../../../layers/engine/src/delayed/step.js';
import type { StepResult } from '../../../layers/engine/src/delayed/step.js';
import type { DelayedMessage, DelayedOperation, Waiting } from '../../../layers/engine/src/domain/delayed.js';
import { isShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { BackupId } from '../../../layers/engine/src/domain/values.js';
import type { BackupType, Region } from '../../../layers/engine/src/domain/values.js';
import type { RunContext } from '../../../layers/engine/src/operations/context.js';
import { awsError } from '../../simulation/world/aws-error.js';
import type { HeldBackup, HeldResource } from '../../simulation/world/held.js';
import { DR, LOCAL } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';
import type { Asked, MemoryEstate, Ran } from './memory-estate.js';
import { only } from './one-of.js';
import { keepingMessages } from './other-parts.js';

/** When estates begin, and their first backups are made. */
export const START = new Date('2026-11-24T03:01:00.000Z');
/** Until when what has just been made is waited for: `shelvery_wait_deadline_hours` later. */
export const DEADLINE = new Date('2026-11-26T03:01:00.000Z');

/** What comes of a step that is done, and that nothing follows. */
export const DONE = { kind: 'done', next: [] };
/** What comes of the first step of an operation that is to be done again, for a reason that nobody is told of yet. */
export const again = (operation: DelayedOperation, why: string, backupType: BackupType = 'ebs') => ({
  kind: 'again',
  message: { backupType, operation, waiting: { attempt: 1, deadline: DEADLINE } },
  why,
  untold: true,
});
/** The name of the backup that `backedUp` makes. */
export const NAME = 'orders-2026-11-24-0301-daily';

/** Backups of resources, each available after so many milliseconds, in an estate with buckets here and in a DR region. */
export async function readyAfter(
  ...milliseconds: readonly number[]
): Promise<{ readonly estate: MemoryEstate; readonly made: readonly HeldBackup[] }> {
  const estate = openEstate('ebs');
  milliseconds.forEach((_, nth) => estate.resource(`vol-${String(nth)}`));
  estate.buckets([LOCAL, DR]);
  const made = await make(estate);
  return {
    estate,
    made: made.map((backup, nth) => estate.change(backup, { readyAt: backup.createdAt + (milliseconds[nth] ?? 0) })),
  };
}

/** What was done with the context of a run, and what came of it. */
type Worked<T> = Pick<Ran, 'told' | 'errors' | 'said' | 'calls'> & { readonly value: T };

/** Does something with the context of a run, as what is delayed does. */
export async function withContext<T>(
  estate: MemoryEstate,
  work: (context: RunContext) => Promise<T>,
  asked: Asked = {},
): Promise<Worked<T>> {
  const values: T[] = [];
  const ran = await estate.run('pull_shared_backups', {
    ...asked,
    parts: (parts) => ({
      ...asked.parts?.(parts),
      delayed: (context) => ({
        send: () => undefined,
        flush: async () => {
          values.push(await work(context()));
          return [];
        },
      }),
    }),
  });
  const [value] = values;
  if (values.length === 0) throw ran.brokeOff ?? new Error('It was not done.');
  // A run that pulls from nobody says so, and does nothing else.
  const said = ran.said.filter(([code]) => code !== 'SHELVERY_NOTHING_MARKED');
  return { told: ran.told, errors: ran.errors, said, calls: ran.calls, value: value as T };
}

/** The result of a step, with an error as text. */
export type Came = Exclude<StepResult, { readonly kind: 'threw' }> | { readonly kind: 'threw'; readonly error: string };

/** What came of a step: the result of each operation in the order in which they were given, and the rest. */
export type Stepped = Omit<Worked<unknown>, 'value'> & { readonly came: readonly Came[] };

/** Takes operations one step further, as a queue's function does with a batch. */
export async function step(
  estate: MemoryEstate,
  operations: readonly DelayedOperation[],
  { waiting = { attempt: 0, deadline: DEADLINE }, ...asked }: Asked & { readonly waiting?: Waiting } = {},
): Promise<Stepped> {
  const { value, ...rest } = await withContext(
    estate,
    async (context) => {
      const messages = operations.map((operation): DelayedMessage => ({
        backupType: context.adapter.type,
        operation,
        waiting,
      }));
      const results = await stepDelayed(context, messages);
      return messages.map((message) => only([results.get(message)].filter((result) => result !== undefined)));
    },
    asked,
  );
  return { ...rest, came: value.map(cameOf) };
}

function cameOf(result: StepResult): Came {
  if (result.kind !== 'threw') return result;
  const { error } = result;
  const code = isShelveryError(error) ? `${error.code}: ` : '';
  return { kind: 'threw', error: error instanceof Error ? `${code}${error.message}` : String(error) };
}

/** Makes a backup of each marked resource of a new estate, of which nothing follows. */
export async function make(estate: MemoryEstate): Promise<readonly HeldBackup[]> {
  await estate.run('create_backups', { parts: keepingMessages() });
  return estate.backups();
}

/** An estate with one backup. */
export interface BackedUp {
  readonly estate: MemoryEstate;
  readonly backup: HeldBackup;
}

/** An estate with the backup of one marked resource, `orders`. */
export async function backedUp(type: BackupType = 'ebs', more: Partial<HeldResource> = {}): Promise<BackedUp> {
  const estate = openEstate(type);
  estate.resource('orders', more);
  const backup = only(await make(estate));
  return { estate, backup };
}

/** Copies the only backup of an estate to the DR region. */
export async function copyAbroad(estate: MemoryEstate, backup: HeldBackup): Promise<HeldBackup> {
  await step(estate, [{ action: 'do_copy_backup', ...named(backup), toRegion: DR }]);
  return only(estate.backups({ region: DR }));
}

/** A refusal of AWS's, as its client throws it. */
export function refusal(name: string, message: string): Error {
  return awsError(name, { status: 400 }, message);
}

/** A backup as operations name it. */
export function named({ id, region }: HeldBackup): { readonly backupId: BackupId; readonly region: Region } {
  return { backupId: BackupId.parse(id), region };
}
