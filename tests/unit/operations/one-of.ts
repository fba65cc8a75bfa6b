/** The only one of a list. */
export function only<T>(list: readonly T[]): T {
  const [first, ...others] = list;
  if (first === undefined || others.length > 0) throw new Error(`There are ${String(list.length)}, and not one.`);
  return first;
}

/** One of a list, counted from 0, that is there. */
export function at<T>(list: readonly T[], place: number): T {
  const found = list[place];
  if (found === undefined) throw new Error(`There are only ${String(list.length)}.`);
  return found;
}
