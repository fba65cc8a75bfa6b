import { HOME } from '../../contract/harness.js';
import { notifierContract } from '../../contract/notifier.js';
import { createMemoryNotifier, createStoryLog } from '../world/telling.js';
import { openMemoryAccount } from './memory-account.js';

notifierContract(async () => {
  const account = openMemoryAccount('ebs');
  const { world } = account;
  const process = account.open(HOME.accountId);
  return {
    open: () => createMemoryNotifier(world, process, createStoryLog(world, process)),
    refuseNext: async () => {
      account.strike('sns:publish', { refuse: 'AuthorizationError' });
    },
    published: async () => world.told.filter(({ published }) => published).map(({ outcome }) => outcome.backupName),
    reset: async () => {
      account.reset();
      world.told.splice(0);
    },
    stop: async () => undefined,
  };
});
