import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { BackupType } from '../../layers/engine/src/domain/values.js';
import { Invocations } from './invocations.js';

/** Where the numbers of docs/benchmarks.md are: each part is that of the last run that measured it. */
const RESULTS = 'docs/benchmarks.json';
const FILE = join(import.meta.dirname, '../..', RESULTS);

const Calls = z.array(
  z.object({
    type: BackupType,
    resources: z.number(),
    topics: z.boolean(),
    /** For each backup made, and for each removed. */
    create: z.number(),
    remove: z.number(),
  }),
);

const Shares = z.array(
  z.object({
    accounts: z.number(),
    /** For each backup that is made and shared with so many. */
    calls: z.number(),
  }),
);

const Beside = z.array(
  z.object({
    program: z.enum(['shelvery', 'shelvery-without-pace', 'python-shelvery', 'cloud-custodian']),
    task: z.enum(['create', 'clean', 'share', 'pull']),
    volumes: z.number(),
    calls: z.number(),
    inFlight: z.number(),
    seconds: z.number(),
    cpuSeconds: z.number(),
    megabytes: z.number(),
  }),
);

const Growth = z.array(
  z.object({
    task: z.enum(['create', 'clean']),
    from: z.number(),
    to: z.number(),
    /** 1 is in proportion. */
    calls: z.number(),
    cpu: z.number(),
    seconds: z.number(),
    /** At the larger size. */
    megabytes: z.number(),
  }),
);

const Paced = z.array(
  z.object({
    what: z.string(),
    seconds: z.number(),
    /** The least that AWS allows. */
    bound: z.number(),
    /** As a part of all calls. */
    refused: z.number(),
    failed: z.number(),
    /** A part of what the bucket held. This and the next are left out where a whole run was measured. */
    used: z.number().optional(),
    slowestReadMs: z.number().optional(),
  }),
);

// Each volume has one of each, or the measure is none.
const InvocationsMeasured = Invocations.omit({ volumes: true, stored: true });

const Looks = z.array(
  z.object({ command: z.string(), cpuSeconds: z.number(), megabytes: z.number(), firstLineSeconds: z.number() }),
);

const Starts = z.object({
  versionMs: z.number(),
  functions: z.array(z.object({ name: z.string(), kilobytes: z.number(), milliseconds: z.number() })),
});

/** All that the benchmarks measure, by part. */
export const Results = z.object({
  calls: Calls.optional(),
  shares: Shares.optional(),
  beside: Beside.optional(),
  growth: Growth.optional(),
  paced: Paced.optional(),
  copies: Paced.optional(),
  invocations: InvocationsMeasured.optional(),
  looks: Looks.optional(),
  starts: Starts.optional(),
});
export type Results = z.infer<typeof Results>;

export function readResults(): Results {
  return existsSync(FILE) ? Results.parse(JSON.parse(readFileSync(FILE, 'utf8'))) : {};
}

/** Puts the parts that a run has measured in place of those of earlier runs. */
export function writeResults(measured: Results): void {
  const all = Results.parse({ ...readResults(), ...measured });
  writeFileSync(FILE, `${JSON.stringify(all, rounded, 1)}\n`);
}

/** As exact as anybody reads it. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
