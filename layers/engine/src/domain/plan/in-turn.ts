/**
 * The order in which several lists are dealt with when time may run out: the lists in turn, and of each its oldest and
 * its newest item in turn. So no list keeps the others waiting, and old items that stay keep no new ones waiting.
 *
 * @example inTurn([[a1, a2, a3], [b1]], ageOf) // a1, b1, a3, a2
 */
export function inTurn<T>(lists: readonly (readonly T[])[], ageOf: (item: T) => Date): readonly T[] {
  const each = lists.map((list) => fromBothEnds([...list].sort((a, b) => ageOf(a).getTime() - ageOf(b).getTime())));
  const longest = Math.max(0, ...each.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => each.flatMap((list) => list.slice(index, index + 1))).flat();
}

/** @example fromBothEnds([1, 2, 3, 4, 5]) // [1, 5, 2, 4, 3] */
function fromBothEnds<T>(sorted: readonly T[]): readonly T[] {
  const half = Math.ceil(sorted.length / 2);
  const newest = sorted.slice(half).reverse();
  return sorted.slice(0, half).flatMap((old, index) => [old, ...newest.slice(index, index + 1)]);
}
