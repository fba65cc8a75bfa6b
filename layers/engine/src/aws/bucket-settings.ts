import {
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { faultName } from '../domain/telling/faults.js';

/** A bucket of the account that calls, with the client of its region. */
export interface OwnBucket {
  readonly client: S3Client;
  readonly name: { readonly Bucket: string; readonly ExpectedBucketOwner: string };
}

/** One thing that every data bucket has, beside its policy. */
export interface BucketSetting {
  /** For people. */
  readonly what: string;
  isSet(bucket: OwnBucket): Promise<boolean>;
  put(bucket: OwnBucket): Promise<void>;
}

/** In the order in which they are put: what closes a bucket comes before what opens it. */
export const SETTINGS: readonly BucketSetting[] = [
  {
    what: 'public access block',
    isSet: async ({ client, name }) => {
      const found = await unless(
        'NoSuchPublicAccessBlockConfiguration',
        client.send(new GetPublicAccessBlockCommand(name)),
      );
      const block = found?.PublicAccessBlockConfiguration;
      return (
        block?.BlockPublicAcls === true &&
        block.BlockPublicPolicy === true &&
        block.IgnorePublicAcls === true &&
        block.RestrictPublicBuckets === true
      );
    },
    put: async ({ client, name }) => {
      const PublicAccessBlockConfiguration = {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      };
      await client.send(new PutPublicAccessBlockCommand({ ...name, PublicAccessBlockConfiguration }));
    },
  },
  {
    what: 'owner enforced',
    isSet: async ({ client, name }) => {
      const found = await unless(
        'OwnershipControlsNotFoundError',
        client.send(new GetBucketOwnershipControlsCommand(name)),
      );
      return found?.OwnershipControls?.Rules?.some((rule) => rule.ObjectOwnership === 'BucketOwnerEnforced') === true;
    },
    put: async ({ client, name }) => {
      const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
      await client.send(new PutBucketOwnershipControlsCommand({ ...name, OwnershipControls }));
    },
  },
  {
    // Any encryption will do: the user may have chosen a key.
    what: 'encryption',
    isSet: async ({ client, name }) => {
      const found = await unless(
        'ServerSideEncryptionConfigurationNotFoundError',
        client.send(new GetBucketEncryptionCommand(name)),
      );
      return (
        found?.ServerSideEncryptionConfiguration?.Rules?.some(
          (rule) => rule.ApplyServerSideEncryptionByDefault !== undefined,
        ) === true
      );
    },
    put: async ({ client, name }) => {
      const ServerSideEncryptionConfiguration = {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }],
      };
      await client.send(new PutBucketEncryptionCommand({ ...name, ServerSideEncryptionConfiguration }));
    },
  },
  {
    what: 'versioning',
    isSet: async ({ client, name }) => (await client.send(new GetBucketVersioningCommand(name))).Status === 'Enabled',
    put: async ({ client, name }) => {
      await client.send(new PutBucketVersioningCommand({ ...name, VersioningConfiguration: { Status: 'Enabled' } }));
    },
  },
];

/** An answer, or nothing where AWS says by this name that there is none. */
export async function unless<T>(absence: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (faultName(error) === absence) return undefined;
    throw error;
  }
}
