import type { Backup, BackupId, FoundBackup } from '@shelvery/engine/terminal';
import { BackupId as Id, readBackup, resolveRunConfig } from '@shelvery/engine/terminal';
import { RULES } from '../unit/domain/builders.js';
import { HOME, PREFIX } from './harness.js';

/** Ids in order. */
export function idsOf(found: Iterable<FoundBackup>): readonly BackupId[] {
  return [...found].map(({ id }) => Id.parse(id)).sort();
}

/** The error that a promise ends with; a promise that is kept fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('It should have been refused, and was done.');
}

/** A found backup, its tags understood; one that is not understood fails the test. */
export function understood(found: FoundBackup): Backup {
  const read = readBackup(found, {
    home: HOME,
    config: resolveRunConfig({ payload: { shelvery_tag_prefix: PREFIX }, environment: {} }),
    rules: RULES.ebs,
  });
  if (read.kind === 'backup') return read.backup;
  throw new Error(read.kind === 'unreadable' ? read.problem : read.why);
}
