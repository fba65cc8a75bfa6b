import { ACCOUNTS } from '../workload/plan.js';
import type { Plan } from '../workload/plan.js';
import { FAIR_EBS } from './fair-ebs.js';

/** A bunker keeps no last backups, and cleans a copy that has expired before the file that it was made from is moved. */
export const expiredWhileItWasCopied: Plan = {
  ...FAIR_EBS,
  waits: 'queue',
  settings: {
    source: { shelvery_share_aws_account_ids: ACCOUNTS.bunker },
    bunker: {
      shelvery_source_aws_account_ids: ACCOUNTS.source,
      shelvery_keep_daily_backups: '0',
      shelvery_keep_last_backups: '0',
    },
  },
  deeds: [
    { at: 0, kind: 'make', slot: 0, name: 'web', marked: true, encrypted: false },
    { at: 5, kind: 'event', who: 'source', action: 'create_data_buckets' },
    { at: 180, kind: 'event', who: 'source', action: 'create_backups' },
    ...[500, 800, 1100].flatMap((at) => [
      { at, kind: 'event', who: 'bunker', action: 'pull_shared_backups' } as const,
      { at: at + 5, kind: 'event', who: 'bunker', action: 'clean_backups' } as const,
    ]),
  ],
};
