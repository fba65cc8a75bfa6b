// node scripts/bundle-program.mjs <entry.ts> <program.mjs>: bundles a TypeScript file with its packages, as functions are bundled, so
// that it can run in a process that has nothing else in its memory.
import process from 'node:process';
import { build } from 'esbuild';
import { programOptions } from './bundle-options.mjs';

const [entry, outfile] = process.argv.slice(2);
if (entry === undefined || outfile === undefined) {
  process.stderr.write('Usage: node scripts/bundle-program.mjs <entry.ts> <program.mjs>\n');
  process.exit(2);
}
await build({
  ...programOptions,
  entryPoints: [entry],
  minify: true,
  outfile,
});
