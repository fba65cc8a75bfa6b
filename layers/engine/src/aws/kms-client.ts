import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { Region } from '../domain/values.js';
import type { AwsAccess } from './access.js';
import { prepareClient } from './prepare-client.js';

/** Looks at keys of one region. */
export function openKms(
  access: Pick<AwsAccess, 'config' | 'onCall'>,
  region: Region,
): (key: string) => Promise<KeyMetadata | undefined> {
  const client = prepareClient(new KMSClient(access.config(region)), access);
  return async (key) => (await client.send(new DescribeKeyCommand({ KeyId: key }))).KeyMetadata;
}
