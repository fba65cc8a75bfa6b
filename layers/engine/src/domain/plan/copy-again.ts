import type { Backup } from '../backup/backup.js';
import { formatIso } from '../calendar.js';
import type { BackupType, Region } from '../values.js';

/** The tag prefix that a configuration has without being told. */
const DEFAULT_PREFIX = 'shelvery';

/**
 * How to have a DR copy made that is missing, in words that go on after a semicolon. At a terminal the run that made the backup
 * is repeated for its resource alone: it finds the backup, and makes what should follow it. Where the resource is not there to
 * be backed up, or its own tag names other regions, no run does that.
 *
 * @example '; make it with: shelvery ebs create_backups --resource vol-1 --as-of 2026-01-10T03:00:00Z --backdate …'
 */
export function copyAgain(type: BackupType, of: Backup, region: Region): string {
  const { resource, config, targets } = of;
  if (resource === undefined)
    return '; its resource is gone or not marked, so that only a function copies it, by do_copy_backup (docs/operations.md, "A DR copy is missing")';
  const isNamed = targets.drRegions.includes(region);
  if (!isNamed && config.tagged.includes('shelvery_dr_regions'))
    return `; the tag ${config.values.shelvery_tag_prefix}:config:shelvery_dr_regions of ${resource.id} does not name ${region} any more. To have it made, name the region there first, and look here again`;
  const settings = [
    // Another retention type would make another backup.
    `shelvery_current_retention_type=${of.retentionType}`,
    ...(isNamed ? [] : [`shelvery_dr_regions=${region}`]),
    ...(config.values.shelvery_tag_prefix === DEFAULT_PREFIX
      ? []
      : [`shelvery_tag_prefix=${config.values.shelvery_tag_prefix}`]),
  ];
  const words = ['--resource', resource.id, '--as-of', formatIso(of.createdAt), '--backdate', '--region', of.region];
  const command = ['shelvery', type, 'create_backups', ...words, ...settings.flatMap((each) => ['--config', each])];
  // None of the words has a character that a shell would take for more than itself.
  return `; make it with: ${command.join(' ')}`;
}
