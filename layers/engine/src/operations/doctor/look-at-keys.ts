import { regionOfKey } from '../../domain/config/config.js';
import type { Found } from '../../domain/doctor/checkup.js';
import { judgeKey } from '../../domain/doctor/judge-key.js';
import type { KeyFacts, UsedKey } from '../../domain/doctor/judge-key.js';
import { faultName } from '../../domain/telling/faults.js';
import { fine, look } from './examined.js';
import type { Examination } from './examined.js';

/** Whether the KMS keys that are used can be, in their regions and for whom they should. */
export async function lookAtKeys(
  examination: Examination,
  used: readonly UsedKey[],
  { shares }: { readonly shares: boolean },
): Promise<readonly Found[]> {
  const { home, keys } = examination;
  const each = [...new Map(used.map((one) => [JSON.stringify(one), one])).values()];
  if (each.length === 0) return [fine('keys', 'The configuration names no KMS key that would be used.')];
  const found = await Promise.all(
    each.map(async (one) => {
      const { setting, region, key } = one;
      const judged = (facts: KeyFacts | undefined): readonly Found[] => [
        judgeKey(one, facts, { account: home.accountId, shares }),
      ];
      // KMS answers for no key of another region.
      if ((regionOfKey(key) ?? region) !== region) return judged(undefined);
      const what = { check: 'keys', region, subject: key, doing: `looking at the key ${key} (${setting})` } as const;
      return await look(examination, what, async () => {
        try {
          return judged(await keys.describe(region, key));
        } catch (error) {
          // Page "DescribeKey".
          if (faultName(error) !== 'NotFoundException') throw error;
          return judged(undefined);
        }
      });
    }),
  );
  return found.flat();
}
