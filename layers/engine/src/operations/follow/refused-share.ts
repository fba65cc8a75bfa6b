import type { Backup } from '../../domain/backup/backup.js';
import { reworded } from '../../domain/errors.js';
import type { ShelveryError } from '../../domain/errors.js';
import { faultName, isPassing, toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';

/**
 * The error of sharing an encrypted backup that the service refuses, with its key and who manages that. Which code RDS
 * answers for a key of AWS's, or for TDE, no page says (page "Sharing encrypted snapshots for Amazon RDS"): so every
 * refusal may be one that no later try mends, and is told at once.
 *
 * @returns nothing where the backup is not encrypted, or the error is of a kind that the engine knows: temporary, a
 *   permission, a quota, a backup that is gone or not available.
 */
export async function refusedForItsKey(
  context: Pick<RunContext, 'adapter' | 'keys'>,
  { found }: Pick<Backup, 'found'>,
  account: AccountId,
  error: unknown,
): Promise<ShelveryError | undefined> {
  const { adapter } = context;
  const { faults } = adapter;
  const name = faultName(error);
  const failure = toShelveryError(error, `sharing ${found.id} with ${account}`);
  const isKnown =
    isPassing(error) || failure.code !== 'AwsError' || faults.gone.includes(name) || Object.hasOwn(faults.quota, name);
  if (!found.encrypted || isKnown) return undefined;
  if (faults.notYet.includes(name) || faults.invalidState.includes(name)) {
    const now = (await adapter.describeBackups(found.region, [found.id])).get(found.id);
    if (now?.state !== 'available') return undefined;
  }
  const key = found.kmsKeyId ?? (await adapter.keyOf?.(found));
  return reworded(failure, `${failure.message} ${await aboutKey(context, found, key, account)}`);
}

async function aboutKey(
  { keys }: Pick<RunContext, 'keys'>,
  { region }: Backup['found'],
  key: string | undefined,
  account: AccountId,
): Promise<string> {
  const reencrypt = `set shelvery_reencrypt_kms_key_id to a key of your own that ${account} may use`;
  if (key === undefined)
    return `It is encrypted under a key that the service does not name. If AWS manages it: ${reencrypt}.`;
  try {
    const { managedByAws, state } = await keys.describe(region, key);
    if (managedByAws)
      return `It is encrypted under ${key}, which AWS manages: backups under such a key cannot be shared. To share them, ${reencrypt}.`;
    const but = state === undefined || state === 'Enabled' ? '' : `, which is ${state}`;
    return `It is encrypted under ${key}, a key of your own${but}. Look whether there is an account ${account}. Databases with TDE cannot be shared.`;
  } catch (error) {
    const why = toShelveryError(error, `looking at ${key}`).message;
    return `It is encrypted under ${key}, which could not be looked at (${why}) If AWS manages it: ${reencrypt}.`;
  }
}
