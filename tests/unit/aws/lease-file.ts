import type { S3Client } from '@aws-sdk/client-s3';
import { awsError } from '../../simulation/world/aws-error.js';
import { s3ClientOver } from '../../simulation/world/read-s3-calls.js';

/** What stands in the way of a put, or of a deletion. */
type Fault = 'refused' | 'done-500' | 'not-deleted';

/** The file of a lease, in a bucket that keeps versions. */
export interface LeaseFile {
  readonly client: S3Client;
  /** What is written in it; nothing where it is not there. */
  readonly written: () => { readonly holder: string; readonly ends: string } | undefined;
  /** Strikes the next call of its kind. */
  readonly failNext: (fault: Fault) => void;
  /** Somebody else puts it, or deletes it. */
  readonly replace: (written: { readonly holder: string; readonly ends: Date } | undefined) => void;
  /** The versions that were deleted, in order; nothing for the file itself. */
  readonly removed: readonly (string | undefined)[];
}

/** @param versions `suspended`: all are called `null` (page "Adding objects to versioning-suspended buckets"). */
export function openLeaseFile(versions: 'kept' | 'suspended' = 'kept'): LeaseFile {
  let file: { readonly body: string; readonly etag: string; readonly version: string } | undefined;
  let fault: Fault | undefined;
  let puts = 0;
  const removed: (string | undefined)[] = [];
  const put = (body: string): NonNullable<typeof file> => {
    puts += 1;
    file = { body, etag: `e${String(puts)}`, version: versions === 'kept' ? `v${String(puts)}` : 'null' };
    return file;
  };
  return {
    client: s3ClientOver({
      get: async () => {
        if (file === undefined) throw awsError('NoSuchKey', { status: 404 });
        return file;
      },
      put: async (_key, body, { ifMatch, ifNoneMatch }) => {
        const struck = fault;
        if (struck !== 'not-deleted') fault = undefined;
        if (struck === 'refused') throw awsError('InternalError', { status: 500 });
        if (ifMatch !== undefined && file === undefined) throw awsError('NoSuchKey', { status: 404 });
        if ((ifNoneMatch === true && file !== undefined) || (ifMatch !== undefined && file?.etag !== ifMatch))
          throw awsError('PreconditionFailed', { status: 412 });
        const done = put(body);
        if (struck === 'done-500') throw awsError('InternalError', { status: 500 });
        return done;
      },
      remove: async (_key, version) => {
        if (fault === 'not-deleted') {
          fault = undefined;
          throw awsError('InternalError', { status: 500 });
        }
        removed.push(version);
        if (version === undefined || version === file?.version) file = undefined;
      },
      getPolicy: async () => '',
      putPolicy: async () => undefined,
    }),
    written: () => (file === undefined ? undefined : (JSON.parse(file.body) as ReturnType<LeaseFile['written']>)),
    failNext: (next) => {
      fault = next;
    },
    replace: (written) => {
      if (written === undefined) file = undefined;
      else put(JSON.stringify(written));
    },
    removed,
  };
}
