import { distance } from 'fastest-levenshtein';
import { areOfOneMaking } from '../../domain/backup/age.js';
import { backupsIn } from '../../domain/backup/backup.js';
import type { Backup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { ShelveryError, reworded } from '../../domain/errors.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { planRegions } from '../regions/plan-regions.js';
import type { PlannedRegion, PlannedRegions } from '../regions/plan-regions.js';

/** A backup in every place that it is in, the one to restore from first. */
export interface FoundPlaces {
  readonly backup: Backup;
  readonly others: readonly Backup[];
  /** The resources of the local region, as far as they still exist. */
  readonly resources: PlannedRegions['resources'];
}

/** How many names an error proposes. */
const PROPOSED = 3;
/**
 * How many letters a proposed name may differ in: fewer than the hash has by which names of two resources differ, and the
 * ids of two snapshots.
 */
const FEW_LETTERS = 3;

/**
 * Finds a backup by its name, its id, or `<region>:<id>`, in the local region and every DR region in use. Of several places of
 * one name the one in the region to restore into comes first, then the one that is nearest to the resource.
 *
 * @throws ShelveryError `UsageError` where there is none, with the names that are nearly so, and where it looked.
 */
export async function findBackup(
  context: RunContext,
  wanted: string,
  into: { readonly region?: Region },
): Promise<FoundPlaces> {
  const { home } = context;
  const { regions, resources } = await planRegions(context, { listMetadata: false, onlyShown: true }).catch(
    (error: unknown) => {
      const failure = toShelveryError(error, `listing the backups in ${home.region}`);
      throw reworded(
        failure,
        `${failure.message} If ${home.region} cannot be reached, look in a DR region: --region <that region>.`,
      );
    },
  );
  const all = backupsIn(regions.flatMap(({ backups }) => backups));
  const region = into.region ?? home.region;
  const usable = all.filter(isOfUse).sort((a, b) => rank(a, region) - rank(b, region));
  const backup = usable.find((each) => isCalled(each, wanted));
  if (backup === undefined) throw notFound(wanted, all, regions, home.accountId);
  const others = usable.filter((each) => each !== backup && areOfOneMaking(each, backup));
  return { backup, others, resources };
}

function isCalled(backup: Backup, wanted: string): boolean {
  const { id, name, region, found } = backup;
  return [id, name, sourceOf(region, id), found.serviceName].includes(wanted);
}

/** Whether something can be restored from it, once it is complete. */
function isOfUse({ found, temporary }: Backup): boolean {
  return found.state !== 'failed' && !temporary;
}

function rank({ region, place, found }: Backup, wanted: Region): number {
  const places = { local: 0, pulled: 1, dr: 2 };
  return (found.state === 'available' ? 0 : 20) + (region === wanted ? 0 : 10) + places[place];
}

function notFound(
  wanted: string,
  backups: readonly Backup[],
  regions: readonly PlannedRegion[],
  account: AccountId,
): ShelveryError {
  const [why] = regions
    .flatMap((each) => each.backups)
    .flatMap((read) => {
      if (read.kind === 'backup' || read.found.id !== wanted) return [];
      return [read.kind === 'unreadable' ? read.problem : read.why];
    });
  if (why !== undefined) return new ShelveryError('UsageError', `${wanted} cannot be planned: ${why}.`);
  const useless = backups.find((each) => isCalled(each, wanted));
  if (useless !== undefined) {
    const { id, region, found, temporary } = useless;
    const whyNot = temporary
      ? 'it is a re-encrypted copy, which goes once it has been shared; restore the backup that it was made of'
      : `it has failed (${found.stateReason ?? 'no reason given'})`;
    return new ShelveryError('UsageError', `${id} in ${region} cannot be restored: ${whyNot}.`);
  }
  const newest = newestOf(wanted, backups);
  if (newest !== undefined) {
    return new ShelveryError(
      'UsageError',
      `${JSON.stringify(wanted)} is a resource, and no backup. Its newest backup is ${newest.name} (${newest.id} in ${newest.region}). list_backups shows all.`,
    );
  }
  const looked = `Looked in ${regions.map(({ region }) => region).join(', ')} of account ${account}`;
  const hints = ['list_backups shows all.'];
  const names = [...new Set(backups.filter(isOfUse).flatMap(({ id, name }) => [String(id), name]))];
  const near = nearNames(wanted, names);
  if (names.length === 0) hints.unshift('There is no backup of this type that can be restored.');
  else if (near.length > 0) hints.unshift(`The nearest: ${near.join(', ')}.`);
  return new ShelveryError('UsageError', `There is no backup ${JSON.stringify(wanted)}. ${looked}. ${hints.join(' ')}`);
}

/** The most similar names, where they are similar enough to be meant; whoever is tired takes what is proposed. */
function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const away = names.map((name) => ({ name, letters: distance(wanted, name) }));
  const least = Math.min(...away.map(({ letters }) => letters));
  if (least > FEW_LETTERS) return [];
  return away.flatMap(({ name, letters }) => (letters === least ? [name] : [])).slice(0, PROPOSED);
}

/** The newest backup of a resource that can be restored from, by the resource's id, as it was or is now, or its tag `Name`. */
function newestOf(wanted: string, backups: readonly Backup[]): Backup | undefined {
  const isOf = ({ entityId, resource, found }: Backup): boolean =>
    [entityId, resource?.id, found.tags['ResourceName']].some((name) => name === wanted);
  return backups
    .filter(isOf)
    .filter(({ found, temporary }) => found.state === 'available' && !temporary)
    .reduce<Backup | undefined>(
      (newest, each) => (newest !== undefined && newest.createdAt >= each.createdAt ? newest : each),
      undefined,
    );
}
