// Stryker's runner for the engine: all tests that decide on a part are loaded once into one process, and what they say of a
// mutant is known in milliseconds. Jest would load them, and what they import, anew for each of thousands of mutants. Of
// operations lives of the simulation decide, too: each seed is a test. So it is known which seeds reach a mutant at all.
import { globSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSimulation } from '../simulation-program.mjs';
import { collected } from './collect-tests.mjs';
import { loadTypeScriptOf } from './load-typescript.mjs';

/** So many seeds decide; fewer give a first look, and with none no life is played at all. */
const SEEDS = Number(process.env.SHELVERY_MUTATED_SEEDS ?? 200);
const OF_DOMAIN = (process.env.SHELVERY_MUTATED ?? 'domain').startsWith('domain');

/** Of `TestStatus` in @stryker-mutator/api. */
const SUCCESS = 0;
const FAILED = 1;

/** What the changed sources read and write: which change is active, and which were reached. */
const stryker = (globalThis.__stryker__ ??= {});

class EngineRunner {
  /** By their ids; `run` fails by an error. */
  #tests = new Map();
  #timeOf = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    // Thousands of errors are thrown and caught; nobody reads where.
    Error.stackTraceLimit = 0;
    // A copy of the project, in which the part has its mutants: the worker goes there after this module is loaded.
    const root = pathToFileURL(`${process.cwd()}/`);
    loadTypeScriptOf(root);
    await this.#collect(root, OF_DOMAIN ? 'tests/unit/domain' : 'tests/unit/operations');
    if (!OF_DOMAIN && SEEDS > 0) await this.#addLives();
  }

  async dryRun() {
    const tests = [];
    for (const { id, name, fileName, run } of this.#tests.values()) {
      stryker.currentTestId = id;
      const began = performance.now();
      const failureMessage = await failureOf(run);
      const result = { id, name, fileName, timeSpentMs: performance.now() - began };
      this.#timeOf.set(id, result.timeSpentMs);
      tests.push(
        failureMessage === undefined ? { ...result, status: SUCCESS } : { ...result, status: FAILED, failureMessage },
      );
    }
    stryker.currentTestId = undefined;
    return { status: 'complete', tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    stryker.hitLimit = hitLimit;
    stryker.activeMutant = activeMutant.id;
    try {
      let nrOfTests = 0;
      // Most mutants die by an example; properties and lives take a hundred times as long.
      const quickestFirst = (testFilter ?? [...this.#tests.keys()]).toSorted(
        (a, b) => (this.#timeOf.get(a) ?? 0) - (this.#timeOf.get(b) ?? 0),
      );
      for (const id of quickestFirst) {
        nrOfTests += 1;
        const failureMessage = await failureOf(this.#tests.get(id).run);
        if (stryker.hitCount > hitLimit) return { status: 'timeout' };
        if (failureMessage !== undefined) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
      }
      return { status: 'survived', nrOfTests };
    } finally {
      stryker.activeMutant = undefined;
    }
  }

  async #collect(root, folder) {
    for (const file of globSync(`${folder}/**/*.test.ts`).toSorted()) {
      for (const { name, run } of await collected(() => import(new URL(file, root).href))) {
        let id = `${file}: ${name}`;
        while (this.#tests.has(id)) id += '+';
        this.#tests.set(id, { id, name, fileName: fileURLToPath(new URL(file, root)), run });
      }
    }
  }

  /** Lives are one program, as when they are played: it answers the same questions without working them out again. */
  async #addLives() {
    const program = `${process.cwd()}/lives-${process.pid}.mjs`;
    await buildSimulation({ root: process.cwd(), entryPoint: './tests/simulation/lives.ts', outfile: program });
    const { livesOf } = await import(pathToFileURL(program).href);
    for (const { name, play } of livesOf(SEEDS)) {
      const run = async () => {
        const violation = await play();
        if (violation !== undefined) throw new Error(violation);
      };
      this.#tests.set(name, { id: name, name, run });
    }
  }
}

async function failureOf(run) {
  try {
    await run();
    return undefined;
  } catch (error) {
    return String(error?.message ?? error);
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'engine', injectableClass: EngineRunner }];
