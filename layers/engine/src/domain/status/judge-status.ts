import { max } from 'date-fns';
import { hoursSince } from '../calendar.js';
import { TAG, isMarked, nearMiss, tagKey } from '../backup/backup-tags.js';
import { isMadeOf } from '../backup/judged-by.js';
import { lostMarks } from '../backup/lost-marks.js';
import { isOnRecord } from '../backup/on-record.js';
import type { ListedRecord } from '../backup/on-record.js';
import type { Backup, ReadBackup, Resource, ServiceRules } from '../backup/backup.js';
import type { RunConfig } from '../config/config.js';
import { configuredBy } from '../config/targets.js';
import type { Home } from '../config/targets.js';
import type { SharedFiles } from '../files/shared-names.js';
import { judgedIn } from '../plan/plan-clean.js';
import type { CleanPlan } from '../plan/plan-clean.js';
import { present } from '../present.js';
import type { AccountId, BackupType, Region, ResourceId } from '../values.js';
import { ageText } from './ages.js';
import { idsText } from './ids-text.js';
import { buildStatus } from './backup-status.js';
import type { BackupStatus, Finding } from './backup-status.js';
import { whenLastGoes } from './last-goes.js';
import { nearHolds } from './near-holds.js';
import { judgeResource } from './protected-resource.js';
import { judgeSources } from './source-accounts.js';
import { wrongTags } from './wrong-tags.js';

/** A region as it was listed. */
export interface SeenRegion {
  readonly region: Region;
  readonly backups: readonly ReadBackup[];
  /** The metadata files there by name, as `isOnRecord` takes them; nothing where they could not be listed. */
  readonly files: ReadonlyMap<string, ListedRecord> | undefined;
  readonly plan: CleanPlan;
}

/** A part of a marked resource that another type backs up, and that is not marked itself: a volume of an instance. */
export interface UnmarkedPart {
  readonly id: ResourceId;
  /** The marked resource that it belongs to. */
  readonly of: ResourceId;
}

/** Everything that `status` judges. */
export interface StatusInput {
  readonly type: BackupType;
  readonly now: Date;
  readonly home: Home;
  readonly config: RunConfig;
  readonly rules: ServiceRules;
  /** Resources that are marked, and those that a tag was probably meant to mark. */
  readonly listed: readonly Resource[];
  /** All resources that exist of those that backups were made of. */
  readonly existing: ReadonlyMap<ResourceId, Resource>;
  readonly regions: readonly SeenRegion[];
  readonly unmarkedParts: readonly UnmarkedPart[];
  /** Whether the service copies backups to other regions. */
  readonly copies: boolean;
  /** Whether other accounts can pull backups of the service. */
  readonly pulls: boolean;
  /** The files that other accounts pull backups by; nothing where they could not be listed. */
  readonly shared: ReadonlyMap<AccountId, SharedFiles> | undefined;
  /** In a bunker: when each file that waits there was written, by source account. Nothing where nothing is pulled. */
  readonly waiting: ReadonlyMap<AccountId, readonly Date[]> | undefined;
}

type Found = Omit<Finding, 'severity'>;

/** Judges the backups of one type: of each marked resource and each source account, and what else should be known. */
export function judgeStatus(input: StatusInput): BackupStatus {
  const { shelvery_tag_prefix: prefix, shelvery_select_entity: only } = input.config.values;
  const isSelected = (id: string | undefined): boolean => only === undefined || id === only;
  // A database may have been renamed since.
  const isOfSelected = ({ entityId, resource }: Backup): boolean => isSelected(entityId) || isSelected(resource?.id);
  const listed = input.listed.filter(({ id }) => isSelected(id));
  const backups = input.regions
    .flatMap((region) => region.backups)
    .flatMap((read) => (read.kind === 'backup' && isOfSelected(read.backup) ? [read.backup] : []));
  const regions = new Set(input.regions.map(({ region }) => region));
  const ofResource = Map.groupBy(
    backups.filter(({ temporary }) => !temporary),
    ({ resource }) => resource?.id,
  );
  const marked = listed.filter(({ tags }) => isMarked(tags, prefix));
  const resources = marked.map((resource) =>
    judgeResource(resource, { ...input, backups: ofResource.get(resource.id) ?? [], listed: regions }),
  );
  const sources =
    input.waiting === undefined || only !== undefined
      ? { rows: [], findings: [] }
      : judgeSources({ ...input, pulled: backups.filter(({ place }) => place === 'pulled'), waiting: input.waiting });
  return buildStatus({
    resources: resources.map(({ row }) => row),
    sources: sources.rows,
    findings: [
      ...resources.flatMap(({ findings }) => findings),
      ...sources.findings,
      ...lostMarks({ ...input, resources: input.existing, backups }).map((lost) => lostMark(lost, input)),
      ...nearMisses(
        // A list shows only some of them; those that have backups were looked up.
        [...new Map([...listed, ...input.existing.values()].map((each) => [each.id, each])).values()].filter(({ id }) =>
          isSelected(id),
        ),
        input,
      ),
      ...input.unmarkedParts.filter(({ id }) => isSelected(id)).map(unmarkedPart),
      ...wrongTags({
        marked: marked.map((resource) => ({ resource, config: configuredBy(resource.tags, input).config })),
        kept: input.regions.flatMap(({ plan }) => plan.keep.filter(({ backup }) => isOfSelected(backup))),
        nameOf: ({ backup }) => nameOf(backup, input),
      }),
      ...nearHolds(input.regions.flatMap(({ plan }) => judgedIn(plan)).filter(isOfSelected), prefix).map(
        ({ text, backups: those }): Found => ({
          reason: 'wrong-tag',
          text,
          backups: those.map(({ id }) => id),
        }),
      ),
      ...neverPulled(resources.flatMap(({ neverPulledBy }) => neverPulledBy)),
      ...input.regions.flatMap((region) => regionFindings(region, input, isOfSelected)),
    ],
  });
}

function lostMark({ resource, backups }: ReturnType<typeof lostMarks>[number], input: StatusInput): Found {
  const { now, config } = input;
  const key = tagKey(config.values.shelvery_tag_prefix, TAG.createBackup);
  const value = resource.tags[key];
  const mark = value === undefined ? `it lacks the tag ${key}` : `its tag ${key} is ${JSON.stringify(value)}`;
  const count = backups.length === 1 ? 'a backup' : `${String(backups.length)} backups`;
  const age = ageText(hoursSince(max(backups.map(({ dataTime }) => dataTime)), now));
  return {
    reason: 'lost-mark',
    resource: resource.id,
    ...present({ resource_name: resource.tags['Name'] }),
    text: [`${mark}, but it has ${count}; the newest is ${age} old`, ...goes(resource, input)].join(', and '),
  };
}

/** When the last backup goes of a resource that is not marked. */
function goes(resource: Resource, { now, regions, rules }: StatusInput): readonly string[] {
  const isOf = (backup: Backup): boolean => !backup.foreign && isMadeOf(resource, backup, rules);
  const plans = regions.map(({ plan }) => plan);
  const when = whenLastGoes(isOf, plans, now);
  return when === undefined ? [] : [when];
}

function nearMisses(resources: readonly Resource[], input: StatusInput): readonly Found[] {
  const { shelvery_tag_prefix: prefix } = input.config.values;
  return resources.flatMap((resource): Found[] => {
    const { id, tags } = resource;
    const near = nearMiss(tags, prefix);
    if (near === undefined) return [];
    const text = `its tag ${near.key} = ${JSON.stringify(near.value)} does not mark it; ${tagKey(prefix, TAG.createBackup)} = true would`;
    const last = goes(resource, input).map((when) => `of its backups ${when}`);
    return [
      {
        reason: 'near-miss',
        resource: id,
        ...present({ resource_name: tags['Name'] }),
        text: [text, ...last].join('; '),
      },
    ];
  });
}

function unmarkedPart({ id, of }: UnmarkedPart): Found {
  return { reason: 'unmarked-volume', resource: id, text: `it is not marked, and belongs to ${of}, which is` };
}

/** One finding for each account, whatever waits for it. */
function neverPulled(accounts: readonly AccountId[]): readonly Found[] {
  return [...Map.groupBy(accounts, (account) => account)].map(([account, times]) => ({
    reason: 'not-pulled',
    account,
    text: `backups of ${String(times.length)} ${times.length === 1 ? 'resource are' : 'resources are'} shared with ${account}, which has never pulled any`,
  }));
}

/** What the resource of a backup is called, or was. */
function nameOf(
  { entityId, resource, found }: Backup,
  { existing }: Pick<StatusInput, 'existing'>,
): string | undefined {
  return (resource ?? existing.get(entityId))?.tags['Name'] ?? found.tags['ResourceName'];
}

/** What is found of a region's backups: what failed, what is not finished, and what nobody can judge. */
function regionFindings(
  { region, files, plan }: SeenRegion,
  input: StatusInput,
  isOfSelected: (backup: Backup) => boolean,
): readonly Found[] {
  const inScope = judgedIn(plan).filter(isOfSelected);
  const about = (backup: Backup): Pick<Found, 'resource' | 'resource_name' | 'region'> => ({
    resource: backup.entityId,
    ...present({ resource_name: nameOf(backup, input) }),
    region,
  });
  const failed = Map.groupBy(
    inScope.filter(({ found }) => found.state === 'failed'),
    ({ entityId }) => entityId,
  );
  const unstored =
    files === undefined
      ? []
      : inScope.filter((backup) => backup.found.state === 'available' && !isOnRecord(backup, files, input.now));
  return [
    ...[...failed.values()].flatMap((those) =>
      those.slice(0, 1).map((first): Found => {
        const why = first.found.stateReason ?? 'no reason given';
        const text = `${those.length === 1 ? 'a backup' : `${String(those.length)} backups`} failed (${idsText(those)}): ${why}`;
        return { reason: 'failed', ...about(first), text, backups: those.map(({ id }) => id) };
      }),
    ),
    ...plan.keep.flatMap(({ backup, problem, reason, text }): Found[] => {
      // What wrong values in tags keep is told once for each resource: see `wrongTags`.
      if (!problem || reason === 'bad-configuration' || !isOfSelected(backup)) return [];
      const code = reason === 'being-made' ? 'unfinished' : 'kept-by-error';
      return [{ reason: code, ...about(backup), text: `${backup.id}: ${text}`, backups: [backup.id] }];
    }),
    ...(unstored.length === 0
      ? []
      : [
          {
            reason: 'no-metadata' as const,
            region,
            text: notStoredText(unstored, region),
            backups: unstored.map(({ id }) => id),
          },
        ]),
    ...plan.unreadable.map(({ found, problem }): Found => ({
      reason: 'unreadable',
      region,
      text: `${found.id} stays, whatever its age, until its tag is corrected or somebody deletes it: ${problem}`,
      backups: [found.id],
    })),
  ];
}

/** What is not stored, and who stores it. */
function notStoredText(backups: readonly Backup[], region: Region): string {
  const [is, its, it] = backups.length === 1 ? ['is', 'its', 'it'] : ['are', 'their', 'them'];
  return `${idsText(backups)} ${is} available, but ${its} metadata is not in the data bucket of ${region}; if the run that made ${it} is over, clean_backups stores it`;
}
