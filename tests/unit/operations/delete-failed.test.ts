import { describe, expect, it } from '@jest/globals';
import type { FoundBackup } from '../../../layers/engine/src/domain/backup/backup.js';
import { deleteFailed, fateInWords, isUndeletable } from '../../../layers/engine/src/operations/delete-failed.js';
import { awsError } from '../../simulation/world/aws-error.js';
import { serviceOf } from '../../simulation/world/services.js';
import { backup } from '../domain/builders.js';

const { adapter } = serviceOf('ebs');

describe('a backup that failed and is in the way', () => {
  const wrongState = awsError('InvalidDBSnapshotState', { status: 400 });
  const faults = { ...adapter.faults, invalidState: ['InvalidDBSnapshotState'] };
  const failed = backup({ state: 'failed' });
  const available = backup();

  /** Deletes one, whose service answers. */
  const remove = async (found: FoundBackup, answer?: Error): Promise<unknown> => {
    const deleted: unknown[] = [];
    const fate = await deleteFailed(
      {
        adapter: {
          ...adapter,
          faults,
          deleteBackup: async (each) => {
            deleted.push(each);
            if (answer !== undefined) throw answer;
          },
        },
      },
      { found },
    );
    expect(deleted).toEqual([found]);
    return [fate, fateInWords(fate)];
  };

  it('is deleted', async () => {
    expect(await remove(failed.found)).toEqual(['deleted', 'It was deleted']);
  });

  it('stays where its service deletes none in this state', async () => {
    expect(await remove(failed.found, wrongState)).toEqual([
      'stays',
      'It stays, because the service deletes no snapshot in this state',
    ]);
  });

  it.each([
    ['that is refused for another reason', failed.found, awsError('AccessDenied', { status: 403 })],
    ['of one that is still being made', backup({ state: 'pending' }).found, wrongState],
  ])('is an error %s', async (_, found, error) => {
    await expect(remove(found, error)).rejects.toBe(error);
  });

  it('can be deleted by no later try only where it failed, and its state is the reason', () => {
    const context = { adapter: { ...adapter, faults } };
    expect(isUndeletable(context, failed, wrongState)).toBe(true);
    expect(isUndeletable(context, available, wrongState)).toBe(false);
    expect(isUndeletable(context, failed, new Error('no'))).toBe(false);
  });
});
