import { configuredBy, sourceAccountsOf, targetsOf } from '../../domain/config/targets.js';
import type { Configured } from '../../domain/config/targets.js';
import { buildCheckup } from '../../domain/doctor/checkup.js';
import type { Checkup } from '../../domain/doctor/checkup.js';
import { judgeTags } from '../../domain/doctor/judge-tags.js';
import { usedKeys } from '../../domain/doctor/judge-key.js';
import type { KeyUse } from '../../domain/doctor/judge-key.js';
import type { BackupType, AccountId } from '../../domain/values.js';
import type { Examination } from './examined.js';
import { findBuckets, lookAtBuckets } from './look-at-buckets.js';
import { judgeClock, lookAtCallers } from './look-at-caller.js';
import { lookAtKeys } from './look-at-keys.js';
import { lookAtQueues, lookAtTopics } from './look-at-messages.js';
import { judgeQuotas, lookAtDefaultKeys, readType, tryCalls } from './look-at-type.js';
import type { LookedAtType } from './look-at-type.js';

/**
 * Looks at all that runs need, for every type at once: credentials, clock, permissions, data buckets, topics, queues, keys,
 * quotas, and the tags that configure resources. It only reads. What cannot be looked at is a diagnosis of its own, and stops nothing else.
 */
export async function examine(examination: Examination): Promise<Checkup> {
  const { types } = examination;
  const finding = findBuckets(examination);
  const [callers, topics, queues, there, looked] = await Promise.all([
    lookAtCallers(examination),
    lookAtTopics(examination),
    lookAtQueues(examination),
    finding,
    Promise.all(types.map(async (type) => await readType(examination, type, (await finding).regions))),
  ]);
  const uses = looked.map((type) => keyUses(examination, type));
  const all = uses.flat();
  const [buckets, keys, ...ofTypes] = await Promise.all([
    lookAtBuckets(examination, expectedBuckets(examination, looked), there),
    lookAtKeys(examination, all.flatMap(usedKeys), { shares: all.some(({ shares }) => shares) }),
    ...looked.map(async (type, index) => {
      const tried = await Promise.all([
        tryCalls(examination, type),
        lookAtDefaultKeys(examination, type, uses[index] ?? []),
      ]);
      const tagged = type.marked.map(({ resource: { id }, config }) => ({ id, config }));
      return [
        ...type.found,
        ...tried.flat(),
        ...judgeTags(type.adapter.type, tagged),
        ...judgeQuotas(examination, type),
      ];
    }),
  ]);
  // Only now: answers of AWS have corrected the clock.
  return buildCheckup([
    ...callers,
    judgeClock(examination),
    ...buckets,
    ...topics,
    ...queues,
    ...keys,
    ...ofTypes.flat(),
  ]);
}

/** The run's own configuration, and those of the marked resources of a type. */
function configurations({ config, home }: Examination, { adapter, marked }: LookedAtType): readonly Configured[] {
  return [configuredBy({}, { config, home, rules: adapter.rules }), ...marked];
}

function keyUses(examination: Examination, type: LookedAtType): readonly KeyUse[] {
  return configurations(examination, type).map(({ config, targets }) => ({
    config: config.values,
    home: examination.home.region,
    drRegions: type.adapter.copyToRegion === undefined ? [] : targets.drRegions,
    shares: targets.shareAccounts.length > 0,
    pulls: sourceAccountsOf(config.values, examination.home).length > 0,
  }));
}

function expectedBuckets(
  { config, home }: Examination,
  looked: readonly LookedAtType[],
): Parameters<typeof lookAtBuckets>[1] {
  const own = targetsOf(config.values, home);
  const marked = looked.flatMap((type) => type.marked);
  const tagged = new Map<BackupType, readonly AccountId[]>(
    looked.map(({ adapter, marked: ofType }) => [
      adapter.type,
      ofType
        .filter(({ config: each }) => each.tagged.includes('shelvery_share_aws_account_ids'))
        .flatMap(({ targets }) => targets.shareAccounts),
    ]),
  );
  return {
    regions: [home.region, ...own.drRegions, ...marked.flatMap(({ targets }) => targets.drRegions)],
    accounts: own.shareAccounts,
    tagged,
  };
}
