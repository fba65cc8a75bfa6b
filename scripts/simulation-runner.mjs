// A test runner of Stryker's whose tests are lives of the simulation: each seed is one. So it knows which seeds reach a change
// of the engine at all, plays only those, and stops at the first that notices it.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { buildSimulation } from './simulation-program.mjs';

/** So many seeds decide; fewer give a first look. */
const SEEDS = Number(process.env.SHELVERY_MUTATED_SEEDS ?? 200);

/** Of `TestStatus` in @stryker-mutator/api. */
const SUCCESS = 0;
const FAILED = 1;

/** What the changed sources read and write: which change is active, and which were reached. */
const stryker = (globalThis.__stryker__ ??= {});

const simulationRunner = () => {
  let lives = [];

  /** Plays lives, until one notices something, where `bails`. */
  const play = async ({ named, bails }) => {
    const tests = [];
    for (const { name, play } of lives) {
      if (named !== undefined && !named.has(name)) continue;
      stryker.currentTestId = name;
      const began = performance.now();
      const failureMessage = await play();
      stryker.currentTestId = undefined;
      const timeSpentMs = performance.now() - began;
      const test = { id: name, name, timeSpentMs };
      if (isInCircles())
        return { status: 'timeout', reason: `It was reached ${stryker.hitCount} times, and the life went on.` };
      if (failureMessage === undefined) tests.push({ ...test, status: SUCCESS });
      else tests.push({ ...test, status: FAILED, failureMessage });
      if (failureMessage !== undefined && bails) break;
    }
    return { status: 'complete', tests };
  };
  const isInCircles = () => stryker.hitLimit !== undefined && stryker.hitCount > stryker.hitLimit;

  return {
    capabilities: () => ({ reloadEnvironment: false }),

    /** In the sandbox, which has the changed sources. The program is loaded here, so that its constants count as static. */
    async init() {
      process.env.POWERTOOLS_METRICS_DISABLED = 'true';
      // Thousands of errors are thrown and caught; nobody reads where.
      Error.stackTraceLimit = 0;
      const program = `${process.cwd()}/lives-${process.pid}.mjs`;
      await buildSimulation({ root: process.cwd(), entryPoint: './tests/simulation/lives.ts', outfile: program });
      const { livesOf } = await import(pathToFileURL(program).href);
      lives = livesOf(SEEDS);
    },

    async dryRun() {
      const answer = await play({ bails: false });
      return { ...answer, mutantCoverage: stryker.mutantCoverage };
    },

    async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
      Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: 0 });
      const named = testFilter === undefined ? undefined : new Set(testFilter);
      const { status, tests = [], reason } = await play({ named, bails: disableBail !== true });
      if (status === 'timeout') return { status, reason };
      const failed = tests.filter((test) => test.status === FAILED);
      const nrOfTests = tests.length;
      return failed.length === 0
        ? { status: 'survived', nrOfTests }
        : {
            status: 'killed',
            nrOfTests,
            killedBy: failed.map(({ id }) => id),
            failureMessage: failed[0].failureMessage,
          };
    },
  };
};

export const strykerPlugins = [{ kind: 'TestRunner', name: 'simulation', factory: simulationRunner }];
