import type { AccountId, AwsAccess, Region } from '@shelvery/engine/terminal';
import { createAwsClock, openAwsAccess } from '@shelvery/engine/terminal';
import { accountsOf } from '../../emulator/accounts.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { HOME } from '../../contract/harness.js';
import type { Harness } from '../../contract/harness.js';

/** An emulator, and access to it as the product opens it, for the account and region at `HOME`. */
export interface EmulatedAccount {
  readonly emulator: Emulator;
  readonly access: AwsAccess;
}

/** A harness over an emulator. */
export interface EmulatedHarness extends Harness {
  readonly account: EmulatedAccount;
  /** What the service answers to a page's token that it does not take. */
  readonly refusedToken: string;
}

/** Starts an emulator, and points the environment of this test at it. */
export async function startEmulatedAccount(): Promise<EmulatedAccount> {
  const emulator = await startEmulator({ account: HOME.accountId, region: HOME.region });
  Object.assign(process.env, emulator.environment());
  const access = await openAwsAccess({ region: HOME.region, clock: createAwsClock(), accountId: HOME.accountId });
  return { emulator, access };
}

/** The controls of a harness that are the same for every service. */
export type CommonControls = Pick<
  Harness,
  'stop' | 'makeKey' | 'makeDisabledKey' | 'setPageSize' | 'faultNext' | 'now' | 'calls' | 'forgetCalls'
>;

/** @param service as the log of calls names it. */
export function commonControls(
  emulator: Emulator,
  service: string,
  account: AccountId = HOME.accountId,
): CommonControls {
  const accounts = accountsOf(emulator);
  const makeKey = (region: Region): Promise<string> => accounts.makeKey({ account, region });
  return {
    stop: () => emulator.stop(),
    makeKey,
    makeDisabledKey: async (region) => {
      const key = await makeKey(region);
      await accounts.setUnusableKeys([key]);
      return key;
    },
    setPageSize: (size) => emulator.setPageSize(size),
    faultNext: async (action, fault) => {
      await emulator.addFault(
        fault === 'fail-after'
          ? { kind: 'fail-after', service, action }
          : { kind: 'refuse', service, action, code: fault.refuse, nth: fault.nth ?? 1 },
      );
    },
    now: () => emulator.advanceClock(0),
    calls: async () => {
      const counts = new Map<string, number>();
      for (const { action } of await emulator.calls({ service })) counts.set(action, (counts.get(action) ?? 0) + 1);
      return counts;
    },
    forgetCalls: () => emulator.clearCalls(),
  };
}
