import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import type { DelayedMessage, DelayedOperation } from '../../../../layers/engine/src/domain/delayed.js';
import { DR, OTHER_ACCOUNT } from '../../domain/builders.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DEADLINE, named, readyAfter, withContext } from '../delayed-work.js';

const MADE = 100;

describe('delayed work that is interrupted', () => {
  it.each<[string, (backup: HeldBackup) => DelayedOperation, RegExp]>([
    ['stores', (backup) => ({ action: 'do_store_backup_data', ...named(backup) }), /^s3:put /],
    ['copies', (backup) => ({ action: 'do_copy_backup', ...named(backup), toRegion: DR }), /copyToRegion/],
    ['shares', (backup) => ({ action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT }), /ebs:share/],
  ])('begins no further %s, and names them', async (_, operation, call) => {
    const { estate, made } = await readyAfter(...Array.from({ length: MADE }, () => 0));
    const stop = new AbortController();
    const unfinished: string[] = [];
    const { calls, told } = await withContext(
      estate,
      async (context) => {
        const operations = createInProcessOperations(() => context, {
          oneByOne: false,
          signal: stop.signal,
          onUnfinished: (message, why) => {
            unfinished.push(`${message.operation.backupId} ${why}`);
          },
        });
        for (const backup of made) {
          const message: DelayedMessage = {
            backupType: 'ebs',
            operation: operation(backup),
            waiting: { attempt: 0, deadline: DEADLINE },
          };
          operations.send(message);
        }
        await operations.flush();
      },
      {
        settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
        parts: ({ adapter, store }) => ({
          adapter: {
            ...adapter,
            share: async (...of) => {
              stop.abort();
              await adapter.share?.(...of);
            },
            copyToRegion: async (...of) => {
              stop.abort();
              return await (adapter.copyToRegion?.(...of) ?? Promise.reject(new Error('There is none.')));
            },
          },
          store: {
            ...store,
            putNew: async (...file) => {
              stop.abort();
              return await store.putNew(...file);
            },
          },
        }),
      },
    );
    const done = calls.filter((each) => call.test(each)).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(MADE / 2);
    expect(told.filter(({ status }) => status !== 'ok')).toEqual([]);
    // What follows a copy is left, too.
    expect(unfinished.length).toBeGreaterThanOrEqual(MADE - done);
    expect(unfinished.every((each) => each.endsWith(' interrupted'))).toBe(true);
  });
});
