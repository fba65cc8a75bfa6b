import { sharedPrefix } from '../../domain/files/keys.js';
import type { AccountId } from '../../domain/values.js';
import type { StoredFile } from '../../ports.js';
import type { RunContext } from '../context.js';

/** How much of an account's list is looked at, in pages of 1,000: what is beyond is seen once these files are gone. */
const MAX_PAGES = 20;

/** The files that a source account has put for this one and that wait to be pulled, and whether these are all of them. */
export async function listSourceFiles(
  { adapter, home, store }: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  account: AccountId,
): Promise<{ readonly files: readonly StoredFile[]; readonly complete: boolean }> {
  const prefix = sharedPrefix(home.accountId, adapter.type);
  const { files, complete } = await store.listUpTo(home.region, prefix, { maxPages: MAX_PAGES, account });
  return { files: files.filter(({ key }) => key !== prefix), complete };
}

/** What to ask where a source account's bucket, or its files for this account, cannot be read. */
export function whetherShared(home: RunContext['home'], account: AccountId): string {
  return `did ${account} run create_data_buckets with shelvery_share_aws_account_ids=${home.accountId}?`;
}
