import {
  STACKS_PATH,
  ShelveryError,
  checkGivenConfig,
  createParameterReader,
  findStacks,
  isShelveryError,
  ownClientConfig,
  resolveRunConfig,
  reworded,
} from '@shelvery/engine/terminal';
import type { CallWatcher, Clock, Region, RunConfig } from '@shelvery/engine/terminal';
import type { CliRequest } from './arguments.js';
import { isSet } from './environment.js';

/** The configuration of a command, and where its SSM parameters are. */
export interface CommandConfig {
  readonly config: RunConfig;
  /** The path of the SSM parameters in use; `undefined` where none are. */
  readonly ssmPath: string | undefined;
  /** The stack in use, by `--stack` or because it was found; false after `--no-stack`. */
  readonly stack: string | false | undefined;
}

export interface ReadConfigParts {
  readonly region: Region;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  readonly onCall?: CallWatcher;
}

type Source = Omit<CommandConfig, 'config'> & { readonly ssm?: Readonly<Record<string, string>> };

/**
 * Reads the configuration: `--config` over the environment over the SSM parameters of a stack. A stack's functions keep
 * backups by its parameters, and a terminal beside it must not remove them by the defaults.
 *
 * @throws ShelveryError `ConfigurationError` for a bad value, before any call; and where `clean_backups` cannot know
 *   whose configuration counts.
 */
export async function readConfig(request: CliRequest, parts: ReadConfigParts): Promise<CommandConfig> {
  const given = {
    payload: Object.fromEntries(request.config),
    payloadName: '--config',
    environment: parts.environment,
  };
  checkGivenConfig(given);
  const { ssm = {}, ...source } = await readSource(request, parts);
  return { ...source, config: resolveRunConfig({ ...given, ssm }) };
}

async function readSource(request: CliRequest, parts: ReadConfigParts): Promise<Source> {
  const { region, environment, clock } = parts;
  const { stack } = request;
  const prefix = environment['SHELVERY_SSM_PREFIX'];
  if (stack === false) return { stack, ssmPath: undefined };
  if (stack === undefined && !isSet(prefix)) return await lookForStack(request, parts);
  const read = createParameterReader(ownClientConfig(region, { clock }), parts);
  if (stack === undefined) return { stack, ssmPath: prefix, ssm: await read(prefix ?? '') };
  const ssmPath = `${STACKS_PATH}/${stack}`;
  return { stack, ssmPath, ssm: await read(ssmPath, '--stack') };
}

async function lookForStack(request: CliRequest, parts: ReadConfigParts): Promise<Source> {
  const { region, clock, warn } = parts;
  const none: Source = { stack: undefined, ssmPath: undefined };
  let found: Awaited<ReturnType<typeof findStacks>>;
  try {
    found = await findStacks(ownClientConfig(region, { clock }), parts);
  } catch (error) {
    if (!isShelveryError(error) || error.code === 'CredentialsError') throw error;
    if (request.action === 'clean_backups')
      throw reworded(
        error,
        `${error.message} ${TELL}`,
        error.code === 'NotAllowed' ? 'ConfigurationError' : error.code,
      );
    warn(`${error.message} This run uses no stack's configuration. ${TELL}`);
    return none;
  }
  const [one, another] = [...found];
  if (one === undefined) return none;
  const [stack, ssm] = one;
  if (another === undefined) return { stack, ssmPath: `${STACKS_PATH}/${stack}`, ssm };
  const several = `There are several stacks in ${region}, ${stack} and ${another[0]} among them.`;
  if (request.action === 'clean_backups') throw new ShelveryError('ConfigurationError', `${several} ${TELL}`);
  warn(`${several} This run uses the configuration of none. ${TELL}`);
  return none;
}

const TELL =
  'Say whose configuration counts: --stack NAME for that of a stack, --no-stack for --config, environment and defaults alone.';
