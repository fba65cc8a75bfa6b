import { remember } from '@shelvery/engine';
import type { Tags } from '@shelvery/engine';

/** Tags as EC2 and the database services send and take them. */
export interface ListedTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** An account, a region, a day: most of what tags say many others say, too. It is held once. */
const heldOnce = remember(
  (text: string) => text,
  (text) => text,
);

/** The services' list of tags by key; a tag without a value has the empty one. */
export function fromTagList(list: readonly ListedTag[] | undefined): Tags {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of list ?? []) if (Key !== undefined) tags[Key] = heldOnce(Value ?? '');
  return tags;
}

/** Tags as the services' list. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
