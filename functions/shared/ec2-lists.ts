import type { Filter } from '@aws-sdk/client-ec2';
import { TAG, TRUE_VALUES, tagKey } from '@shelvery/engine';
import pLimit from 'p-limit';
import { inGroups } from './in-groups.js';

/**
 * Asked for in every list: an unpaged list is throttled sooner and may time out on a large account (page "Pagination"
 * of the Amazon EC2 API). 500 is the most that every list of ours takes.
 */
export const PAGE_SIZE = 500;

/** Values that one filter takes (page "List and filter your resources"). */
const VALUES_PER_FILTER = 200;

/** Calls of one kind made at the same time. */
export const AT_A_TIME = 4;

/** The filter for resources that carry `<prefix>:create_backup` with a true value. */
export function markedResources(prefix: string): Filter {
  return { Name: `tag:${tagKey(prefix, TAG.createBackup)}`, Values: [...TRUE_VALUES] };
}

/** The filter for backups: they carry `<prefix>:backup`. */
export function markedBackups(prefix: string): Filter {
  return { Name: `tag:${tagKey(prefix, TAG.backup)}`, Values: ['true'] };
}

/**
 * Lists what has one of the values, in as few calls as a filter allows. A filter, unlike a list of ids, leaves out what
 * is gone: one id that is gone fails the whole call.
 *
 * @param name of the filter: `snapshot-id`, `tag:<key>` …
 * @param list lists all pages of what passes a filter.
 */
export async function listByValues<T>(
  name: string,
  values: readonly string[],
  list: (filter: Filter) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const groups = inGroups([...new Set(values)], VALUES_PER_FILTER);
  const limit = pLimit(AT_A_TIME);
  const lists = await limit.map(groups, (group) => list({ Name: name, Values: group.map(literal) }));
  return lists.flat();
}

/** A filter takes `*` and `?` as wildcards unless a backslash stands before them. */
function literal(value: string): string {
  return value.replace(/[\\*?]/g, '\\$&');
}
