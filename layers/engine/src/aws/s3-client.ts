import { S3Client } from '@aws-sdk/client-s3';
import type { Region } from '../domain/values.js';
import type { AwsAccess } from './access.js';
import { prepareClient } from './prepare-client.js';

/** A client for data buckets of a region. */
export function s3Client(access: AwsAccess, region: Region, bucketNameTemplate: string): S3Client {
  // A name with dots is no host name that S3's certificate fits; the SDK minds that on https alone.
  const client = new S3Client({ ...access.config(region), forcePathStyle: bucketNameTemplate.includes('.') });
  return prepareClient(client, access);
}
