import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import type { CleanPlan } from '../../domain/plan/plan-clean.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { RunContext } from '../context.js';
import { planRegions } from './plan-regions.js';

/** One backup as `list_backups` shows it. */
export interface ListedBackup {
  readonly name: string;
  readonly id: string;
  readonly resource: string;
  readonly region: string;
  readonly place: string;
  readonly retentionType: string;
  readonly created: string;
  /** When it expires, or why it is kept or would be removed. */
  readonly fate: string;
  readonly state: string;
  /** Whether its metadata file is there; `unknown` where the bucket cannot be listed. */
  readonly metadata: 'present' | 'missing' | 'unknown';
}

/** Lists the backups of the local and every DR region in use, with what cleaning would do to each. */
export async function listBackups(context: RunContext): Promise<readonly ListedBackup[]> {
  const { regions } = await planRegions(context, { listMetadata: true, onlyShown: true });
  const rows = regions.flatMap(({ plan, files }) => {
    const row = (backup: Backup, fate: string): ListedBackup => ({
      name: backup.name,
      id: backup.id,
      resource: backup.entityId,
      region: backup.region,
      place: backup.place,
      retentionType: backup.retentionType,
      created: backup.createdAt.toISOString(),
      fate,
      state: backup.found.archived === true ? 'archived' : backup.found.state,
      metadata: files === undefined ? 'unknown' : files.has(recordName(backup)) ? 'present' : 'missing',
    });
    return [
      ...plan.keep.map(({ backup, text }) => row(backup, text)),
      ...plan.remove.map(({ backup, text }) => row(backup, `${text}; clean_backups removes it`)),
      ...notUnderstood(plan).map(({ found, why }): ListedBackup => ({
        name: '',
        id: found.id,
        resource: '',
        region: found.region,
        place: '',
        retentionType: '',
        created: '',
        fate: `kept: ${why}`,
        state: found.state,
        metadata: 'unknown',
      })),
    ];
  });
  context.collected(rows.length);
  return rows.sort((a, b) =>
    `${a.resource} ${a.created} ${a.region}`.localeCompare(`${b.resource} ${b.created} ${b.region}`),
  );
}

/** What carries our tags and is no backup that could be judged. */
function notUnderstood({ unreadable, somebodys }: CleanPlan): readonly { found: FoundBackup; why: string }[] {
  return [...unreadable.map(({ found, problem }) => ({ found, why: problem })), ...somebodys];
}
