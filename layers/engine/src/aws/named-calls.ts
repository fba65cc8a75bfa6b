import type { MiddlewareStack } from '@smithy/types';
import * as z from 'zod';
import type { NamedCall } from '../domain/telling/faults.js';

/** What every client of the SDK has. */
export interface SdkClient<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
  readonly config: { readonly region: () => Promise<string> };
}

/** Where a call's action has another name in policies than in the API (service authorization reference). */
const ACTIONS: Readonly<Record<string, string>> = {
  's3:DeleteBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3:HeadBucket': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  'lambda:Invoke': 'lambda:InvokeFunction',
  'sns:PublishBatch': 'sns:Publish',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** Services whose actions begin with another word than the client's name. */
const SERVICES: Readonly<Record<string, string>> = { docdb: 'rds' };

/** Members of requests that name what a call is about, the most telling first. */
const TARGETS = [
  'SnapshotId',
  'SourceSnapshotId',
  'VolumeId',
  'ImageId',
  'SourceImageId',
  'InstanceId',
  'TargetDBSnapshotIdentifier',
  'DBSnapshotIdentifier',
  'TargetDBClusterSnapshotIdentifier',
  'DBClusterSnapshotIdentifier',
  'DBInstanceIdentifier',
  'DBClusterIdentifier',
  'TargetSnapshotIdentifier',
  'SnapshotIdentifier',
  'ClusterIdentifier',
  'ResourceName',
  'TopicArn',
  'QueueUrl',
  'FunctionName',
  'RoleArn',
  'Path',
] as const;

/** What the SDK knows of a call. */
interface Called {
  readonly clientName?: string;
  readonly commandName?: string;
}

const Request = z.record(z.string(), z.unknown());
const Text = z.string().min(1);

/**
 * Has the errors of a client's calls say which action was called, and on what: AWS often names neither in a refusal.
 * `toShelveryError` reads it. And tells the client's retry strategy the action, which gives it a pace of its own.
 *
 * @returns the same client.
 */
export function naming<C, Input extends object, Output extends object>(client: C & SdkClient<Input, Output>): C {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      // What the SDK's retry middleware gives a strategy as the scope of a call's tokens.
      Object.assign(context, { partition_id: calledBy(context) });
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) Object.assign(error, { $call: namedCall(context, args.input) });
        throw error;
      }
    },
    { step: 'initialize', name: 'namedCalls', override: true },
  );
  return client;
}

/** The API action of a call, with its service. */
function calledBy({ clientName = '', commandName = '' }: Called): string {
  const client = clientName.replace(/Client$/, '').toLowerCase();
  return `${SERVICES[client] ?? client}:${commandName.replace(/Command$/, '')}`;
}

function namedCall(context: Called, input: unknown): NamedCall {
  const called = calledBy(context);
  return { action: ACTIONS[called] ?? called, target: targetOf(Request.catch({}).parse(input)) };
}

function targetOf(request: Readonly<Record<string, unknown>>): string | undefined {
  const text = (name: string): string | undefined => Text.safeParse(request[name]).data;
  const bucket = text('Bucket');
  if (bucket !== undefined) {
    const key = text('Key') ?? text('Prefix');
    return key === undefined ? bucket : `${bucket}/${key}`;
  }
  return TARGETS.map(text).find((target) => target !== undefined);
}
