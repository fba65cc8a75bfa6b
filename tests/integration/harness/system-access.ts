import { AccountId, Region } from '@shelvery/engine/terminal';
import type { AwsAccess } from '@shelvery/engine/terminal';
import type { Installation } from './product.js';

/** Access for reading the end state, past the gates that count and strike. */
export function createSystemAccess(installation: Installation): AwsAccess {
  const config = (region: string): ReturnType<Installation['emulator']['clientConfig']> =>
    installation.emulator.clientConfig(installation.account, region);
  const access: AwsAccess = {
    home: { accountId: AccountId.parse(installation.account), region: Region.parse(installation.region) },
    partition: 'aws',
    inStack: false,
    stack: undefined,
    config,
    ownConfig: (region = Region.parse(installation.region)) => config(region),
    within: () => access,
  };
  return access;
}
