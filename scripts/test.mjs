// All of `npm test` after set-up: the checks that need no test run first, two at a time, then the tests. Those of the
// deployed stack mostly wait, so that they run beside the others.
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

const checks = (
  await Promise.all([lane('typecheck', 'depcruise', 'knip', 'build'), lane('format:check', 'template:check', 'lint')])
).flat();
const failed = checks.filter(({ passed }) => !passed);
for (const { name, output } of failed) {
  // Where types are wrong, most of what lint says comes from that.
  const isNoise = name === 'lint' && failed.some((other) => other.name === 'typecheck');
  stdout.write(`\n${name}:\n${isNoise ? 'Fix the types first, then run `npm run lint`.\n' : output}`);
}
if (failed.length > 0) exit(1);

const jest = (name, project, options) => run(name, `node scripts/jest.mjs ${project}`, options);

const deployed = jest('tests of the deployed stack', 'deployed');
const unit = await jest('unit tests', 'unit --coverage', { show: true });
const integration = await jest('integration tests', 'integration', { show: true });
const { output, ...beside } = await deployed;
stdout.write(`\n${output}`);
const results = [unit, integration, beside];
for (const { name, passed } of results) stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}\n`);
if (results.some(({ passed }) => !passed)) exit(1);
