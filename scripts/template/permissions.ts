import { commented, onlyIf, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';
import { SOURCE_ACCOUNTS } from './expressions.js';

/** One statement of a policy; ours only allow. */
interface Permission {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly on: Value;
  readonly when?: Mapping;
}

/** What IAM takes as a statement: one action stands without a list. */
export function allow({ sid, actions, on, when }: Permission): Mapping {
  const [first = '', ...others] = actions;
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: others.length === 0 ? first : actions,
    Resource: on,
    ...(when === undefined ? {} : { Condition: when }),
  };
}

export const policyDocument = (statements: Value): Mapping => ({ Version: '2012-10-17', Statement: statements });

/** A policy of a role's own. */
export const rolePolicy = (name: string, statements: readonly Value[]): Mapping => ({
  PolicyName: name,
  PolicyDocument: policyDocument(statements),
});

/** A role that Lambda takes on for a function. */
export function functionRole(managed: readonly Value[], own: readonly Mapping[]): Mapping {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyDocument([
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]),
      ManagedPolicyArns: managed,
      Policies: own,
    },
  };
}

const SNAPSHOTS = sub('arn:${AWS::Partition}:ec2:*::snapshot/*');
const IMAGES = sub('arn:${AWS::Partition}:ec2:*::image/*');
/** Every backup carries this tag, whatever the prefix. */
const IS_BACKUP: Mapping = { Null: { 'aws:ResourceTag/shelvery:tag_name': false } };

/** Nothing is made public (page "Actions, resources, and condition keys for Amazon EC2", `ec2:Add/group`). */
const TO_ACCOUNTS_ALONE: Mapping = { 'ec2:Add/group': true };
const SHARES_BACKUP: Mapping = { Null: { 'aws:ResourceTag/shelvery:tag_name': false, ...TO_ACCOUNTS_ALONE } };

/** What the function of EBS volumes asks of EC2. */
export const EBS_PERMISSIONS: readonly Value[] = [
  allow({
    sid: 'List',
    actions: [
      'ec2:DescribeSnapshotTierStatus',
      'ec2:DescribeSnapshots',
      'ec2:DescribeVolumes',
      'ec2:GetEbsDefaultKmsKeyId',
    ],
    on: '*',
  }),
  allow({
    sid: 'Make',
    actions: ['ec2:CopySnapshot', 'ec2:CreateSnapshot'],
    on: [SNAPSHOTS, sub('arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*')],
  }),
  allow({
    sid: 'TagWhatIsMade',
    actions: ['ec2:CreateTags'],
    on: SNAPSHOTS,
    when: { StringEquals: { 'ec2:CreateAction': ['CopySnapshot', 'CreateSnapshot'] } },
  }),
  commented(
    'Every backup carries this tag, whatever the prefix.',
    allow({
      sid: 'ChangeOwnBackups',
      actions: ['ec2:CreateTags', 'ec2:DeleteSnapshot', 'ec2:ModifySnapshotTier'],
      on: SNAPSHOTS,
      when: IS_BACKUP,
    }),
  ),
  commented(
    'With accounts that are named, never with everybody.',
    allow({ sid: 'ShareOwnBackups', actions: ['ec2:ModifySnapshotAttribute'], on: SNAPSHOTS, when: SHARES_BACKUP }),
  ),
];

/** What the function of EC2 instances asks of EC2. */
export const AMI_PERMISSIONS: readonly Value[] = [
  allow({
    sid: 'List',
    actions: [
      'ec2:DescribeImages',
      'ec2:DescribeInstances',
      'ec2:DescribeSnapshots',
      'ec2:GetAllowedImagesSettings',
      'ec2:GetEbsDefaultKmsKeyId',
    ],
    on: '*',
  }),
  allow({
    sid: 'Make',
    actions: ['ec2:CopyImage', 'ec2:CreateImage'],
    on: [IMAGES, SNAPSHOTS, sub('arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*')],
  }),
  allow({
    sid: 'TagWhatIsMade',
    actions: ['ec2:CreateTags'],
    on: [IMAGES, SNAPSHOTS],
    when: { StringEquals: { 'ec2:CreateAction': ['CopyImage', 'CreateImage'] } },
  }),
  allow({
    sid: 'ChangeOwnBackups',
    actions: ['ec2:CreateTags', 'ec2:DeregisterImage'],
    on: IMAGES,
    when: IS_BACKUP,
  }),
  commented(
    'With accounts that are named, never with everybody.',
    allow({ sid: 'ShareOwnBackups', actions: ['ec2:ModifyImageAttribute'], on: IMAGES, when: SHARES_BACKUP }),
  ),
  commented(
    "Earlier versions tagged the snapshots of their images with no more than the image's id.",
    allow({
      sid: 'ChangeSnapshotsOfImages',
      actions: ['ec2:CreateTags', 'ec2:DeleteSnapshot'],
      on: SNAPSHOTS,
    }),
  ),
  commented(
    'With accounts that are named, never with everybody.',
    allow({
      sid: 'ShareSnapshotsOfImages',
      actions: ['ec2:ModifySnapshotAttribute'],
      on: SNAPSHOTS,
      when: { Null: TO_ACCOUNTS_ALONE },
    }),
  ),
];

/** What RDS calls the snapshots of instances or of clusters, in its actions and in its ARNs. */
interface DatabaseNames {
  readonly describe: string;
  readonly action: string;
  readonly snapshot: string;
  /** What a snapshot is made of. */
  readonly sources: readonly string[];
}

const ofDatabases = ({ describe, action, snapshot, sources }: DatabaseNames): readonly Value[] => {
  const own = (kind: string): Mapping => sub(`arn:\${AWS::Partition}:rds:*:\${AWS::AccountId}:${kind}:*`);
  return [
    commented(
      'The answers hold the tags.',
      allow({
        sid: 'List',
        actions: [`rds:Describe${action}s`, `rds:Describe${describe}`, 'rds:ListTagsForResource'].sort(),
        on: '*',
      }),
    ),
    allow({ sid: 'TagSnapshots', actions: ['rds:AddTagsToResource'], on: own(snapshot) }),
    allow({
      sid: 'Make',
      actions: [`rds:Copy${action}`, `rds:Create${action}`],
      on: [...sources, snapshot].map(own),
    }),
    onlyIf(
      'HasSources',
      allow({
        sid: 'CopyWhatIsShared',
        actions: [`rds:Copy${action}`],
        on: sub(`arn:\${AWS::Partition}:rds:*:*:${snapshot}:*`),
        when: { StringEquals: { 'aws:ResourceAccount': SOURCE_ACCOUNTS } },
      }),
    ),
    allow({
      sid: 'ChangeOwnBackups',
      actions: [`rds:Delete${action}`, `rds:Modify${action}Attribute`],
      on: own(snapshot),
      when: IS_BACKUP,
    }),
  ];
};

/** What the function of RDS instances asks of RDS. An option group is named when a copy takes it along. */
export const RDS_PERMISSIONS = ofDatabases({
  describe: 'DBInstances',
  action: 'DBSnapshot',
  snapshot: 'snapshot',
  sources: ['db', 'og'],
});

/** What the functions of RDS clusters and of DocumentDB, whose prefix is `rds:` too, ask of RDS. */
export const CLUSTER_PERMISSIONS = ofDatabases({
  describe: 'DBClusters',
  action: 'DBClusterSnapshot',
  snapshot: 'cluster-snapshot',
  sources: ['cluster'],
});

const REDSHIFT_SNAPSHOTS = sub('arn:${AWS::Partition}:redshift:*:${AWS::AccountId}:snapshot:*/*');

/** What the function of Redshift asks of it. */
export const REDSHIFT_PERMISSIONS: readonly Value[] = [
  allow({ sid: 'List', actions: ['redshift:DescribeClusterSnapshots', 'redshift:DescribeClusters'], on: '*' }),
  allow({ sid: 'TagSnapshots', actions: ['redshift:CreateTags'], on: REDSHIFT_SNAPSHOTS }),
  allow({
    sid: 'Make',
    actions: ['redshift:CopyClusterSnapshot', 'redshift:CreateClusterSnapshot'],
    on: [sub('arn:${AWS::Partition}:redshift:*:${AWS::AccountId}:cluster:*'), REDSHIFT_SNAPSHOTS],
  }),
  allow({
    sid: 'ChangeOwnBackups',
    actions: ['redshift:AuthorizeSnapshotAccess', 'redshift:DeleteClusterSnapshot', 'redshift:RevokeSnapshotAccess'],
    on: REDSHIFT_SNAPSHOTS,
    when: IS_BACKUP,
  }),
  commented(
    'Page "Sharing a cluster snapshot": whoever shares an encrypted one must be able to look at its key.',
    allow({
      sid: 'KeysOfSharedBackups',
      actions: ['kms:DescribeKey'],
      on: sub('arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*'),
      when: { StringLike: { 'kms:ViaService': 'redshift.*' } },
    }),
  ),
];
