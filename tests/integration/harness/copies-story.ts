import type { BackupType } from '@shelvery/engine/terminal';
import { accountsOf } from '../../emulator/accounts.js';
import { databaseControls } from '../../emulator/databases.js';
import type { Emulator } from '../../emulator/emulator.js';
import type { Act, Story } from './at-every-call.js';
import { BUNKER, DR, HOME, SOURCE } from './copy-estate.js';
import type { Way } from './product.js';
import { databasesOf, makeResource } from './resources.js';
import { makeParameters, makeQueue, makeTopics } from './surroundings.js';

type Config = Readonly<Record<string, string>>;

/** A Tuesday: daily backups. */
const MADE = '2026-03-03T01:00:00Z';
/** Long enough for temporary snapshots to go, too. */
const UNTIL_CLEANED_MS = 4 * 86_400_000;
/** Less than the first pause between two rounds of asking. */
const PENDING_MS = 4_000;

const SOURCE_CONFIG: Config = {
  shelvery_dr_regions: DR,
  shelvery_share_aws_account_ids: BUNKER,
  shelvery_keep_daily_backups: '7',
  shelvery_keep_last_backups: '0',
};
const BUNKER_CONFIG: Config = {
  shelvery_source_aws_account_ids: SOURCE,
  shelvery_keep_daily_backups: '14',
  shelvery_keep_last_backups: '0',
};

/** The first is kept for a week, the second for longer than anybody looks. */
const SHORT_LIVED = { name: 'orders', tags: { team: 'blue' } };
const LONG_LIVED = { name: 'stock', tags: { 'shelvery:config:shelvery_keep_daily_backups': '10000' } };

export interface CopiesStoryOptions {
  /**
   * Resources are encrypted, and their backups re-encrypted before they are shared; every copy has a key of its own
   * place.
   */
  readonly encrypted?: boolean;
  /** Both backups expire at the source, where the service may delete them in one call. */
  readonly bothExpire?: boolean;
}

/**
 * The whole life of two backups, with a DR region and a bunker, as far as the type's service goes: made, stored,
 * copied, shared, pulled; then one of them expires at the source, and both in the bunker.
 */
export function copiesStory(
  type: BackupType,
  { encrypted = false, bothExpire = false }: CopiesStoryOptions = {},
): Story {
  return {
    type,
    places: { [SOURCE]: [HOME, DR], [BUNKER]: [HOME, DR] },
    mayBeOvertaken: true,
    async begin({ emulator, way }) {
      await emulator.setSnapshotStates({ pendingMs: PENDING_MS });
      await databaseControls(emulator).setStates({ pendingMs: PENDING_MS });
      const keys = encrypted ? await makeKeys(emulator) : undefined;
      for (const { name, tags } of [SHORT_LIVED, bothExpire ? { name: LONG_LIVED.name, tags: {} } : LONG_LIVED]) {
        await makeResource(emulator, { type, account: SOURCE, region: HOME, name, tags, kmsKeyId: keys?.resources });
      }
      await makeAutomatedSnapshot(emulator, type, SHORT_LIVED.name);
      const source = await party(emulator, type, way, SOURCE, { ...SOURCE_CONFIG, ...keys?.source });
      const bunker = await party(emulator, type, way, BUNKER, { ...BUNKER_CONFIG, ...keys?.bunker });
      return [
        { party: source, action: 'create_backups', time: MADE },
        { party: bunker, action: 'pull_shared_backups' },
        { party: source, action: 'clean_backups', laterMs: UNTIL_CLEANED_MS },
        { party: bunker, action: 'clean_backups' },
      ];
    },
  };
}

/** Somebody at a terminal, or a stack with its topics and parameters. */
async function party(
  emulator: Emulator,
  type: BackupType,
  way: Way,
  account: string,
  config: Config,
): Promise<Act['party']> {
  const place = { type, account, region: HOME };
  if (way === 'cli') return { ...place, config };
  const parameters = await makeParameters(emulator, place, { ...config, ...(await makeTopics(emulator, place)) });
  const queue = way === 'queue' ? { queueUrl: await makeQueue(emulator, place) } : {};
  return { ...place, config: parameters, ...queue };
}

/** Keys that a service cannot do without, and another for what is shared. */
async function makeKeys(
  emulator: Emulator,
): Promise<{ readonly resources: string; readonly source: Config; readonly bunker: Config }> {
  const key = async (account: string, region: string): Promise<string> =>
    await accountsOf(emulator).makeKey({ account, region });
  const shared = await Promise.all([HOME, DR].map(async (region) => `${region}=${await key(SOURCE, region)}`));
  return {
    resources: await key(SOURCE, HOME),
    source: {
      shelvery_copy_kms_key_id: `${DR}=${await key(SOURCE, DR)}`,
      shelvery_reencrypt_kms_key_id: shared.join(','),
    },
    bunker: { shelvery_copy_kms_key_id: await key(BUNKER, HOME) },
  };
}

/** Of one database only: its newest automated snapshot is copied, of the other a snapshot is made. */
async function makeAutomatedSnapshot(emulator: Emulator, type: BackupType, source: string): Promise<void> {
  const service = databasesOf(type)?.service;
  if (service === undefined) return;
  await databaseControls(emulator).makeAutomatedSnapshot({
    service,
    source,
    account: SOURCE,
    region: HOME,
    createdAt: '2026-03-02T23:00:00Z',
  });
}
