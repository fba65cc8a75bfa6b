// node scripts/mutate.mjs <part> [stryker options]: changes one part of the engine, as domain/backup, in every way that
// Stryker knows, and says which changes no test notices.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { argv, env, execPath, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';

const [part = '', ...options] = argv.slice(2);
if (part === '' || !existsSync(fileURLToPath(new URL(`../layers/engine/src/${part}`, import.meta.url)))) {
  stderr.write('Name a part of layers/engine/src: npm run mutate -- domain/backup\n');
  exit(2);
}
const { status } = spawnSync(
  execPath,
  [fileURLToPath(new URL('../node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url)), 'run', ...options],
  { stdio: 'inherit', env: { ...env, SHELVERY_MUTATED: part } },
);
exit(status ?? 1);
