/**
 * The first few of some names, and how many more there are.
 *
 * @example someNamed(['vol-1', 'vol-2', 'vol-3'], 2) // 'vol-1, vol-2 and 1 more'
 */
export function someNamed(names: readonly string[], most: number): string {
  const named = names.slice(0, most).join(', ');
  return names.length > most ? `${named} and ${String(names.length - most)} more` : named;
}
