import { max, subHours } from 'date-fns';
import { ShelveryError } from '../../domain/errors.js';
import { taggedRegions } from '../../domain/backup/backup-tags.js';
import type { FoundBackup, ReadBackup, Resource } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import type { ReadTags } from '../../domain/backup/read-backup.js';
import { configuredBy } from '../../domain/config/targets.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { isOfNoRegion, toRegionError } from '../region-fault.js';
import type { ListedRecord } from '../../domain/backup/on-record.js';
import { backupsPrefix, nameOfKey } from '../../domain/files/keys.js';
import { unusableSize } from '../../domain/files/metadata.js';
import { planClean } from '../../domain/plan/plan-clean.js';
import { sourcesOfRunningCopies } from '../../domain/plan/running-copies.js';
import type { CleanPlan } from '../../domain/plan/plan-clean.js';
import { present } from '../../domain/present.js';
import type { Region, ResourceId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { entitiesOf, judged, prefixOf, tagsOf } from '../identify.js';
import { inTime } from '../in-time.js';
import { listMarked } from '../marked-resources.js';
import { regionsWithBucket } from '../regions-with-bucket.js';

/** One region with its backups, and what happens to each. */
export interface PlannedRegion {
  readonly region: Region;
  /** Every backup there that carries our mark: originals, DR copies and pulled copies. */
  readonly backups: readonly ReadBackup[];
  /**
   * The metadata files that were there before the backups were listed, by name; `undefined` where they could not be
   * listed.
   */
  readonly files: ReadonlyMap<string, ListedRecord> | undefined;
  /** There is no data bucket. */
  readonly lacksBucket: boolean;
  readonly plan: CleanPlan;
}

/** The regions, with the resources whose tags decided. */
export interface PlannedRegions {
  /** The local one first. */
  readonly regions: readonly [PlannedRegion, ...PlannedRegion[]];
  readonly resources: ReadonlyMap<ResourceId, Resource>;
}

/** What is listed and decided with. */
type Planning = Pick<
  RunContext,
  'adapter' | 'buckets' | 'clock' | 'config' | 'home' | 'log' | 'report' | 'run' | 'store'
>;

/** What is listed, and for what. */
interface ListOptions {
  readonly listMetadata: boolean;
  /** Only to be shown: what cannot be listed is then missing from the list, and nothing else. */
  readonly onlyShown?: boolean;
  /** The marked resources, where they were listed before. */
  readonly marked?: readonly Resource[];
}

/** Lists and decides, region by region. A DR region that cannot be listed is reported, and the others go on. */
export async function planRegions(context: Planning, options: ListOptions): Promise<PlannedRegions> {
  const { config, home } = context;
  const [local, marked] = await Promise.all([
    listRegion(context, home.region, options),
    options.marked ?? listMarked(context),
  ]);
  const known = new Map(marked.map((resource) => [resource.id, resource]));
  const resources = new Map([...known, ...(await findUnknown(context, local.read, known))]);
  const others = await drRegions(context, local.found, resources, options);
  const unlisted = new Set<Region>();
  const elsewhere = (
    await Promise.all(
      others.map(async (region) => {
        try {
          return [await listElsewhere(context, region, options)];
        } catch (error) {
          unlisted.add(region);
          context.report({
            operation: options.onlyShown === true ? 'ListBackups' : 'DeleteBackup',
            region,
            status: 'failed',
            error: toRegionError(
              error,
              region,
              `listing the backups in the DR region ${region}; its copies are ${options.onlyShown === true ? 'left out' : 'not cleaned in this run'}`,
              local.found.flatMap(({ id, tags }) =>
                taggedRegions(tags, prefixOf(context)).includes(region) ? [id] : [],
              ),
            ),
          });
          return [];
        }
      }),
    )
  ).flat();
  const copied = elsewhere.flatMap(({ read }) => read);
  const all = new Map([...resources, ...(await findUnknown(context, copied, resources))]);

  const withBackups = ({ region, files, lacksBucket, read }: ListedRegion): Omit<PlannedRegion, 'plan'> => ({
    region,
    files,
    lacksBucket,
    backups: judged(read, context, all),
  });
  const here = withBackups(local);
  const there = elsewhere.map(withBackups);
  const beingCopied = new Set(
    sourcesOfRunningCopies(
      [here, ...there].flatMap(({ backups }) => backups),
      prefixOf(context),
    ),
  );
  const maybe = maybeBeingCopied(here.backups, unlisted, context);
  const planned = (region: Omit<PlannedRegion, 'plan'>): PlannedRegion => ({
    ...region,
    plan: planClean({
      now: context.run.time,
      localRegion: home.region,
      region: region.region,
      backups: region.backups,
      beingCopied,
      maybeBeingCopied: maybe,
      config,
    }),
  });
  return { regions: [planned(here), ...there.map(planned)], resources: all };
}

/** Longest that a list of backups waits for a DR region, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Lists a DR region. Where that is only to be shown, a region that does not answer keeps nobody waiting: the calls that
 * are under way are left to themselves.
 */
async function listElsewhere(context: Planning, region: Region, options: ListOptions): Promise<ListedRegion> {
  const listed = listRegion(context, region, options);
  if (options.onlyShown !== true) return await listed;
  return await inTime(listed, context.clock.timeout(PATIENCE_MS), () => {
    const seconds = String(PATIENCE_MS / 1_000);
    const message = `The DR region ${region} did not answer within ${seconds} s: its copies are left out.`;
    return new ShelveryError('AwsError', message, { mendable: true });
  });
}

type ListedRegion = Pick<PlannedRegion, 'region' | 'files' | 'lacksBucket'> & {
  readonly found: readonly FoundBackup[];
  readonly read: readonly ReadTags[];
};

/** Lists the files before the backups: else a backup that is stored in between would look like a file without one. */
async function listRegion(context: Planning, region: Region, options: ListOptions): Promise<ListedRegion> {
  const listed = options.listMetadata
    ? await listFiles(context, region, options)
    : { files: undefined, lacksBucket: false };
  const backups = await context.adapter.listBackups(region);
  const found = (await context.adapter.withHeldParts?.(region, backups)) ?? backups;
  return { region, ...listed, found, read: tagsOf(found, context) };
}

/** The names of the metadata files of a region. Where there is a bucket that cannot be listed, that is reported. */
async function listFiles(
  context: Planning,
  region: Region,
  { onlyShown = false }: ListOptions,
): Promise<Pick<PlannedRegion, 'files' | 'lacksBucket'>> {
  const prefix = backupsPrefix(context.adapter.type);
  try {
    const listed = await context.store.list(region, prefix);
    const files = listed.flatMap(({ key, lastModified, size }): [string, ListedRecord][] => {
      const name = nameOfKey(key, prefix);
      const record = { written: lastModified.getTime(), ...present({ unusable: unusableSize(size) }) };
      return name === undefined ? [] : [[name, record]];
    });
    return { files: new Map(files), lacksBucket: false };
  } catch (error) {
    if (faultName(error) === 'NoSuchBucket') return { files: undefined, lacksBucket: true };
    // It is told of once, for the region.
    if (isOfNoRegion(error, region)) throw error;
    context.report({
      operation: onlyShown ? 'ListBackups' : 'StoreBackupData',
      bucket: context.store.bucketName(region),
      region,
      status: 'failed',
      error: toShelveryError(
        error,
        `listing the metadata in ${context.store.bucketName(region)}${onlyShown ? '; whether it is there is not known' : ''}`,
      ),
    });
    return { files: undefined, lacksBucket: false };
  }
}

/** The resources of backups that are not among the marked ones but still exist: they may have lost their mark. */
async function findUnknown(
  context: Planning,
  read: readonly ReadTags[],
  known: ReadonlyMap<ResourceId, Resource>,
): Promise<ReadonlyMap<ResourceId, Resource>> {
  const only = context.config.values.shelvery_select_entity;
  const made = read.flatMap((item) => (item.kind === 'made' ? [item.made] : []));
  const unknown = entitiesOf(made).filter((id) => !known.has(id) && (only === undefined || id === only));
  return unknown.length === 0 ? new Map() : await context.adapter.findResources(unknown);
}

/** DR regions in use: configured, named by tags of backups and resources, or with a data bucket of ours. */
async function drRegions(
  context: Planning,
  found: readonly FoundBackup[],
  resources: ReadonlyMap<ResourceId, Resource>,
  { onlyShown = false }: ListOptions,
): Promise<readonly Region[]> {
  const { adapter, config, home } = context;
  const tagged = found.flatMap(({ tags }) => taggedRegions(tags, prefixOf(context)));
  const configured = [...resources.values()].flatMap(
    ({ tags }) => configuredBy(tags, { home, config, rules: adapter.rules }).targets.drRegions,
  );
  const withBucket = await regionsWithBucket(context, onlyShown ? 'ListBackups' : 'DeleteBackup');
  const all = new Set([...config.values.shelvery_dr_regions, ...tagged, ...configured, ...withBucket]);
  all.delete(home.region);
  return [...all].sort();
}

/**
 * The backups that are young enough to be still copied to a DR region that cannot be listed, each with that region. A dry
 * run for a later time asks what will be then, when those of today have long been copied.
 */
function maybeBeingCopied(
  backups: readonly ReadBackup[],
  unlisted: ReadonlySet<Region>,
  context: Planning,
): ReadonlyMap<string, Region> {
  const now = max([context.clock.now(), context.run.time]);
  const youngerThan = subHours(now, context.config.values.shelvery_wait_deadline_hours);
  return new Map(
    backups.flatMap((read): [string, Region][] => {
      if (read.kind !== 'backup') return [];
      const { backup } = read;
      const young = (backup.found.startedAt ?? backup.createdAt) > youngerThan;
      const region = taggedRegions(backup.found.tags, prefixOf(context)).find((each) => unlisted.has(each));
      return young && region !== undefined ? [[sourceOf(backup.region, backup.id), region]] : [];
    }),
  );
}
