import { TAG, tagKey, taggedRegions } from '../backup/backup-tags.js';
import type { Backup, ReadBackup } from '../backup/backup.js';
import { isDrCopyOf, sourceOf } from '../backup/copy-source.js';
import { expiryOf } from '../backup/retention.js';
import { deadlineOf } from '../delayed.js';
import type { Region } from '../values.js';

/** What is known of the backups of an account. */
export interface CopiesInput {
  readonly now: Date;
  readonly localRegion: Region;
  /** The backups of the local region. */
  readonly backups: readonly ReadBackup[];
  /** Those of the DR regions that could be listed. Of the others nothing is said. */
  readonly elsewhere: ReadonlyMap<Region, readonly ReadBackup[]>;
}

/** A DR copy that was promised when the backup was made, and is not there. */
export interface MissingCopy {
  readonly of: Backup;
  readonly region: Region;
  /** It may still be made until then; absent when that time has passed. */
  readonly until?: Date;
}

/**
 * The DR copies that should be there and are not: of each available backup those in the regions that its own tag
 * `dr_regions` names. A region that was configured later promised nothing to it. What the service cannot copy, and copies
 * that have expired by the retention of DR copies, are not missing.
 */
export function missingCopies({ now, localRegion, backups, elsewhere }: CopiesInput): readonly MissingCopy[] {
  return backups.flatMap((read) => {
    if (read.kind !== 'backup') return [];
    const { backup } = read;
    const { found, config } = backup;
    if (backup.place === 'dr' || backup.temporary || found.state !== 'available' || found.uncopyable === true)
      return [];
    const promised = taggedRegions(found.tags, config.values.shelvery_tag_prefix);
    if (promised.length === 0) return [];
    const expires = expiryOf(backup.createdAt, backup.retentionType, config.values, 'dr');
    if (expires !== undefined && now > expires) return [];
    const until = deadlineOf(backup.createdAt, config.values.shelvery_wait_deadline_hours);
    return promised.flatMap((region): readonly MissingCopy[] => {
      const there = region === localRegion ? undefined : elsewhere.get(region);
      if (there === undefined || there.some((copy) => isCopy(copy, backup))) return [];
      return [{ of: backup, region, ...(now > until ? {} : { until }) }];
    });
  });
}

/** A copy whose other tags cannot be understood is there, all the same. */
function isCopy(read: ReadBackup, of: Backup): boolean {
  const source = sourceOf(of.region, of.id);
  if (read.kind === 'backup') return isDrCopyOf(read.backup, source) && read.backup.found.state !== 'failed';
  return read.found.tags[tagKey(of.config.values.shelvery_tag_prefix, TAG.drSourceBackup)] === source;
}
