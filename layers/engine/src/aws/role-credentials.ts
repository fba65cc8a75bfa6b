import type { AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { addMilliseconds } from 'date-fns';
import { ShelveryError } from '../domain/errors.js';
import type { Clock } from '../ports.js';

/** A role's credentials, and the ARN of the session, which names the role's account. */
export interface RoleSession {
  readonly arn: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
    readonly expiration: Date;
  };
}

/** The SDK asks for new credentials five minutes before the old ones end: these must be renewed before that. */
const RENEW_BEFORE_END_MS = 6 * 60_000;

/**
 * Keeps a role's credentials until shortly before they end, for all clients together: with a cache of its own each
 * client would assume the role once more. A failed renewal is not kept.
 */
export function createRoleCredentials(options: {
  readonly assume: () => Promise<Pick<AssumeRoleCommandOutput, 'Credentials' | 'AssumedRoleUser'>>;
  readonly clock: Clock;
}): { take(): Promise<RoleSession> } {
  let current: RoleSession | undefined;
  let renewal: Promise<RoleSession> | undefined;
  const renew = async (): Promise<RoleSession> => {
    try {
      current = readSession(await options.assume());
      return current;
    } finally {
      renewal = undefined;
    }
  };
  return {
    take: async () => {
      if (
        current !== undefined &&
        addMilliseconds(options.clock.now(), RENEW_BEFORE_END_MS) < current.credentials.expiration
      ) {
        return current;
      }
      return (renewal ??= renew());
    },
  };
}

function readSession({
  Credentials: given,
  AssumedRoleUser: user,
}: Pick<AssumeRoleCommandOutput, 'Credentials' | 'AssumedRoleUser'>): RoleSession {
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration,
  } = given ?? {};
  if (
    user?.Arn === undefined ||
    accessKeyId === undefined ||
    secretAccessKey === undefined ||
    sessionToken === undefined ||
    expiration === undefined
  ) {
    throw new ShelveryError('CredentialsError', 'AWS answered AssumeRole without credentials.');
  }
  return { arn: user.Arn, credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } };
}
