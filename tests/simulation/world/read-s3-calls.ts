import {
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';

/** What leases and policies ask of S3, in words of its own. */
export interface S3Calls {
  get(key: string): Promise<{ readonly body: string; readonly etag: string }>;
  put(
    key: string,
    body: string,
    condition: { readonly ifMatch?: string; readonly ifNoneMatch?: boolean },
  ): Promise<{ readonly etag: string; readonly version?: string }>;
  /** Of a version that one of the file alone. */
  remove(key: string, version?: string): Promise<void>;
  getPolicy(): Promise<string>;
  putPolicy(policy: string): Promise<void>;
}

/** A client of S3 that knows the calls of leases and policies, and no other. */
export function s3ClientOver(calls: S3Calls): S3Client {
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof GetObjectCommand) {
      const { body, etag } = await calls.get(command.input.Key ?? '');
      return { ETag: etag, Body: { transformToString: () => Promise.resolve(body) } };
    }
    if (command instanceof PutObjectCommand) {
      const { Key: key = '', Body: body, IfMatch: ifMatch, IfNoneMatch } = command.input;
      const { etag: ETag, version: VersionId } = await calls.put(key, typeof body === 'string' ? body : '', {
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(IfNoneMatch === undefined ? {} : { ifNoneMatch: true }),
      });
      return { ETag, VersionId };
    }
    if (command instanceof DeleteObjectCommand) {
      await calls.remove(command.input.Key ?? '', command.input.VersionId);
      return {};
    }
    if (command instanceof GetBucketPolicyCommand) return { Policy: await calls.getPolicy() };
    if (command instanceof PutBucketPolicyCommand) {
      await calls.putPolicy(command.input.Policy ?? '');
      return {};
    }
    throw new Error('The AWS in memory does not know this call of S3.');
  };
  return { send } as unknown as S3Client;
}
