import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import type { InProcessOptions } from '../../../../layers/engine/src/delayed/in-process.js';
import type { DelayedMessage } from '../../../../layers/engine/src/domain/delayed.js';
import type { RunContext } from '../../../../layers/engine/src/operations/context.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { LOCAL, OTHER_ACCOUNT } from '../../domain/builders.js';
import { DEADLINE, START, named, readyAfter, withContext } from '../delayed-work.js';
import { openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';

const SECOND_MS = 1000;

const storing = (backup: HeldBackup): DelayedMessage => ({
  backupType: 'ebs',
  operation: { action: 'do_store_backup_data', ...named(backup) },
  waiting: { attempt: 0, deadline: DEADLINE },
});

/** Backups of resources, each available after so many seconds. */
const backups = (...seconds: readonly number[]) => readyAfter(...seconds.map((each) => each * SECOND_MS));

/** What a run does with its operations, and when. */
interface Giving {
  readonly begin: () => void;
  readonly give: (backup: HeldBackup) => void;
  /** So many seconds pass. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly flush: () => Promise<unknown>;
}

/** Gives operations over as a run does that makes backups for long. */
async function gives(
  estate: MemoryEstate,
  work: (giving: Giving, context: RunContext) => Promise<void>,
  { options = {}, ...asked }: Asked & { readonly options?: Partial<InProcessOptions> } = {},
) {
  const unfinished: unknown[] = [];
  const ran = await withContext(
    estate,
    async (context) => {
      const operations = createInProcessOperations(() => context, {
        oneByOne: false,
        onUnfinished: ({ operation }, why) => {
          unfinished.push([operation.backupId, why]);
        },
        ...options,
      });
      await work(
        {
          begin: () => {
            operations.begin?.();
          },
          flush: () => operations.flush(),
          give: (backup) => {
            operations.send(storing(backup));
          },
          pass: (seconds) => context.clock.sleep(seconds * SECOND_MS),
        },
        context,
      );
    },
    asked,
  );
  return { ...ran, unfinished };
}

/** The seconds after the beginning at which backups were asked about. */
function watched(estate: MemoryEstate) {
  const asked: number[] = [];
  const parts: NonNullable<Asked['parts']> = ({ clock, adapter }) => ({
    adapter: {
      ...adapter,
      describeBackups: (...of) => {
        asked.push((clock.now().getTime() - START.getTime()) / SECOND_MS);
        return adapter.describeBackups(...of);
      },
    },
  });
  return { estate, asked, parts };
}

describe('operations whose run still makes backups', () => {
  it('begin after 15 s, and then at longer and longer intervals', async () => {
    const { estate, made } = await backups(...Array.from({ length: 70 }, () => 0));
    const { asked, parts } = watched(estate);
    await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        for (const backup of made) {
          give(backup);
          await pass(1);
        }
        expect(asked).toEqual([15, 23, 35, 53]);
        await flush();
      },
      { parts },
    );
    expect(asked).toEqual([15, 23, 35, 53, 70]);
    expect(estate.keys()).toHaveLength(70);
  });

  it('begin at the end where nobody says that they may begin before', async () => {
    const { estate, made } = await backups(0, 0);
    const { calls } = await gives(estate, async ({ give, pass }) => {
      for (const backup of made) {
        give(backup);
        await pass(60);
      }
    });
    expect(calls).toEqual([]);
  });

  it('begin at the end where they are done one after the other', async () => {
    const { estate, made } = await backups(0, 0);
    const { calls } = await gives(
      estate,
      async ({ begin, give, pass }) => {
        begin();
        for (const backup of made) {
          await pass(60);
          give(backup);
        }
      },
      { options: { oneByOne: true } },
    );
    expect(calls).toEqual([]);
  });

  it('do not begin once somebody interrupts, and are told of as unfinished', async () => {
    const { estate, made } = await backups(0, 0);
    const stop = new AbortController();
    const { calls, unfinished } = await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        for (const backup of made) {
          await pass(60);
          stop.abort();
          give(backup);
        }
        await flush();
      },
      { options: { signal: stop.signal } },
    );
    expect(calls).toEqual([]);
    expect(unfinished).toEqual(made.map(({ id }) => [id, 'interrupted']));
  });

  it('are looked at once at a time, and none twice', async () => {
    const { estate, made } = await backups(0, 0, 0);
    const { told, calls } = await gives(estate, async ({ begin, give, pass, flush }) => {
      begin();
      await pass(20);
      for (const backup of made) give(backup);
      await flush();
    });
    expect(told.map(({ backupId, status }) => [backupId, status])).toEqual(made.map(({ id }) => [id, 'ok']));
    // The first alone, and when that is over the others together.
    expect(calls.filter((call) => call.includes('describe'))).toHaveLength(2);
  });

  it('are looked at again only when the last look is over, however long that takes', async () => {
    const { estate, made } = await backups(0, 0, 0, 0);
    const { asked, parts } = watched(estate);
    const stored = Promise.withResolvers<undefined>();
    await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        for (const backup of made) {
          await pass(20);
          give(backup);
        }
        expect(asked).toEqual([20]);
        stored.resolve(undefined);
        await flush();
      },
      {
        parts: (given) => ({
          ...parts(given),
          store: {
            ...given.store,
            putNew: async (...file) => {
              await stored.promise;
              return await given.store.putNew(...file);
            },
          },
        }),
      },
    );
    expect(asked).toEqual([20, 80]);
    expect(estate.keys()).toHaveLength(4);
  });

  it('are left alone for 5 s after a look: lists show a little later what it made', async () => {
    const { estate, made } = await backups(130, 130, 130);
    const { asked, parts } = watched(estate);
    await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        await pass(10);
        for (const backup of made) {
          await pass(2);
          give(backup);
        }
        await flush();
      },
      { parts, options: { firstLookSeconds: 1 } },
    );
    // The look at 12 s leaves the first; the others come at 14 and 16 s, when it is over.
    const [first = 0, second = 0] = asked;
    expect(first).toBe(12);
    expect(second - first).toBeGreaterThanOrEqual(5);
    expect(estate.keys()).toHaveLength(3);
  });

  it('are let alone no longer where somebody interrupts that', async () => {
    const { estate, made } = await backups(130);
    const stop = new AbortController();
    const { unfinished } = await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        await pass(20);
        for (const backup of made) give(backup);
        await pass(1);
        await flush();
      },
      {
        options: { signal: stop.signal },
        parts: ({ clock }) => ({
          clock: {
            ...clock,
            sleep: async (milliseconds, signal) => {
              if (signal === undefined) {
                await clock.sleep(milliseconds);
                return;
              }
              stop.abort();
              throw new Error('aborted');
            },
          },
        }),
      },
    );
    expect(unfinished).toEqual(made.map(({ id }) => [id, 'interrupted']));
  });

  it('are waited for in the end for their whole time, whatever they were looked at before', async () => {
    const { estate, made } = await backups(0, 130, Infinity);
    const [first, second, third] = made;
    const { told, unfinished } = await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        for (const backup of made) give(backup);
        await pass(100);
        // It is given twice, as a repeated run would.
        if (third !== undefined) give(third);
        await flush();
      },
      { settings: { shelvery_wait_snapshot_timeout: '60' } },
    );
    expect(told.map(({ backupId, status }) => [backupId, status])).toEqual([
      [first?.id, 'ok'],
      [second?.id, 'ok'],
      [third?.id, 'failed'],
    ]);
    expect(unfinished).toEqual([[third?.id, 'timed-out']]);
  });

  it('are told of at the end, with what came to its end before', async () => {
    const { estate, made } = await backups(0, 0, 100);
    const [first, second, third] = made;
    const progress: unknown[] = [];
    await gives(
      estate,
      async ({ begin, give, pass, flush }) => {
        begin();
        await pass(20);
        if (first !== undefined) give(first);
        await pass(1);
        expect(progress).toEqual([]);
        await pass(29);
        // It is being looked at when all are given.
        if (second !== undefined) give(second);
        if (third !== undefined) give(third);
        await flush();
      },
      {
        options: {
          onProgress: ({ ended, open, waiting }) => {
            progress.push([ended, open, waiting.size]);
          },
        },
      },
    );
    expect(progress.slice(0, 3)).toEqual([
      [1, 2, 0],
      [2, 1, 0],
      [2, 1, 1],
    ]);
    expect(progress.at(-1)).toEqual([3, 0, 0]);
  });

  it('throw at the end what they threw before', async () => {
    const { estate, made } = await backups(0);
    const [backup] = made;
    await expect(
      gives(estate, async ({ begin, give, pass, flush }, context) => {
        begin();
        await pass(20);
        Object.assign(context, { config: undefined });
        if (backup !== undefined) give(backup);
        await pass(20);
        await flush();
      }),
    ).rejects.toThrow(TypeError);
  });
});

describe('create_backups, where AWS takes a call a second', () => {
  it('stores and shares the first backups before the last are made', async () => {
    const estate = openEstate('ebs');
    for (let nth = 0; nth < 60; nth += 1) estate.resource(`vol-${String(nth)}`);
    estate.buckets([LOCAL], undefined, [OTHER_ACCOUNT]);
    let turn: Promise<void> = Promise.resolve();
    const { calls, told } = await estate.run('create_backups', {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      parts: (parts) => ({
        adapter: {
          ...parts.adapter,
          createBackup: async (planned) => {
            turn = turn.then(() => parts.clock.sleep(SECOND_MS));
            await turn;
            return await parts.adapter.createBackup(planned);
          },
        },
        delayed: (context) => createInProcessOperations(context, { oneByOne: false, onUnfinished: () => undefined }),
      }),
    });
    expect(told.filter(({ status }) => status !== 'ok')).toEqual([]);
    const last = (call: string): number => calls.findLastIndex((each) => each.includes(call));
    const first = (call: string): number => calls.findIndex((each) => each.includes(call));
    expect(first('s3:put')).toBeLessThan(last('create'));
    expect(first('share')).toBeLessThan(last('create'));
  });
});
