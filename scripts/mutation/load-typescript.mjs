import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const COLLECTOR = new URL('collect-tests.mjs', import.meta.url).href;

const ENGINE = {
  '@shelvery/engine': 'layers/engine/src/index.ts',
  '@shelvery/engine/lambda': 'layers/engine/src/lambda/index.ts',
};

/** Has Node load the TypeScript of a copy of the project, whose tests are then kept by `collect-tests.mjs`. */
export function loadTypeScriptOf(root) {
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
