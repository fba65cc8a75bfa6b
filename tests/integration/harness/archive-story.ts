import { accountsOf } from '../../emulator/accounts.js';
import type { Act, Story } from './at-every-call.js';
import { BUNKER, DR, HOME, SOURCE } from './copy-estate.js';
import { makeResource } from './resources.js';

/** The first of a month: a monthly backup. */
const MADE = '2026-03-01T01:00:00Z';
const PENDING_MS = 4_000;
/** Kept for longer than anybody looks, so that it is worth the archive tier. */
const KEPT = { shelvery_keep_monthly_backups: '10000' };

/** A monthly EBS backup that goes to the archive tier at the source, and so does its copy in the bunker. */
export const archiveStory: Story = {
  type: 'ebs',
  places: { [SOURCE]: [HOME, DR], [BUNKER]: [HOME] },
  mayBeOvertaken: true,
  async begin({ emulator }) {
    await emulator.setSnapshotStates({ pendingMs: PENDING_MS });
    await accountsOf(emulator).setArchivingTime(PENDING_MS);
    const at = { type: 'ebs', account: SOURCE, region: HOME } as const;
    await makeResource(emulator, { ...at, name: 'orders' });
    const archived = {
      shelvery_enable_ebs_archive: 'true',
      shelvery_dr_regions: DR,
      shelvery_share_aws_account_ids: BUNKER,
    };
    const source: Act['party'] = { ...at, config: { ...KEPT, ...archived } };
    const pulling = { shelvery_enable_ebs_archive_pulled: 'true', shelvery_source_aws_account_ids: SOURCE };
    const bunker: Act['party'] = { ...at, account: BUNKER, config: { ...KEPT, ...pulling } };
    return [
      { party: source, action: 'create_backups', time: MADE },
      { party: bunker, action: 'pull_shared_backups' },
      { party: source, action: 'archive_pending_backups' },
    ];
  },
};
