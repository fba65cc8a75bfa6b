import { commented, onlyIf, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';
import { SHARE_ACCOUNTS, SOURCE_ACCOUNTS } from './expressions.js';

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
/** Every backup carries this tag, whatever the prefix, and so do the snapshots of images. */
const HAS_OUR_TAG: Mapping = { 'aws:ResourceTag/shelvery:tag_name': false };
const IS_BACKUP: Mapping = { Null: HAS_OUR_TAG };
/** Earlier versions tagged the snapshots of their images with no more than the image's id. */
const HAS_IMAGE_ID: Mapping = { 'aws:ResourceTag/shelvery:ami_id': false };

/** Nothing is made public. The page "Actions, resources, and condition keys for Amazon EC2" names `ec2:Add/group` for ModifySnapshotAttribute alone. */
const TO_ACCOUNTS_ALONE: Mapping = { 'ec2:Add/group': true };
/** The same page names `ec2:Add/userId`, too, for ModifySnapshotAttribute alone. */
const TO_CONFIGURED_ACCOUNTS: Mapping = { 'ec2:Add/userId': SHARE_ACCOUNTS };

/** Sharing snapshots that have a tag of ours with accounts that the stack's parameters name. */
const shareSnapshots = (sid: string, hasTag: Mapping): Mapping =>
  onlyIf(
    'HasShares',
    allow({
      sid,
      actions: ['ec2:ModifySnapshotAttribute'],
      on: SNAPSHOTS,
      when: { Null: { ...hasTag, ...TO_ACCOUNTS_ALONE }, StringEquals: TO_CONFIGURED_ACCOUNTS },
    }),
  );
const WITH_WHOM = "With accounts that the stack's parameters name, never with everybody.";

/** What the function of EBS volumes asks of EC2. */
export const EBS_PERMISSIONS: readonly Value[] = [
  allow({
    sid: 'List',
    actions: [
      'ec2:DescribeInstances',
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
  commented(
    'Where shelvery_ebs_volume_sets is on.',
    allow({
      sid: 'MakeTogether',
      actions: ['ec2:CreateSnapshots'],
      on: [
        SNAPSHOTS,
        ...['instance', 'volume'].map((kind) => sub(`arn:\${AWS::Partition}:ec2:*:\${AWS::AccountId}:${kind}/*`)),
      ],
    }),
  ),
  allow({
    sid: 'TagWhatIsMade',
    actions: ['ec2:CreateTags'],
    on: SNAPSHOTS,
    when: { StringEquals: { 'ec2:CreateAction': ['CopySnapshot', 'CreateSnapshot', 'CreateSnapshots'] } },
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
  commented(WITH_WHOM, shareSnapshots('ShareOwnBackups', HAS_OUR_TAG)),
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
    'The page "Actions, resources, and condition keys for Amazon EC2" names ec2:Add/group and ec2:Add/userId for snapshots alone: of an image they count where EC2 gives them.',
    onlyIf(
      'HasShares',
      allow({
        sid: 'ShareOwnBackups',
        actions: ['ec2:ModifyImageAttribute'],
        on: IMAGES,
        when: {
          Null: { ...HAS_OUR_TAG, ...TO_ACCOUNTS_ALONE },
          StringEqualsIfExists: TO_CONFIGURED_ACCOUNTS,
        },
      }),
    ),
  ),
  allow({
    sid: 'DeleteSnapshotsOfImages',
    actions: ['ec2:DeleteSnapshot'],
    on: SNAPSHOTS,
    when: IS_BACKUP,
  }),
  commented(WITH_WHOM, shareSnapshots('ShareSnapshotsOfImages', HAS_OUR_TAG)),
  commented(
    "Earlier versions tagged the snapshots of their images with no more than the image's id.",
    allow({
      sid: 'DeleteOlderSnapshotsOfImages',
      actions: ['ec2:DeleteSnapshot'],
      on: SNAPSHOTS,
      when: { Null: HAS_IMAGE_ID },
    }),
  ),
  commented(WITH_WHOM, shareSnapshots('ShareOlderSnapshotsOfImages', HAS_IMAGE_ID)),
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
    actions: [
      'redshift:AuthorizeSnapshotAccess',
      'redshift:BatchDeleteClusterSnapshots',
      'redshift:DeleteClusterSnapshot',
      'redshift:RevokeSnapshotAccess',
    ],
    on: REDSHIFT_SNAPSHOTS,
    when: IS_BACKUP,
  }),
];
