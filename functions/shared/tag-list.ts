import type { Tags } from '@shelvery/engine';

/** Tags as EC2 and the database services send and take them. */
export interface ListedTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The services' list of tags by key; a tag without a value has the empty one. */
export function fromTagList(list: readonly ListedTag[] | undefined): Tags {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of list ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
  return tags;
}

/** Tags as the services' list. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
