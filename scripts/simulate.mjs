// node scripts/simulate.mjs [--seed N] [--count N] [--jobs N] [--story] [--shrink] [--json]: plays lives of an estate over an
// AWS in memory. All of it is one program: several processes of it share the seeds.
import { mkdirSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSimulation } from './simulation-program.mjs';

const folder = fileURLToPath(new URL('../node_modules/.cache/shelvery', import.meta.url));
const program = `${folder}/simulation-${process.pid}.mjs`;
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(program, { force: true }));

await buildSimulation({ entryPoint: './tests/simulation/main.ts', outfile: program });
process.argv.push('--program', program);
await import(pathToFileURL(program).href);
