import type { ListedBackup } from '@shelvery/engine/terminal';

/** A backup and whose it is. */
export interface PartysBackup {
  readonly who: string;
  readonly backup: ListedBackup;
}

/** The backups of several accounts as headings and rows: where each is, and why. */
export function backupTable(
  backups: readonly PartysBackup[],
): readonly [readonly string[], readonly (readonly string[])[]] {
  return [
    ['WHO', 'BACKUP', 'PLACE', 'REGION', 'METADATA', 'EXPIRES OR WHY KEPT'],
    backups.map(({ who, backup: { name, place, region, metadata, fate } }) => [
      who,
      name,
      place,
      region,
      metadata,
      fate,
    ]),
  ];
}
