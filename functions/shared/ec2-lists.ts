import type { Filter } from '@aws-sdk/client-ec2';
import { TAG, tagKey } from '@shelvery/engine';
import pLimit from 'p-limit';
import { inGroups } from './in-groups.js';

/**
 * Asked for in every list: an unpaged list is throttled sooner and may time out on a large account (page "Pagination"
 * of the Amazon EC2 API). 500 is the most that every list of ours takes.
 */
export const PAGE_SIZE = 500;

/**
 * Values that the filters of one call take together. The page "List and filter your resources" tells of 200 for a
 * filter; accounts answer "The maximum number of filter values specified on a single call is 200", and count all.
 */
const VALUES_PER_CALL = 200;

/** Calls of one kind made at the same time. */
export const AT_A_TIME = 4;

/** The filter for resources that carry `<prefix>:create_backup`, with whatever value: which of them count is decided here. */
export function taggedResources(prefix: string): Filter {
  return { Name: 'tag-key', Values: [tagKey(prefix, TAG.createBackup)] };
}

/** The filter for backups: they carry `<prefix>:backup`. */
export function markedBackups(prefix: string): Filter {
  return { Name: `tag:${tagKey(prefix, TAG.backup)}`, Values: ['true'] };
}

/**
 * Lists what has one of the values, in as few calls as the filters allow. Asking by filter, and not by ids, leaves out
 * what is gone or was never there; by ids one such fails the whole call.
 *
 * @param name of the filter: `snapshot-id`, `tag:<key>` …
 * @param list lists all pages of what passes the filters.
 * @param beside filters that go into each call, too.
 */
export async function listByValues<T>(
  name: string,
  values: readonly string[],
  list: (filters: Filter[]) => Promise<readonly T[]>,
  beside: readonly Filter[] = [],
): Promise<readonly T[]> {
  const taken = beside.reduce((sum, { Values }) => sum + (Values ?? []).length, 0);
  const groups = inGroups([...new Set(values)], VALUES_PER_CALL - taken);
  const limit = pLimit(AT_A_TIME);
  const lists = await limit.map(groups, (group) => list([...beside, { Name: name, Values: group.map(literal) }]));
  return lists.flat();
}

/** A filter takes `*` and `?` as wildcards unless a backslash stands before them. */
function literal(value: string): string {
  return value.replace(/[\\*?]/g, '\\$&');
}
