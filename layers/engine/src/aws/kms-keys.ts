import { present } from '../domain/present.js';
import { AccountId } from '../domain/values.js';
import type { Keys } from '../ports.js';
import { perRegion } from './access.js';
import type { AwsAccess } from './access.js';

/** KMS keys, on AWS. Few runs ask for one: the client is a file of its own, which is loaded when it is first needed. */
export function createKeys(access: Pick<AwsAccess, 'config' | 'onCall'>): Keys {
  const kms = perRegion(async (region) => (await import('./kms-client.js')).openKms(access, region));
  return {
    async describe(region, key) {
      const { AWSAccountId, DeletionDate, KeyManager, KeyState } = (await (await kms(region))(key)) ?? {};
      return {
        managedByAws: KeyManager === 'AWS',
        ...present({ owner: AccountId.safeParse(AWSAccountId).data, state: KeyState, deletedAt: DeletionDate }),
      };
    },
  };
}
