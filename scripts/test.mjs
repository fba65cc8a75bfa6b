// All of `npm test` after set-up: lives are simulated first, by both processors, which takes half a minute. Then the checks
// that need no test run, two at a time, and the tests. Unit tests begin beside the last of the checks, whose complaints keep
// the longer tests from being run.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chdir, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

chdir(fileURLToPath(new URL('..', import.meta.url)));
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Runs a command line and says how it went; what it writes is shown as it comes, or kept. */
function run(name, commandLine, { show = false } = {}) {
  const start = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(commandLine, { shell: true, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      const passed = code === 0;
      stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
      resolve({ name, passed, output });
    });
  });
}

/** Every script of the lane runs, also after a failed one: all complaints are seen at once. */
async function lane(...names) {
  const results = [];
  for (const name of names) results.push(await run(name, scripts[name]));
  return results;
}

const jest = (name, project, options) => run(name, `node scripts/jest.mjs ${project}`, options);
const havePassed = (results) => results.every(({ passed }) => passed);

const LIVES = 'tests/simulation/simulation.test.ts';
const lives = await jest('simulation', `unit ${LIVES}`, { show: true });
const others = lane('format:check', 'template:check', 'lint');
const first = await lane('typecheck', 'depcruise', 'knip', 'build');
// Lint takes longest by far, and one processor of two: the unit tests need not wait for it.
const unit = havePassed(first)
  ? await jest('unit tests', `unit --coverage --testPathIgnorePatterns ${LIVES}`, { show: true })
  : undefined;
const checks = [...first, ...(await others)];
for (const { name, passed, output } of checks) {
  if (passed) continue;
  // Where types are wrong, most of what lint says comes from that.
  const isNoise = name === 'lint' && checks.some((other) => other.name === 'typecheck' && !other.passed);
  stdout.write(`\n${name}:\n${isNoise ? 'Fix the types first, then run `npm run lint`.\n' : output}`);
}
const isWorthwhile = unit !== undefined && havePassed(checks);
const integration = isWorthwhile ? await jest('integration tests', 'integration', { show: true }) : undefined;
const results = [lives, unit, integration].filter((result) => result !== undefined);
for (const { name, passed } of results) stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}\n`);
if (!isWorthwhile || !havePassed(results)) exit(1);
