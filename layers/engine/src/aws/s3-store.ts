import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { fillBucketTemplate } from '../domain/config/config-schema.js';
import { ShelveryError } from '../domain/errors.js';
import { faultName } from '../domain/telling/faults.js';
import type { AccountId, Region } from '../domain/values.js';
import type { BackupStore, StoredFile } from '../ports.js';
import type { AwsAccess } from './access.js';
import { perRegion } from './access.js';
import { isConditionRefused } from './condition-refused.js';
import { s3Client } from './s3-client.js';

/** Page "DeleteObjects": at most 1,000 keys. */
const KEYS_A_DELETE = 1_000;
/**
 * What XML cannot carry, not even escaped: control characters, save three, and some that are none (page "Extensible Markup
 * Language (XML) 1.0", production `Char`). S3 takes keys with them, so that anybody who may write files can make one.
 */
const NOT_IN_XML = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/**
 * The metadata in data buckets on S3. Every call names the account that the bucket is expected to belong to, so that
 * nothing is read from or written to somebody else's. Errors of the SDK pass, save where a file is refused.
 */
export function createBackupStore(access: AwsAccess, bucketNameTemplate: string): BackupStore {
  const client = perRegion((region) => s3Client(access, region, bucketNameTemplate));
  const ownBucket = (region: Region, account: AccountId = access.home.accountId) => ({
    Bucket: fillBucketTemplate(bucketNameTemplate, account, region),
    ExpectedBucketOwner: account,
  });
  const pages = (region: Region, prefix: string, account?: AccountId): AsyncIterable<ListObjectsV2CommandOutput> =>
    paginateListObjectsV2(
      { client: client(region) },
      { ...ownBucket(region, account), Prefix: prefix, Delimiter: '/' },
    );

  return {
    bucketName: (region, account) => ownBucket(region, account).Bucket,

    async list(region, prefix, account) {
      const files: StoredFile[] = [];
      for await (const page of pages(region, prefix, account)) files.push(...filesOf(page));
      return files;
    },

    async listUpTo(region, prefix, { maxPages, account }) {
      const files: StoredFile[] = [];
      let read = 0;
      for await (const page of pages(region, prefix, account)) {
        files.push(...filesOf(page));
        read += 1;
        if (read === maxPages) return { files, complete: page.IsTruncated !== true };
      }
      return { files, complete: true };
    },

    async listFolders(region, prefix) {
      const folders: string[] = [];
      for await (const page of pages(region, prefix)) {
        for (const { Prefix: folder } of page.CommonPrefixes ?? [])
          if (folder !== undefined) folders.push(folder.slice(prefix.length, -1));
      }
      return folders;
    },

    async get(region, key, { maxBytes, account }) {
      const where = ownBucket(region, account);
      const answer = await client(region).send(new GetObjectCommand({ ...where, Key: key }));
      return readText(answer, `s3://${where.Bucket}/${key}`, maxBytes);
    },

    async put(region, key, body, account) {
      await client(region).send(new PutObjectCommand({ ...ownBucket(region, account), ...fileOf(key, body) }));
    },

    async putNew(region, key, body) {
      const file = { ...ownBucket(region), ...fileOf(key, body), IfNoneMatch: '*' } as const;
      try {
        await client(region).send(new PutObjectCommand(file));
        return true;
      } catch (error) {
        if (isConditionRefused(error)) return false;
        throw error;
      }
    },

    async delete(region, keys, account) {
      const failed: { key: string; code: string; message: string }[] = [];
      const { alone = [], together = [] } = Object.groupBy(keys, (key) =>
        NOT_IN_XML.test(key) ? 'alone' : 'together',
      );
      for (let start = 0; start < together.length; start += KEYS_A_DELETE) {
        const Objects = together.slice(start, start + KEYS_A_DELETE).map((Key) => ({ Key }));
        const answer = await client(region).send(
          new DeleteObjectsCommand({ ...ownBucket(region, account), Delete: { Objects, Quiet: true } }),
        );
        for (const { Key: key = '', Code: code = 'Unknown', Message: message = '' } of answer.Errors ?? []) {
          if (code !== 'NoSuchKey') failed.push({ key, code, message });
        }
      }
      // One refused body would keep all that are named beside such a key.
      for (const key of alone) {
        try {
          await client(region).send(new DeleteObjectCommand({ ...ownBucket(region, account), Key: key }));
        } catch (error) {
          if (faultName(error) !== 'AccessDenied') throw error;
          failed.push({ key, code: 'AccessDenied', message: error instanceof Error ? error.message : '' });
        }
      }
      return failed;
    },
  };
}

function fileOf(
  key: string,
  body: string,
): { readonly Key: string; readonly Body: string; readonly ContentType: string } {
  return { Key: key, Body: body, ContentType: key.endsWith('.json') ? 'application/json' : 'application/yaml' };
}

function filesOf(page: ListObjectsV2CommandOutput): readonly StoredFile[] {
  return (page.Contents ?? []).flatMap(({ Key: key, LastModified: lastModified, Size: size }) =>
    key === undefined || lastModified === undefined || size === undefined ? [] : [{ key, lastModified, size }],
  );
}

const Chunk = z.instanceof(Uint8Array);

/** Reads a file's text and stops at the first byte too many, whatever length was announced. */
async function readText(answer: GetObjectCommandOutput, where: string, maxBytes: number): Promise<string> {
  const tooLong = (): ShelveryError =>
    new ShelveryError(
      'MetadataRefused',
      `${where} is longer than ${maxBytes} bytes, the most that a metadata file may have.`,
    );
  const body = answer.Body?.transformToWebStream();
  if (body === undefined) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    if ((answer.ContentLength ?? 0) > maxBytes) throw tooLong();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const chunk = Chunk.parse(part.value);
      length += chunk.byteLength;
      if (length > maxBytes) throw tooLong();
      chunks.push(chunk);
    }
  } catch (error) {
    // Gives the connection back; what is unread is dropped.
    await reader.cancel(error);
    throw error;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new ShelveryError('MetadataRefused', `${where} is not UTF-8 text.`, { cause: error });
  }
}
