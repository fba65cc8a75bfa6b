import {
  BackupStatus,
  ListedBackup,
  PlanLine,
  RestorePlan,
  ShownConfig,
  StatusReport,
} from '@shelvery/engine/terminal';
import { Checkup } from '@shelvery/engine/doctor';
import * as z from 'zod';

const Problem = z.strictObject({
  /** Of the catalogue in docs/operations.md. */
  code: z.string(),
  message: z.string(),
});

/** A delayed operation that was begun and not finished. */
const UnfinishedOperation = z.strictObject({
  action: z.string(),
  backup_id: z.string(),
  region: z.string(),
  destination_region: z.string().exactOptional(),
  destination_account: z.string().exactOptional(),
  why: z.enum(['timed-out', 'interrupted']),
});

/** What became of one backup type. */
const RunOfType = z.strictObject({
  backup_type: z.string(),
  exit_code: z.number(),
  /** Left out where the run came to no end. */
  interrupted: z.boolean().exactOptional(),
  report: StatusReport.exactOptional(),
  /** Why the run ended before it was through. */
  broke_off: Problem.exactOptional(),
  /** Why there was no run. */
  error: Problem.exactOptional(),
  /** Of a dry run. */
  plan: z.array(PlanLine).exactOptional(),
  /** Of `list_backups`. */
  listed: z.array(ListedBackup).exactOptional(),
  /** Of `status`. */
  backup_status: BackupStatus.exactOptional(),
  /** Of `show_config`. */
  shown_config: ShownConfig.exactOptional(),
  /** Of `restore_plan`. */
  restore_plan: RestorePlan.exactOptional(),
  /** Items that were not begun. */
  not_begun: z.number().exactOptional(),
  unfinished: z.array(UnfinishedOperation).exactOptional(),
  /** The command that finishes the run; left out where nothing is left, or the same command would be as wrong. */
  finish_command: z.string().exactOptional(),
});
export type RunOfType = Readonly<z.infer<typeof RunOfType>>;

/** What `--json` prints: the same shape for one type and for all. */
export const CommandDocument = z.strictObject({
  exit_code: z.number(),
  /** Why nothing was run; all but `exit_code` and `runs` is left out then. */
  error: Problem.exactOptional(),
  action: z.string().exactOptional(),
  dry_run: z.boolean().exactOptional(),
  account_id: z.string().exactOptional(),
  region: z.string().exactOptional(),
  /** The time that names, retention types and ages come from. */
  run_time: z.string().exactOptional(),
  /** Where the SSM parameters of the configuration are. */
  ssm_path: z.string().exactOptional(),
  /** Of `doctor`, which has no runs: it looks at what all types need at once. */
  checkup: Checkup.exactOptional(),
  runs: z.array(RunOfType),
});
export type CommandDocument = Readonly<z.infer<typeof CommandDocument>>;
