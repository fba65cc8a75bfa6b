import type { AccessRequest } from '../evaluate.js';

/** The service that asks KMS in the name of who called it, and where. */
interface Via {
  readonly service: 'ec2' | 'rds' | 'redshift' | 'sns';
  readonly region: string;
}

/**
 * What a service asks KMS for when it copies: pages "Requirements for Amazon EBS encryption" ("Permissions for IAM
 * users"), "Share the KMS key used to encrypt a shared Amazon EBS snapshot", "AWS KMS key management" and "Sharing
 * encrypted snapshots for Amazon RDS".
 */
const READING = ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncryptFrom'];
const WRITING = ['kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptTo'];

/** A copy is made from what the key encrypts. */
export function readingWith(key: string, via: Via): readonly AccessRequest[] {
  return [...usingKey(READING, key, via), granting(key, via)];
}

/** A copy is made under the key. */
export function writingWith(key: string, via: Via): readonly AccessRequest[] {
  return [...usingKey(WRITING, key, via), granting(key, via)];
}

/** Actions on a key that a service asks for. */
export function usingKey(actions: readonly string[], key: string, via: Via): readonly AccessRequest[] {
  return actions.map((action) => ({ action, resource: key, context: contextOf(key, via) }));
}

/** The service keeps the right to use the key for as long as there is the thing that it encrypts. */
export function granting(key: string, via: Via): AccessRequest {
  return {
    action: 'kms:CreateGrant',
    resource: key,
    context: { ...contextOf(key, via), 'kms:GrantIsForAWSResource': 'true' },
  };
}

/**
 * Page "AWS KMS condition keys": the suffix of kms:ViaService is the same in all partitions; DocumentDB's and Aurora's
 * name is RDS's.
 */
function contextOf(key: string, { service, region }: Via): Readonly<Record<string, string>> {
  return { 'kms:ViaService': `${service}.${region}.amazonaws.com`, 'aws:ResourceAccount': key.split(':')[4] ?? '' };
}
