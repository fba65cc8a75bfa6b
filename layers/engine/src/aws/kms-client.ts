import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { ClientConfig } from './access.js';
import { naming } from './named-calls.js';

/** Looks at keys of one region. */
export function openKms(config: ClientConfig): (key: string) => Promise<KeyMetadata | undefined> {
  const client = naming(new KMSClient(config));
  return async (key) => (await client.send(new DescribeKeyCommand({ KeyId: key }))).KeyMetadata;
}
