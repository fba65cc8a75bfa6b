import * as z from 'zod';
import { present } from '../present.js';
import type { Outcome } from './outcome.js';

export const WIRE_STATUS = { ok: 'OK', ignored: 'IGNORE', failed: 'ERROR' } as const;

const Text = z.string().exactOptional();
/** One line of a status report; fields that do not apply are left out. */
export const ReportEntry = z.strictObject({
  operation: z.string(),
  status: z.enum(['OK', 'IGNORE', 'ERROR']),
  entity_id: Text,
  entity_name: Text,
  retention_type: Text,
  backup_id: Text,
  backup_name: Text,
  region: Text,
  error: Text,
  message: Text,
});
export type ReportEntry = Readonly<z.infer<typeof ReportEntry>>;

/** An outcome as a line of a status report. */
export function toEntry(outcome: Outcome): ReportEntry {
  const message = outcome.status === 'ignored' ? outcome.reason : outcome.message;
  return {
    operation: outcome.operation,
    status: WIRE_STATUS[outcome.status],
    ...present({
      entity_id: outcome.entityId,
      entity_name: outcome.entityName,
      retention_type: outcome.retentionType,
      backup_id: outcome.backupId,
      backup_name: outcome.backupName,
      region: outcome.region,
    }),
    ...(outcome.status === 'failed'
      ? { error: `${outcome.error.aws?.code ?? outcome.error.code}: ${outcome.error.message}` }
      : {}),
    ...present({ message }),
  };
}
