// node scripts/simulate.mjs [--seed N] [--count N] [--jobs N] [--story] [--shrink] [--json]: plays lives of an estate over an
// AWS in memory. All of it is one program, packages with it: that starts sooner than from a hundred files, and several
// processes of it share the seeds.
import { mkdirSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';
import { bundleOptions, requireBanner } from './bundle-options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../node_modules/.cache/shelvery', import.meta.url));
const program = `${folder}/simulation-${process.pid}.mjs`;
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(program, { force: true }));
await build({
  ...bundleOptions,
  absWorkingDir: root,
  entryPoints: ['./tests/simulation/main.ts'],
  target: `node${process.versions.node}`,
  banner: { js: requireBanner },
  outfile: program,
});
await stop();
process.argv.push('--program', program);
await import(pathToFileURL(program).href);
