import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import type { InProcessOptions } from '../../../../layers/engine/src/delayed/in-process.js';
import { createWaitLoop } from '../../../../layers/engine/src/delayed/wait-loop.js';
import type { Waits } from '../../../../layers/engine/src/delayed/wait-loop.js';
import type { DelayedMessage, DelayedOperation } from '../../../../layers/engine/src/domain/delayed.js';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, THIRD } from '../../domain/builders.js';
import { DEADLINE, START, backedUp, named, readyAfter, refusal, withContext } from '../delayed-work.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';
import { at } from '../one-of.js';
import { withAdapter } from '../other-parts.js';

const MINUTE_MS = 60_000;

const message = (operation: DelayedOperation): DelayedMessage => ({
  backupType: 'ebs',
  operation,
  waiting: { attempt: 2, deadline: DEADLINE },
});
const storing = (backup: HeldBackup): DelayedMessage => message({ action: 'do_store_backup_data', ...named(backup) });
const copying = (backup: HeldBackup): DelayedMessage =>
  message({ action: 'do_copy_backup', ...named(backup), toRegion: DR });

/** Backups of resources, each available after so many minutes. */
const backups = (...minutes: readonly number[]) => readyAfter(...minutes.map((each) => each * MINUTE_MS));

/** How a loop went. */
interface Looped {
  readonly left: readonly DelayedMessage[];
  /** After each round: what was waited for, and how many had ended. */
  readonly rounds: (readonly [readonly string[], number])[];
  /** The round that each pause was asked for, in order. */
  readonly pauses: number[];
  readonly timedOut: (readonly [string, string])[];
  readonly thrown: (readonly [string, string])[];
}

/** Waits for operations, asking each minute. */
async function loop(
  estate: MemoryEstate,
  messages: readonly DelayedMessage[],
  waits: Partial<Waits> = {},
  asked: Asked = {},
) {
  const { value, ...rest } = await withContext(
    estate,
    async (context): Promise<Looped> => {
      const went: Omit<Looped, 'left'> = { rounds: [], pauses: [], timedOut: [], thrown: [] };
      const waiting = createWaitLoop(
        context,
        {
          pause: (round) => {
            went.pauses.push(round);
            return MINUTE_MS;
          },
          mayWait: () => true,
          hasTimedOut: () => false,
          onRound: (pending, ended) => {
            went.rounds.push([[...pending.keys()].map(({ operation }) => operation.backupId), ended]);
          },
          onThrown: (error, { operation }) => {
            went.thrown.push([operation.backupId, error instanceof Error ? error.message : '']);
          },
          ...waits,
        },
        ({ operation }, why) => {
          went.timedOut.push([operation.backupId, why]);
        },
      );
      waiting.add(messages);
      return { ...went, left: await waiting.run() };
    },
    asked,
  );
  return { ...rest, ...value };
}

const ids = (made: readonly HeldBackup[]): readonly string[] => made.map(({ id }) => id);

describe('waiting for backups', () => {
  it('asks about all of them together until each is done, and pauses in between', async () => {
    const { estate, made } = await backups(0, 2, 2);
    const { left, rounds, pauses, told, calls, timedOut, thrown } = await loop(estate, made.map(storing));
    const [first, ...later] = made;
    expect(left).toEqual([]);
    expect(rounds).toEqual([
      [ids(later), 1],
      [ids(later), 1],
      [[], 3],
    ]);
    // Counted anew since something was done.
    expect(pauses).toEqual([0, 1]);
    expect(told.map(({ backupId, status }) => [backupId, status])).toEqual(
      [first, ...later].map((backup) => [backup?.id, 'ok']),
    );
    expect(calls.filter((call) => call.includes('describe'))).toHaveLength(3);
    expect([timedOut, thrown]).toEqual([[], []]);
  });

  it('counts rounds anew from when something was done', async () => {
    const { estate, made } = await backups(1, 3);
    const { pauses } = await loop(estate, made.map(storing));
    expect(pauses).toEqual([0, 0, 1]);
  });

  it('takes up what follows', async () => {
    const { estate, made } = await backups(0);
    const { left, rounds, pauses, told } = await loop(estate, made.map(copying));
    const [copy] = estate.backups({ region: DR });
    expect(left).toEqual([]);
    expect(rounds).toEqual([
      [[copy?.id], 1],
      [[], 2],
    ]);
    expect(pauses).toEqual([0]);
    expect(told.map(({ operation, status }) => [operation, status])).toEqual([
      ['CopyBackupToRegion', 'ok'],
      ['StoreBackupData', 'ok'],
    ]);
  });

  it('does nothing where there is nothing to wait for', async () => {
    const { left, rounds, pauses, calls } = await loop(openEstate('ebs'), []);
    expect([left, rounds, pauses, calls]).toEqual([[], [], [], []]);
  });

  it('hands back what is left where there is no time for a pause, without counting an attempt', async () => {
    const { estate, made } = await backups(0, 5);
    const asked: number[] = [];
    const { left, calls } = await loop(estate, made.map(storing), {
      mayWait: (milliseconds) => {
        asked.push(milliseconds);
        return false;
      },
    });
    expect(left).toEqual(made.slice(1).map(storing));
    expect(asked).toEqual([MINUTE_MS]);
    expect(calls.filter((call) => call.includes('describe'))).toHaveLength(1);
  });

  it('ends the waiting for what has been waited for long enough, since it was given', async () => {
    const { estate, made } = await backups(5, 1);
    const since: unknown[] = [];
    const { left, rounds, timedOut, told } = await loop(estate, made.map(storing), {
      hasTimedOut: ({ operation }, takenAt) => {
        since.push([operation.backupId, takenAt]);
        return estate.world.conductor.now() >= takenAt.getTime() + 2 * MINUTE_MS;
      },
    });
    const [slow, quick] = ids(made);
    expect(since).toEqual([
      [slow, START],
      [quick, START],
      [slow, START],
      [slow, START],
    ]);
    expect(timedOut).toEqual([[slow, 'the backup is not available yet']]);
    expect(rounds.at(-1)).toEqual([[], 2]);
    expect(left).toEqual([]);
    expect(told.map(({ backupId }) => backupId)).toEqual([quick]);
  });

  it('goes by when each was looked at, and not by when the round ended', async () => {
    const { estate, made } = await backups(5);
    const lookedAt: Date[] = [];
    await loop(
      estate,
      made.map(storing),
      {
        hasTimedOut: (_message, _takenAt, looked) => {
          lookedAt.push(looked);
          return true;
        },
      },
      {
        parts: ({ adapter, clock }) => ({
          adapter: {
            ...adapter,
            describeBackups: async (...asked) => {
              const found = await adapter.describeBackups(...asked);
              await clock.sleep(MINUTE_MS);
              return found;
            },
          },
        }),
      },
    );
    expect(lookedAt).toEqual([START]);
  });

  it('tells of what an operation threw, and goes on with the others', async () => {
    const { estate, made } = await backups(0, 1);
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { thrown, told, rounds, left, pauses } = await loop(estate, made.map(storing));
    const [first, second] = ids(made);
    expect(thrown).toEqual([[first, 'AccessDenied']]);
    expect(told).toEqual([
      {
        operation: 'StoreBackupData',
        backupId: first,
        region: LOCAL,
        status: 'failed',
        error:
          `NotAllowed: AccessDenied while running do_store_backup_data of ${first ?? ''} in ${LOCAL}: AccessDenied. ` +
          ALLOW,
      },
      expect.objectContaining({ backupId: second, status: 'ok' }),
    ]);
    expect(rounds).toEqual([
      [[second], 1],
      [[], 2],
    ]);
    expect(pauses).toEqual([0]);
    expect(left).toEqual([]);
  });

  it('counts rounds anew from when something was thrown', async () => {
    const { estate, made } = await backups(1, 3);
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { pauses } = await loop(estate, made.map(storing));
    expect(pauses).toEqual([0, 0, 1]);
  });

  it('begins nothing where it was stopped before', async () => {
    const { estate, made } = await backups(0);
    const { left, calls, rounds } = await loop(estate, made.map(storing), { signal: AbortSignal.abort() });
    expect(left).toEqual(made.map(storing));
    expect([calls, rounds]).toEqual([[], []]);
  });

  it('ends in a pause where it is stopped', async () => {
    const { estate, made } = await backups(5);
    const stop = new AbortController();
    const { left, calls } = await loop(
      estate,
      made.map(storing),
      { signal: stop.signal },
      {
        parts: ({ clock }) => ({
          clock: {
            ...clock,
            sleep: (_, signal) => {
              stop.abort();
              return Promise.reject(signal?.aborted === true ? new Error('aborted') : new Error('no signal'));
            },
          },
        }),
      },
    );
    expect(left).toEqual(made.map(storing));
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });

  it('does not hide what goes wrong in a pause', async () => {
    const { estate, made } = await backups(5);
    const broken = (): Promise<never> => Promise.reject(new Error('The clock stands still.'));
    await expect(
      loop(estate, made.map(storing), {}, { parts: ({ clock }) => ({ clock: { ...clock, sleep: broken } }) }),
    ).rejects.toThrow('The clock stands still.');
  });
});

describe('waiting for a place in a region that takes no more copies', () => {
  const FULL = 27;
  const full = {
    parts: withAdapter(() => ({ copyToRegion: () => Promise.reject(refusal('ResourceLimitExceeded', 'no')) })),
  };

  it('asks about 25 of them in a round, each round others', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 0));
    const asked: (readonly string[])[] = [];
    await loop(
      estate,
      made.map(copying),
      { mayWait: () => asked.length < 3 },
      {
        parts: (parts) => ({
          adapter: {
            ...full.parts(parts).adapter,
            describeBackups: (region, wanted) => {
              asked.push(wanted);
              return parts.adapter.describeBackups(region, wanted);
            },
          },
        }),
      },
    );
    const all = ids(made);
    expect(asked).toEqual([
      all,
      all.slice(0, 25),
      // The two that were left out come first.
      [...all.slice(25), ...all.slice(0, 23)],
    ]);
  });

  it('asks about all that wait for something else', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 0), 5);
    const stored = at(made, FULL);
    const asked: number[] = [];
    const { left } = await loop(
      estate,
      [...made.slice(0, FULL).map(copying), storing(stored)],
      { mayWait: () => asked.length < 2 },
      {
        parts: (parts) => ({
          adapter: {
            ...full.parts(parts).adapter,
            describeBackups: (region, wanted) => {
              asked.push(wanted.length);
              return parts.adapter.describeBackups(region, wanted);
            },
          },
        }),
      },
    );
    expect(asked).toEqual([FULL + 1, 26]);
    expect(left).toHaveLength(FULL + 1);
  });

  it('is not what backups wait for that are still being made', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 5));
    const asked: number[] = [];
    await loop(
      estate,
      made.map(copying),
      { mayWait: () => asked.length < 3 },
      {
        parts: withAdapter((adapter) => ({
          describeBackups: (region, wanted) => {
            asked.push(wanted.length);
            return adapter.describeBackups(region, wanted);
          },
        })),
      },
    );
    expect(asked).toEqual([FULL, FULL, FULL]);
  });

  it('counts the places of each region by themselves', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 0));
    const asked: (readonly [Region, number])[] = [];
    await loop(
      estate,
      [DR, THIRD].flatMap((toRegion) =>
        made.map((backup) => message({ action: 'do_copy_backup', ...named(backup), toRegion })),
      ),
      { mayWait: () => asked.length < 4 },
      {
        parts: (parts) => ({
          adapter: {
            ...full.parts(parts).adapter,
            findByTags: (region, key, wanted) => {
              asked.push([region, wanted.length]);
              return parts.adapter.findByTags(region, key, wanted);
            },
          },
        }),
      },
    );
    expect(asked).toEqual([
      [DR, FULL],
      [THIRD, FULL],
      [DR, 25],
      [THIRD, 25],
    ]);
  });

  it('ends for what was not asked about, too, with what was last said of it', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 0));
    const { timedOut, left, rounds } = await loop(
      estate,
      made.map(copying),
      { hasTimedOut: () => estate.world.conductor.now() > START.getTime() + 30_000 },
      full,
    );
    const why = `ResourceLimitExceeded while copying ${made[0]?.id ?? ''} to ${DR}: no.`;
    expect(left).toEqual([]);
    expect(rounds.map(([pending, ended]) => [pending.length, ended])).toEqual([
      [FULL, 0],
      [0, FULL],
    ]);
    const all = ids(made);
    expect(timedOut.slice(0, 2)).toEqual(all.slice(25).map((id) => [id, why]));
    expect(timedOut.slice(2).map(([id]) => id)).toEqual(all.slice(0, 25));
  });

  it('is over for one that gets its place', async () => {
    const { estate, made } = await backups(...Array.from({ length: FULL }, () => 0));
    let isFull = true;
    const { told, left } = await loop(
      estate,
      made.map(copying),
      {
        pause: () => {
          isFull = false;
          return MINUTE_MS;
        },
      },
      {
        parts: withAdapter((adapter) => ({
          copyToRegion: (request) =>
            isFull || adapter.copyToRegion === undefined
              ? Promise.reject(refusal('ResourceLimitExceeded', 'no'))
              : adapter.copyToRegion(request),
        })),
      },
    );
    expect(left).toEqual([]);
    expect(told.filter(({ operation }) => operation === 'CopyBackupToRegion')).toHaveLength(FULL);
    expect(estate.keys(DR)).toHaveLength(FULL);
  });
});

describe('delayed operations in a process', () => {
  /** What a process tells of its operations. */
  async function runs(
    estate: MemoryEstate,
    messages: readonly DelayedMessage[],
    { stop, oneByOne = false, ...asked }: Asked & { readonly stop?: AbortController; readonly oneByOne?: boolean } = {},
  ) {
    const slept: number[] = [];
    const unfinished: unknown[] = [];
    const progress: unknown[] = [];
    const { value, ...rest } = await withContext(
      estate,
      async (context) => {
        const options: InProcessOptions = {
          oneByOne,
          ...(stop === undefined ? {} : { signal: stop.signal }),
          onUnfinished: ({ operation }, why) => {
            unfinished.push([operation.backupId, why]);
          },
          onProgress: ({ ended, open, waiting }) => {
            progress.push([ended, open, [...waiting.keys()].map(({ operation }) => operation.backupId)]);
          },
        };
        const operations = createInProcessOperations(() => context, options);
        for (const each of messages) operations.send(each);
        return await operations.flush();
      },
      {
        ...asked,
        parts: (parts) => ({
          clock: {
            ...parts.clock,
            sleep: (milliseconds, signal) => {
              slept.push(milliseconds);
              return parts.clock.sleep(milliseconds, signal);
            },
          },
          ...asked.parts?.(parts),
        }),
      },
    );
    return { ...rest, lost: value, slept, unfinished, progress };
  }

  it('are waited for longer and longer, up to a minute, and anew from when something was done', async () => {
    const { estate, made } = await backups(0.2, 5);
    const { slept, lost, unfinished, told } = await runs(estate, made.map(storing));
    // The first is available after 12 s.
    expect(slept).toEqual([
      5_000, 7_500, 5_000, 7_500, 11_250, 16_875, 25_312.5, 37_968.75, 56_953.125, 60_000, 60_000, 60_000,
    ]);
    expect([lost, unfinished]).toEqual([[], []]);
    expect(told).toHaveLength(2);
  });

  it('go on together, and tell how far they have come', async () => {
    const { estate, made } = await backups(0, 0.01);
    const { progress } = await runs(estate, made.map(storing));
    const [, second] = ids(made);
    expect(progress).toEqual([
      [0, 2, []],
      [1, 1, [second]],
      [2, 0, []],
    ]);
  });

  it('go on one after the other where that is asked for', async () => {
    const { estate, made } = await backups(0.01, 0);
    const { progress, calls } = await runs(estate, made.map(storing), { oneByOne: true });
    const [first] = ids(made);
    expect(progress).toEqual([
      [0, 2, []],
      [0, 2, [first]],
      [1, 1, []],
      [1, 1, []],
      [2, 0, []],
    ]);
    expect(calls.filter((call) => call.startsWith('s3:put'))).toEqual(
      made.map(({ tags }) => `s3:put ${LOCAL} backups/ebs/${tags['shelvery:name'] ?? ''}.yaml`),
    );
  });

  it('one after the other wait together for a backup that does not come: it is waited for once', async () => {
    const { estate, made } = await backups(Infinity, 0);
    const [slow, other] = made;
    const messages = [slow, other].flatMap((backup) =>
      backup === undefined ? [] : [storing(backup), copying(backup)],
    );
    const { told, unfinished, slept, progress } = await runs(estate, messages, {
      oneByOne: true,
      settings: { shelvery_wait_snapshot_timeout: '20' },
    });
    expect(unfinished).toEqual([
      [slow?.id, 'timed-out'],
      [slow?.id, 'timed-out'],
    ]);
    // The copy that follows is stored after 5 s.
    expect(slept.filter((milliseconds) => milliseconds > 5_000)).toEqual([7_500, 11_250]);
    expect(progress.at(-1)).toEqual([5, 0, []]);
    expect(told.slice(0, 2)).toMatchObject([
      {
        operation: 'StoreBackupData',
        error: expect.stringContaining('was not finished: the backup is not available yet'),
      },
      {
        operation: 'CopyBackupToRegion',
        error: expect.stringContaining('was not finished: the backup is not available yet'),
      },
    ]);
    const rest = told.slice(2).map(({ backupId, operation, status }) => [backupId, operation, status]);
    expect(rest).toContainEqual([other?.id, 'StoreBackupData', 'ok']);
    expect(rest).toContainEqual([other?.id, 'CopyBackupToRegion', 'ok']);
  });

  it('one after the other go on where a copy of their backup got no place in time', async () => {
    const { estate, backup } = await backedUp();
    const { told, unfinished } = await runs(estate, [copying(backup), storing(backup)], {
      oneByOne: true,
      settings: { shelvery_wait_snapshot_timeout: '20' },
      parts: withAdapter(() => ({
        copyToRegion: () => Promise.reject(refusal('ResourceLimitExceeded', 'No.')),
      })),
    });
    expect(unfinished).toEqual([[backup.id, 'timed-out']]);
    expect(told.map(({ operation, status }) => [operation, status])).toEqual([
      ['CopyBackupToRegion', 'failed'],
      ['StoreBackupData', 'ok'],
    ]);
  });

  it('begin only when they are waited for', async () => {
    const { estate, made } = await backups(0);
    const { calls } = await withContext(estate, (context) => {
      const operations = createInProcessOperations(() => context, { oneByOne: false, onUnfinished: () => undefined });
      for (const backup of made) operations.send(storing(backup));
      return Promise.resolve();
    });
    expect(calls).toEqual([]);
  });

  it('that are not done in time are told of, with what they waited for', async () => {
    const { estate, backup } = await backedUp();
    const slow = estate.change(backup, { readyAt: Infinity });
    const { told, unfinished, slept, errors } = await runs(estate, [storing(slow)], {
      settings: { shelvery_wait_snapshot_timeout: '20' },
    });
    // The third look comes after 23.75 s.
    expect(slept).toEqual([5_000, 7_500, 11_250]);
    expect(unfinished).toEqual([[backup.id, 'timed-out']]);
    expect(told).toEqual([
      {
        operation: 'StoreBackupData',
        backupId: backup.id,
        region: LOCAL,
        status: 'failed',
        error:
          `TimedOut: do_store_backup_data of ${backup.id} in ${LOCAL} waited for 20 s (shelvery_wait_snapshot_timeout) ` +
          'and was not finished: the backup is not available yet. Run it again with the same time to finish it.',
      },
    ]);
    expect(errors).toMatchObject([{ mendable: true }]);
  });

  it('time out at the very second', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { readyAt: Infinity });
    const { slept } = await runs(estate, [storing(backup)], { settings: { shelvery_wait_snapshot_timeout: '5' } });
    expect(slept).toEqual([5_000]);
  });

  it.each([
    ['is looked at again, and done', 1, [], 'ok'],
    ['is given up at the next look where it is still pending', Infinity, ['timed-out'], 'failed'],
  ])('do not count a long round against what was pending when it began, which %s', async (_, minutes, whys, status) => {
    const { estate, made } = await backups(0, minutes);
    const [first, second] = ids(made);
    const { told, unfinished, slept } = await runs(estate, made.map(storing), {
      settings: { shelvery_wait_snapshot_timeout: '300' },
      parts: ({ clock, store }) => ({
        store: {
          ...store,
          // The round ends long after the other has waited for long enough, and could be stored.
          putNew: async (...file) => {
            if (clock.now().getTime() === START.getTime()) await clock.sleep(10 * MINUTE_MS);
            return await store.putNew(...file);
          },
        },
      }),
    });
    expect(told.map((outcome) => [outcome.backupId, outcome.status])).toEqual([
      [first, 'ok'],
      [second, status],
    ]);
    expect(unfinished).toEqual(whys.map((why) => [second, why]));
    expect(slept).toEqual([5_000]);
  });

  it('that time out are told of with the last refusal, without its full stop', async () => {
    const { estate, backup } = await backedUp();
    const { told } = await runs(estate, [copying(backup)], {
      settings: { shelvery_wait_snapshot_timeout: '1' },
      parts: withAdapter(() => ({
        copyToRegion: () => Promise.reject(refusal('ResourceLimitExceeded', 'No. Not now.')),
      })),
    });
    expect(told).toMatchObject([
      {
        error: expect.stringContaining(
          `and was not finished: ResourceLimitExceeded while copying ${backup.id} to ${DR}: No. Not now. Run it again`,
        ),
      },
    ]);
  });

  it('that throw are told of, and are over', async () => {
    const { estate, made } = await backups(0);
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { told, unfinished, lost } = await runs(estate, made.map(storing));
    expect(told).toMatchObject([{ operation: 'StoreBackupData', status: 'failed' }]);
    expect([unfinished, lost]).toEqual([[], []]);
  });

  it('that are interrupted are handed back, and are no failures', async () => {
    const { estate, made } = await backups(5, 5);
    const stop = new AbortController();
    const { told, unfinished, progress } = await runs(estate, made.map(storing), {
      stop,
      parts: ({ clock }) => ({
        clock: {
          ...clock,
          sleep: () => {
            stop.abort();
            return Promise.reject(new Error('aborted'));
          },
        },
      }),
    });
    expect(told).toEqual([]);
    expect(unfinished).toEqual(ids(made).map((id) => [id, 'interrupted']));
    expect(progress).toHaveLength(2);
  });

  it('do not even pause where somebody interrupts a round', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { readyAt: Infinity });
    const stop = new AbortController();
    const { slept, unfinished } = await runs(estate, [storing(backup)], {
      stop,
      parts: withAdapter((adapter) => ({
        describeBackups: (...asked) => {
          stop.abort();
          return adapter.describeBackups(...asked);
        },
      })),
    });
    expect(slept).toEqual([]);
    expect(unfinished).toEqual([[backup.id, 'interrupted']]);
  });
});
