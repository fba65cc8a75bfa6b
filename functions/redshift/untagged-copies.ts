import {
  CONFIG_TAG,
  PREFIX_TAG,
  ShelveryError,
  TAG,
  backupName,
  faultName,
  fitTagValue,
  formatDateCreated,
  parseDateCreated,
  present,
  tagKey,
  toShelveryError,
} from '@shelvery/engine';
import type { AccountId, PlannedBackup, Resource, ServiceFaults, ServiceRules, Tags } from '@shelvery/engine';

/**
 * CopyClusterSnapshot takes no tags: a process that ends between it and CreateTags leaves a copy without any. Its name
 * and its cluster still tell most of them, which are put together here. They do not tell the run's id, nor which of the
 * cluster's own tags were to be copied.
 */

/** A name of ours: its first part, the minute and the retention type. */
const NAME = /^.+-(\d{4}-\d{2}-\d{2}-\d{4})-([A-Za-z0-9-]{1,20})$/;

/**
 * Whether a snapshot has no tags but AWS's own, as a copy has at first. One that has any is somebody's: another
 * installation's, or one that ours were taken off to keep it.
 */
export function isUntagged(tags: Tags): boolean {
  return Object.keys(tags).every((key) => key.startsWith('aws:'));
}

/** What the tags are rebuilt from, beside the name. */
export interface TagSources {
  readonly prefix: string;
  readonly accountId: AccountId;
  readonly rules: ServiceRules;
  /** The retention types that are known; the service has their names in lower case. */
  readonly retentionTypes: readonly string[];
  /** The time that the snapshot's data is of. */
  readonly snapshotTime: Date | undefined;
  /** Backups made before are none that a run has left without tags. */
  readonly since: Date;
}

/**
 * The tags of a backup of the cluster under this name; `undefined` for a name that we would not have given it, or not
 * since that time, so that no other tool's snapshot is ever taken for ours.
 */
export function tagsFromName(
  name: string,
  resource: Resource,
  { prefix, accountId, rules, snapshotTime, retentionTypes, since }: TagSources,
): Tags | undefined {
  const [, date, ending] = NAME.exec(name) ?? [];
  const retentionType = retentionTypes.find((type) => type.toLowerCase() === ending?.toLowerCase()) ?? ending;
  const createdAt = date === undefined ? undefined : parseDateCreated(date);
  if (createdAt === undefined || createdAt < since || retentionType === undefined) return undefined;
  const parts = { prefix, resourceId: resource.id, nameTag: resource.tags['Name'] ?? '', createdAt, retentionType };
  if (name !== backupName(parts, rules) && name !== backupName(parts, rules, 12)) return undefined;
  const config = Object.entries(resource.tags).filter(([key]) => key.startsWith(tagKey(prefix, CONFIG_TAG)));
  return {
    Name: name,
    [PREFIX_TAG]: prefix,
    [tagKey(prefix, TAG.dateCreated)]: formatDateCreated(createdAt),
    [tagKey(prefix, TAG.srcAccount)]: accountId,
    [tagKey(prefix, TAG.name)]: name,
    [tagKey(prefix, TAG.region)]: resource.region,
    [tagKey(prefix, TAG.retentionType)]: retentionType,
    [tagKey(prefix, TAG.entityId)]: resource.id,
    [tagKey(prefix, TAG.backup)]: 'true',
    ...(snapshotTime === undefined ? {} : { [tagKey(prefix, TAG.snapshotTime)]: formatDateCreated(snapshotTime) }),
    ...Object.fromEntries(config.map(([key, value]) => [key, fitTagValue(value, rules)])),
  };
}

/**
 * What is thrown where a copy was made and its tags were refused. It says what is there, and has a name of its own: by the
 * service's (`ResourceNotFoundFault`, `InvalidClusterStateFault`) it would be told as if the cluster were gone, or in a
 * state that forbids a backup.
 *
 * @param error What CreateTags answered.
 * @returns mendable where the service may take the tags later: a repeat of the run finds the copy, and tags it.
 */
export function leftUntagged(
  { name, resource, retentionType }: PlannedBackup,
  error: unknown,
  { faults, ...sources }: Pick<TagSources, 'prefix' | 'accountId' | 'rules'> & { readonly faults: ServiceFaults },
): ShelveryError {
  const failure = toShelveryError(error, `tagging ${name}, a copy of a snapshot of ${resource.id}`);
  const isNotYet = [...faults.gone, ...faults.invalidState, ...faults.notYet].includes(faultName(error));
  // Under a name that is not the planned one cleaning does not know it.
  const rebuilt = tagsFromName(name, resource, {
    ...sources,
    retentionTypes: [retentionType],
    snapshotTime: undefined,
    since: new Date(0),
  });
  const orCleaning =
    rebuilt === undefined
      ? ''
      : ', or let the next clean_backups do it while the backup is younger than shelvery_wait_deadline_hours';
  return new ShelveryError(
    isNotYet ? 'NotYet' : failure.code,
    `${failure.message} The snapshot was copied, but has no tags yet. To tag it, run again with the same time${orCleaning}.`,
    { cause: error, mendable: isNotYet || failure.mendable, ...present({ aws: failure.aws }) },
  );
}
