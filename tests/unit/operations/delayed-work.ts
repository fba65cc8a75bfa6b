import { stepDelayed } from '../../../layers/engine/src/delayed/step.js';
import type { StepResult } from '../../../layers/engine/src/delayed/step.js';
import type { DelayedMessage, DelayedOperation, Waiting } from '../../../layers/engine/src/domain/delayed.js';
import { isShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { BackupId } from '../../../layers/engine/src/domain/values.js';
import type { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { BackupType, Region } from '../../../layers/engine/src/domain/values.js';
import type { RunContext } from '../../../layers/engine/src/operations/context.js';
import type { BackupAdapter } from '../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../layers/engine/src/run/open-run.js';
import type { HeldBackup, HeldResource } from '../../simulation/world/held.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { openEstate } from './memory-estate.js';
import type { Asked, MemoryEstate, Ran } from './memory-estate.js';

/** When estates begin, and their first backups are made. */
export const START = new Date('2026-11-24T03:01:00.000Z');
/** Until when what has just been made is waited for: `shelvery_wait_deadline_hours` later. */
export const DEADLINE = new Date('2026-11-26T03:01:00.000Z');

/** What was done with the context of a run, and what came of it. */
type Worked<T> = Pick<Ran, 'told' | 'said' | 'calls'> & {
  readonly value: T;
  /** The errors of what was told, whole. */
  readonly errors: readonly ShelveryError[];
};

/** Does something with the context of a run, as what is delayed does. */
export async function withContext<T>(
  estate: MemoryEstate,
  work: (context: RunContext) => Promise<T>,
  asked: Asked = {},
): Promise<Worked<T>> {
  const values: T[] = [];
  const errors: ShelveryError[] = [];
  const ran = await estate.run('pull_shared_backups', {
    ...asked,
    parts: (parts) => ({
      listener: {
        onOutcome: (outcome) => {
          if (outcome.status === 'failed') errors.push(outcome.error);
        },
      },
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
  return { told: ran.told, said, calls: ran.calls, errors, value: value as T };
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
      return messages.map((message) => results.get(message) ?? { kind: 'done' as const, next: [] });
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

/** Makes a backup of each marked resource, of which nothing follows. */
export async function make(estate: MemoryEstate, asked: Asked = {}): Promise<readonly HeldBackup[]> {
  const before = estate.backups();
  await estate.run('create_backups', {
    ...asked,
    parts: () => ({ delayed: () => ({ send: () => undefined, flush: () => Promise.resolve([]) }) }),
  });
  const places = new Set(before.map(({ region, id }) => `${region} ${id}`));
  return estate.backups().filter(({ region, id }) => !places.has(`${region} ${id}`));
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
  const [backup] = await make(estate);
  if (backup === undefined) throw new Error('No backup was made.');
  return { estate, backup };
}

/** Parts of a run whose adapter is another in some respect. */
export function adapterWith(change: (adapter: BackupAdapter) => Partial<BackupAdapter>) {
  return ({ adapter }: AwsParts): { readonly adapter: BackupAdapter } => ({
    adapter: { ...adapter, ...change(adapter) },
  });
}

/** A refusal of AWS's, as its client throws it. */
export function refusal(name: string, message = name, status = 400): Error {
  return awsError(name, { status }, message);
}

/** What an outcome says of a backup. */
export function about({ id, region, tags }: HeldBackup) {
  return {
    backupName: tags['shelvery:name'],
    backupId: id,
    entityId: tags['shelvery:entity_id'],
    retentionType: tags['shelvery:retention_type'],
    region,
  };
}

/** A backup as operations name it. */
export function named({ id, region }: HeldBackup): { readonly backupId: BackupId; readonly region: Region } {
  return { backupId: BackupId.parse(id), region };
}
