import { describe, expect, it } from '@jest/globals';
import { aboutFailedCopy } from '../../layers/engine/src/operations/follow/refusals.js';
import { AccountId, Region } from '../../layers/engine/src/domain/values.js';

const home = {
  accountId: AccountId.parse('111111111111'),
  region: Region.parse('eu-west-1'),
  partition: 'aws',
} as const;
const OWN = 'arn:aws:kms:eu-west-1:111111111111:key/1';
const FOREIGN = 'arn:aws:kms:eu-west-1:222222222222:key/1';
const SEE_DOCTOR = ' The key may be why: doctor says whether it exists and can be used.';

describe('what is said of a copy that failed', () => {
  it.each([
    ['under no key', false, [undefined], ''],
    ['under a key', false, [OWN], SEE_DOCTOR],
    ['by a stack, under a key of its account', true, [undefined, OWN], SEE_DOCTOR],
  ] as const)('%s', (_what, inStack, keys, said) => {
    expect(aboutFailedCopy({ home, inStack }, keys)).toBe(said);
  });

  it('by a stack, under a key of another account: the parameter that allows it', () => {
    expect(aboutFailedCopy({ home, inStack: true }, [FOREIGN])).toMatch(
      /^ .* or its parameter AllowedKmsKeys lists it\.$/,
    );
  });
});
