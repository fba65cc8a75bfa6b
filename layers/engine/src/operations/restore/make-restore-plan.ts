import type { Backup } from '../../domain/backup/backup.js';
import { isSameResource } from '../../domain/backup/judged-by.js';
import { recordName } from '../../domain/backup/read-backup.js';
import { installationsTags } from '../../domain/backup/foreign-own-tags.js';
import type { ResourceFacts } from '../../domain/backup/resource-facts.js';
import { formatIso } from '../../domain/calendar.js';
import { backupKey } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES, parseMetadata } from '../../domain/files/metadata.js';
import { AWS_TAG } from '../../domain/files/metadata-schema.js';
import { partitionOf } from '../../domain/partition.js';
import { present } from '../../domain/present.js';
import { planRestore } from '../../domain/restore/plan-restore.js';
import type { Restoration } from '../../domain/restore/plan-restore.js';
import { renderCli } from '../../domain/restore/render-cli.js';
import { renderCfn, renderTerraform } from '../../domain/restore/render-templates.js';
import { RestorePlan } from '../../domain/restore/restore-plan.js';
import type { PlanForm } from '../../domain/restore/restore-plan.js';
import type { Wanted } from '../../domain/restore/target.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId, Region, Tags } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { findBackup } from './find-backup.js';
import type { FoundPlaces } from './find-backup.js';

/** What is asked for. */
export interface RestoreRequest {
  /** Name, id, or `<region>:<id>` of a backup. */
  readonly backup: string;
  readonly form: PlanForm;
  /** Where to restore it to; where it is, if left out. */
  readonly into: { readonly region?: Region; readonly account?: AccountId };
}

/**
 * Finds a backup and plans how it is restored, by what its metadata file says of the resource. It only reads, and restores
 * nothing itself.
 *
 * @throws ShelveryError `UsageError` where there is no such backup, `Unsupported` where the service cannot do it.
 */
export async function makeRestorePlan(context: RunContext, request: RestoreRequest): Promise<RestorePlan> {
  const { adapter, home } = context;
  const found = await findBackup(context, request.backup, request.into);
  const { backup } = found;
  const { wanted, plan, factsFrom } = await restorationOf(context, found, request.into);
  const { into, facts } = wanted;
  context.collected(1);
  return RestorePlan.parse({
    backup: {
      backup_type: adapter.type,
      id: backup.id,
      name: backup.name,
      region: backup.region,
      account_id: home.accountId,
      source_account: backup.srcAccount,
      place: backup.place,
      resource: backup.entityId,
      created: formatIso(backup.createdAt),
      encrypted: backup.found.encrypted,
      ...(backup.found.underOwnedKey === true ? { aws_owned_key: true } : {}),
      archived: backup.found.archived === true,
    },
    into: { region: into.region, account_id: into.account },
    also_in: found.others.map(({ region, id, place }) => ({ region, id, place })),
    facts_from: factsFrom,
    ...present({ facts }),
    inputs: plan.inputs,
    steps: plan.steps,
    notes: plan.notes,
    form: request.form,
    text: rendered(request.form, plan, wanted),
  });
}

/** How one backup is restored, and what was asked for. */
export interface Planned {
  readonly wanted: Wanted;
  readonly plan: Restoration;
  readonly factsFrom: RestorePlan['facts_from'];
}

/** Plans how a backup that was found is restored, by what its metadata file says of the resource. */
export async function restorationOf(
  context: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  { backup, resources }: Pick<FoundPlaces, 'backup' | 'resources'>,
  wantedPlace: RestoreRequest['into'],
): Promise<Planned> {
  const { adapter, home } = context;
  const read = await readFacts(context, backup);
  const live = liveResource({ backup, resources }, home.accountId);
  // What was made again under its name takes the name, and says nothing of what this one was.
  const isSame = live !== undefined && isSameResource(live, backup, adapter.rules);
  // It may have been renamed since.
  const facts = read.facts ?? (isSame ? live : backup.resource)?.facts;
  const into = { account: wantedPlace.account ?? home.accountId, region: wantedPlace.region ?? backup.region };
  const wanted: Wanted = {
    type: adapter.type,
    partition: partitionOf(backup.region),
    backup: {
      id: backup.id,
      name: backup.name,
      region: backup.region,
      account: home.accountId,
      place: backup.place,
      resource: backup.entityId,
      createdAt: backup.createdAt,
      encrypted: backup.found.encrypted,
      archived: backup.found.archived === true,
      available: backup.found.state === 'available',
    },
    origin: { account: backup.srcAccount, ...present({ region: backup.originRegion }) },
    into,
    isThere: live !== undefined && into.account === home.accountId && into.region === live.region,
    tags: tagsOfResource(backup),
    ...present({ facts }),
  };
  const plan = planRestore(wanted);
  return {
    wanted,
    plan: { ...plan, notes: [...read.problems, ...asItIsNow(read.facts, facts), ...plan.notes] },
    factsFrom: read.facts !== undefined ? 'metadata' : facts === undefined ? 'none' : 'resource',
  };
}

/** A plan in the form that is asked for. */
export function rendered(form: PlanForm, plan: Restoration, wanted: Wanted): string {
  const { backup, into } = wanted;
  const title = `Restores ${backup.resource} from ${backup.name}${backup.id === backup.name ? '' : ` (${backup.id})`} of ${formatIso(backup.createdAt)}, which is in ${backup.region} of ${backup.account}, into ${into.region} of ${into.account}`;
  switch (form) {
    case 'cli':
      return renderCli(plan, title);
    case 'cfn':
      return renderCfn(plan, title);
    case 'terraform':
      return renderTerraform(plan, title, into.region);
  }
}

/** Where to look for what a file said before somebody wrote over it. */
const VERSIONS = 'Its bucket keeps earlier versions: one of them may say what the resource was.';

/** What the backup's file says the resource was. A file that cannot be read is no reason to have no plan. */
async function readFacts(
  { adapter, store }: Pick<RunContext, 'adapter' | 'store'>,
  backup: Backup,
): Promise<{ readonly facts?: ResourceFacts; readonly problems: readonly string[] }> {
  const key = backupKey(adapter.type, recordName(backup));
  const where = `${store.bucketName(backup.region)}/${key}`;
  try {
    const parsed = parseMetadata(await store.get(backup.region, key, { maxBytes: MAX_METADATA_BYTES }));
    if ('problem' in parsed)
      return { problems: [`The metadata file ${where} cannot be read: ${parsed.problem}. ${VERSIONS}`] };
    const { backup_id: id, restore: facts } = parsed.document;
    if (id !== backup.id) return { problems: [`The metadata file ${where} is of another backup, ${id}.`] };
    return { problems: [], ...present({ facts }) };
  } catch (error) {
    const { code, message } = toShelveryError(error, `reading the metadata file ${where}`);
    return { problems: [code === 'MetadataRefused' ? `${message} ${VERSIONS}` : message] };
  }
}

/** The resource of its name, where one exists: also where it is not marked any more. */
function liveResource(
  { backup, resources }: Pick<FoundPlaces, 'backup' | 'resources'>,
  account: AccountId,
): Backup['resource'] {
  const resource = resources.get(backup.entityId);
  const isItsPlace = backup.srcAccount === account && resource?.region === backup.originRegion;
  return isItsPlace ? resource : undefined;
}

function asItIsNow(file: ResourceFacts | undefined, facts: ResourceFacts | undefined): readonly string[] {
  return file === undefined && facts !== undefined
    ? ['The metadata file does not say what the resource was: the plan goes by what it is now.']
    : [];
}

/**
 * The tags that the resource had, as far as the backup has them; none of any installation of Shelvery, so that nothing
 * begins by itself.
 */
function tagsOfResource({ found: { tags } }: Backup): Tags {
  const isOwn = installationsTags(tags);
  const own = Object.entries(tags).filter(
    ([key]) => key !== 'Name' && key !== 'ResourceName' && !AWS_TAG.test(key) && !isOwn(key),
  );
  const name = tags['ResourceName'];
  return { ...present({ Name: name }), ...Object.fromEntries(own) };
}
