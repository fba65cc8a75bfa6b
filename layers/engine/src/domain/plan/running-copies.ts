import { TAG, tagKey } from '../backup/backup-tags.js';
import { backupsIn, foundOf } from '../backup/backup.js';
import type { ReadBackup } from '../backup/backup.js';
import { sourceOf } from '../backup/copy-source.js';

/**
 * What copies that are being made are made of, as `<region>:<id>`, by their tags. A person may copy a backup, tags and all:
 * those do not say which of that name it is made of, so that all of them count.
 *
 * @param read what lists of all regions show.
 */
export function sourcesOfRunningCopies(read: readonly ReadBackup[], prefix: string): readonly string[] {
  const pending = read.filter((each) => foundOf(each).state === 'pending');
  const byHand = new Set(
    pending.flatMap((each) => (each.kind === 'somebodys' ? (each.found.tags[tagKey(prefix, TAG.name)] ?? []) : [])),
  );
  return [
    // A re-encrypted DR copy names two backups: the copy that it was made of, and the source of that copy.
    ...pending.flatMap((each) =>
      [TAG.drSourceBackup, TAG.srcBackup].flatMap((last) => foundOf(each).tags[tagKey(prefix, last)] ?? []),
    ),
    ...backupsIn(read)
      .filter(({ name }) => byHand.has(name))
      .map(({ region, id }) => sourceOf(region, id)),
  ];
}
