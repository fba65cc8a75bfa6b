import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { foundOf } from '../../domain/backup/backup.js';
import type { Backup, FoundBackup, ReadBackup } from '../../domain/backup/backup.js';
import { parseSource } from '../../domain/backup/copy-source.js';
import { isOnRecord } from '../../domain/backup/on-record.js';
import type { SharedFiles } from '../../domain/files/shared-names.js';
import { missingCopies } from '../../domain/plan/missing-copies.js';
import { planClean, somebodysText } from '../../domain/plan/plan-clean.js';
import type { CleanPlan } from '../../domain/plan/plan-clean.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { prefixOf } from '../identify.js';
import { accountsOffered, offersIn } from '../shared-files/offered-accounts.js';
import { listedBackup, listedMissing, listedUnjudged } from './listed-backup.js';
import type { Fate, ListedBackup } from './listed-backup.js';
import { planRegions } from './plan-regions.js';
import type { PlannedRegion, PlannedRegions } from './plan-regions.js';
import { warnOfNearHolds } from './warn-of-near-holds.js';

/**
 * Lists the backups of the local and every DR region in use, with what cleaning would do to each, and the DR copies that
 * are missing. The copies that came to the local region from others are shown without asking those.
 */
export async function listBackups(context: RunContext): Promise<readonly ListedBackup[]> {
  const planned = await planRegions(context, { listMetadata: true, onlyShown: true });
  warnOfNearHolds(context, planned.regions);
  const listed = await listPlanned(context, planned);
  context.collected(listed.filter(({ state }) => state !== 'missing').length);
  return listed;
}

/** The same of regions that were listed and judged before. */
export async function listPlanned(
  context: RunContext,
  { regions, resources }: PlannedRegions,
): Promise<readonly ListedBackup[]> {
  const [here] = regions;
  const rows = await Promise.all(
    regions.map(async (region) => {
      const shared = await sharedFilesOf(context, region);
      const shown =
        region === here ? [shownOf(region.plan), copiesFromElsewhere(context, here)] : [shownOf(region.plan)];
      return shown.flatMap((each) => rowsOf(context, each, { region, resources, shared }));
    }),
  );
  const listed = rows.flat();
  return [...listed, ...missingRows(context, here, { regions, resources })]
    .map((row) => ({ row, order: orderOf(row) }))
    .sort((a, b) => a.order.localeCompare(b.order))
    .map(({ row }) => row);
}

/** What rows are sorted by. What tells no resource comes last. */
function orderOf({ entity_name: name, resource, created, region }: ListedBackup): string {
  return `${resource === '' ? '\uFFFF' : (name ?? resource)} ${resource} ${created} ${region}`;
}

/** What is shown of some backups. */
interface Shown {
  readonly judged: readonly { readonly backup: Backup; readonly fate: Fate }[];
  /** What carries our tags and is no backup that could be judged. */
  readonly leftAlone: readonly Unjudged[];
}

interface Unjudged {
  readonly found: FoundBackup;
  readonly reason: 'unreadable' | 'somebodys';
  readonly why: string;
}

function shownOf({ keep, remove, unreadable, somebodys }: CleanPlan): Shown {
  return {
    judged: [
      ...keep.map(({ backup, ...fate }) => ({ backup, fate })),
      ...remove.map(({ backup, reason, text }) => ({
        backup,
        fate: { reason, text: `${text}; clean_backups removes it` },
      })),
    ],
    leftAlone: [
      ...unreadable.map(({ found, problem }): Unjudged => ({ found, reason: 'unreadable', why: problem })),
      ...somebodys.map(({ found, why }): Unjudged => ({ found, reason: 'somebodys', why })),
    ],
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
    return {
      judged: judged.map(({ backup, fate }) => ({ backup, fate: { ...fate, text: `${fate.text} (${decides})` } })),
      leftAlone,
    };
  });
  return { judged: shown.flatMap(({ judged }) => judged), leftAlone: shown.flatMap(({ leftAlone }) => leftAlone) };
}

/** Whether a backup is being copied on from here is not known. */
const NOTHING: ReadonlySet<string> = new Set();

/** DR copies that do not say where they came from, or that they came from where they are: every cleaning leaves them. */
function inNobodysCharge(copies: readonly ReadBackup[]): Shown {
  const fate: Fate = { reason: 'no-origin', text: 'kept: its tags do not say which region it was copied from' };
  return {
    judged: copies.flatMap((read) => (read.kind === 'backup' ? [{ backup: read.backup, fate }] : [])),
    leftAlone: copies.flatMap((read): readonly Unjudged[] => {
      if (read.kind === 'backup') return [];
      const { found, kind: reason } = read;
      return [{ found, reason, why: read.kind === 'unreadable' ? read.problem : somebodysText(read.why) }];
    }),
  };
}

/** What is known beside a region's backups. */
interface Around extends Pick<PlannedRegions, 'resources'> {
  readonly region: PlannedRegion;
  /** The files that offer them to other accounts; nothing where these cannot be listed. */
  readonly shared: ReadonlyMap<AccountId, SharedFiles> | undefined;
}

function rowsOf(
  context: Pick<RunContext, 'adapter' | 'run'>,
  { judged, leftAlone }: Shown,
  { region: { files }, resources, shared }: Around,
): readonly ListedBackup[] {
  return [
    ...judged.map(({ backup, fate }) =>
      listedBackup(backup, fate, {
        entityName: nameOfResource(backup, resources),
        metadata: metadataState(backup, files, context.run.time),
        sharedWith: shared === undefined ? undefined : accountsOffered(context, backup, shared),
      }),
    ),
    ...leftAlone.map(({ found, reason, why }) => listedUnjudged(found, reason, why)),
  ];
}

function metadataState(backup: Backup, files: PlannedRegion['files'], now: Date): ListedBackup['metadata'] {
  if (files === undefined) return 'unknown';
  return isOnRecord(backup, files, now) ? 'present' : 'missing';
}

/** The name of the resource as it is now; of what came from another account or region nobody looks for it. */
function nameOfResource(backup: Backup, resources: PlannedRegions['resources']): string | undefined {
  if (backup.resource !== undefined) return backup.resource.tags['Name'];
  const resource = backup.foreign ? undefined : resources.get(backup.entityId);
  return resource?.region === backup.originRegion ? resource?.tags['Name'] : undefined;
}

/** A line for each DR copy that should be there and is not. */
function missingRows(
  { adapter, config, home, run }: RunContext,
  here: PlannedRegion,
  { regions, resources }: PlannedRegions,
): readonly ListedBackup[] {
  if (adapter.copyToRegion === undefined) return [];
  const elsewhere = new Map(regions.map(({ region, backups }) => [region, backups]));
  const only = config.values.shelvery_select_entity;
  const missing = missingCopies({ now: run.time, localRegion: home.region, backups: here.backups, elsewhere });
  const wanted = missing.filter(({ of }) => only === undefined || of.entityId === only);
  return wanted.map((copy) => listedMissing(adapter.type, copy, nameOfResource(copy.of, resources)));
}

/** The files that offer a region's backups to other accounts; nothing where these cannot be listed. */
async function sharedFilesOf(
  context: RunContext,
  { region, files, lacksBucket }: PlannedRegion,
): Promise<ReadonlyMap<AccountId, SharedFiles> | undefined> {
  if (lacksBucket) return new Map();
  // Where the bucket cannot be listed, that was told of.
  return files === undefined ? undefined : await offersIn(context, region);
}
