import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { foundOf } from '../../domain/backup/backup.js';
import type { Backup, ReadBackup } from '../../domain/backup/backup.js';
import { parseSource } from '../../domain/backup/copy-source.js';
import { recordName } from '../../domain/backup/read-backup.js';
import { formatIso } from '../../domain/calendar.js';
import { missingCopies } from '../../domain/plan/missing-copies.js';
import { planClean } from '../../domain/plan/plan-clean.js';
import type { CleanPlan, LeftAlone } from '../../domain/plan/plan-clean.js';
import type { RunContext } from '../context.js';
import { prefixOf } from '../identify.js';
import { planRegions } from './plan-regions.js';
import type { PlannedRegion } from './plan-regions.js';

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
  /** `missing` for a DR copy that should be there and is not: it has no id. */
  readonly state: string;
  /** Whether its metadata file is there; `unknown` where the bucket cannot be listed. */
  readonly metadata: 'present' | 'missing' | 'unknown';
}

/**
 * Lists the backups of the local and every DR region in use, with what cleaning would do to each, and the DR copies that
 * are missing. The copies that came to the local region from others are shown without asking those.
 */
export async function listBackups(context: RunContext): Promise<readonly ListedBackup[]> {
  const { regions } = await planRegions(context, { listMetadata: true, onlyShown: true });
  const here = regions.find(({ region }) => region === context.home.region);
  const listed = [
    ...regions.flatMap(({ plan, files }) => rowsOf(shownOf(plan), files)),
    ...(here === undefined ? [] : rowsOf(copiesFromElsewhere(context, here), here.files)),
  ];
  const missing = here === undefined ? [] : missingRows(context, here, regions);
  context.collected(listed.length);
  return [...listed, ...missing].sort((a, b) =>
    `${a.resource} ${a.created} ${a.region}`.localeCompare(`${b.resource} ${b.created} ${b.region}`),
  );
}

/** What is shown of some backups. */
interface Shown {
  readonly judged: readonly { readonly backup: Backup; readonly fate: string }[];
  /** What carries our tags and is no backup that could be judged. */
  readonly leftAlone: readonly LeftAlone[];
}

function shownOf({ keep, remove, unreadable, somebodys }: CleanPlan): Shown {
  return {
    judged: [
      ...keep.map(({ backup, text }) => ({ backup, fate: text })),
      ...remove.map(({ backup, text }) => ({ backup, fate: `${text}; clean_backups removes it` })),
    ],
    leftAlone: [...unreadable.map(({ found, problem }) => ({ found, why: problem })), ...somebodys],
  };
}

/**
 * The DR copies that lie in the local region. The cleaning of the region that they came from decides about them, by the
 * tags of the resource there, which nobody asks for here.
 */
function copiesFromElsewhere(context: RunContext, here: PlannedRegion): Shown {
  const { config, home } = context;
  const prefix = prefixOf(context);
  const only = config.values.shelvery_select_entity;
  const copies = here.backups.filter((read) => {
    const { tags } = foundOf(read);
    const isCopy = tags[tagKey(prefix, TAG.drCopy)] === 'true';
    return isCopy && (only === undefined || tags[tagKey(prefix, TAG.entityId)] === only);
  });
  const byOrigin = Map.groupBy(
    copies,
    (read) => parseSource(foundOf(read).tags[tagKey(prefix, TAG.drSourceBackup)])?.region,
  );
  const shown = [...byOrigin].map(([origin, backups]): Shown => {
    if (origin === undefined || origin === home.region) return inNobodysCharge(backups);
    const input = { now: context.run.time, localRegion: origin, region: home.region, beingCopied: NOTHING, config };
    const { judged, leftAlone } = shownOf(planClean({ ...input, backups }));
    const decides = `by its own tags; the cleaning of ${origin} decides`;
    return { judged: judged.map(({ backup, fate }) => ({ backup, fate: `${fate} (${decides})` })), leftAlone };
  });
  return { judged: shown.flatMap(({ judged }) => judged), leftAlone: shown.flatMap(({ leftAlone }) => leftAlone) };
}

/** Whether a backup is being copied on from here is not known. */
const NOTHING: ReadonlySet<string> = new Set();

/** DR copies that do not say where they came from, or that they came from where they are: every cleaning leaves them. */
function inNobodysCharge(copies: readonly ReadBackup[]): Shown {
  const why = 'kept: its tags do not say which region it was copied from';
  return {
    judged: copies.flatMap((read) => (read.kind === 'backup' ? [{ backup: read.backup, fate: why }] : [])),
    leftAlone: copies.flatMap((read) => {
      if (read.kind === 'backup') return [];
      return [{ found: read.found, why: read.kind === 'unreadable' ? read.problem : read.why }];
    }),
  };
}

function rowsOf({ judged, leftAlone }: Shown, files: PlannedRegion['files']): readonly ListedBackup[] {
  return [
    ...judged.map(({ backup, fate }): ListedBackup => ({
      ...factsOf(backup),
      id: backup.id,
      region: backup.region,
      place: backup.place,
      fate,
      state: backup.found.archived === true ? 'archived' : backup.found.state,
      metadata: files === undefined ? 'unknown' : files.has(recordName(backup)) ? 'present' : 'missing',
    })),
    ...leftAlone.map(({ found, why }): ListedBackup => ({
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
}

/** A line for each DR copy that should be there and is not. */
function missingRows(
  { adapter, home, run }: RunContext,
  here: PlannedRegion,
  regions: readonly PlannedRegion[],
): readonly ListedBackup[] {
  if (adapter.copyToRegion === undefined) return [];
  const elsewhere = new Map(regions.map(({ region, backups }) => [region, backups]));
  const missing = missingCopies({ now: run.time, localRegion: home.region, backups: here.backups, elsewhere });
  return missing.map(({ of, region, until }): ListedBackup => ({
    ...factsOf(of),
    id: '',
    region,
    place: 'dr',
    fate:
      until === undefined
        ? `no copy of ${of.id} is there; do_copy_backup makes it again (docs/operations.md)`
        : `no copy of ${of.id} is there yet; it is waited for until ${formatIso(until)}`,
    state: 'missing',
    metadata: 'unknown',
  }));
}

/** What a backup has in common with its copies. */
function factsOf(backup: Backup): Pick<ListedBackup, 'name' | 'resource' | 'retentionType' | 'created'> {
  return {
    name: backup.name,
    resource: backup.entityId,
    retentionType: backup.retentionType,
    created: backup.createdAt.toISOString(),
  };
}
