import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { AccountId } from '../../../../layers/engine/src/domain/values.js';
import type { Aside, Clock } from '../../../../layers/engine/src/ports.js';
import type { RemainingWork, RunParts } from '../../../../layers/engine/src/run/run-action.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { copyingBy, keyOf, nameOf, ofFile, openBunker } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import type { Asked, Ran } from '../memory-estate.js';
import { handingOver, keepingMessages } from '../other-parts.js';

const SECOND_MS = 1_000;
const volumes = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `vol-0000000${String(index)}`);

/** Some volumes' backups, and a region in which the service makes only so many copies. */
interface Region {
  readonly bunker: Bunker;
  /** Seconds since the run began, with the volume of each copy that was asked for. */
  readonly asked: string[];
  pull(more?: Asked): Promise<Ran>;
  /** Seconds since the run began. */
  seconds(): number;
}

/** @param isFree whether there is a place for a copy of a volume's backup that is asked for, by the seconds that have gone by. */
async function openRegion(
  count: number,
  isFree: (volume: string, seconds: number, account: AccountId) => boolean,
): Promise<Region> {
  const bunker = await openBunker();
  const of = new Map((await bunker.share(volumes(count))).map(({ id, of: volume }) => [id, volume]));
  const { conductor } = bunker.world;
  const start = conductor.now();
  const seconds = (): number => (conductor.now() - start) / SECOND_MS;
  const asked: string[] = [];
  const places = copyingBy(async ({ sourceAccount, sourceId }, make) => {
    const volume = of.get(sourceId) ?? '';
    asked.push(`${String(seconds())} ${volume}`);
    if (!isFree(volume, seconds(), sourceAccount))
      throw awsError('ResourceLimitExceeded', { status: 400 }, 'Too many snapshot copies.');
    return await make();
  });
  return {
    bunker,
    asked,
    seconds,
    pull: ({ parts, ...more } = {}) =>
      bunker.pull({ ...more, parts: (opened) => ({ ...places(opened), ...parts?.(opened) }) }),
  };
}

/** A clock by which another run pulls before the second look. */
function meanwhile(clock: Clock, region: Region, pull: () => Promise<unknown>): Clock {
  return {
    ...clock,
    sleep: async (milliseconds) => {
      await clock.sleep(milliseconds);
      if (region.seconds() === 30) await pull();
    },
  };
}

/** Parts of a run that works alone, and lets others copy so. */
const alone = (aside: Aside): Pick<RunParts, 'alone'> => ({ alone: (work) => work({ aside, isHeld: () => true }) });

/** What is said of a number of files that wait. */
const inLine = (waiting: number) => [
  'SHELVERY_PULL_IN_LINE',
  `${waiting === 1 ? 'A shared backup waits' : `${String(waiting)} shared backups wait`}: AWS runs no more copies in ${LOCAL} ` +
    'at a time, and makes further ones as others end.',
  { region: LOCAL, waiting },
];
const NO_PLACE = `ResourceLimitExceeded while copying shared backups to ${LOCAL}: Too many snapshot copies`;
const noPlace = (volume: string) => ({
  ...ofFile(nameOf(volume)),
  backupName: nameOf(volume),
  region: LOCAL,
  status: 'failed',
  error: `NotYet: ${nameOf(volume)}: ${NO_PLACE}. Its file stays for the next run.`,
});
const pulledOf = ({ told }: Ran): readonly unknown[] =>
  told
    .filter(({ operation, status }) => operation === 'PullSharedBackup' && status === 'ok')
    .map(({ entityId }) => entityId);

describe('copies that the service has no place for', () => {
  it('are asked for again every half a minute, one after the other, as long as there is one more place', async () => {
    let given = 0;
    const region = await openRegion(4, (_, seconds) => {
      if (given > seconds / 30) return false;
      given += 1;
      return true;
    });
    const [a, b, c, d] = volumes(4);
    // Nobody waits so long in all: the time begins anew with each that is copied.
    const ran = await region.pull({ settings: { shelvery_wait_snapshot_timeout: 45 } });
    expect(region.asked).toEqual([
      ...[a, b, c, d].map((volume) => `0 ${volume}`),
      `0 ${b}`,
      ...[b, c].map((volume) => `30 ${volume}`),
      ...[c, d].map((volume) => `60 ${volume}`),
      `90 ${d}`,
    ]);
    expect(pulledOf(ran)).toEqual([a, b, c, d]);
    expect(ran.said.filter(([code]) => code === 'SHELVERY_PULL_IN_LINE')).toEqual([inLine(3)]);
    expect(ran.told.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(ran.remaining).toBe(0);
  });

  it('keep nobody from what was copied: it is stored, and its file is moved, while the others wait', async () => {
    let given = 0;
    const region = await openRegion(4, (_, seconds) => {
      if (given > seconds / 30) return false;
      given += 1;
      return true;
    });
    const ran = await region.pull({
      parts: () => ({
        delayed: (context) => createInProcessOperations(context, { oneByOne: false, onUnfinished: () => undefined }),
      }),
    });
    const lastCopied = ran.calls.findLastIndex((call) => call.startsWith('ebs:copyShared'));
    const moved = ran.calls.slice(0, lastCopied).filter((call) => /^s3:put .*ebs-processed/.test(call));
    // The third is asked for after the second look, which comes when it is given a place.
    expect(moved).toHaveLength(3);
    expect(region.bunker.files().every((key) => key.startsWith('ebs-processed/'))).toBe(true);
    expect(ran.told.filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it('are looked at five at a time, and the others at once where all of these were given a place', async () => {
    const region = await openRegion(7, (_, seconds) => seconds >= 30);
    const [first] = volumes(1);
    const ran = await region.pull();
    expect(region.asked).toEqual([
      ...volumes(7).map((volume) => `0 ${volume}`),
      `0 ${first}`,
      ...volumes(7).map((volume) => `30 ${volume}`),
    ]);
    const reads = (volume: string): number =>
      ran.calls.filter((call) => call === `s3:get ${LOCAL} ${keyOf(nameOf(volume))}`).length;
    // Once to decide, once when it is moved, and once at each look.
    expect(volumes(7).map(reads)).toEqual([4, 4, 4, 4, 4, 3, 3]);
    expect([pulledOf(ran).length, region.seconds()]).toEqual([7, 30]);
  });

  it('are left to the next run where none was given a place for as long as anybody waits', async () => {
    const region = await openRegion(2, () => false);
    const [a = '', b = ''] = volumes(2);
    const ran = await region.pull({ settings: { shelvery_wait_snapshot_timeout: 60 } });
    expect(region.asked).toEqual([`0 ${a}`, `0 ${b}`, `0 ${a}`, `30 ${a}`, `60 ${a}`]);
    expect(ran.told).toEqual([noPlace(a), noPlace(b)]);
    expect([ran.remaining, region.seconds()]).toEqual([0, 60]);
    expect(region.bunker.files()).toEqual([a, b].map((volume) => `ebs/${nameOf(volume)}.yaml`));
  });

  it('that another run has made meanwhile are not asked for again', async () => {
    const region = await openRegion(1, () => false);
    const [a] = volumes(1);
    const ran = await region.pull({
      parts: ({ clock }) => ({ clock: meanwhile(clock, region, () => region.bunker.pull()) }),
    });
    expect(region.asked).toEqual([`0 ${a}`, `0 ${a}`]);
    expect([ran.told, ran.remaining]).toEqual([[], 0]);
    expect(region.bunker.backups()).toHaveLength(1);
  });

  it('keep nobody else from copying while they wait', async () => {
    const region = await openRegion(1, (_, seconds) => seconds >= 30);
    const aside: string[] = [];
    const ran = await region.pull({
      parts: () =>
        alone(async (wait) => {
          aside.push(`from ${String(region.seconds())}`);
          const waited = await wait();
          aside.push(`to ${String(region.seconds())}`);
          return waited;
        }),
    });
    expect([pulledOf(ran), aside]).toEqual([volumes(1), ['from 0', 'to 30']]);
  });

  it('of one account keep those of another, whose files are called the same, from nothing', async () => {
    const region = await openRegion(1, (_volume, seconds, account) => account === THIRD_ACCOUNT || seconds >= 30);
    const [a = ''] = volumes(1);
    await region.bunker.run('create_data_buckets', {
      account: THIRD_ACCOUNT,
      settings: { shelvery_share_aws_account_ids: OWN_ACCOUNT },
    });
    await region.bunker.share([a], { account: THIRD_ACCOUNT });
    const ran = await region.pull({
      settings: { shelvery_source_aws_account_ids: `${OTHER_ACCOUNT} ${THIRD_ACCOUNT}` },
    });
    expect(ran.said.filter(([code]) => code === 'SHELVERY_PULL_IN_LINE')).toEqual([inLine(1)]);
    expect(
      ran.told.flatMap(({ operation, sourceAccount }) => (operation === 'PullSharedBackup' ? [sourceAccount] : [])),
    ).toEqual([THIRD_ACCOUNT, OTHER_ACCOUNT]);
  });
});

describe('copies that the service has no place for, where the run has to end', () => {
  /** Pulls until so many seconds have gone by, and says what is handed over. */
  async function pullFor(
    region: Region,
    seconds: number,
  ): Promise<{ readonly ran: Ran; readonly left: readonly unknown[] }> {
    const handedOver: RemainingWork[] = [];
    const ran = await region.pull({
      parts: () => ({
        mayStart: () => region.seconds() < seconds,
        handOver: handingOver(handedOver),
      }),
    });
    return { ran, left: handedOver.map(({ remaining, begun }) => [remaining, begun]) };
  }
  const [a = '', b = ''] = volumes(2);

  it('are handed over where others were begun, and nobody sleeps on', async () => {
    const region = await openRegion(3, (volume) => volume === a);
    const { ran, left } = await pullFor(region, 15);
    expect(left).toEqual([[2, 1]]);
    expect(ran.told.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(region.seconds()).toBe(20);
  });

  it('are left to the next run where none was begun', async () => {
    const region = await openRegion(2, () => false);
    const { ran, left } = await pullFor(region, 15);
    expect(left).toEqual([]);
    expect(ran.told).toEqual([noPlace(a), noPlace(b)]);
  });

  it('are handed over where another run has copied one meanwhile', async () => {
    const region = await openRegion(3, () => false);
    const handedOver: RemainingWork[] = [];
    const ran = await region.pull({
      parts: ({ clock }) => ({
        // The copy is being made when this run looks again.
        clock: meanwhile(clock, region, () =>
          region.bunker.pull({ settings: { shelvery_pull_max_backups: 1 }, parts: keepingMessages() }),
        ),
        mayStart: () => region.seconds() < 45,
        handOver: handingOver(handedOver),
      }),
    });
    expect(region.asked).toEqual([...[a, b, volumes(3)[2], a].map((volume) => `0 ${volume}`), `30 ${b}`]);
    expect(handedOver.map(({ remaining, begun }) => [remaining, begun])).toEqual([[2, 1]]);
    expect(ran.told.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('are handed over where nobody has looked for a place again', async () => {
    const region = await openRegion(2, () => false);
    let isOver = false;
    const handedOver: RemainingWork[] = [];
    const ran = await region.pull({
      parts: ({ log }) => ({
        log: {
          ...log,
          warn: (...line) => {
            isOver ||= line[0] === 'SHELVERY_PULL_IN_LINE';
            log.warn(...line);
          },
        },
        mayStart: () => !isOver,
        handOver: handingOver(handedOver),
      }),
    });
    expect(handedOver.map(({ remaining, begun }) => [remaining, begun])).toEqual([[2, 0]]);
    expect([ran.told, region.asked.length]).toEqual([[], 2]);
  });

  it.each([
    ['handed over where others were begun', 0],
    ['left to the next run where none was', 1],
  ])('are %s, and somebody else copies until then', async (_, from) => {
    const region = await openRegion(3, (volume) => from === 0 && volume === a);
    const handedOver: RemainingWork[] = [];
    const ran = await region.pull({
      parts: () => ({
        ...alone(() => Promise.reject(new ShelveryError('NotYet', 'somebody else copies', { mendable: true }))),
        handOver: handingOver(handedOver),
      }),
    });
    expect(handedOver.map(({ remaining, begun }) => [remaining, begun])).toEqual(from === 0 ? [[2, 1]] : []);
    expect(ran.told.filter(({ status }) => status === 'failed')).toEqual(from === 0 ? [] : volumes(3).map(noPlace));
    expect(region.seconds()).toBe(0);
  });

  it('end with the run where it cannot wait for another reason', async () => {
    const region = await openRegion(1, () => false);
    const ran = await region.pull({ parts: () => alone(() => Promise.reject(new Error('a fault'))) });
    expect(ran.brokeOff).toMatchObject({ message: expect.stringContaining('a fault') });
  });

  it('are told of where the others were begun, and there is time left', async () => {
    const region = await openRegion(2, (volume) => volume === a);
    const ran = await region.pull({ settings: { shelvery_wait_snapshot_timeout: 1 } });
    expect(pulledOf(ran)).toEqual([a]);
    expect(ran.told.filter(({ status }) => status === 'failed')).toEqual([noPlace(b)]);
    expect(ran.remaining).toBe(0);
  });
});

describe('a run that stands in no line', () => {
  const [a = ''] = volumes(1);
  const left = (waiting: number) => [
    'SHELVERY_PULL_LEFT',
    `AWS runs no more copies in ${LOCAL} at a time: ` +
      `${waiting === 1 ? 'a shared backup is' : `${String(waiting)} shared backups are`} left to another run, or to the next pull_shared_backups.`,
    { region: LOCAL, waiting },
  ];
  const HELD = { aloneInLine: () => Promise.resolve(undefined) };
  async function pull(
    region: Region,
    more: Pick<RunParts, 'aloneInLine'> = {},
  ): Promise<{ readonly ran: Ran; readonly handedOver: readonly unknown[] }> {
    const handedOver: RemainingWork[] = [];
    const parts = () => ({ handOver: handingOver(handedOver), ...more });
    const ran = await region.pull({ standsInLine: false, parts });
    return { ran, handedOver: handedOver.map(({ remaining, begun }) => [remaining, begun]) };
  }

  it('hands over what it has no place for, and waits for none', async () => {
    const region = await openRegion(3, (volume) => volume === a);
    const { ran, handedOver } = await pull(region);
    expect([handedOver, ran.remaining]).toEqual([[[2, 1]], 2]);
    expect(region.asked).toEqual(volumes(3).map((volume) => `0 ${volume}`));
    expect([pulledOf(ran), region.seconds()]).toEqual([[a], 0]);
    expect(ran.said.filter(([code]) => code !== 'SHELVERY_PULL_BEGUN')).toEqual([]);
  });

  it('hands all over where it got no place from the start', async () => {
    const { ran, handedOver } = await pull(await openRegion(2, () => false));
    expect([handedOver, ran.told]).toEqual([[[2, 0]], []]);
  });

  it.each([1, 2])('leaves all to another that waits in line: of %i', async (count) => {
    const region = await openRegion(count, () => false);
    const { ran, handedOver } = await pull(region, HELD);
    expect([handedOver, ran.remaining, ran.told]).toEqual([[], 0, []]);
    expect(ran.said).toEqual([left(count)]);
    expect([region.asked.length, region.seconds()]).toEqual([count, 0]);
    expect(region.bunker.files()).toEqual(volumes(count).map((volume) => `ebs/${nameOf(volume)}.yaml`));
  });

  it('leaves what it has no place for where it would stand in line, and another does', async () => {
    const region = await openRegion(3, (volume) => volume === a);
    const ran = await region.pull({ parts: () => HELD });
    expect([ran.remaining, pulledOf(ran), region.seconds()]).toEqual([0, [a], 0]);
    expect(ran.said).toContainEqual(left(2));
    expect(ran.told.filter(({ status }) => status === 'failed')).toEqual([]);
  });

  it('leaves nothing where there is a place for each', async () => {
    const region = await openRegion(2, () => true);
    const { ran, handedOver } = await pull(region, HELD);
    expect([handedOver, pulledOf(ran)]).toEqual([[], volumes(2)]);
    expect(ran.said.map(([code]) => code)).not.toContain('SHELVERY_PULL_LEFT');
  });
});
