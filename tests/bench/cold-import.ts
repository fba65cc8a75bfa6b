import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const STARTS = 7;

/** What the start of one function costs. */
export interface ColdImport {
  readonly name: string;
  /** Code that is loaded at the start, without the chunks that nothing asks for. */
  readonly kilobytes: number;
  readonly milliseconds: number;
}

/** Imports each built function with its layer in a process of its own, as often as it takes for a median. */
export async function measureColdImports(): Promise<readonly ColdImport[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shelvery-bench-'));
  try {
    const results: ColdImport[] = [];
    await cp(join(ROOT, 'dist/layer/nodejs/node_modules'), join(folder, 'node_modules'), { recursive: true });
    await cp(join(ROOT, 'dist/functions'), join(folder, 'functions'), { recursive: true });
    const engine = join(folder, 'node_modules/@shelvery/engine');
    for (const name of await readdir(join(folder, 'functions'))) {
      const entry = join(folder, 'functions', name, 'index.mjs');
      const bytes = await loadedBytes([entry, join(engine, 'index.mjs'), join(engine, 'lambda.mjs')]);
      results.push({ name, kilobytes: Math.round(bytes / 1000), milliseconds: await medianStart(entry) });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How long the built program takes for its shortest answer: the median of as many runs. */
export async function measureVersion(): Promise<number> {
  const program = join(ROOT, 'dist/cli/shelvery.mjs');
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const began = performance.now();
    await promisify(execFile)(process.execPath, [program, '--version']);
    times.push(performance.now() - began);
  }
  return median(times);
}

async function medianStart(entry: string): Promise<number> {
  const script = `const start = performance.now(); await import(${JSON.stringify(entry)}); process.stdout.write(String(performance.now() - start)); process.exit();`;
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, AWS_REGION: 'eu-west-1' },
    });
    times.push(Number(stdout));
  }
  return median(times);
}

function median(times: readonly number[]): number {
  return Math.round([...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0);
}

/** Files and what they import for certain; dynamic imports are not loaded at the start. */
async function loadedBytes(entries: readonly string[]): Promise<number> {
  const seen = new Map<string, number>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    const code = await readFile(file, 'utf8');
    seen.set(file, Buffer.byteLength(code));
    for (const [, from, bare] of code.matchAll(/(?:import|export)[^"'();]*?from\s*"(\.[^"]+)"|import"(\.[^"]+)"/g)) {
      waiting.push(join(dirname(file), from ?? bare ?? ''));
    }
  }
  return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
}
