import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { VOLUME, VOLUME_2, VOLUME_3, nameOf, openBunker } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import { ALLOW } from '../memory-estate.js';
import type { Ran } from '../memory-estate.js';
import { atMost, handingOver, keepingMessages, withAdapter } from '../other-parts.js';

const FOLDER = `backups/shared/${OWN_ACCOUNT}/ebs/`;

/** The line about an account that has had as many copies as a run makes. */
const capped = (count: number, most: number, account: string = OTHER_ACCOUNT) => [
  'SHELVERY_PULL_CAPPED',
  `${count === 1 ? `A file of ${account} waits` : `${String(count)} files of ${account} wait`} for the next run, which pulls the rest: a run pulls no more of an account ` +
    `(shelvery_pull_max_backups=${String(most)}).`,
  { account },
];
const warnings = ({ said }: Ran): readonly unknown[] => said.filter(([code]) => code !== 'SHELVERY_PULL_BEGUN');
const entities = (bunker: Bunker): readonly string[] =>
  bunker.backups().map(({ tags }) => tags['shelvery:entity_id'] ?? '');

/** Two accounts share three and two backups. */
async function openTwo(): Promise<Bunker> {
  const bunker = await openBunker();
  await bunker.share([VOLUME, VOLUME_2, VOLUME_3]);
  await bunker.run('create_data_buckets', {
    account: THIRD_ACCOUNT,
    settings: { shelvery_share_aws_account_ids: OWN_ACCOUNT },
  });
  await bunker.share([VOLUME, VOLUME_2], { account: THIRD_ACCOUNT });
  return bunker;
}

describe('a run that pulls no more than so many backups of an account', () => {
  const settings = {
    shelvery_pull_max_backups: 1,
    shelvery_source_aws_account_ids: `${OTHER_ACCOUNT} ${THIRD_ACCOUNT}`,
  };

  it('leaves the others to the next run, and says how many of which account', async () => {
    const bunker = await openTwo();
    const first = await bunker.pull({ settings });
    expect(warnings(first)).toEqual([capped(2, 1), capped(1, 1, THIRD_ACCOUNT)]);
    expect(entities(bunker)).toEqual([VOLUME, VOLUME]);
    expect([first.remaining, first.report.summary.collected]).toEqual([0, 5]);
    expect(bunker.files()).toEqual([
      `ebs-processed/${nameOf(VOLUME)}.yaml`,
      `ebs/${nameOf(VOLUME_2)}.yaml`,
      `ebs/${nameOf(VOLUME_3)}.yaml`,
    ]);
    expect(warnings(await bunker.pull({ settings }))).toEqual([capped(1, 1)]);
    expect(warnings(await bunker.pull({ settings }))).toEqual([]);
    expect(entities(bunker)).toEqual([VOLUME, VOLUME, VOLUME_2, VOLUME_2, VOLUME_3]);
  });

  it('says so in a dry run, of each of them', async () => {
    const bunker = await openTwo();
    const [first, second] = bunker.backups({ account: OTHER_ACCOUNT });
    const { plan, said, told } = await bunker.pull({
      dryRun: true,
      settings: { shelvery_pull_max_backups: 1, shelvery_source_aws_account_ids: OTHER_ACCOUNT },
    });
    expect(plan?.slice(0, 2)).toEqual([
      {
        what: 'pull',
        subject: first?.id,
        name: nameOf(VOLUME),
        reason: `copied from ${OTHER_ACCOUNT}`,
        region: LOCAL,
      },
      {
        what: 'skip',
        subject: second?.id,
        name: nameOf(VOLUME_2),
        reason: 'its account has had as many copies as a run makes; pulled by the next',
        region: LOCAL,
      },
    ]);
    expect([told, said]).toEqual([[], [capped(2, 1)]]);
  });

  it('counts what earlier invocations of the run have pulled, and hands over how many', async () => {
    const bunker = await openTwo();
    const handedOver: RemainingWork[] = [];
    const earlier = {
      startedAt: new Date(bunker.world.conductor.now()),
      collected: 0,
      succeeded: [],
      skipped: [],
      failures: [],
      failuresOmitted: 0,
      pulled: new Map([[OTHER_ACCOUNT, 1]]),
    };
    const ran = await bunker.pull({
      settings: { ...settings, shelvery_pull_max_backups: 2 },
      parts: () => ({
        ...keepingMessages()(),
        earlier,
        // All five files are read, and two are copied.
        mayStart: atMost(7),
        handOver: handingOver(handedOver),
      }),
    });
    expect(handedOver.map(({ remaining, begun, soFar }) => [remaining, begun, soFar['pulled']])).toEqual([
      [
        1,
        2,
        [
          [OTHER_ACCOUNT, 2],
          [THIRD_ACCOUNT, 1],
        ],
      ],
    ]);
    expect(warnings(ran)).toEqual([capped(2, 2)]);
    expect(bunker.backups()).toHaveLength(2);
  });

  /** One backup that is older than so many files of no use, and two that are newer. */
  async function openWithJunk(count: number): Promise<Bunker> {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    await bunker.pass(1);
    for (const name of junk(count)) bunker.put(`ebs/${name}.yaml`, 'x: 1\n');
    await bunker.pass(1);
    await bunker.share([VOLUME_2]);
    return bunker;
  }
  const junk = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `junk-${String(index).padStart(3, '0')}`);
  const waiting = (files: readonly string[]): readonly string[] => files.filter((file) => file.startsWith('ebs/'));

  it('reads no further files of an account that has had enough, which may be any number', async () => {
    const bunker = await openWithJunk(203);
    const ran = await bunker.pull({ settings: { shelvery_pull_max_backups: 1 } });
    // Two hundred are read together: the three backups, and 197 of the others.
    expect(new Set(ran.calls.filter((call) => call.startsWith('s3:get '))).size).toBe(200);
    expect(warnings(ran)).toEqual([capped(8, 1)]);
    expect([ran.brokeOff, entities(bunker)]).toEqual([undefined, [VOLUME]]);
    expect(waiting(bunker.files())).toHaveLength(8);
    expect(ran.report.summary).toMatchObject({ collected: 206, succeeded: 2, failed: 197, unfinished: 0 });
  });

  it('goes on with those of other accounts', async () => {
    const bunker = await openWithJunk(101);
    bunker.buckets([LOCAL], THIRD_ACCOUNT, [OWN_ACCOUNT]);
    for (const name of junk(101)) bunker.file(`${FOLDER}${name}.yaml`, 'x: 1\n', LOCAL, THIRD_ACCOUNT);
    const ran = await bunker.pull({ settings });
    expect(warnings(ran)).toEqual([capped(6, 1)]);
    expect(waiting(bunker.files())).toHaveLength(6);
    expect(waiting(bunker.files(THIRD_ACCOUNT))).toEqual([]);
  });
});

describe('a dry run that would copy much', () => {
  const warned = ({ plan = [] }: Ran): readonly unknown[] => plan.filter(({ what }) => what === 'warn');
  const many = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `of-${String(at)}`);

  it.each([50, 51])('tells how long copies take that wait for places for more than an hour: of %i', async (most) => {
    const bunker = await openBunker('rds_cluster');
    // What is left to the next run takes no time of this one.
    await bunker.share(many(52));
    const ran = await bunker.pull({ dryRun: true, settings: { shelvery_pull_max_backups: most } });
    const subject = 'snapshot copy requests in progress to a single destination Region';
    const reason = `51 copies to ${LOCAL} at 5 at a time (quota "${subject}") take about 1 hour 6 minutes where each takes 6 minutes; the objective is 26 hours (shelvery_rpo_hours)`;
    expect(warned(ran)).toEqual(most === 50 ? [] : [{ what: 'warn', subject, reason, region: LOCAL }]);
    expect(ran.plan).toHaveLength(most === 50 ? 52 : 53);
  });

  it('tells how long AWS makes it take, from a minute on', async () => {
    const bunker = await openBunker('ec2ami');
    await bunker.share(many(160).map((id) => id.replace('of-', 'i-0000000')));
    const pullMost = (most: number): Promise<Ran> =>
      bunker.pull({ dryRun: true, settings: { shelvery_pull_max_backups: most } });
    const reason = 'AWS takes 100 calls of ec2:CopyImage at once, then 1 a second: 160 take at least 1 minute';
    expect(warned(await pullMost(159))).toEqual([]);
    expect(warned(await pullMost(160))).toEqual([{ what: 'warn', subject: 'ec2:CopyImage', reason, region: LOCAL }]);
  });

  it('says nothing of it in a run that copies', async () => {
    const bunker = await openBunker('rds_cluster');
    await bunker.share(many(6));
    const ran = await bunker.pull({ parts: keepingMessages() });
    expect([ran.plan, warnings(ran), bunker.backups().length]).toEqual([undefined, [], 6]);
  });
});

describe('a run that has to end', () => {
  it('leaves what it may not begin any more', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2, VOLUME_3]);
    // All are read, and one is copied.
    const ran = await bunker.pull({ parts: () => ({ mayStart: atMost(4) }) });
    expect([ran.remaining, ran.report.summary.unfinished]).toEqual([2, 2]);
    expect(entities(bunker)).toEqual([VOLUME]);
    expect(ran.report.status).toBe('PARTIAL');
  });

  it('leaves files that it may not even read', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2, VOLUME_3]);
    const ran = await bunker.pull({ parts: () => ({ mayStart: atMost(2) }) });
    expect([ran.told, ran.remaining]).toEqual([[], 3]);
    expect(ran.calls.filter((call) => call.startsWith('s3:get '))).toHaveLength(2);
  });

  it('leaves a copy that was not begun for that reason', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2]);
    const parts = withAdapter(() => ({
      copyShared: () => Promise.reject(new ShelveryError('NotBegun', 'The run ends.')),
    }));
    const { told, said, remaining } = await bunker.pull({ parts });
    expect([told, said, remaining]).toEqual([[], [], 2]);
  });

  it('breaks off where it cannot be asked what is shared: no file is taken for one that is not', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    await bunker.pass(60);
    bunker.strike('ebs:findShared', { refuse: 'UnauthorizedOperation' });
    const { told, report } = await bunker.pull();
    expect(told).toEqual([
      {
        operation: 'PullSharedBackup',
        region: LOCAL,
        status: 'failed',
        error:
          'NotAllowed: UnauthorizedOperation while running pull_shared_backups of ebs: UnauthorizedOperation. ' + ALLOW,
      },
    ]);
    expect(report.status).toBe('FAILED');
    expect(bunker.files()).toEqual([`ebs/${nameOf(VOLUME)}.yaml`]);
  });
});
