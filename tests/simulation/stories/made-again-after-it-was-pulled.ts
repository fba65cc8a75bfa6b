import { ACCOUNTS } from '../workload/plan.js';
import type { Plan } from '../workload/plan.js';
import { FAIR_EBS } from './fair-ebs.js';

/** A run is repeated for the time of a backup that was pulled and then removed. The new one is offered, too. */
export const madeAgainAfterItWasPulled: Plan = {
  ...FAIR_EBS,
  waits: 'invocations',
  settings: {
    source: { shelvery_share_aws_account_ids: ACCOUNTS.bunker },
    bunker: { shelvery_source_aws_account_ids: ACCOUNTS.source },
  },
  deeds: [
    { at: 0, kind: 'make', slot: 0, name: 'web', marked: true, encrypted: false },
    { at: 5, kind: 'event', who: 'source', action: 'create_data_buckets' },
    { at: 180, kind: 'event', who: 'source', action: 'create_backups' },
    { at: 500, kind: 'event', who: 'bunker', action: 'pull_shared_backups' },
    // The source's: it was made first.
    { at: 900, kind: 'delete-backup', nth: 0 },
    { at: 901, kind: 'command', who: 'source', action: 'create_backups', asOf: 180 },
  ],
};
