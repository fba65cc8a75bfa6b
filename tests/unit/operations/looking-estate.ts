import type { ResourceFacts } from '../../../layers/engine/src/domain/backup/resource-facts.js';
import { parseSource } from '../../../layers/engine/src/domain/backup/copy-source.js';
import { describeCopy } from '../../../layers/engine/src/domain/backup/descriptions.js';
import type { Resource } from '../../../layers/engine/src/domain/backup/backup.js';
import type { HeldBackup } from '../../simulation/world/held.js';
import { backupPlace } from '../../simulation/world/world.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, foundBackup } from '../domain/builders.js';
import type { BackupParts } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';
import type { Asked, MemoryEstate } from './memory-estate.js';

export const VOLUME = 'vol-0123456789abcdef0';
export const OTHER_VOLUME = 'vol-0fedcba9876543210';
/** How the backups of an own account are copied to a DR region and shared with a bunker. */
export const SHARED: Asked = {
  settings: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT },
};
/** The account that they are shared with, which pulls them. */
export const BUNKER: Asked = {
  account: OTHER_ACCOUNT,
  settings: { shelvery_source_aws_account_ids: OWN_ACCOUNT },
};

/** A marked volume in an account with data buckets, which lets a bunker in. Nothing is backed up yet. */
export function openShared(): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource(VOLUME, { tags: { Name: 'orders' } });
  estate.buckets([LOCAL, DR], OWN_ACCOUNT, [OTHER_ACCOUNT]);
  estate.buckets([LOCAL], OTHER_ACCOUNT);
  return estate;
}

/** The same two hours after the volume was backed up, copied, shared and pulled. */
export async function openPulled(): Promise<MemoryEstate> {
  const estate = openShared();
  await estate.run('create_backups', SHARED);
  await estate.pass(1);
  await estate.run('pull_shared_backups', BUNKER);
  await estate.pass(1);
  return estate;
}

/** A snapshot of the volume with the tags of a backup, as somebody may have changed them. */
export function hold({ world }: MemoryEstate, parts: BackupParts, more: Partial<HeldBackup> = {}): HeldBackup {
  const { id, region, tags } = foundBackup({ entity: VOLUME, ...parts });
  const now = world.conductor.now();
  const source = parseSource(tags['shelvery:src_backup']);
  const held: HeldBackup = {
    account: OWN_ACCOUNT,
    region,
    type: 'ebs',
    id,
    tags,
    sharedWith: [],
    createdAt: now,
    readyAt: now,
    outcome: 'available',
    dataTime: now,
    encrypted: false,
    archived: false,
    description: source === undefined ? (tags['Name'] ?? '') : describeCopy(source.id, source.region),
    of: VOLUME,
    ofUid: '',
    madeBy: { by: 'shelvery', prefix: 'shelvery' },
    listedFrom: now,
    ...more,
  };
  world.backups.set(backupPlace(held), held);
  return held;
}

/** A service that tells what a restore has to know of each resource. */
export const telling =
  (facts: ResourceFacts): NonNullable<Asked['parts']> =>
  ({ adapter }) => {
    const told = (resource: Resource): Resource => ({ ...resource, facts });
    return {
      adapter: {
        ...adapter,
        listResources: async () => (await adapter.listResources()).map(told),
        findResources: async (ids) =>
          new Map([...(await adapter.findResources(ids))].map(([id, resource]) => [id, told(resource)])),
      },
    };
  };
