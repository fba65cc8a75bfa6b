/** How many ids go into one describe: as many as one page of the answer holds (MaxRecords, default 100). */
export const IDS_PER_DESCRIBE = 100;

/** A list in groups of at most `size`. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size));
  return groups;
}
