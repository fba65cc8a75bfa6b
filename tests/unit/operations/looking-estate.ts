import type { Resource } from '../../../layers/engine/src/domain/backup/backup.js';
import type { ResourceFacts } from '../../../layers/engine/src/domain/backup/resource-facts.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../domain/builders.js';
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
