import type { Logger } from '@aws-lambda-powertools/logger';
import { openAwsAccess, ownClientConfig } from '../aws/access.js';
import type { AwsAccess, ClientConfig } from '../aws/access.js';
import { createParameterReader } from '../aws/ssm-parameters.js';
import { ShelveryError } from '../domain/errors.js';
import type { ConfigValues } from '../domain/config/config.js';
import { present } from '../domain/present.js';
import { AccountId, Region } from '../domain/values.js';
import type { Clock, Log } from '../ports.js';

/** What a function works with: where it runs, and what it keeps from one invocation to the next. */
export interface Platform {
  readonly region: Region;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: Log;
  /** The SSM parameters under `SHELVERY_SSM_PREFIX`; none where that is not set. */
  readParameters(): Promise<Readonly<Record<string, string>>>;
  /** Access to AWS under the role that a configuration names; kept for the next invocation. */
  access(values: Partial<Pick<ConfigValues, 'role_arn' | 'role_external_id'>>, functionArn: string): Promise<AwsAccess>;
}

export interface PlatformOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: Log;
  readonly requestHandler?: ClientConfig['requestHandler'];
}

/** Makes the platform of a function from its environment. */
export function createPlatform(options: PlatformOptions): Platform {
  const { environment, clock, logger, log, requestHandler } = options;
  const region = Region.safeParse(environment['AWS_REGION']);
  if (!region.success)
    throw new ShelveryError(
      'ConfigurationError',
      'AWS_REGION is not set. Lambda always sets it; elsewhere, set it to a region code such as eu-west-1.',
    );
  const accesses = new Map<string, AwsAccess>();
  let reader: ReturnType<typeof createParameterReader> | undefined;
  return {
    region: region.data,
    environment,
    clock,
    logger,
    log,
    async readParameters() {
      const prefix = environment['SHELVERY_SSM_PREFIX'];
      if (prefix === undefined || prefix === '') return {};
      reader ??= createParameterReader(ownClientConfig(region.data, { clock, ...present({ requestHandler }) }));
      return await reader(prefix);
    },
    async access(values, functionArn) {
      const key = JSON.stringify([values.role_arn, values.role_external_id]);
      const kept = accesses.get(key);
      if (kept !== undefined) return kept;
      // A function that runs locally has an invented ARN, with an invented account.
      const own = AccountId.safeParse(environment['AWS_SAM_LOCAL'] === 'true' ? undefined : functionArn.split(':')[4]);
      const access = await openAwsAccess({
        region: region.data,
        roleArn: values.role_arn,
        roleExternalId: values.role_external_id,
        clock,
        ssmPrefix: environment['SHELVERY_SSM_PREFIX'],
        inStack: true,
        ...present({ requestHandler }),
        ...(own.success ? { accountId: own.data } : {}),
      });
      accesses.set(key, access);
      return access;
    },
  };
}
