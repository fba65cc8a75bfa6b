import * as z from 'zod';
import { answerKey } from '../domain/files/keys.js';
import { present } from '../domain/present.js';
import { BackupStatus } from '../domain/status/backup-status.js';
import { ShownConfig } from '../domain/status/explain-config.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { StatusReport } from '../domain/telling/status-report.js';
import { PlanLine } from '../operations/context.js';
import { ListedBackup } from '../operations/regions/listed-backup.js';
import type { AwsParts } from '../run/open-run.js';
import type { RunResult } from '../run/run-action.js';

/** What a direct invocation answers; the message to the topic for status reports has the same shape. */
export const ActionAnswer = StatusReport.extend({
  /** Of a dry run. */
  plan: z.array(PlanLine).exactOptional(),
  /** Of `list_backups`. */
  listed: z.array(ListedBackup).exactOptional(),
  /** Of `status`. */
  backup_status: BackupStatus.exactOptional(),
  /** Of `show_config`. */
  shown_config: ShownConfig.exactOptional(),
  /** Where the whole answer is, if it was too long: `s3://<bucket>/<key>`. The report alone is answered then. */
  answer_s3_location: z.string().exactOptional(),
});
export type ActionAnswer = Readonly<z.infer<typeof ActionAnswer>>;

/** Page "Lambda quotas": a synchronous invocation answers at most 6 MB. */
const MAX_ANSWER_BYTES = 5_000_000;

/**
 * The answer of a run. One that is longer than 5 MB is written to the data bucket of the local region, and named.
 *
 * @throws ShelveryError where it cannot be written.
 */
export async function answerOf(
  { report, plan, listed, backupStatus, shownConfig }: RunResult,
  { adapter, home, store }: Pick<AwsParts, 'adapter' | 'home' | 'store'>,
): Promise<ActionAnswer> {
  const answer: ActionAnswer = {
    ...report,
    ...present({
      plan: plan === undefined ? undefined : [...plan],
      listed: listed === undefined ? undefined : [...listed],
      backup_status: backupStatus,
      shown_config: shownConfig,
    }),
  };
  const text = JSON.stringify(answer);
  if (Buffer.byteLength(text) <= MAX_ANSWER_BYTES) return answer;
  const key = answerKey(adapter.type, report.action, report.run_id);
  const location = `s3://${store.bucketName(home.region)}/${key}`;
  try {
    await store.put(home.region, key, text);
  } catch (error) {
    throw toShelveryError(error, `writing the answer to ${location}, as it is longer than Lambda takes`);
  }
  return { ...report, answer_s3_location: location };
}
