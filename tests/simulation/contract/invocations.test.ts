import { HOME } from '../../contract/harness.js';
import { CONFIG, invocationsContract } from '../../contract/invocations.js';
import { createMemoryInvocations } from '../world/delayed.js';
import { openMemoryAccount } from './memory-account.js';

const INVOKE = 'lambda:invoke';

invocationsContract(async () => {
  const account = openMemoryAccount('ebs');
  const process = account.open(HOME.accountId);
  let taken: unknown[] = [];
  return {
    open: () =>
      createMemoryInvocations({
        config: CONFIG,
        send: (payloads) =>
          account.world.conductor.call(process, { action: INVOKE, region: HOME.region, changes: true }, () => {
            taken.push(...payloads);
          }),
      }),
    refuseNext: async () => {
      account.strike(INVOKE, { refuse: 'AccessDeniedException' });
    },
    taken: async () => taken,
    reset: async () => {
      account.reset();
      taken = [];
    },
    stop: async () => undefined,
  };
});
