import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from '../emulator/emulator.js';
import { countCallsInFlight } from './calls-in-flight.js';
import type { CallsInFlight } from './calls-in-flight.js';
import { shelvery } from './looks.js';
import { WITHOUT_WAITS, measureRun } from './measured-run.js';
import type { Program } from './measured-run.js';
import { seedDailyBackups } from './seed-backups.js';

const ROOT = join(import.meta.dirname, '../..');

/** What is compared. `create` makes a backup of each volume, `share` does so and lets another account have it. */
export const TASKS = ['create', 'clean', 'share', 'pull'] as const;
export type Task = (typeof TASKS)[number];

/** Programs, the same work for each; a task that one lacks is none of it. */
export const PROGRAMS = ['shelvery', 'shelvery-without-pace', 'python-shelvery', 'cloud-custodian'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** What one program took for one task. */
export interface Beside {
  readonly program: ProgramName;
  readonly task: Task;
  readonly volumes: number;
  readonly calls: number;
  /** The most calls on their way at a time. */
  readonly inFlight: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

/** How long a call is on its way. */
const LATENCY_MS = 30;
const OTHER_ACCOUNT = '999999999999';
const MARK = { 'shelvery:create_backup': 'true', team: 'blue' };
/** Long over, and today's. */
const AGES_IN_DAYS = [60, 0];

/** Which call does the work of a task, once for each volume. */
const WORK: Readonly<Record<Task, string>> = {
  create: 'ec2:CreateSnapshot',
  clean: 'ec2:DeleteSnapshot',
  share: 'ec2:ModifySnapshotAttribute',
  pull: 'ec2:CopySnapshot',
};

/** Whether a program has a task at all: Custodian pulls nothing from other accounts. */
export function has(program: ProgramName, task: Task): boolean {
  return program !== 'cloud-custodian' || task !== 'pull';
}

/** What Python Shelvery takes for each backup that it shares, in a thread that waits for it, in bytes. */
const SHARING_TAKES = 42e6;

/** Whether a program has the memory for a task: what is pulled, it shares first. */
export function fits(
  { program, task, volumes }: Pick<Beside, 'program' | 'task' | 'volumes'>,
  memory: number,
): boolean {
  const shares = task === 'share' || task === 'pull';
  return program !== 'python-shelvery' || !shares || volumes * SHARING_TAKES < memory;
}

/**
 * Measures a task of a program on an estate of its own.
 *
 * @throws Error where the program did not do the work.
 */
export async function measureBeside(
  emulator: Emulator,
  { program, task, volumes }: Pick<Beside, 'program' | 'task' | 'volumes'>,
): Promise<Beside> {
  const counter = await countCallsInFlight(emulator.endpoint);
  const folder = await mkdtemp(join(tmpdir(), 'shelvery-bench-'));
  try {
    await seed(emulator, task, volumes);
    const place: Place = { emulator, counter, folder };
    // What is pulled has to be shared first, by the same program, whose files they are.
    if (task === 'pull') await measureRun(await programOf(program, 'share', place));
    await emulator.clearCalls();
    await emulator.setLatency(LATENCY_MS);
    const measured = await programOf(program, task, place);
    counter.take();
    const { seconds, cpuSeconds, megabytes } = await measureRun(measured);
    const { calls, most } = counter.take();
    await emulator.setLatency(0);
    const done = (await emulator.counts())[WORK[task]] ?? 0;
    if (done !== volumes) {
      throw new Error(`${program} made ${String(done)} of ${String(volumes)} calls of ${WORK[task]}`);
    }
    return { program, task, volumes, calls, inFlight: most, seconds, cpuSeconds, megabytes };
  } finally {
    await counter.stop();
    await rm(folder, { recursive: true });
  }
}

async function seed(emulator: Emulator, task: Task, volumes: number): Promise<void> {
  await emulator.reset();
  const names = Array.from({ length: volumes }, (_, index) => `data-${String(index).padStart(5, '0')}`);
  const ids = await emulator.seedVolumes(names.map((name) => ({ tags: { ...MARK, Name: name } })));
  const buckets = async (account: string, config: Readonly<Record<string, string>>): Promise<void> => {
    await measureRun(shelvery(['ebs', 'create_data_buckets'], { ...emulator.credentials(account), ...config }));
  };
  await buckets(emulator.account, task === 'share' || task === 'pull' ? SHARING : {});
  if (task === 'pull') await buckets(OTHER_ACCOUNT, {});
  if (task !== 'clean') return;
  const nameOf = (volumeId: string): string => volumeId;
  await seedDailyBackups(emulator, { volumeIds: ids, days: AGES_IN_DAYS, nameOf, describe: (_, name) => name });
}

interface Place {
  readonly emulator: Emulator;
  readonly counter: CallsInFlight;
  /** For files of the run. */
  readonly folder: string;
}

const SHARING = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };

async function programOf(program: ProgramName, task: Task, { emulator, counter, folder }: Place): Promise<Program> {
  const account = task === 'pull' ? OTHER_ACCOUNT : emulator.account;
  const environment = { ...emulator.credentials(account), AWS_ENDPOINT_URL: counter.endpoint };
  const ofShelvery = {
    ...environment,
    ...(task === 'share' ? SHARING : {}),
    ...(task === 'pull' ? { shelvery_source_aws_account_ids: emulator.account } : {}),
  };
  const action = task === 'clean' ? 'clean_backups' : task === 'pull' ? 'pull_shared_backups' : 'create_backups';
  switch (program) {
    case 'shelvery':
      return shelvery(['ebs', action, '--quiet'], ofShelvery);
    case 'shelvery-without-pace':
      return shelvery(['ebs', action, '--quiet'], ofShelvery, [WITHOUT_WAITS]);
    case 'python-shelvery':
      return python('python-shelvery', ['shelvery_cli', 'ebs', action], ofShelvery);
    case 'cloud-custodian': {
      const policies = join(folder, 'policies.json');
      await writeFile(policies, JSON.stringify({ policies: policiesFor(task) }));
      const run = ['run', '--cache-period', '0', '--output-dir', folder, '--region', emulator.region, policies];
      return python('cloud-custodian', ['c7n.cli', ...run], environment);
    }
  }
}

function python(folder: string, args: readonly string[], environment: Program['environment']): Program {
  return {
    command: join(ROOT, '.venv/bench', folder, 'bin/python'),
    args: [join(import.meta.dirname, 'measured.py'), ...args],
    environment,
  };
}

/** As Custodian's documentation has them; it writes no files of what it made. */
function policiesFor(task: Task): readonly object[] {
  const create = {
    name: 'create',
    resource: 'ebs',
    filters: [{ 'tag:shelvery:create_backup': 'true' }],
    actions: [{ type: 'snapshot', 'copy-volume-tags': true, tags: { 'custodian:backup': 'true' } }],
  };
  const share = {
    name: 'share',
    resource: 'ebs-snapshot',
    filters: [{ 'tag:custodian:backup': 'true' }],
    actions: [{ type: 'set-permissions', add: [OTHER_ACCOUNT] }],
  };
  const clean = {
    name: 'clean',
    resource: 'ebs-snapshot',
    filters: [{ 'tag:shelvery:backup': 'true' }, { type: 'age', days: 14, op: 'ge' }],
    actions: ['delete'],
  };
  return task === 'clean' ? [clean] : task === 'share' ? [create, share] : [create];
}
