import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { OperationName, Outcome } from '../domain/telling/outcome.js';
import type { BackupType } from '../domain/values.js';

/** The metrics that alarms and the dashboard use; each has the dimension BackupType. */
const COUNTED: Readonly<Partial<Record<OperationName, string>>> = {
  CreateBackup: 'BackupsCreated',
  CopyBackupToRegion: 'BackupsCopied',
  ShareBackup: 'BackupsShared',
  ShareRegionalBackupCopy: 'BackupsShared',
  PullSharedBackup: 'BackupsPulled',
  DeleteBackup: 'BackupsRemoved',
  DeleteReencryptedBackup: 'BackupsRemoved',
};

/** Counts what became of the items of an invocation; what failed is counted together, whatever it was. */
export function countOutcomes(
  metrics: Metrics,
  type: BackupType,
  outcomes: readonly Outcome[],
  newestBackupAgeHours?: number,
): void {
  const counts = new Map<string, number>([['BackupsFailed', 0]]);
  const add = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  for (const outcome of outcomes) {
    if (outcome.status === 'failed') add('BackupsFailed');
    const name = COUNTED[outcome.operation];
    if (outcome.status === 'ok' && name !== undefined) add(name);
  }
  metrics.addDimension('BackupType', type);
  for (const [name, count] of counts) metrics.addMetric(name, MetricUnit.Count, count);
  if (newestBackupAgeHours !== undefined)
    metrics.addMetric('NewestBackupAgeHours', MetricUnit.NoUnit, newestBackupAgeHours);
  metrics.publishStoredMetrics();
}
