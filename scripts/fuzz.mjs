// node scripts/fuzz.mjs [times] [seed]: the cases of tests/unit/fuzz many times over (20), by another seed each time. A case
// that fails is shown with its seed; the same seed shows it again.
import { spawnSync } from 'node:child_process';
import { argv, env, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const [times = '20', seed = String(Date.now() % 2 ** 31)] = argv.slice(2);
stdout.write(`${times} times as many cases as npm test, by the seed ${seed}\n`);
const { status } = spawnSync(
  execPath,
  [fileURLToPath(new URL('jest.mjs', import.meta.url)), 'unit', '--testTimeout', '3600000', 'tests/unit/fuzz'],
  { stdio: 'inherit', env: { ...env, SHELVERY_FUZZ_TIMES: times, SHELVERY_FUZZ_SEED: seed } },
);
exit(status ?? 1);
