// node scripts/simulate.mjs [--seed N] [--count N] [--jobs N] [--story] [--shrink] [--json]: plays lives of an estate over an
// AWS in memory. All of it is one program, packages with it: that starts sooner than from a hundred files, and several
// processes of it share the seeds.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';
import { programOptions } from './bundle-options.mjs';

const folder = fileURLToPath(new URL('../node_modules/.cache/shelvery', import.meta.url));
const program = `${folder}/simulation-${process.pid}.mjs`;
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(program, { force: true }));

/**
 * Modules of the engine that are in tests/simulation/remembered, too, are taken from there: they give the same answers to
 * the same questions without working them out again. A real process asks each once; here thousands of processes do.
 */
const remembered = {
  name: 'remembered',
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.js$/ }, ({ path, importer, resolveDir }) => {
      const file = resolve(resolveDir, path).replace(/\.js$/, '.ts');
      if (!file.startsWith(engine) || importer.startsWith(answers)) return undefined;
      const instead = file.replace(engine, answers);
      return existsSync(instead) ? { path: instead } : undefined;
    });
  },
};
const engine = fileURLToPath(new URL('../layers/engine/src/', import.meta.url));
const answers = fileURLToPath(new URL('../tests/simulation/remembered/', import.meta.url));
await build({
  ...programOptions,
  plugins: [...programOptions.plugins, remembered],
  entryPoints: ['./tests/simulation/main.ts'],
  outfile: program,
});
await stop();
process.argv.push('--program', program);
await import(pathToFileURL(program).href);
