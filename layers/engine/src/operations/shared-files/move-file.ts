import { ShelveryError } from '../../domain/errors.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';

/**
 * Moves a metadata file within its data bucket: it writes the new one before it deletes the old one, so that nothing is
 * lost.
 *
 * @param text what the new one holds.
 * @throws what S3 answered; ShelveryError `AwsError` when the old one could not be deleted, after the new one was
 *   written.
 */
export async function moveFile(
  { store }: Pick<RunContext, 'store'>,
  bucket: { readonly region: Region; readonly account?: AccountId },
  from: string,
  to: string,
  text: string,
): Promise<void> {
  await store.put(bucket.region, to, text, bucket.account);
  const [failed] = await store.delete(bucket.region, [from], bucket.account);
  if (failed === undefined) return;
  const { code, message } = failed;
  throw new ShelveryError('AwsError', `${from} was copied to ${to}, but could not be deleted: ${code}: ${message}`, {
    mendable: code !== 'AccessDenied',
    aws: { code },
  });
}
