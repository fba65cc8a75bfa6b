/** A list, or nothing where it is empty: services answer some lists as empty where they tell nothing. */
export function someOf<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
