import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { MemoryEc2 } from './memory-ec2.js';
import type { AnswerOfAws, AskedOfAws } from './throttled-aws.js';

/** What was given to the services beside EC2. */
export interface GivenToAws {
  /** Contents of the data buckets' files, by key. */
  readonly files: Map<string, string>;
  /** Bodies of the messages that came to the queue. */
  readonly messages: unknown[];
  /** Payloads that the function was invoked with, asynchronously. */
  readonly invocations: unknown[];
}

/** An account whose data bucket is there, with EC2, a queue and the function itself. */
export function createMemoryAws(ec2: MemoryEc2): GivenToAws & { answer(asked: AskedOfAws): AnswerOfAws } {
  const given: GivenToAws = { files: new Map(), messages: [], invocations: [] };
  const policy = { text: '' };
  return {
    ...given,
    answer(asked) {
      switch (asked.service) {
        case 'ec2':
          return ec2.answer(asked);
        case 's3':
          return answerOfS3(asked, given.files, policy);
        case 'sqs':
          return answerOfSqs(asked, given.messages);
        case 'lambda':
          given.invocations.push(JSON.parse(bodyOf(asked)));
          return { statusCode: 202, body: '' };
        default:
          throw new Error(`${asked.service} is not known here`);
      }
    },
  };
}

/** Settings of a bucket that `create_data_buckets` has seen to, by the part of the query that asks for each. */
const BUCKET_SETTINGS: Readonly<Record<string, (region: string) => string>> = {
  location: (region) =>
    `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${region}</LocationConstraint>`,
  publicAccessBlock: () =>
    '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>',
  ownershipControls: () =>
    '<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>',
  encryption: () =>
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
  versioning: () => '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
};

function answerOfS3(
  { region, request }: AskedOfAws,
  files: Map<string, string>,
  policy: { text: string },
): AnswerOfAws {
  const { method, path, query } = request;
  const setting = Object.keys(BUCKET_SETTINGS).find((name) => name in query);
  if (setting !== undefined) return { statusCode: 200, body: BUCKET_SETTINGS[setting]?.(region) ?? '' };
  if ('policy' in query) {
    if (method === 'PUT') policy.text = String(request.body);
    return policy.text === '' ? refusedByS3(404, 'NoSuchBucketPolicy') : { statusCode: 200, body: policy.text };
  }
  if (method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && files.has(path)) return refusedByS3(412, 'PreconditionFailed');
    files.set(path, bodyOf({ request }));
    return { statusCode: 200, body: '', headers: { etag: '"e"' } };
  }
  if (method === 'DELETE') {
    files.delete(path);
    return { statusCode: 204, body: '' };
  }
  const file = files.get(path);
  return file === undefined ? refusedByS3(404, 'NoSuchKey') : { statusCode: 200, body: file, headers: { etag: '"e"' } };
}

function refusedByS3(statusCode: number, code: string): AnswerOfAws {
  return { statusCode, body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>` };
}

const Batch = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });

function answerOfSqs(asked: AskedOfAws, messages: unknown[]): AnswerOfAws {
  const { Entries } = Batch.parse(JSON.parse(bodyOf(asked)));
  messages.push(...Entries.map(({ MessageBody }): unknown => JSON.parse(MessageBody)));
  const Successful = Entries.map(({ Id, MessageBody }) => ({
    Id,
    MessageId: Id,
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  }));
  return {
    statusCode: 200,
    body: JSON.stringify({ Successful, Failed: [] }),
    headers: { 'content-type': 'application/x-amz-json-1.0' },
  };
}

function bodyOf({ request }: Pick<AskedOfAws, 'request'>): string {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);
}
