import { CreateTagsCommand } from '@aws-sdk/client-ec2';
import type { EC2Client, ResourceType, TagSpecification } from '@aws-sdk/client-ec2';
import type { Tags } from '@shelvery/engine';
import { toTagList } from './tag-list.js';

/** Tags for a call that creates a resource of the type. */
export function tagsOnCreation(type: ResourceType, tags: Tags): TagSpecification {
  return { ResourceType: type, Tags: toTagList(tags) };
}

/** Sets tags on resources that exist, up to 1,000 in a call (page "CreateTags"). */
export async function setTags(client: EC2Client, ids: readonly string[], tags: Tags): Promise<void> {
  await client.send(new CreateTagsCommand({ Resources: [...ids], Tags: toTagList(tags) }));
}
