import { contextOf, isGiven, onEverything, onTargets, targetsOf, text } from '../calls.js';
import type { RecordedCall, Rules, Target } from '../calls.js';
import type { AccessRequest } from '../evaluate.js';
import { granting, readingWith, usingKey, writingWith } from './keys.js';

const REFERENCE = 'Actions, resources, and condition keys for Amazon EC2';
const ON_CREATION = 'Grant permission to tag Amazon EC2 resources during creation';
const ENCRYPTION = 'Requirements for Amazon EBS encryption';

type Kind = 'image' | 'snapshot';

/** What is about to be made: its ARN has no account, and its tags are those of the request. */
function fresh(call: RecordedCall, kind: Kind): string {
  return `arn:aws:ec2:${call.region}::${kind}/new`;
}

/** Something is made, with the tags that the call gives it. */
function making(call: RecordedCall, kind: Kind): readonly AccessRequest[] {
  const specified = Object.entries(call.parameters).some(
    ([name, value]) => /^TagSpecification\.\d+\.ResourceType$/.test(name) && value === kind,
  );
  const resource = fresh(call, kind);
  return [
    { action: `ec2:${call.action}`, resource, context: {} },
    ...(specified ? [{ action: 'ec2:CreateTags', resource, context: { 'ec2:CreateAction': call.action } }] : []),
  ];
}

/** Page "AWS global condition context keys": aws:ResourceAccount is not given for CopySnapshot and CopyImage. */
function copying(call: RecordedCall, source: Target): AccessRequest {
  const { 'aws:ResourceAccount': _, ...context } = contextOf(source);
  return { action: `ec2:${call.action}`, resource: source.arn, context };
}

/**
 * The keys that a copy of snapshots is read and written with; without one named it is written under the region's
 * default key.
 */
function keysOfCopy(call: RecordedCall, sources: readonly Target[]): readonly AccessRequest[] {
  const read = sources.flatMap(({ kmsKeyId }) =>
    kmsKeyId === null ? [] : readingWith(kmsKeyId, { service: 'ec2', region: text(call, 'SourceRegion') }),
  );
  if (text(call, 'Encrypted') !== 'true') return read;
  const [named] = targetsOf(call, 'KmsKeyId');
  return [
    ...read,
    ...writingWith(named?.arn ?? `arn:aws:kms:${call.region}:${call.account}:key/aws-ebs`, {
      service: 'ec2',
      region: call.region,
    }),
  ];
}

/**
 * Something is shared. Of a snapshot, `ec2:Add/group` is given where groups, of which there is only `all`, are added, and
 * `ec2:Add/userId` where accounts are. The page "Actions, resources, and condition keys for Amazon EC2" has neither for
 * ModifyImageAttribute.
 */
function sharing(call: RecordedCall, targets: readonly Target[]): readonly AccessRequest[] {
  const named = (pattern: RegExp): readonly string[] =>
    Object.entries(call.parameters).flatMap(([name, value]) => (pattern.test(name) ? [String(value)] : []));
  const isPublic = named(/^(?:\w+\.Add\.\d+\.Group|UserGroup\.\d+)$/).length > 0;
  const accounts = named(/^(?:\w+\.Add\.\d+\.UserId|UserId\.\d+)$/);
  return onTargets(`ec2:${call.action}`, targets).flatMap(({ context, ...request }) => {
    if (!request.resource.includes(':snapshot/')) return [{ ...request, context }];
    const toGroup = isPublic ? { ...context, 'ec2:Add/group': 'all' } : context;
    return accounts.length > 0
      ? accounts.map((account) => ({ ...request, context: { ...toGroup, 'ec2:Add/userId': account } }))
      : [{ ...request, context: toGroup }];
  });
}

const isSnapshot = ({ arn }: Target): boolean => arn.includes(':snapshot/');
const isImage = ({ arn }: Target): boolean => arn.includes(':image/');

export const EC2: Rules = {
  ...Object.fromEntries(
    [
      'DescribeImages',
      'DescribeInstances',
      'DescribeSnapshotTierStatus',
      'DescribeSnapshots',
      'DescribeVolumes',
      'GetAllowedImagesSettings',
      'GetEbsDefaultKmsKeyId',
    ].map((operation) => [operation, onEverything(`ec2:${operation}`, REFERENCE)]),
  ),
  CreateSnapshot: {
    action: 'ec2:CreateSnapshot',
    pages: [REFERENCE, ON_CREATION],
    asks: (call) => [...onTargets('ec2:CreateSnapshot', targetsOf(call, 'VolumeId')), ...making(call, 'snapshot')],
  },
  CreateSnapshots: {
    action: 'ec2:CreateSnapshots',
    pages: [REFERENCE, ON_CREATION],
    asks: (call) => [
      ...onTargets('ec2:CreateSnapshots', targetsOf(call, 'InstanceSpecification.InstanceId')),
      ...making(call, 'snapshot'),
    ],
  },
  CopySnapshot: {
    action: 'ec2:CopySnapshot',
    pages: [REFERENCE, ON_CREATION, ENCRYPTION],
    asks: (call) => {
      const sources = targetsOf(call, 'SourceSnapshotId');
      return [
        ...sources.map((source) => copying(call, source)),
        ...making(call, 'snapshot'),
        ...keysOfCopy(call, sources),
      ];
    },
  },
  DeleteSnapshot: {
    action: 'ec2:DeleteSnapshot',
    pages: [REFERENCE],
    asks: (call) => onTargets('ec2:DeleteSnapshot', targetsOf(call, 'SnapshotId')),
  },
  ModifySnapshotAttribute: {
    action: 'ec2:ModifySnapshotAttribute',
    pages: [REFERENCE],
    asks: (call) => sharing(call, targetsOf(call, 'SnapshotId')),
  },
  ModifySnapshotTier: {
    action: 'ec2:ModifySnapshotTier',
    pages: [REFERENCE, 'Required IAM permissions for Amazon EBS snapshot archiving'],
    asks: (call) => {
      const snapshots = targetsOf(call, 'SnapshotId');
      const via = { service: 'ec2', region: call.region } as const;
      const keys = snapshots.flatMap(({ kmsKeyId: key }) =>
        key === null ? [] : [...usingKey(['kms:Decrypt', 'kms:DescribeKey'], key, via), granting(key, via)],
      );
      return [...onTargets('ec2:ModifySnapshotTier', snapshots), ...keys];
    },
  },
  CreateTags: {
    action: 'ec2:CreateTags',
    pages: [REFERENCE],
    asks: (call) => onTargets('ec2:CreateTags', targetsOf(call, 'ResourceId')),
  },
  CreateImage: {
    action: 'ec2:CreateImage',
    pages: [REFERENCE, ON_CREATION],
    asks: (call) => [
      ...onTargets('ec2:CreateImage', targetsOf(call, 'InstanceId')),
      ...making(call, 'image'),
      ...making(call, 'snapshot'),
    ],
  },
  CopyImage: {
    action: 'ec2:CopyImage',
    pages: [REFERENCE, 'Grant permissions to copy Amazon EC2 AMIs', ON_CREATION, ENCRYPTION],
    asks: (call) => {
      const sources = targetsOf(call, 'SourceImageId');
      return [
        ...sources.map((source) => copying(call, source)),
        ...making(call, 'image'),
        ...making(call, 'snapshot'),
        ...keysOfCopy(call, sources.filter(isSnapshot)),
      ];
    },
  },
  DeregisterImage: {
    action: 'ec2:DeregisterImage',
    pages: [REFERENCE, 'DeregisterImage'],
    asks: (call) => {
      const targets = targetsOf(call, 'ImageId');
      const withSnapshots = isGiven(call, 'DeleteAssociatedSnapshots');
      return [
        ...onTargets('ec2:DeregisterImage', targets.filter(isImage)),
        ...(withSnapshots ? onTargets('ec2:DeleteSnapshot', targets.filter(isSnapshot)) : []),
      ];
    },
  },
  ModifyImageAttribute: {
    action: 'ec2:ModifyImageAttribute',
    pages: [REFERENCE],
    asks: (call) => sharing(call, targetsOf(call, 'ImageId').filter(isImage)),
  },
};
