/** An object without its `undefined` members: what may be undefined becomes optional, the rest stays as it is. */
export type Present<T> = Simplified<
  { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  }
>;

type Simplified<T> = { [K in keyof T]: T[K] };

/**
 * The members that are not `undefined`. Under `exactOptionalPropertyTypes` a member that is absent and one that is
 * `undefined` are two things; this turns the second into the first.
 *
 * @example { id, ...present({ kmsKeyId, startedAt }) }
 */
export function present<T extends object>(members: T): Present<T>;
export function present(members: object): object {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(members)) if (value !== undefined) found[key] = value;
  return found;
}
