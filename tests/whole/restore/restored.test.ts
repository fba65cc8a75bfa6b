import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BackupType, ResourceFacts, RestorePlan, RestoreRequest } from '@shelvery/engine/terminal';
import { expectNoViolations } from '../../emulator/violations.js';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../../integration/harness/copy-estate.js';
import { RESTORED_TYPES, answersFor, factsAt, idsAt, makeOrders, prepareGround, startInstance } from './estates.js';
import type { At } from './estates.js';
import { runScript, startAwsCli } from './script.js';
import type { AwsCli } from './script.js';

const estate = useCopyEstate();
let aws: AwsCli;
beforeAll(async () => {
  aws = await startAwsCli();
});
afterAll(() => aws.stop());
// Scripts of real commands, on a machine that may be busy.
jest.setTimeout(60_000);
afterEach(() => expectNoViolations(estate.emulator()));

const SOURCE_CONFIG = {
  shelvery_dr_regions: DR,
  shelvery_share_aws_account_ids: BUNKER,
  shelvery_copy_resource_tags: 'true',
};
const BUNKER_CONFIG = { shelvery_source_aws_account_ids: SOURCE };
const MADE = '2026-10-06T03:00:00Z';

async function planOf(
  type: BackupType,
  at: At,
  restore: Partial<RestoreRequest> & { readonly backup: string },
): Promise<RestorePlan> {
  const result = await estate.run('restore_plan', { type, ...at }, { restore: { form: 'cli', into: {}, ...restore } });
  if (result.restorePlan === undefined) throw result.brokeOff ?? new Error('There is no plan');
  return result.restorePlan;
}

/** What differs by account and region, and is filled in by whoever restores. */
const BOUND: readonly (keyof ResourceFacts)[] = [
  'attached_to',
  'availability_zone',
  'private_ip',
  'security_group_ids',
  'subnet_id',
  'vpc_id',
];

function sameEverywhere(facts: ResourceFacts): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !BOUND.some((bound) => bound === name)));
}

/** Where a backup is restored from, and where its source is by then. */
const PLACES: Readonly<Record<string, At>> = {
  'its own region': { account: SOURCE, region: HOME },
  'the DR region': { account: SOURCE, region: DR },
  'the bunker, without the source account': { account: BUNKER, region: HOME },
};
const CASES = RESTORED_TYPES.flatMap((type) =>
  Object.keys(PLACES)
    .filter((place) => type !== 'redshift' || place === 'its own region')
    .map((place) => ({ type, place })),
);

describe('what restore_plan writes, run in a shell', () => {
  beforeEach(async () => {
    await estate.emulator().setSnapshotStates({ pendingMs: 0 });
  });

  it.each(CASES)('restores $type from $place with what the resource was', async ({ type, place }) => {
    const source = { account: SOURCE, region: HOME };
    const at = PLACES[place] ?? source;
    const ground = await prepareGround(estate, source);
    const id = await makeOrders(estate, type, source, ground);
    const was = await factsAt(estate, type, source, id);
    const isCopied = type !== 'redshift';
    await estate.run('create_backups', { type, ...source, config: isCopied ? SOURCE_CONFIG : {} }, { time: MADE });
    if (at.account === BUNKER)
      await estate.run('pull_shared_backups', { type, ...at, config: BUNKER_CONFIG }, { time: MADE });
    const backup = await estate.only({ type, ...at });
    const elsewhere =
      at.account === source.account && at.region === source.region ? ground : await prepareGround(estate, at);
    const instance = type === 'ebs' ? await startInstance(estate, at, elsewhere, false) : '';
    const before = await idsAt(estate, type, at);

    const plan = await planOf(type, at, { backup: backup.name });
    expect(plan.facts_from).toBe('metadata');
    expect(plan.facts).toEqual(was);
    // Where it was, its device is taken by the volume that is still there.
    const isOccupied = type === 'ebs' && at === source;
    const script = isOccupied ? plan.text.replace(was.attached_to ?? '', instance) : plan.text;
    const end = await runScript(
      { emulator: estate.emulator(), aws },
      { ...plan, text: script },
      at.account,
      answersFor(type, elsewhere, { ...at, instance }),
    );
    expect(end).toEqual({ code: 0, stderr: '' });

    const made = (await idsAt(estate, type, at)).filter((each) => !before.includes(each));
    expect(made).toHaveLength(1);
    const is = await factsAt(estate, type, at, made[0] ?? '');
    const { members: hadMembers, ...had } = sameEverywhere(was);
    const { members, ...has } = sameEverywhere(is);
    expect(has).toEqual(had);
    expect(members).toEqual(
      hadMembers === undefined
        ? undefined
        : expect.arrayContaining([expect.stringMatching(/^orders-writer/), expect.stringMatching(/^orders-reader/)]),
    );
    if (elsewhere === ground) {
      const { security_group_ids: groups, availability_zone: zone } = was;
      expect(is).toMatchObject({
        ...(groups === undefined ? {} : { security_group_ids: groups }),
        ...(zone === undefined ? {} : { availability_zone: zone }),
      });
    } else if (was.security_group_ids !== undefined) expect(is.security_group_ids).toEqual([elsewhere.group]);
  });
});
