// node scripts/setup.mjs [--sam] [--deployed] [--bench] [then <script> [arguments]]…: sets up what is needed and is not there yet,
// and then runs scripts one after the other with the Node that the project brings. They are started from here and by
// path: a shell remembers where it found `node`, so that a second command of its line would run on the machine's own.
// That one runs this before any package is installed: only node: imports, and syntax that Node 18 reads.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import process, { arch, argv, env, execPath, exit, platform, stderr, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => root + path;

/** What begins here; all that follows runs with the project's. */
const OLDEST_NODE = 20;
const PROJECT_NODE = 24;
const OLDEST_PYTHON = [3, 10];
const bringsItsOwnNode = platform === 'linux' && arch === 'x64';

/** Options of the set-up, and scripts with their arguments, each after the word `then`. */
const options = [];
const scripts = [];
for (const word of argv.slice(2)) {
  if (word === 'then') scripts.push([]);
  else (scripts.at(-1) ?? options).push(word);
}

/** A reason why set-up cannot go on that the reader can do something about. */
class CannotSetUp extends Error {}

function checkNode() {
  const major = Number(versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new CannotSetUp(
      `Setting up Shelvery needs Node.js ${OLDEST_NODE} or newer, and this is Node.js ${versions.node}: install a newer one from https://nodejs.org.`,
    );
  }
  if (!bringsItsOwnNode && major < PROJECT_NODE) {
    throw new CannotSetUp(
      `On ${platform} ${arch} Shelvery needs Node.js ${PROJECT_NODE} or newer (only Linux x64 gets it with the packages) ` +
        `and this is Node.js ${versions.node}: install a newer one from https://nodejs.org.`,
    );
  }
}

/** npm writes its own record of node_modules last, so an install that was broken off never matches. */
function packagesAreInstalled() {
  const record = at('node_modules/.package-lock.json');
  if (!existsSync(record) || (bringsItsOwnNode && !existsSync(at('node_modules/.bin/node')))) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity && a.link === b.link;
  return (
    Object.keys(installed).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, entry]) => {
      // The project and its workspaces have a place outside node_modules; npm records the former nowhere.
      if (!path.startsWith('node_modules/')) return true;
      // Packages for other platforms are left out.
      return path in installed ? same(entry, installed[path]) : entry.optional === true;
    })
  );
}

async function installPackages() {
  // Within a script npm names itself and its Node; the Node found first on the path may be one that `npm ci` removes.
  const [command, ...first] = env.npm_execpath ? [env.npm_node_execpath ?? execPath, env.npm_execpath] : ['npm'];
  await run(command, [...first, 'ci', '--include=dev', '--include=optional']);
  if (!bringsItsOwnNode) return;
  const trial = spawnSync(at('node_modules/.bin/node'), ['--version'], { encoding: 'utf8' });
  if (trial.status !== 0) {
    throw new CannotSetUp(
      `The Node.js ${PROJECT_NODE} that comes with the packages does not run here (it needs a Linux with glibc 2.28 or newer).`,
    );
  }
}

/** The programs that the benchmarks stand beside. */
const BENCHED = ['bench/python-shelvery', 'bench/cloud-custodian'];

const stampOf = (folder) => at(`.venv/${folder}/.requirements-sha256`);
/** With the place, since an environment names its own in every script and does not survive a move. */
const hashOf = (folder) =>
  createHash('sha256')
    .update(root)
    .update(readFileSync(at(`tests/${folder}/requirements.txt`)))
    .digest('hex');

function environmentIsThere(folder) {
  // existsSync follows the link to the Python it was made with, which may have been removed since.
  if (!existsSync(stampOf(folder)) || !existsSync(at(`.venv/${folder}/bin/python`))) return false;
  return readFileSync(stampOf(folder), 'utf8') === hashOf(folder);
}

function findPython() {
  const [oldestMajor, oldestMinor] = OLDEST_PYTHON;
  const names = ['python3', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`), 'python'];
  const refused = [];
  for (const name of names) {
    const trial = spawnSync(
      name,
      [
        '-c',
        'import json, sys, importlib.util as u; print(json.dumps([*sys.version_info[:2], all(map(u.find_spec, ("venv", "ensurepip")))]))',
      ],
      { encoding: 'utf8' },
    );
    if (trial.status !== 0) continue;
    const [major, minor, hasVenv] = JSON.parse(trial.stdout);
    const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
    if (isNewEnough && hasVenv) return name;
    refused.push(`${name} is ${major}.${minor}${isNewEnough ? ' without venv' : ''}`);
  }
  throw new CannotSetUp(
    `Shelvery's emulator needs Python ${OLDEST_PYTHON.join('.')} or newer with venv, and ` +
      `${refused.length > 0 ? refused.join(', ') : 'there is no Python here'}: install it ` +
      '(Debian and Ubuntu: `sudo apt install python3 python3-venv`; Fedora: `sudo dnf install python3`; macOS: `brew install python`).',
  );
}

async function makeEnvironment(python, folder) {
  const hash = hashOf(folder);
  rmSync(at(`.venv/${folder}`), { recursive: true, force: true });
  await run(python, ['-m', 'venv', at(`.venv/${folder}`)]);
  await run(at(`.venv/${folder}/bin/python`), [
    ...['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'],
    // Nothing but what was looked at once, and nothing that runs its own code while it is installed. All that is needed is
    // listed; pip's own search demands a hash of packages that it knows by extras, too, and `pip check` tells what is missing.
    ...['--require-hashes', '--no-deps', '--only-binary', ':all:'],
    ...['--requirement', at(`tests/${folder}/requirements.txt`)],
  ]);
  await run(at(`.venv/${folder}/bin/python`), ['-m', 'pip', 'check', '--disable-pip-version-check']);
  // Last, so that what was broken off is made again.
  writeFileSync(stampOf(folder), hash);
}

const running = new Set();
/** The script that runs now. */
let script;
let interrupted;

// An install that went on by itself would be in the way of the next one.
for (const [signal, exitCode] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    interrupted = exitCode;
    // A script has the terminal's Ctrl-C itself, and ends as it likes.
    for (const child of running) if (child !== script || signal !== 'SIGINT') child.kill('SIGTERM');
  });
}

/** Runs a command quietly; what it wrote comes with its failure. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })));
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve();
      else reject(new Error(`${output.trimEnd()}\n\`${command} ${args.join(' ')}\` ended with ${signal ?? code}.`));
    });
  });
}

async function timed(what, work) {
  stderr.write(`Setting up ${what} …\n`);
  const start = Date.now();
  await work();
  stderr.write(`Set up ${what} in ${Math.round((Date.now() - start) / 1000)} s.\n`);
}

async function setUp() {
  checkNode();
  const asked = ['sam', 'deployed', 'bench'].filter((option) => options.includes(`--${option}`));
  const folders = ['emulator', ...asked.flatMap((option) => (option === 'bench' ? BENCHED : option))];
  const missing = folders.filter((folder) => !environmentIsThere(folder));
  const python = missing.length > 0 ? findPython() : undefined;

  const work = missing.map((folder) =>
    timed(`the Python environment .venv/${folder}`, () => makeEnvironment(python, folder)),
  );
  if (!packagesAreInstalled()) work.unshift(timed('npm packages', installPackages));
  const failed = (await Promise.allSettled(work)).filter(({ status }) => status === 'rejected');
  const understood = failed.find(({ reason }) => reason instanceof CannotSetUp);
  if (understood) throw understood.reason;
  if (failed.length > 0) throw new Error(failed.map(({ reason }) => reason.message).join('\n\n'));
}

/** Runs a script in this one's place: it has the terminal, and its end is ours. */
function runScript([path, ...args]) {
  const node = bringsItsOwnNode ? at('node_modules/.bin/node') : execPath;
  return new Promise((resolve, reject) => {
    const child = spawn(node, [at(path), ...args], {
      stdio: 'inherit',
      // For what it starts by name.
      env: { ...env, PATH: at('node_modules/.bin') + delimiter + (env.PATH ?? '') },
    });
    running.add(child);
    script = child;
    child.on('error', (cause) => reject(new Error(`${node} could not be started: ${cause.message}`, { cause })));
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

try {
  await setUp();
} catch (error) {
  if (interrupted) exit(interrupted);
  stderr.write(`${error.message}\n`);
  exit(error instanceof CannotSetUp ? 2 : 1);
}
for (const words of scripts) {
  if (interrupted) exit(interrupted);
  const code = await runScript(words);
  if (code !== 0) exit(code);
}
