import { randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  BUILT_IN_PRICES,
  ShelveryError,
  buildReport,
  isShelveryError,
  present,
  withoutSteering,
} from '@shelvery/engine/terminal';
import type { Command, AwsAccess, PriceTable, RunbookResource, SeenType } from '@shelvery/engine/terminal';
import type { PageRequest } from './arguments.js';
import { EXIT, worstOf } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { reasonTexts } from './group-failures.js';
import type { Output } from './output.js';
import { readPrices } from './read-prices.js';
import type { TypeRun } from './type-run.js';

declare const __SHELVERY_VERSION__: string;

/** A page that is to be written when all has been looked at. */
export interface Page {
  /** Writes the page of what the runs have found, and says so. @returns the exit code of the command. */
  write(runs: readonly TypeRun[], parts: WriteParts): Promise<ExitCode>;
}

interface WriteParts {
  readonly output: Output;
  readonly home: AwsAccess['home'];
  readonly time: Date;
  /** The exit code of the runs. */
  readonly code: ExitCode;
  /** The id of the only resource that was looked at, where it was one. */
  readonly only: string | undefined;
}

/**
 * Reads the prices, and looks whether the page can be written, before anything is asked of AWS.
 *
 * @throws ShelveryError `UsageError` where it cannot.
 */
export async function openPage({ file, prices }: PageRequest, action: Command): Promise<Page> {
  const table = prices === undefined ? BUILT_IN_PRICES : await readPrices(prices);
  const target = file === '-' ? undefined : targetOf(file);
  return {
    write: async (runs, parts) => {
      const { output, code } = parts;
      if (code === EXIT.interrupted) return code;
      if (runs.map(seenIn).every(({ inventory, runbook }) => inventory === undefined && runbook === undefined)) {
        // The page goes to standard output, in place of what the runs say.
        if (target === undefined) tellProblems(runs, output);
        output.error('error: No page is written, as nothing could be looked at.');
        return worstOf([code, EXIT.failed]);
      }
      const html = await htmlOf(action, runs, parts, { table, prices });
      if (target === undefined) {
        output.line(html.trimEnd());
        tellProblems(runs, output);
        return code;
      }
      try {
        await writeWhole(target, html);
      } catch (error) {
        output.error(`error: ${cannotWrite(file, error).message}`);
        return EXIT.failed;
      }
      output.line(`Wrote ${file} (${kilobytes(html)} KB). Open it in a browser.`);
      return code;
    },
  };
}

async function htmlOf(
  action: Command,
  runs: readonly TypeRun[],
  { home, time, only }: WriteParts,
  { table, prices }: { readonly table: PriceTable; readonly prices: string | undefined },
): Promise<string> {
  // A file of its own, which no other command reads.
  const { reportPage, runbookPage } = await import('./pages.js');
  const types = runs.map(seenIn);
  const [type, ...others] = types.map((seen) => seen.type);
  const isOfAll = only === undefined && others.length > 0;
  const scope = isOfAll ? undefined : present({ type: others.length === 0 ? type : undefined, resource: only });
  const about = { version: __SHELVERY_VERSION__, ...present({ pricesFrom: prices, scope }) };
  const html =
    action === 'runbook'
      ? runbookPage({ account: home.accountId, region: home.region, madeAt: time, types }, about)
      : reportPage(buildReport({ now: time, home, types, prices: table }), about);
  // Names are others' words: in a page, too, they may not turn the direction of what follows.
  return withoutSteering(html);
}

interface Seen extends SeenType {
  readonly runbook?: readonly RunbookResource[];
}

/** What a run has seen, and why it did not see the rest. */
function seenIn(run: TypeRun): Seen {
  switch (run.kind) {
    case 'not-begun':
      return { type: run.type, problems: ['It was not looked at.'] };
    case 'broken':
      return { type: run.type, problems: [run.error.message] };
    case 'ran': {
      const { inventory, runbook, brokeOff, outcomes } = run.result;
      const problems = [
        ...(brokeOff === undefined ? [] : [brokeOff.message]),
        ...reasonTexts(outcomes.filter(({ status }) => status === 'failed')),
      ];
      return { type: run.type, ...present({ inventory, runbook }), problems };
    }
  }
}

/** Where standard output has the page, standard error tells what is not in it. */
function tellProblems(runs: readonly TypeRun[], output: Output): void {
  for (const { type, problems } of runs.map(seenIn))
    for (const problem of problems) output.error(`warning: ${type}: ${problem}`);
}

/** The file to write, behind links. */
function targetOf(file: string): string {
  const path = resolve(file);
  try {
    const folder = statSync(dirname(path));
    if (!folder.isDirectory())
      throw new ShelveryError('UsageError', `--html ${JSON.stringify(file)}: ${dirname(path)} is no folder.`);
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined) return path;
    if (there.isFile()) return realpathSync(path);
    const what = there.isDirectory() ? 'a folder' : 'no file that could be replaced';
    throw new ShelveryError(
      'UsageError',
      `--html ${JSON.stringify(file)} is ${what}; name a file in it, such as report.html, or - for standard output.`,
    );
  } catch (error) {
    if (isShelveryError(error)) throw error;
    throw cannotWrite(file, error);
  }
}

function cannotWrite(file: string, error: unknown): ShelveryError {
  const why = error instanceof Error ? error.message : String(error);
  return new ShelveryError('UsageError', `--html ${JSON.stringify(file)} cannot be written (${why}).`, {
    cause: error,
  });
}

/** Writes a file so that whoever opens it finds the old or the new page, and never a part of one. */
async function writeWhole(target: string, text: string): Promise<void> {
  const beside = `${dirname(target)}/.shelvery-${randomUUID()}`;
  try {
    await writeFile(beside, text, { flush: true, flag: 'wx' });
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function kilobytes(text: string): string {
  return String(Math.ceil(Buffer.byteLength(text) / 1000));
}
