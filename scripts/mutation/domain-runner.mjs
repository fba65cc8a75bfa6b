// Stryker's runner for the domain: all its tests are loaded once into one process, and what a mutant's tests say is known
// in milliseconds. Jest would load them, and what they import, anew for each of thousands of mutants.
import { readFileSync, globSync, existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { performance } from 'node:perf_hooks';
import { cwd } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { collected } from './collect-tests.mjs';

const STRYKER = (globalThis.__stryker__ ??= {});
const COLLECTOR = new URL('collect-tests.mjs', import.meta.url).href;

const ENGINE = {
  '@shelvery/engine': 'layers/engine/src/index.ts',
  '@shelvery/engine/lambda': 'layers/engine/src/lambda/index.ts',
};

function loadTypeScriptOf(root) {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === '@jest/globals') return { url: COLLECTOR, shortCircuit: true };
      // The link in node_modules leads to the sources without mutants.
      if (ENGINE[specifier] !== undefined) return { url: new URL(ENGINE[specifier], root).href, shortCircuit: true };
      if (/^\.{1,2}\/.*\.js$/.test(specifier)) {
        for (const ending of ['.ts', '.tsx']) {
          const url = new URL(specifier.replace(/\.js$/, ending), context.parentURL);
          if (existsSync(url)) return { url: url.href, shortCircuit: true };
        }
      }
      return next(specifier, context);
    },
    load(url, context, next) {
      const loader = /\.tsx?$/.exec(url)?.[0].slice(1);
      if (loader === undefined) return next(url, context);
      const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
        loader,
        format: 'esm',
        target: 'es2024',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        define: { __SHELVERY_VERSION__: '"0.0.0-test"' },
      });
      return { format: 'module', source: code, shortCircuit: true };
    },
  });
}

class DomainRunner {
  #tests = new Map();
  #timeOf = new Map();

  /** What is run has its mutants chosen when it runs; those that would have to be loaded anew are left alone. */
  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // A copy of the project, in which the part has its mutants: the worker goes there after this module is loaded.
    const root = pathToFileURL(`${cwd()}/`);
    loadTypeScriptOf(root);
    for (const file of globSync('tests/unit/domain/**/*.test.ts').toSorted()) {
      for (const { name, run } of await collected(() => import(new URL(file, root).href))) {
        let id = `${file}: ${name}`;
        while (this.#tests.has(id)) id += '+';
        this.#tests.set(id, { id, name, fileName: fileURLToPath(new URL(file, root)), run });
      }
    }
  }

  async dryRun() {
    const tests = [];
    for (const { id, name, fileName, run } of this.#tests.values()) {
      STRYKER.currentTestId = id;
      const began = performance.now();
      const failure = await failureOf(run);
      const result = { id, name, fileName, timeSpentMs: performance.now() - began };
      this.#timeOf.set(id, result.timeSpentMs);
      tests.push(failure === undefined ? { ...result, status: 0 } : { ...result, status: 1, failureMessage: failure });
    }
    STRYKER.currentTestId = undefined;
    return { status: 'complete', tests, mutantCoverage: STRYKER.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    STRYKER.hitCount = hitLimit === undefined ? undefined : 0;
    STRYKER.hitLimit = hitLimit;
    STRYKER.activeMutant = activeMutant.id;
    try {
      let nrOfTests = 0;
      // Most mutants die by an example; properties take a hundred times as long.
      const quickestFirst = (testFilter ?? [...this.#tests.keys()]).toSorted(
        (a, b) => (this.#timeOf.get(a) ?? 0) - (this.#timeOf.get(b) ?? 0),
      );
      for (const id of quickestFirst) {
        nrOfTests += 1;
        const failureMessage = await failureOf(this.#tests.get(id).run);
        if (STRYKER.hitCount > hitLimit) return { status: 'timeout' };
        if (failureMessage !== undefined) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
      }
      return { status: 'survived', nrOfTests };
    } finally {
      STRYKER.activeMutant = undefined;
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

export const strykerPlugins = [{ kind: 'TestRunner', name: 'domain', injectableClass: DomainRunner }];
