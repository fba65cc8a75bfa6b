import { hostname } from 'node:os';
import {
  aloneAtTerminal,
  createAwsClock,
  isShelveryError,
  leastSeconds,
  openAwsAccess,
  openAwsRuns,
  present,
  printable,
  resolveRunTime,
  toShelveryError,
} from '@shelvery/engine/terminal';
import type { Action, BackupType, RunConfig } from '@shelvery/engine/terminal';
import { isLook, parseArguments } from './arguments.js';
import type { CliRequest } from './arguments.js';
import { createCallLog } from './call-log.js';
import { ignoredProxy, useProfile } from './environment.js';
import { EXIT, exitCodeOf, exitCodeOfError, worstOf } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { finishCommand, programWord } from './finish-command.js';
import { cursorOf, watchSignals } from './interruption.js';
import { openOutput } from './output.js';
import type { Output } from './output.js';
import { errorDocument, runsDocument } from './render-json.js';
import { aboutProfile, checkProfile } from './profile.js';
import { renderRuns, renderRunsQuietly, runHeading } from './render-run.js';
import type { RenderParts } from './render-run.js';
import { openPage } from './write-page.js';
import { readConfig } from './read-config.js';
import { resolveRegion } from './region.js';
import { retentionText } from './retention-text.js';
import { filterList } from './filter-list.js';
import { runType } from './run-type.js';
import type { TypeRunParts } from './run-type.js';
import { showDoctor } from './show-doctor.js';
import { showLines } from './show-lines.js';
import { showNothing } from './show-nothing.js';
import { showProgress } from './show-progress.js';
import { showQuiet } from './show-quiet.js';
import { showText } from './show-text.js';
import type { Show } from './show.js';
import { createTerminalLog } from './terminal-log.js';
import type { TypeRun } from './type-run.js';

/** What the command gets from its process. */
export interface CliProcess {
  /** What the SDK reads, too: `--profile` is set here. */
  readonly environment: Record<string, string | undefined>;
  /** The file that Node was given. */
  readonly program: string | undefined;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Does what a command line (without the program's name) asks for. Never throws: what is wrong is said, and in the exit
 * code.
 */
export async function runCli(argv: readonly string[], parts: CliProcess): Promise<ExitCode> {
  const output = openOutput(parts.stdout, parts.stderr, parts.environment);
  try {
    const parsed = parseArguments(argv, output.width);
    if (parsed.kind === 'text') {
      output.line(parsed.text.trimEnd());
      return (await output.isWritten()) ? EXIT.ok : EXIT.failed;
    }
    const code = await runRequest(parsed.request, output, parts);
    // A list, or a plan, is all that its command was for.
    if (!isLook(parsed.request)) return code;
    return (await output.isWritten()) ? code : worstOf([code, EXIT.failed]);
  } catch (thrown) {
    const error = toShelveryError(thrown, 'running the command');
    const code = exitCodeOfError(error);
    if (argv.includes('--json')) output.line(errorDocument(error, code));
    output.error(`${output.paint('red', 'error:')} ${error.message}`);
    if (argv.includes('--verbose') && !isShelveryError(thrown) && thrown instanceof Error)
      output.error(thrown.stack ?? '');
    return code;
  }
}

async function runRequest(
  request: CliRequest,
  output: Output,
  { environment, program, stderr }: CliProcess,
): Promise<ExitCode> {
  useProfile(environment, request.profile);
  const proxy = ignoredProxy(environment, process.versions.node);
  if (proxy !== undefined) output.error(`warning: ${proxy}`);
  const show = chooseShow(request, output);
  const calls = request.verbose ? createCallLog(output) : undefined;
  const watched = present({ onCall: calls?.onCall });
  const interruption = watchSignals(
    process,
    () => {
      // Live progress shows this itself, and delays other output.
      if (show !== showProgress)
        output.error('Stopping: finishing what is in progress, starting nothing new. A second Ctrl-C ends at once.');
    },
    show === showProgress ? cursorOf(stderr) : undefined,
  );
  try {
    await checkProfile(environment, request.profile);
    const region = await resolveRegion(request.region, environment);
    const clock = createAwsClock();
    const page = request.page === undefined ? undefined : await openPage(request.page, request.action);
    const { config, ssmPath, stack } = await readConfig(request, {
      region,
      environment,
      clock,
      warn: (message) => output.error(printable(`warning: ${message}`)),
      ...watched,
    }).catch(async (error: unknown) => {
      throw await aboutProfile(error, environment);
    });
    const { role_arn: roleArn, role_external_id: roleExternalId } = config.values;
    const access = await openAwsAccess({
      region,
      roleArn,
      roleExternalId,
      ssmPrefix: ssmPath,
      clock,
      ...watched,
    }).catch(async (error: unknown) => {
      throw await aboutProfile(error, environment);
    });
    // Only now: the first answer of AWS has corrected the clock.
    const time = resolveRunTime({
      action: request.action,
      now: clock.now(),
      dryRun: request.dryRun,
      backdate: request.backdate,
      ...present({ given: request.asOf }),
    });
    const log = createTerminalLog(output, request);
    const { home } = access;
    const { shelvery_select_entity: only } = config.values;
    const { paint } = output;
    const heading = runHeading({ request, home, time, retention: retentionText(config, ssmPath), paint });
    const { action } = request;
    if (action === 'doctor') {
      return await showDoctor({ request, output, access, config, clock, time, log, interruption, ssmPath, heading });
    }
    const commandOf = (type: BackupType | 'all'): string | undefined =>
      finishCommand(type, { program: programWord(program), request, time, region, stack, now: clock.now() });
    const renderParts: RenderParts = {
      request,
      home,
      finish: commandOf,
      paint,
      width: request.wide ? undefined : output.width,
      prefix: config.values.shelvery_tag_prefix,
      ...present({ only }),
      ssmPath,
      skippedShown: show === showLines && !request.dryRun,
      countsShown: show === showProgress && !isLook(request),
    };
    const patience = { mayWait: () => true, signal: interruption.signal };
    const oneByOne = environment['SHELVERY_MONO_THREAD'] === '1';
    const together = oneByOne ? 1 : request.types.length;
    const open = openAwsRuns({ access, config, clock, log, patience, together });
    const by = `a terminal on ${hostname()} (process ${String(process.pid)})`;
    const alone: TypeRunParts['alone'] = (type, onAwaited) =>
      aloneAtTerminal({ access, config, type, clock, log, by, signal: interruption.signal, onAwaited });
    const runs = await show({
      request,
      output,
      clock,
      interruption,
      oneByOne,
      runType: async (type, watcher) =>
        narrowed(await runType(type, { request, action, open, alone, time, interruption, watcher, oneByOne }), request),
      leastMs: (type, items) => leastMsOf(type, action, items, config),
      heading,
      render: (runs) => renderRuns(runs, renderParts),
      renderQuietly: (runs) => renderRunsQuietly(runs, heading, renderParts),
    });
    if (request.json)
      output.line(runsDocument(runs, { request, home, time, code: exitCodeOf(runs), commandOf, ssmPath }));
    const code = exitCodeOf(runs);
    return page === undefined ? code : await page.write(runs, { output, home, time, code, only });
  } finally {
    calls?.sumUp();
    interruption.end();
  }
}

/** How long AWS makes items take; 0 where that is not known: members of volume sets are made several to a call. */
function leastMsOf(type: BackupType, action: Action, items: number, { values }: RunConfig): number {
  const doing = action === 'create_backups' ? 'create' : action === 'clean_backups' ? 'remove' : undefined;
  if (doing === undefined || (doing === 'create' && values.shelvery_ebs_volume_sets)) return 0;
  return leastSeconds(type, doing, items) * 1_000;
}

function chooseShow({ action, json, quiet, verbose, page }: CliRequest, { isTerminal }: Output): Show {
  if (json || page?.file === '-') return showNothing;
  if (action === 'restore_plan') return showText;
  if (quiet) return showQuiet;
  return isTerminal && !verbose ? showProgress : showLines;
}

/** A list without what was not asked for. */
function narrowed(run: TypeRun, { filter }: CliRequest): TypeRun {
  if (run.kind !== 'ran' || run.result.listed === undefined) return run;
  return { ...run, result: { ...run.result, listed: filterList(run.result.listed, filter, run.time) } };
}
