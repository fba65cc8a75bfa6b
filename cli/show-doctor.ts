import { STACKS_PATH, present } from '@shelvery/engine/terminal';
import type { AwsAccess, BackupType, Clock, Log, RunConfig } from '@shelvery/engine/terminal';
import { runDoctor } from '@shelvery/engine/doctor';
import type { Checkup, ExaminedType } from '@shelvery/engine/doctor';
import { ADAPTERS } from './adapters.js';
import type { CliRequest } from './arguments.js';
import { DRY_RUNS } from './dry-runs.js';
import { EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import type { Interruption } from './interruption.js';
import type { Output } from './output.js';
import { checkupSummary, renderCheckup } from './render-checkup.js';
import { checkupDocument } from './render-json.js';

/** What the command has found out before. */
export interface DoctorParts {
  readonly request: CliRequest;
  readonly output: Output;
  readonly access: AwsAccess;
  readonly config: RunConfig;
  readonly clock: Clock;
  readonly time: Date;
  readonly log: Log;
  readonly interruption: Interruption;
  /** Where the SSM parameters of the configuration are. */
  readonly ssmPath: string | undefined;
  readonly heading: string;
}

/** Has everything looked at, for all types of the command at once, and shows what is found. */
export async function showDoctor(parts: DoctorParts): Promise<ExitCode> {
  const { request, output, access, config, clock, time, log, interruption, ssmPath, heading } = parts;
  const { home } = access;
  const { paint } = output;
  if (!request.json && !request.quiet) output.line(heading);
  const checkup = await runDoctor({
    access,
    config,
    types: request.types.map((type) => examinedType(type, parts)),
    clock,
    log,
    mayStart: () => !interruption.isInterrupted(),
    ...present({ stack: stackUnder(ssmPath) }),
  });
  const code = interruption.isInterrupted() ? EXIT.interrupted : codeOfCheckup(checkup);
  if (request.json) {
    output.line(checkupDocument(checkup, { request, home, time, code, ssmPath }));
    return code;
  }
  const width = request.wide ? undefined : output.width;
  const table = renderCheckup(checkup, { paint, width, quiet: request.quiet });
  if (table !== '') output.line(table);
  if (interruption.isInterrupted()) output.line(`${paint('yellow', 'INTERRUPTED')}: not everything was looked at`);
  else if (!request.quiet) output.line(checkupSummary(checkup, paint));
  return code;
}

function examinedType(type: BackupType, { access, config }: DoctorParts): ExaminedType {
  const options = { access, prefix: config.values.shelvery_tag_prefix };
  return { adapter: ADAPTERS[type](options), ...present({ dryRuns: DRY_RUNS[type]?.(options) }) };
}

/** Warnings are told, and change nothing: as in `status`. */
function codeOfCheckup({ counts }: Pick<Checkup, 'counts'>): ExitCode {
  return counts.failed > 0 ? EXIT.partial : EXIT.ok;
}

/** The stack whose parameters are under a path. */
function stackUnder(ssmPath: string | undefined): string | undefined {
  const start = `${STACKS_PATH}/`;
  return ssmPath?.startsWith(start) === true ? ssmPath.slice(start.length) : undefined;
}
