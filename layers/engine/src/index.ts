/** What adapters and functions build on: only this is in the layer's start. */
export type { AwsAccess } from './aws/access.js';
export { clientPerRegion, perRegion } from './aws/access.js';
export {
  CONFIG_TAG,
  MAX_TAGS,
  PREFIX_TAG,
  TAG,
  isMarked,
  seemsMarked,
  fitTagValue,
  isOurs,
  tagKey,
} from './domain/backup/backup-tags.js';
export { holdOf, isRightHoldKey } from './domain/backup/hold.js';
export { sourceOf } from './domain/backup/copy-source.js';
export { describeCopy, describeNew, describeNewSet } from './domain/backup/descriptions.js';
export { backupName } from './domain/backup/naming.js';
export { factsFrom } from './domain/backup/resource-facts.js';
export type { ResourceFacts, ToldFacts } from './domain/backup/resource-facts.js';
export type { BackupState, FoundBackup, PlannedBackup, Resource, ServiceRules } from './domain/backup/backup.js';
export type { ResourceSet } from './domain/plan/plan-sets.js';
export { formatDateCreated, parseDateCreated } from './domain/calendar.js';
export type { ConfigValues } from './domain/config/config.js';
export { ShelveryError, reworded } from './domain/errors.js';
export { present } from './domain/present.js';
export { remember } from './domain/remember.js';
export { faultName, isNotBegun, isPassing, isUncertain, toShelveryError } from './domain/telling/faults.js';
export { AccountId, BackupId, BackupType, Region, ResourceId } from './domain/values.js';
export type { Tags } from './domain/values.js';
export type {
  BackupAdapter,
  CreatedBackup,
  DryRun,
  DryRunSubjects,
  MendScope,
  MendedItem,
  ServiceFaults,
} from './ports.js';
