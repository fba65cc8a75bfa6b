import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import { subMilliseconds } from 'date-fns';
import { present } from '../domain/present.js';
import { clockOffWarning } from '../domain/telling/clock-off.js';
import { ShelveryError, reworded } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { nameParameter } from '../domain/config/stack-parameters.js';
import type { Home } from '../domain/config/targets.js';
import { AccountId } from '../domain/values.js';
import type { Region } from '../domain/values.js';
import { partitionOf } from '../domain/partition.js';
import type { Clock } from '../ports.js';
import { createPacing } from './pacing.js';
import type { Pacing, Patience } from './pacing.js';
import { carefulRetries } from './retries.js';
import type { Repeating } from './retries.js';
import { createRoleCredentials } from './role-credentials.js';
import type { RoleSession } from './role-credentials.js';
import { watchedHandler } from './watched-handler.js';
import type { HandlerChoice } from './watched-handler.js';
import { prepareClient } from './prepare-client.js';
import type { CallWatcher } from './watched-calls.js';
import type { SdkClient } from './named-calls.js';

declare const __SHELVERY_VERSION__: string;

/** What every client of the SDK takes. */
export type ClientConfig = Pick<
  STSClientConfig,
  'region' | 'credentials' | 'retryStrategy' | 'customUserAgent' | 'systemClockOffset'
> & { readonly requestHandler?: HandlerChoice };

/** Who calls AWS: which account, with which credentials, and how calls are repeated. */
export interface AwsAccess {
  /**
   * The account that the calls on resources, backups and data buckets are made in (the role's, if there is one), and
   * the local region.
   */
  readonly home: Home;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
  /**
   * True in a stack's functions. What they may use beyond the stack's configuration is listed in parameters of the
   * stack, which a refusal names.
   */
  readonly inStack: boolean;
  /** The stack whose parameters the configuration comes from, also at a terminal; see `writerOf`. */
  readonly stack: string | undefined;
  /**
   * Configuration of one client for resources, backups and data buckets.
   *
   * @param repeat `adaptive` repeats every temporary fault. `refused-only` repeats only what was refused by throttling:
   *   for calls that make something and take no token. Such a call may have been done although it ended in a 5xx or a
   *   dropped connection, and a repeat would make a second one.
   */
  config(region: Region, repeat?: Repeating['repeat']): ClientConfig;
  /** The same with the function's (or the user's) own credentials: for SNS, SQS, Lambda and SSM. */
  ownConfig(region?: Region): ClientConfig;
  /** Is told of every call; nobody is where it is left out. */
  readonly onCall?: CallWatcher;
  /** The same access, whose calls on resources, backups and data buckets wait for their turn only so long. */
  within(patience: Patience): AwsAccess;
}

export interface AwsAccessOptions {
  /** The local region. */
  readonly region: Region;
  /** A role whose credentials are used for resources, backups and data buckets. */
  readonly roleArn?: string | undefined;
  readonly roleExternalId?: string | undefined;
  readonly requestHandler?: HandlerChoice;
  /** Learns AWS's time from the first call on, where it can. */
  readonly clock: Clock;
  /**
   * The account of the own credentials where it is known already (in Lambda from the function's ARN); saves the
   * look-up.
   */
  readonly accountId?: AccountId | undefined;
  /** Where the configuration is, `/shelvery/<stack>`. */
  readonly ssmPrefix?: string | undefined;
  /** Default false. */
  readonly inStack?: boolean;
  readonly onCall?: CallWatcher;
}

/** Fewer attempts than for other calls: somebody without a network is told so at once. */
const SIGN_IN_ATTEMPTS = 5;

/**
 * Finds out which account this is, by one STS call, or by none where the account is known and there is no role.
 *
 * @throws ShelveryError `CredentialsError` when there are no credentials, AWS refuses them, the role cannot be
 *   assumed, or the region cannot be reached; the message says what to do.
 * @example const access = await openAwsAccess({ region: Region.parse('eu-west-1'), clock: systemClock });
 */
export async function openAwsAccess(options: AwsAccessOptions): Promise<AwsAccess> {
  const { clock } = options;
  const base = ownClientConfig(options.region, options);
  const sts = prepareClient(
    new STSClient({ ...base, retryStrategy: carefulRetries({ attempts: SIGN_IN_ATTEMPTS }) }),
    options,
  );
  // One chain for all clients: each would read profiles, or ask for the container's credentials, by itself.
  const own: ClientConfig = { ...base, credentials: sts.config.credentials };
  const { credentials, accountId, partition } = await identify(sts, options);
  const forBackups: ClientConfig = credentials === undefined ? own : { ...own, credentials };
  // AWS's limits are those of an account in a region.
  const ownPacing = perRegion(() => createPacing(clock));
  const pacing = credentials === undefined ? ownPacing : perRegion(() => createPacing(clock));
  const configOf = (
    config: ClientConfig,
    region: Region,
    repeating: { pacing: (region: Region) => Pacing } & Pick<Repeating, 'repeat' | 'patience'>,
  ): ClientConfig => ({
    ...config,
    region,
    retryStrategy: carefulRetries({ ...repeating, pacing: repeating.pacing(region) }),
    ...offsetOf(clock),
  });
  const within = (patience: Patience | undefined): AwsAccess => ({
    home: { accountId, region: options.region },
    partition,
    inStack: options.inStack ?? false,
    stack: stackOf(options),
    config: (region, repeat) => configOf(forBackups, region, { pacing, ...present({ repeat, patience }) }),
    ownConfig: (region = options.region) => configOf(own, region, { pacing: ownPacing }),
    within,
    ...present({ onCall: options.onCall }),
  });
  return within(undefined);
}

/**
 * The stack whose parameters are under a path, which ends in its name. Stacks of several accounts may have one name, and
 * work with one role: there the account belongs to it.
 */
function stackOf({ ssmPrefix = '', roleArn, accountId }: AwsAccessOptions): string | undefined {
  const name = ssmPrefix.split('/').findLast((part) => part !== '');
  return name === undefined || roleArn === undefined || accountId === undefined ? name : `${name}-${accountId}`;
}

/**
 * Connections to one endpoint at a time, through the proxy that HTTPS_PROXY or HTTP_PROXY names, save to hosts in NO_PROXY.
 * Node obeys these from 22.21 and 24.5 on (page "HTTP" of Node.js, "Built-in Proxy Support").
 */
const CONNECTIONS = { keepAlive: true, maxSockets: 50, proxyEnv: process.env };

/**
 * Configuration of one client with the own credentials, before it is known which account they belong to (for SSM
 * parameters).
 */
export function ownClientConfig(
  region: Region,
  { requestHandler, clock }: Partial<Pick<AwsAccessOptions, 'requestHandler' | 'clock'>> = {},
): ClientConfig {
  const choice = requestHandler ?? {
    connectionTimeout: 5_000,
    requestTimeout: 60_000,
    throwOnRequestTimeout: true,
    // Agents and not their options, so that all clients with this configuration share the connections.
    httpAgent: new HttpAgent(CONNECTIONS),
    httpsAgent: new HttpsAgent(CONNECTIONS),
  };
  return {
    region,
    retryStrategy: carefulRetries(),
    customUserAgent: `shelvery/${__SHELVERY_VERSION__}`,
    requestHandler: watchedHandler(choice, clock?.correction),
    ...offsetOf(clock),
  };
}

/** Lets a client sign by AWS's time from its first call on. */
function offsetOf(clock: Clock | undefined): Pick<ClientConfig, 'systemClockOffset'> {
  return present({ systemClockOffset: clock?.correction?.offset() });
}

/** Keeps one client (or whatever is made) for each region. */
export function perRegion<T>(make: (region: Region) => T): (region: Region) => T {
  const made = new Map<Region, { readonly value: T }>();
  return (region) => {
    const found = made.get(region) ?? { value: make(region) };
    made.set(region, found);
    return found.value;
  };
}

/**
 * Keeps one client for each region, made at its first use; see `prepareClient`.
 *
 * @example const client = clientPerRegion(access, (region) => new EC2Client(access.config(region)));
 */
export function clientPerRegion<C, Input extends object, Output extends object>(
  access: Pick<AwsAccess, 'onCall'>,
  make: (region: Region) => C & SdkClient<Input, Output>,
): (region: Region) => C {
  return perRegion((region) => prepareClient(make(region), access));
}

interface Identity {
  readonly accountId: AccountId;
  readonly partition: string;
  readonly credentials?: NonNullable<ClientConfig['credentials']>;
}

async function identify(sts: STSClient, options: AwsAccessOptions): Promise<Identity> {
  const { region, roleArn, roleExternalId, clock, accountId, inStack = false } = options;
  if (roleArn !== undefined) {
    const role = createRoleCredentials({
      clock,
      assume: () =>
        sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'shelvery', ExternalId: roleExternalId })),
    });
    try {
      const { arn } = await role.take();
      return { ...readArn(arn), credentials: async () => byMachineTime((await role.take()).credentials, clock) };
    } catch (error) {
      const refusal = toShelveryError(error, `assuming the role ${roleArn}`);
      const named = inStack ? nameParameter(refusal, 'AllowedRoles', roleArn) : refusal;
      throw cannotSignIn(
        named,
        'Check role_arn and role_external_id, and that the role trusts these credentials.',
        clock,
      );
    }
  }
  if (accountId !== undefined) return { accountId, partition: partitionOf(region) };
  try {
    const { Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
    return readArn(arn);
  } catch (error) {
    throw cannotSignIn(toShelveryError(error, `asking AWS in ${region} which account this is`), '', clock);
  }
}

function cannotSignIn(error: ShelveryError, advice: string, clock: Clock): ShelveryError {
  const { code, message } = error;
  const words = [
    message,
    code === 'CredentialsError' ? '' : advice,
    clockOffWarning(clock.correction?.offset() ?? 0) ?? '',
  ];
  return reworded(error, words.filter((part) => part !== '').join(' '), 'CredentialsError');
}

/** The SDK asks for new credentials by the machine's clock, and keeps them for ever where that is behind AWS's. */
function byMachineTime(credentials: RoleSession['credentials'], { correction }: Clock): RoleSession['credentials'] {
  return { ...credentials, expiration: subMilliseconds(credentials.expiration, correction?.offset() ?? 0) };
}

/** Account and partition of `arn:<partition>:sts::<account>:assumed-role/…`. */
function readArn(arn: string | undefined): { readonly accountId: AccountId; readonly partition: string } {
  const [, partition, , , account] = (arn ?? '').split(':');
  const accountId = AccountId.safeParse(account);
  if (partition === undefined || !accountId.success) {
    throw new ShelveryError(
      'CredentialsError',
      `AWS answered with the identity ${arn ?? 'nobody'}, which names no account.`,
    );
  }
  return { accountId: accountId.data, partition };
}
