import { CONFIG_KEYS, describeKey, formatIso, shellQuoted } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import { isLook } from './arguments.js';
import type { CliRequest } from './arguments.js';

/** The run's time may be this old without `--backdate`. */
const HOURS_WITHOUT_BACKDATE = 24;

/** What the command of a repeat is made of. */
export interface FinishParts {
  /** As a shell calls this program. */
  readonly program: string;
  readonly request: CliRequest;
  /** The run's. */
  readonly time: Date;
  readonly region: string;
  /** The stack whose configuration the run had; false where none was to be read. */
  readonly stack?: string | false | undefined;
  readonly now: Date;
}

/**
 * The command that finishes the run of one type, or of all: the same one with the run's time, since a run may be repeated.
 * None for a dry run or a list, which change nothing.
 *
 * @example 'shelvery ebs create_backups --as-of 2026-11-24T03:01:00Z --region eu-west-1'
 */
export function finishCommand(
  type: BackupType | 'all',
  { program, request, time, region, stack, now }: FinishParts,
): string | undefined {
  if (isLook(request)) return undefined;
  const hoursPast = (now.getTime() - time.getTime()) / 3_600_000;
  const words = [
    type,
    request.action,
    '--as-of',
    formatIso(time),
    ...(request.backdate || (request.action === 'create_backups' && hoursPast > HOURS_WITHOUT_BACKDATE)
      ? ['--backdate']
      : []),
    '--region',
    region,
    ...(request.profile === undefined ? [] : ['--profile', request.profile]),
    ...(stack === undefined ? [] : stack === false ? ['--no-stack'] : ['--stack', stack]),
    ...request.config.flatMap(([key, value]) => ['--config', `${key}=${isSecret(key) ? '<the same value>' : value}`]),
  ];
  return [program, ...words.map(shellQuoted)].join(' ');
}

function isSecret(word: string): boolean {
  const key = CONFIG_KEYS.find((known) => known === word);
  return key !== undefined && describeKey(key).secret === true;
}

/** How a shell calls this program: by its name where it was called so, else the file that Node was given. */
export function programWord(path: string | undefined): string {
  if (path === undefined || /(^|[/\\])shelvery$/.test(path)) return 'shelvery';
  return `node ${shellQuoted(path)}`;
}
