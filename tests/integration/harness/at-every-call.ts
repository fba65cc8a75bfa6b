import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Action, BackupType } from '@shelvery/engine/terminal';
import { present } from '../../../layers/engine/src/domain/present.js';
import { branchOf } from '../../emulator/branches.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { readEndState } from './end-state.js';
import type { EndState, Places } from './end-state.js';
import { seeThrough } from './product.js';
import type { Installation, Way, Whole } from './product.js';
import { CALL_KINDS } from './request-gate.js';
import type { CallKind, Strike, StrikeKind } from './request-gate.js';
import { createTestClock } from './test-clock.js';
import type { TestClock } from './test-clock.js';
import { useUnpacedSdk } from './unpaced-sdk.js';

/** One run in a story: who asks for what, and when. */
export interface Act {
  readonly party: Omit<Installation, 'emulator' | 'clock'>;
  readonly action: Action;
  /**
   * The time that it goes by, ISO 8601; that of its beginning where it is left out, and the same when it is run again.
   */
  readonly time?: string;
  /** How long after the act before it begins. */
  readonly laterMs?: number;
}

/** Runs that follow each other, and where they leave something. */
export interface Story {
  readonly type: BackupType;
  readonly places: Places;
  /** Somebody else may begin the second act before the first, which was killed, is run again. */
  readonly mayBeOvertaken?: boolean;
  /** Leaves something to a next run, which is made undisturbed before what is left is looked at. */
  readonly restsAfter?: Act;
  /** Makes what the story begins with; what is asked for then, in turn. */
  readonly begin: (stage: Stage) => Promise<readonly Act[]>;
}

/** Where a story begins, once for each way. */
export interface Stage {
  readonly emulator: Emulator;
  readonly clock: TestClock;
  readonly way: Way;
}

/** What is killed is run again with the same time. */
const DEATHS = ['killed-before', 'killed-after'] as const;
/** What mends itself. */
const FAULTS = ['error-after', 'dropped-after', 'throttled'] as const;
const STRIKES: readonly StrikeKind[] = [...DEATHS, ...FAULTS];

const isKilled = (kind: StrikeKind): boolean => kind.startsWith('killed');

/** Every kind at every call, also where two points leave AWS alike. */
const IS_EVERY_POINT_ASKED_FOR = process.env.STRIKE_EVERY_POINT === '1';

/** The first call that is struck, counted from 1, and each so manieth after it. */
interface Stride {
  readonly first: number;
  readonly by: number;
}

/**
 * Which calls are struck. A process that dies leaves what its calls have changed until then: it dies before each call
 * that changes something, and after the last. A call that only reads leaves nothing, so that it fails in one of the three
 * ways, in turn; one that changes something fails in each.
 */
function strideOf(kind: StrikeKind, of: CallKind, { index, undisturbed }: Scene): Stride | undefined {
  const all = { first: 1, by: 1 };
  if (IS_EVERY_POINT_ASKED_FOR) return all;
  if (kind === 'killed-before') return of === 'changing' ? all : undefined;
  if (kind === 'killed-after') return of === 'changing' ? { first: undisturbed.calls[of], by: 1 } : undefined;
  return of === 'changing' ? all : { first: 1 + ((FAULTS.indexOf(kind) + index) % FAULTS.length), by: FAULTS.length };
}

export interface AtEveryCall {
  readonly ways: readonly Way[];
  /** Only every so manieth strike, not at the same calls of each act and kind: a sample, whose calls are printed. */
  readonly every?: number;
}

/** All points of a story and kind, one after the other. */
const TIMEOUT_MS = 1_200_000;

/** Longer than snapshots are pending in any story. */
const SETTLING_MS = 60_000;

/** An act with the emulator as it finds it, and with what it leaves undisturbed. */
interface Scene {
  readonly name: string;
  /** Counted from 0. */
  readonly index: number;
  readonly act: Act;
  readonly base: Emulator;
  readonly clock: TestClock;
  readonly asked: { readonly action: Action; readonly time: string };
  readonly expected: EndState;
  readonly undisturbed: Whole;
}

/** What a point came to. */
interface Point {
  readonly struck: string | undefined;
  readonly state: EndState;
  readonly status: Whole['status'];
}

/**
 * A story, struck at every single call of every act in turn, in each of the ways: the act ends in what the undisturbed
 * act ends in, when it was killed after it is run again with the same time.
 */
export function describeAtEveryCall(name: string, story: Story, { ways, every = 1 }: AtEveryCall): void {
  useUnpacedSdk();

  describe.each(ways)(`${name}, in the way %s`, (way) => {
    let trunk: Emulator;
    let scenes: readonly Scene[] = [];
    beforeAll(async () => {
      trunk = await startEmulator();
      await warmUp(trunk, story, way);
      scenes = await playUndisturbed(trunk, story, way);
    }, TIMEOUT_MS);
    afterAll(async () => {
      for (const { base } of [...scenes].reverse()) await base.stop();
      await trunk.stop();
    });
    const see = async (installation: Installation): Promise<EndState> => await readSettled(installation, story);

    it(
      'changes nothing more when any of it is run again',
      async () => {
        for (const scene of scenes) {
          const state = await onBranch(scene, async (installation) => {
            await seeThrough(installation, way, scene.asked);
            await seeThrough(installation, way, scene.asked);
            return await see(installation);
          });
          expect({ act: scene.name, ...differences(scene.expected, state) }).toEqual({
            act: scene.name,
            missing: [],
            surplus: [],
          });
        }
      },
      TIMEOUT_MS,
    );

    /** Tries a scene at each of its calls, and says where it did not end as it should. */
    const tryAll = async (
      kind: StrikeKind,
      scene: Scene,
      should: Scene,
      point: (strike: Strike) => Promise<Point>,
    ): Promise<{ readonly failures: readonly unknown[]; readonly points: number }> => {
      const failures: unknown[] = [];
      const calls: string[] = [];
      for (const strike of strikesOf(kind, scene, every)) {
        const { struck, state, status } = await point(strike);
        const end = { ...differences(should.expected, state), status };
        if (end.missing.length + end.surplus.length > 0 || status !== should.undisturbed.status)
          failures.push({ act: scene.name, strike, struck, ...end });
        if (struck !== undefined) calls.push(`${String(strike.nth)} ${struck}`);
      }
      const which = every === 1 ? '' : `: ${calls.join(', ')}`;
      process.stdout.write(
        `${name}, ${way}, ${kind}, ${scene.name}${scene === should ? '' : ', overtaken'}: ${String(calls.length)} points${which}\n`,
      );
      return { failures, points: calls.length };
    };

    it.each(STRIKES)(
      'ends as undisturbed, whichever call is struck: %s',
      async (kind) => {
        const failures: unknown[] = [];
        let points = 0;
        for (const scene of scenes) {
          const found = await tryAll(kind, scene, scene, (strike) =>
            onBranch(scene, async (installation) => {
              const { struck, status } = await seeThrough(installation, way, { ...scene.asked, strike });
              if (isKilled(kind)) await seeThrough(installation, way, scene.asked);
              return {
                struck,
                state: await see(installation),
                status: isKilled(kind) ? scene.undisturbed.status : status,
              };
            }),
          );
          failures.push(...found.failures);
          points += found.points;
        }
        expect(failures).toEqual([]);
        expect(points).toBeGreaterThan(0);
      },
      TIMEOUT_MS,
    );

    if (story.mayBeOvertaken !== true) return;
    it(
      'ends as undisturbed, though others go on before what was killed is run again',
      async () => {
        const [first, second] = scenes;
        if (first === undefined || second === undefined) throw new Error('There is nobody to go on.');
        const { failures, points } = await tryAll('killed-before', first, second, (strike) =>
          onBranch(first, async (installation) => {
            const { struck } = await seeThrough(installation, way, { ...first.asked, strike });
            const other: Installation = { ...installation, ...second.act.party };
            const asked = { action: second.act.action, time: installation.clock.now().toISOString() };
            await seeThrough(other, way, asked);
            await seeThrough(installation, way, first.asked);
            await seeThrough(other, way, asked);
            return { struck, state: await see(installation), status: second.undisturbed.status };
          }),
        );
        expect(failures).toEqual([]);
        expect(points).toBeGreaterThan(0);
      },
      TIMEOUT_MS,
    );
  });
}

/** Gives a branch of the emulator as a scene found it, and ends it. */
async function onBranch<T>({ act, base, clock }: Scene, use: (installation: Installation) => Promise<T>): Promise<T> {
  const emulator = await branchOf(base);
  try {
    return await use({ ...act.party, emulator, clock: createTestClock(emulator, clock.now()) });
  } finally {
    await emulator.stop();
  }
}

/** The strikes of a kind at a scene; of a sample each so manieth, and different calls for different kinds and acts. */
function strikesOf(kind: StrikeKind, scene: Scene, every: number): readonly Strike[] {
  const all = CALL_KINDS.flatMap((of) => {
    const stride = strideOf(kind, of, scene);
    if (stride === undefined) return [];
    const strikes: Strike[] = [];
    for (let nth = stride.first; nth <= scene.undisturbed.calls[of]; nth += stride.by) strikes.push({ kind, of, nth });
    return strikes;
  });
  const offset =
    (Math.round((STRIKES.indexOf(kind) * every) / STRIKES.length) + 3 * scene.index) %
    Math.max(1, Math.min(every, all.length));
  return all.filter((_, at) => at % every === offset);
}

/** Lets the emulator load all that the story needs of it, which each branch would load anew. */
async function warmUp(emulator: Emulator, { begin }: Story, way: Way): Promise<void> {
  const clock = createTestClock(emulator);
  for (const { party, action, time, laterMs = 0 } of await begin({ emulator, clock, way })) {
    await clock.advance(laterMs);
    await seeThrough({ ...party, emulator, clock }, way, { action, ...present({ time }) });
  }
  await emulator.reset();
}

/** Plays a story once, and keeps the emulator as each act found it. */
async function playUndisturbed(trunk: Emulator, story: Story, way: Way): Promise<readonly Scene[]> {
  const scenes: Scene[] = [];
  let base = await branchOf(trunk);
  let clock = createTestClock(base);
  for (const act of await story.begin({ emulator: base, clock, way })) {
    const { party, action, time, laterMs = 0 } = act;
    await clock.advance(laterMs);
    const asked = { action, time: time ?? clock.now().toISOString() };
    const emulator = await branchOf(base);
    const next = createTestClock(emulator, clock.now());
    const installation = { ...party, emulator, clock: next };
    const undisturbed = await seeThrough(installation, way, asked);
    if (undisturbed.status !== undefined && undisturbed.status !== 'OK')
      throw new Error(`${action} of ${party.account} is ${undisturbed.status}, undisturbed.`);
    const expected = await readSettled(installation, story);
    scenes.push({
      name: `${action} of ${party.account}`,
      index: scenes.length,
      act,
      base,
      clock,
      asked,
      expected,
      undisturbed,
    });
    base = emulator;
    clock = next;
  }
  await base.stop();
  return scenes;
}

/** Reads the end state once what the services have begun is done, also what nobody waits for. */
async function readSettled(
  { emulator, clock }: Pick<Installation, 'emulator' | 'clock'>,
  { type, places, restsAfter }: Story,
): Promise<EndState> {
  await clock.advance(SETTLING_MS);
  if (restsAfter !== undefined) {
    const asked = { action: restsAfter.action, time: clock.now().toISOString() };
    await seeThrough({ ...restsAfter.party, emulator, clock }, 'cli', asked);
  }
  return await readEndState(emulator, type, places);
}

interface Differences {
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

/** Lines that there are too few of, and too many of. */
function differences(expected: EndState, seen: EndState): Differences {
  return { missing: without(expected, seen), surplus: without(seen, expected) };
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
