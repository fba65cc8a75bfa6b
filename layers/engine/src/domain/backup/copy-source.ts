import type { Backup } from './backup.js';
import { BackupId, Region } from '../values.js';

/** `<region>:<id>`, how tags name the source of a copy, and what tells backups of all regions apart. */
export function sourceOf(region: Region, id: BackupId): string {
  return `${region}:${id}`;
}

/** Reads what `sourceOf` writes; `undefined` for anything else. Ids may hold colons themselves. */
export function parseSource(text: string | undefined): { readonly region: Region; readonly id: BackupId } | undefined {
  const at = text?.indexOf(':') ?? -1;
  if (text === undefined || at < 0) return undefined;
  const region = Region.safeParse(text.slice(0, at));
  const id = BackupId.safeParse(text.slice(at + 1));
  return region.success && id.success ? { region: region.data, id: id.data } : undefined;
}

/**
 * Whether a backup is the DR copy of a source, as `sourceOf` writes it. Re-encrypted snapshots of a copy have its tags, too,
 * and do not count.
 */
export function isDrCopyOf(copy: Pick<Backup, 'place' | 'temporary' | 'source'>, source: string): boolean {
  return copy.place === 'dr' && !copy.temporary && copy.source === source;
}
