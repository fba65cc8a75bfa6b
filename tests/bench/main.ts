// npm run bench -- [PART]… [--sizes 100,300] [--tasks create,clean] [--programs shelvery]: measures all parts, or those that are
// named, and writes docs/benchmarks.json; `npm run docs` then makes the tables of docs/benchmarks.md from it.
import { totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import * as z from 'zod';
import { startEmulator } from '../emulator/emulator.js';
import type { Emulator } from '../emulator/emulator.js';
import { PROGRAMS, TASKS, fits, has, measureBeside } from './beside-others.js';
import type { Beside, ProgramName, Task } from './beside-others.js';
import { measureCalls, measureShares } from './call-counts.js';
import type { MeasureOptions } from './call-counts.js';
import { measureColdImports, measureVersion } from './cold-import.js';
import { measureCopies, measureSets } from './emulated-runs.js';
import { measureInvocations } from './invocations.js';
import { LOOKS, measureLook, seedBackups } from './looks.js';
import { measurePacedCalls } from './paced-calls.js';
import type { PacedOptions } from './paced-calls.js';
import { readResults, writeResults } from './results.js';
import type { Results } from './results.js';

const BACKUPS_LOOKED_AT = 10_000;
/** Of our own program alone. */
const GROWTH = { from: 100, to: 10_000 };

/** Resources of each type. */
const RESOURCES: Readonly<Record<BackupType, number>> = {
  ebs: 1_200,
  ec2ami: 300,
  rds: 300,
  rds_cluster: 300,
  docdb: 300,
  redshift: 300,
};

const ESTATES: readonly MeasureOptions[] = BACKUP_TYPES.flatMap((type) =>
  (type === 'ebs' ? [false, true] : [false]).map((topics) => ({ type, resources: RESOURCES[type], topics })),
);

/** Accounts that each backup is shared with. */
const SHARED_WITH = [0, 1, 3];

const PACED: readonly (PacedOptions & { readonly what: string })[] = [
  { what: '10,000 snapshots made, alone', action: 'CreateSnapshot', calls: 10_000 },
  {
    what: '3,000 made, beside a program that takes half of the bucket',
    action: 'CreateSnapshot',
    calls: 3_000,
    rivalPerSecond: 2.5,
  },
  {
    what: '3,000 made, where the bucket is empty at first',
    action: 'CreateSnapshot',
    calls: 3_000,
    tokensAtFirst: 0,
  },
  { what: '10,000 snapshots deleted, alone', action: 'DeleteSnapshot', calls: 10_000 },
  {
    what: '3,000 deleted, beside a program that takes half of the bucket',
    action: 'DeleteSnapshot',
    calls: 3_000,
    rivalPerSecond: 2.5,
  },
  { what: '1,000 images copied, alone', action: 'CopyImage', calls: 1_000 },
  {
    what: '1,000 copied, beside a program that takes half of the bucket',
    action: 'CopyImage',
    calls: 1_000,
    rivalPerSecond: 0.5,
  },
];

const IN_SETS = 10_000;
const COPIED = 2_000;
const BY_INVOCATIONS = 10_000;

/** What is measured beside other programs. */
interface Choice {
  readonly sizes: readonly number[];
  readonly tasks: readonly Task[];
  readonly programs: readonly ProgramName[];
}

/** Measures one part and keeps what it measured. */
type Measure = (emulator: Emulator, choice: Choice) => Promise<void>;

function bySizeAndTask(a: Beside, b: Beside): number {
  return a.volumes - b.volumes || TASKS.indexOf(a.task) - TASKS.indexOf(b.task);
}

const PARTS: Readonly<Record<keyof Results, Measure>> = {
  async starts() {
    writeResults({ starts: { versionMs: await measureVersion(), functions: [...(await measureColdImports())] } });
  },

  async looks(emulator) {
    await seedBackups(emulator, BACKUPS_LOOKED_AT);
    const looks = [];
    for (const look of LOOKS) {
      const { cpuSeconds, megabytes, firstLineSeconds } = await measureLook(emulator, look, BACKUPS_LOOKED_AT);
      looks.push({ command: look.join(' '), cpuSeconds, megabytes, firstLineSeconds });
    }
    writeResults({ looks });
  },

  async calls(emulator) {
    const calls = [];
    for (const estate of ESTATES) {
      const { created, callsToCreate, removed, callsToClean } = await measureCalls(emulator, estate);
      calls.push({ ...estate, create: callsToCreate / created, remove: callsToClean / removed });
    }
    writeResults({ calls });
  },

  async shares(emulator) {
    const shares = [];
    for (const accounts of SHARED_WITH)
      shares.push({ accounts, calls: await measureShares(emulator, RESOURCES.ebs, accounts) });
    writeResults({ shares });
  },

  async paced() {
    const paced: NonNullable<Results['paced']> = [];
    for (const { what, ...options } of PACED) {
      const { seconds, bound, refused, failed, used, slowestReadMs } = await measurePacedCalls(options);
      paced.push({ what, seconds, bound, refused, used, failed, slowestReadMs });
    }
    const { made, named } = await measureSets(IN_SETS);
    paced.push({ what: '10,000 volumes in sets of four: all snapshots made', ...made });
    paced.push({ what: '10,000 volumes in sets of four: each with its own tags', ...named });
    writeResults({ paced });
  },

  async copies() {
    const what = '2,000 snapshots copied to a DR region, 20 at a time';
    writeResults({ copies: [{ what, ...(await measureCopies(COPIED)) }] });
  },

  async invocations() {
    const { invocations, backups, refused, megabytes } = await measureInvocations(BY_INVOCATIONS);
    writeResults({ invocations: { invocations, backups, refused, megabytes } });
  },

  async beside(emulator, { sizes, tasks, programs }) {
    for (const volumes of sizes) {
      for (const task of tasks) {
        const rows: Beside[] = [];
        for (const program of programs.filter((each) => has(each, task))) {
          if (!fits({ program, task, volumes }, totalmem())) {
            process.stdout.write(`${program} has not the memory for ${task} of ${String(volumes)} volumes: left out\n`);
            continue;
          }
          rows.push(await measureBeside(emulator, { program, task, volumes }));
        }
        // Rows of one task and size are compared with each other, and come from one run.
        const others = (readResults().beside ?? []).filter((row) => row.volumes !== volumes || row.task !== task);
        writeResults({ beside: [...others, ...rows].sort(bySizeAndTask) });
      }
    }
  },

  async growth(emulator) {
    const { from, to } = GROWTH;
    const growth = [];
    for (const task of ['create', 'clean'] as const) {
      const small = await measureBeside(emulator, { program: 'shelvery-without-pace', task, volumes: from });
      const large = await measureBeside(emulator, { program: 'shelvery-without-pace', task, volumes: to });
      const exponent = (of: (row: Beside) => number): number => Math.log(of(large) / of(small)) / Math.log(to / from);
      growth.push({
        task,
        from,
        to,
        calls: exponent(({ calls }) => calls),
        cpu: exponent(({ cpuSeconds }) => cpuSeconds),
        seconds: exponent(({ seconds }) => seconds),
        megabytes: large.megabytes,
      });
    }
    writeResults({ growth });
  },
};

const Part = z.enum([
  'starts',
  'looks',
  'calls',
  'shares',
  'paced',
  'copies',
  'invocations',
  'beside',
  'growth',
] satisfies readonly (keyof Results)[]);
const Programs = z.array(z.enum(PROGRAMS));
const Tasks = z.array(z.enum(TASKS));
const ListedSizes = z.array(z.coerce.number().int().positive());

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: 'string', default: '100,300,1000' },
    tasks: { type: 'string', default: TASKS.join(',') },
    programs: { type: 'string', default: PROGRAMS.join(',') },
  },
});
const parts = positionals.length === 0 ? Part.options : z.array(Part).parse(positionals);
const choice: Choice = {
  sizes: ListedSizes.parse(values.sizes.split(',')),
  tasks: Tasks.parse(values.tasks.split(',')),
  programs: Programs.parse(values.programs.split(',')),
};
const emulator = await startEmulator({ region: 'eu-west-1', stderr: 'ignore' });
try {
  for (const part of parts) {
    const began = performance.now();
    await PARTS[part](emulator, choice);
    process.stdout.write(`${part}: measured in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  }
  // What other programs call is theirs.
  await emulator.takeViolations();
} finally {
  await emulator.stop();
}
process.stdout.write(
  'Written to docs/benchmarks.json: `npm run docs` makes the tables of docs/benchmarks.md from it.\n',
);
