import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { ShelveryError, reworded } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import type { ClientConfig } from './access.js';

/** How long parameters are kept, in seconds: changes show in a warm function after a minute. */
const MAX_AGE_SECONDS = 60;

const Parameters = z.record(z.string(), z.string());

/** Powertools wraps what the SDK threw. */
const Wrapped = z.object({ cause: z.unknown().refine((cause) => cause !== undefined && cause !== null) });

/**
 * Makes a reader of the parameters directly under a path, by their names below it: `/shelvery/ebs/shelvery_dr_regions`
 * is `shelvery_dr_regions` under `/shelvery/ebs`. All pages are read, secure strings decrypted, and all kept for a
 * minute.
 *
 * The reader throws ShelveryError `ConfigurationError`, which names the path, when it holds nothing or may not be read.
 *
 * @example const readParameters = createParameterReader(ownClientConfig(region));
 *   const texts = await readParameters(process.env.SHELVERY_SSM_PREFIX);
 */
export function createParameterReader(
  config: ClientConfig,
): (prefix: string) => Promise<Readonly<Record<string, string>>> {
  const provider = new SSMProvider({ awsSdkV3Client: new SSMClient(config) });
  return async (prefix) => {
    const path = `/${prefix
      .split('/')
      .filter((part) => part !== '')
      .join('/')}`;
    let found: unknown;
    try {
      found = await provider.getMultiple(path, { recursive: false, decrypt: true, maxAge: MAX_AGE_SECONDS });
    } catch (error) {
      const wrapped = Wrapped.safeParse(error);
      throw unreadable(path, wrapped.success ? wrapped.data.cause : error);
    }
    const parameters = Parameters.parse(found ?? {});
    if (Object.keys(parameters).length === 0) {
      throw new ShelveryError(
        'ConfigurationError',
        `There are no SSM parameters under ${path}. Create them, or correct SHELVERY_SSM_PREFIX.`,
      );
    }
    return parameters;
  };
}

function unreadable(path: string, cause: unknown): ShelveryError {
  const error = toShelveryError(cause, `reading the SSM parameters under ${path}`);
  if (error.code !== 'NotAllowed' && error.aws?.code !== 'ValidationException') return error;
  return reworded(error, `${error.message} SHELVERY_SSM_PREFIX names the path.`, 'ConfigurationError');
}
