import { storeContract } from '../../contract/store.js';
import { HOME, OTHER_ACCOUNT } from '../../contract/harness.js';
import { createMemoryBuckets, createMemoryStore, leaseClient } from '../world/storage.js';
import { createStoryLog } from '../world/telling.js';
import { openMemoryAccount } from './memory-account.js';

storeContract(async () => {
  const account = openMemoryAccount('ebs');
  const { world } = account;
  const [ours, theirs] = [account.open(HOME.accountId), account.open(OTHER_ACCOUNT)];
  return {
    buckets: createMemoryBuckets(world, ours, createStoryLog(world, ours)),
    store: createMemoryStore(world, ours),
    theirs: createMemoryStore(world, theirs),
    client: leaseClient(world, ours, HOME.region),
    filesAPage: 1_000,
    reset: async () => {
      account.reset();
    },
    stop: async () => undefined,
  };
});
