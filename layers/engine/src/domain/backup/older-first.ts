import type { FoundBackup } from './backup.js';

/** Orders backups by when their service began to make them; of two of one moment the one with the lesser id is first. */
export function olderFirst(a: FoundBackup, b: FoundBackup): number {
  const difference = (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0);
  return difference === 0 ? (a.id < b.id ? -1 : 1) : difference;
}
