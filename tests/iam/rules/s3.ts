import { isGiven, onEverything, targetsOf, text } from '../calls.js';
import type { RecordedCall, Rule, Rules } from '../calls.js';
import type { AccessRequest } from '../evaluate.js';

const REFERENCE = 'Actions, resources, and condition keys for Amazon S3';

/** The account that a bucket belongs to; a bucket that is not there yet has none. */
function owned(call: RecordedCall): Readonly<Record<string, string>> {
  const [bucket] = targetsOf(call, 'Bucket');
  return bucket === undefined ? {} : { 'aws:ResourceAccount': bucket.account };
}

const bucketArn = (call: RecordedCall): string => `arn:aws:s3:::${text(call, 'Bucket')}`;

/** An action on a bucket. */
function onBucket(action: string, more: (call: RecordedCall) => Readonly<Record<string, string>> = () => ({})): Rule {
  return {
    action,
    pages: [REFERENCE],
    asks: (call) => [{ action, resource: bucketArn(call), context: { ...owned(call), ...more(call) } }],
  };
}

/** An action on a file. */
function onFile(action: string): Rule {
  return {
    action,
    pages: [REFERENCE],
    asks: (call) => [{ action, resource: `${bucketArn(call)}/${text(call, 'Key')}`, context: owned(call) }],
  };
}

export const S3: Rules = {
  CreateBucket: {
    action: 's3:CreateBucket',
    pages: [REFERENCE, 'CreateBucket'],
    asks: (call): readonly AccessRequest[] => {
      const actions = [
        's3:CreateBucket',
        ...(isGiven(call, 'ObjectOwnership') ? ['s3:PutBucketOwnershipControls'] : []),
      ];
      return actions.map((action) => ({ action, resource: bucketArn(call), context: owned(call) }));
    },
  },
  DeleteObject: {
    action: 's3:DeleteObject',
    pages: [REFERENCE, 'DeleteObject'],
    asks: (call) => onFile(isGiven(call, 'VersionId') ? 's3:DeleteObjectVersion' : 's3:DeleteObject').asks(call),
  },
  DeleteObjects: {
    action: 's3:DeleteObject',
    pages: [REFERENCE, 'DeleteObjects'],
    asks: (call) =>
      targetsOf(call, 'Key').map(({ arn }) => ({ action: 's3:DeleteObject', resource: arn, context: owned(call) })),
  },
  GetBucketEncryption: onBucket('s3:GetEncryptionConfiguration'),
  GetBucketLocation: onBucket('s3:GetBucketLocation'),
  GetBucketOwnershipControls: onBucket('s3:GetBucketOwnershipControls'),
  GetBucketPolicy: onBucket('s3:GetBucketPolicy'),
  GetBucketVersioning: onBucket('s3:GetBucketVersioning'),
  GetObject: onFile('s3:GetObject'),
  GetPublicAccessBlock: onBucket('s3:GetBucketPublicAccessBlock'),
  ListBuckets: onEverything('s3:ListAllMyBuckets', REFERENCE),
  ListObjectsV2: onBucket('s3:ListBucket', (call) => ({ 's3:prefix': text(call, 'Prefix') })),
  PutBucketEncryption: onBucket('s3:PutEncryptionConfiguration'),
  PutBucketOwnershipControls: onBucket('s3:PutBucketOwnershipControls'),
  PutBucketPolicy: onBucket('s3:PutBucketPolicy'),
  PutBucketVersioning: onBucket('s3:PutBucketVersioning'),
  PutObject: onFile('s3:PutObject'),
  PutPublicAccessBlock: onBucket('s3:PutBucketPublicAccessBlock'),
};
