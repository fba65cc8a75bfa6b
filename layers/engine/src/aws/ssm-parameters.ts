import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SSMClient, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { KEY_ALIASES, isConfigKey } from '../domain/config/config-schema.js';
import { ShelveryError, reworded } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import type { ClientConfig } from './access.js';
import { prepareClient } from './prepare-client.js';
import { carefulRetries } from './retries.js';
import type { CallWatcher } from './watched-calls.js';

/** How long parameters are kept, in seconds: changes show in a warm function after a minute. */
const MAX_AGE_SECONDS = 60;

/** As many as for signing in: this is a command's first call, and somebody without a network is told so at once. */
const LOOK_ATTEMPTS = 5;

/** The most parameters that one answer holds (page "GetParametersByPath", `MaxResults`). */
const LARGEST_PAGE = 10;

const Parameters = z.record(z.string(), z.string());

/** Powertools wraps what the SDK threw. */
const Wrapped = z.object({ cause: z.unknown().refine((cause) => cause !== undefined && cause !== null) });

/**
 * Makes a reader of the parameters directly under a path, by their names below it: `/shelvery/ebs/shelvery_dr_regions`
 * is `shelvery_dr_regions` under `/shelvery/ebs`. All pages are read, secure strings decrypted, and all kept for a
 * minute.
 *
 * The reader throws ShelveryError `ConfigurationError` when the path holds nothing or may not be read; it names the path
 * and the option that gave it.
 *
 * @example const readParameters = createParameterReader(ownClientConfig(region));
 *   const texts = await readParameters(process.env.SHELVERY_SSM_PREFIX);
 */
export function createParameterReader(
  config: ClientConfig,
  watched: { readonly onCall?: CallWatcher } = {},
): (prefix: string, option?: string) => Promise<Readonly<Record<string, string>>> {
  const provider = new SSMProvider({ awsSdkV3Client: prepareClient(new SSMClient(config), watched) });
  return async (prefix, option = 'SHELVERY_SSM_PREFIX') => {
    const path = `/${prefix
      .split('/')
      .filter((part) => part !== '')
      .join('/')}`;
    let found: unknown;
    try {
      found = await provider.getMultiple(path, { recursive: false, decrypt: true, maxAge: MAX_AGE_SECONDS });
    } catch (error) {
      const wrapped = Wrapped.safeParse(error);
      throw unreadable({ path, option }, wrapped.success ? wrapped.data.cause : error);
    }
    const parameters = Parameters.parse(found ?? {});
    if (Object.keys(parameters).length === 0) {
      throw new ShelveryError(
        'ConfigurationError',
        `There are no SSM parameters under ${path}. Create them, or correct ${option}.`,
      );
    }
    return parameters;
  };
}

/** Where a stack has its parameters: `/shelvery/<stack>/<key>`. */
export const STACKS_PATH = '/shelvery';

/**
 * Finds the stacks of a region by their SSM parameters, each with its parameters as the reader above gives them. What is
 * below `/shelvery` and is no configuration key is nobody's stack. Ends at the second stack: then none is the one.
 *
 * @throws ShelveryError `NotAllowed` where they may not be read, or whatever else AWS says.
 */
export async function findStacks(
  config: ClientConfig,
  watched: { readonly onCall?: CallWatcher } = {},
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const stacks = new Map<string, Record<string, string>>();
  try {
    const pages = paginateGetParametersByPath(
      {
        client: prepareClient(
          new SSMClient({ ...config, retryStrategy: carefulRetries({ attempts: LOOK_ATTEMPTS }) }),
          watched,
        ),
        pageSize: LARGEST_PAGE,
      },
      { Path: STACKS_PATH, Recursive: true, WithDecryption: true },
    );
    for await (const { Parameters: found = [] } of pages) {
      for (const { Name: name = '', Value: value = '' } of found) {
        const [stack, key, ...deeper] = name.slice(STACKS_PATH.length + 1).split('/');
        if (stack === undefined || key === undefined || deeper.length > 0) continue;
        stacks.set(stack, { ...stacks.get(stack), [key]: value });
      }
      if (ours(stacks).size > 1) break;
    }
  } catch (error) {
    throw toShelveryError(error, `looking for stacks among the SSM parameters under ${STACKS_PATH}`);
  }
  return ours(stacks);
}

function ours<T extends object>(stacks: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const isOurs = (key: string): boolean => isConfigKey(KEY_ALIASES[key] ?? key);
  return new Map([...stacks].filter(([, parameters]) => Object.keys(parameters).some(isOurs)));
}

function unreadable(
  { path, option }: { readonly path: string; readonly option: string },
  cause: unknown,
): ShelveryError {
  const error = toShelveryError(cause, `reading the SSM parameters under ${path}`);
  if (error.code !== 'NotAllowed' && error.aws?.code !== 'ValidationException') return error;
  return reworded(error, `${error.message} ${option} names the path.`, 'ConfigurationError');
}
