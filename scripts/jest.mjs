// node scripts/jest.mjs <project> [jest options]: one of the projects of jest.config.mjs.
import { spawnSync } from 'node:child_process';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const [project, ...options] = argv.slice(2);
// The project comes last: jest would read a test's name after it as one more project.
const { status } = spawnSync(
  execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    fileURLToPath(import.meta.resolve('jest/bin/jest')),
    ...options,
    ...['--selectProjects', project],
  ],
  { stdio: 'inherit' },
);
exit(status ?? 1);
