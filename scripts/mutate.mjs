// node scripts/mutate.mjs <part> [--seeds N] [stryker options]: changes one part of the engine, as domain/backup, in every
// way that Stryker knows, and says which changes no test notices: no unit test of the domain, or, of other parts, none of
// operations and none of so many seeds of the simulation.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { argv, env, execPath, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const [part = '', ...rest] = argv.slice(2);
const at = rest.indexOf('--seeds');
const seeds = at === -1 ? {} : { SHELVERY_MUTATED_SEEDS: rest[at + 1] };
const options = at === -1 ? rest : rest.toSpliced(at, 2);
if (part === '' || !existsSync(fileURLToPath(new URL(`../layers/engine/src/${part}`, import.meta.url)))) {
  stderr.write('Name a part of layers/engine/src: npm run mutate -- domain/backup\n');
  exit(2);
}
const { status } = spawnSync(
  execPath,
  [fileURLToPath(new URL('../node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url)), 'run', ...options],
  { stdio: 'inherit', env: { ...env, ...seeds, SHELVERY_MUTATED: part } },
);
exit(status ?? 1);
