/** What a terminal, and whatever else runs actions by itself, has beside that. No function loads it. */
export * from './index.js';
export { openAwsAccess, ownClientConfig } from './aws/access.js';
export { STACKS_PATH, createParameterReader, findStacks } from './aws/ssm-parameters.js';
export type { AwsCall, CallWatcher } from './aws/watched-calls.js';
export { createAwsClock } from './aws/system-clock.js';
export { createInProcessOperations } from './delayed/in-process.js';
export type { DelayedProgress } from './delayed/in-process.js';
export { COMMANDS, onlyLooks } from './domain/actions.js';
export type { Action, Command } from './domain/actions.js';
export { buildBackupTags } from './domain/backup/backup-tags.js';
export type { Backup } from './domain/backup/backup.js';
export { TIMES_ALLOWED, formatIso, parseTime } from './domain/calendar.js';
export { checkGivenConfig, nearest, resolveResourceConfig, resolveRunConfig } from './domain/config/config.js';
export type { RunConfig, RunLevel } from './domain/config/config.js';
export { CONFIG_KEYS, describeKey } from './domain/config/config-schema.js';
export type { ConfigKey } from './domain/config/config-schema.js';
export type { DelayedMessage } from './domain/delayed.js';
export { leastSeconds } from './domain/limits/least-time.js';
export { operationText } from './domain/operation-text.js';
export { resolveRunTime } from './domain/config/run-time.js';
export { isShelveryError } from './domain/errors.js';
export { printable, withoutSteering } from './domain/telling/printable.js';
export { someNamed } from './domain/telling/some-named.js';
export { buildReport } from './domain/report/build-report.js';
export type {
  Health,
  Lane,
  Mark,
  Report,
  ReportedResource,
  ReportedType,
  TypedFinding,
} from './domain/report/build-report.js';
export type { Gap } from './domain/report/gaps.js';
export type { ReportedBackup, SeenType } from './domain/report/inventory.js';
export { BUILT_IN_PRICES, PriceTable } from './domain/report/prices.js';
export type { Priced } from './domain/report/prices.js';
export type { CostRow, StorageRow } from './domain/report/storage.js';
export { lacksCredentials } from './domain/telling/faults.js';
export { copyOf } from './domain/telling/outcome.js';
export type { Outcome } from './domain/telling/outcome.js';
export { BackupStatus } from './domain/status/backup-status.js';
export type { Finding, ProtectedResource, SourceAccount } from './domain/status/backup-status.js';
export { defaultConfigText } from './domain/status/explain-config.js';
export { ShownConfig } from './domain/status/explain-config.js';
export type { ConfigLine } from './domain/status/explain-config.js';
export { StatusReport } from './domain/telling/status-report.js';
export { readBackup } from './domain/backup/read-backup.js';
export { PLAN_FORMS, RestorePlan } from './domain/restore/restore-plan.js';
export type { RunbookPlace, RunbookResource } from './domain/restore/runbook.js';
export { shellQuoted } from './domain/restore/shell.js';
export { BACKUP_TYPES, RunId } from './domain/values.js';
export { PlanLine } from './operations/context.js';
export type { WorkCounts } from './operations/limit.js';
export { ListedBackup } from './operations/regions/listed-backup.js';
export type { Alone, Clock, Log } from './ports.js';
export type { RestoreRequest } from './operations/restore/make-restore-plan.js';
export { aloneAtTerminal } from './run/alone-at-terminal.js';
export { openAwsParts, openAwsRuns } from './run/open-run.js';
export type { AdapterFactory } from './run/open-run.js';
export { runAction } from './run/run-action.js';
export type { RunResult } from './run/run-action.js';
