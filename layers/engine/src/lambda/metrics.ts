import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { countedOf } from '../domain/telling/outcome.js';
import type { OperationName, Outcome } from '../domain/telling/outcome.js';
import { BACKUP_TYPES } from '../domain/values.js';
import type { BackupStatus } from '../domain/status/backup-status.js';
import type { AccountId, BackupType } from '../domain/values.js';

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

/** Where a type's metrics go: each stack has a namespace of its own. */
export function createMetrics(environment: Readonly<Record<string, string | undefined>>, type: BackupType): Metrics {
  const namespace = environment['POWERTOOLS_METRICS_NAMESPACE'] ?? 'Shelvery';
  return new Metrics({ namespace, serviceName: type });
}

/** What an invocation has to tell. */
export interface Counted {
  /** What became of its items; what failed is counted together, whatever it was. */
  readonly outcomes: readonly Outcome[];
  /** Notifications that could not be published. */
  readonly lostNotifications: number;
  /** Of a cleaning that saw everything and came to its end. An alarm goes off where none has for too long. */
  readonly newestBackupAgeHours?: number;
  /** Of the same cleaning: there are backups, and nothing is marked any more. */
  readonly marksLost?: boolean;
  /** Of the same cleaning: of each source account that something was pulled from. */
  readonly newestPulledAgeHours?: ReadonlyMap<AccountId, number>;
  /** Of a look at the status. */
  readonly backupStatus?: Pick<BackupStatus, 'counts'>;
}

/** Tells the metrics of an invocation. */
export function tellMetrics(metrics: Metrics, type: BackupType, counted: Counted): void {
  const { outcomes, lostNotifications, newestBackupAgeHours, marksLost, newestPulledAgeHours, backupStatus } = counted;
  const counts = new Map<string, number>([
    ['BackupsFailed', 0],
    ['NotificationsLost', lostNotifications],
  ]);
  const add = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  for (const outcome of countedOf(outcomes)) {
    if (outcome.status === 'failed') add('BackupsFailed');
    const name = COUNTED[outcome.operation];
    if (outcome.status === 'ok' && outcome.already !== true && name !== undefined) add(name);
  }
  if (newestBackupAgeHours !== undefined) add(CLEANINGS_ENDED);
  if (marksLost !== undefined) counts.set('MarksLost', marksLost ? 1 : 0);
  if (backupStatus !== undefined) {
    const { resources, breach, warning } = backupStatus.counts;
    counts.set('ResourcesMarked', resources).set('ObjectiveBreaches', breach).set('StatusWarnings', warning);
  }
  metrics.addDimension('BackupType', type);
  for (const [name, count] of counts) metrics.addMetric(name, MetricUnit.Count, count);
  if (newestBackupAgeHours !== undefined)
    metrics.addMetric('NewestBackupAgeHours', MetricUnit.NoUnit, newestBackupAgeHours);
  // The alarm is on the account that is silent for longest; each has a metric of its own beside it.
  if (newestPulledAgeHours !== undefined && newestPulledAgeHours.size > 0)
    metrics.addMetric(PULLED_AGE, MetricUnit.NoUnit, Math.max(...newestPulledAgeHours.values()));
  metrics.publishStoredMetrics();
  for (const [account, hours] of newestPulledAgeHours ?? []) {
    const ofAccount = metrics.singleMetric();
    ofAccount.addDimensions({ BackupType: type, SourceAccount: account });
    ofAccount.addMetric(PULLED_AGE, MetricUnit.NoUnit, hours);
  }
}

const PULLED_AGE = 'NewestPulledBackupAgeHours';

const CLEANINGS_ENDED = 'CleaningsEnded';

/** A new stack has had no cleaning yet: its silence is counted from when it was made. */
export function beginSilence(environment: Readonly<Record<string, string | undefined>>): void {
  for (const type of BACKUP_TYPES) {
    const metrics = createMetrics(environment, type);
    metrics.addDimension('BackupType', type);
    metrics.addMetric(CLEANINGS_ENDED, MetricUnit.Count, 0);
    metrics.publishStoredMetrics();
  }
}
