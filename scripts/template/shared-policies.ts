import { DATA_BUCKETS, ERRORS_TOPIC, NOTIFICATIONS_TOPIC, OWN_DATA_BUCKETS, SOURCE_ACCOUNTS } from './expressions.js';
import { commented, onlyIf, ref, split, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';
import { allow, policyDocument } from './permissions.js';
import type { Section } from './write-yaml.js';

const managedPolicy = (description: string, statements: readonly Value[], condition?: string): Mapping => ({
  Type: 'AWS::IAM::ManagedPolicy',
  ...(condition === undefined ? {} : { Condition: condition }),
  Properties: { Description: description, PolicyDocument: policyDocument(statements) },
});

/** Data buckets themselves, or, with a path, what lies in them. */
const dataBuckets = (names: Value, path = ''): Mapping =>
  sub(`arn:\${AWS::Partition}:s3:::\${Buckets}${path}`, { Buckets: names });
const inThisAccount: Mapping = { StringEquals: { 'aws:ResourceAccount': ref('AWS::AccountId') } };
const OBJECT_ACTIONS = ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'];

/** Taking on the role of the configuration. */
export const mayAssumeConfiguredRole = (): Value =>
  onlyIf('HasRoleArn', allow({ sid: 'ConfiguredRole', actions: ['sts:AssumeRole'], on: ref('ShelveryRoleArn') }));

/** Writing traces. Allowed before they are switched on: Lambda refuses the switch to a role that may not yet. */
export const mayTrace = (): Value =>
  allow({ sid: 'Trace', actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], on: '*' });

/** Finding the regions that have a data bucket. */
export const mayFindDataBuckets = (): Value =>
  allow({ sid: 'FindDataBuckets', actions: ['s3:ListAllMyBuckets'], on: '*' });

const OWN_KEYS = sub('arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*');

const enginePolicy = managedPolicy('What the functions of Shelvery do whatever they back up', [
  commented(
    'What is asked for is the path, and not what lies under it.',
    allow({
      sid: 'ReadConfiguration',
      actions: ['ssm:GetParametersByPath'],
      on: sub('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shelvery/${AWS::StackName}'),
    }),
  ),
  mayFindDataBuckets(),
  allow({
    sid: 'MetadataFiles',
    actions: OBJECT_ACTIONS,
    on: dataBuckets(OWN_DATA_BUCKETS, '/backups/*'),
    when: inThisAccount,
  }),
  allow({
    sid: 'ListMetadataFiles',
    actions: ['s3:ListBucket'],
    on: dataBuckets(OWN_DATA_BUCKETS),
    when: inThisAccount,
  }),
  allow({
    sid: 'Notify',
    actions: ['sns:Publish'],
    on: [NOTIFICATIONS_TOPIC, ERRORS_TOPIC, onlyIf('HasStatusSnsTopic', ref('ShelveryStatusSnsTopic'))],
  }),
  commented(
    'Topics that others made may be encrypted.',
    onlyIf(
      'HasOthersTopics',
      allow({
        sid: 'EncryptedTopics',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        on: sub('arn:${AWS::Partition}:kms:*:*:key/*'),
        when: { StringLike: { 'kms:ViaService': 'sns.*' } },
      }),
    ),
  ),
  commented(
    'Where a backup cannot be shared: who manages its key. Redshift asks whoever shares for it, too (page "Sharing a cluster snapshot").',
    allow({ sid: 'LookAtKeys', actions: ['kms:DescribeKey'], on: OWN_KEYS }),
  ),
  mayAssumeConfiguredRole(),
  mayTrace(),
]);

const payloadsPolicy = managedPolicy(
  'What payloads of Shelvery may name beyond the configuration',
  [
    onlyIf(
      'HasAllowedTopics',
      allow({ sid: 'NotifyFurtherTopics', actions: ['sns:Publish'], on: split(',', ref('AllowedTopics')) }),
    ),
    onlyIf(
      'HasAllowedRoles',
      allow({ sid: 'FurtherRoles', actions: ['sts:AssumeRole'], on: split(',', ref('AllowedRoles')) }),
    ),
  ],
  'HasFurther',
);

const inSourceAccounts = { 'aws:ResourceAccount': SOURCE_ACCOUNTS };

const pullPolicy = managedPolicy(
  'Pulls what other accounts share by Shelvery',
  [
    allow({
      sid: 'SharedFiles',
      actions: OBJECT_ACTIONS,
      on: dataBuckets(DATA_BUCKETS, '/backups/shared/${AWS::AccountId}/*'),
      when: { StringEquals: inSourceAccounts },
    }),
    allow({
      sid: 'ListSharedFiles',
      actions: ['s3:ListBucket'],
      on: dataBuckets(DATA_BUCKETS),
      when: {
        StringEquals: inSourceAccounts,
        StringLike: { 's3:prefix': sub('backups/shared/${AWS::AccountId}/*') },
      },
    }),
  ],
  'HasSources',
);

const dataBucketsPolicy = managedPolicy("Makes Shelvery's data buckets", [
  commented(
    'Of what is delivered twice, and of those who write a policy, one at a time works. A bucket that is not there yet has no account that a condition could ask for.',
    allow({
      sid: 'Leases',
      actions: ['s3:DeleteObjectVersion', ...OBJECT_ACTIONS].sort(),
      on: dataBuckets(OWN_DATA_BUCKETS, '/leases/*'),
    }),
  ),
  commented(
    'A bucket that is not there yet has no account that a condition could ask for; it is looked for, and made with its owner enforced.',
    allow({
      sid: 'MakeDataBuckets',
      actions: ['s3:CreateBucket', 's3:GetBucketLocation', 's3:PutBucketOwnershipControls'],
      on: dataBuckets(OWN_DATA_BUCKETS),
    }),
  ),
  allow({
    sid: 'SeeToDataBuckets',
    actions: [
      's3:GetBucketOwnershipControls',
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketVersioning',
      's3:GetEncryptionConfiguration',
      's3:PutBucketPolicy',
      's3:PutBucketPublicAccessBlock',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
    ],
    on: dataBuckets(OWN_DATA_BUCKETS),
    when: inThisAccount,
  }),
]);

const ALL_KEYS = sub('arn:${AWS::Partition}:kms:*:*:key/*');
const READING = ['kms:Decrypt', 'kms:DescribeKey', 'kms:ReEncryptFrom'];
const READING_AND_WRITING = [...READING, 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptTo'].sort();

/** Keys, as far as a service asks for them on a function's behalf: the account's own, those listed, those of sources. */
function keysPolicies(
  service: 'ec2' | 'rds',
  copies: string,
): Readonly<Record<'own' | 'further' | 'sources', Mapping>> {
  const via = { StringLike: { 'kms:ViaService': `${service}.*` } };
  const toServices = { Bool: { 'kms:GrantIsForAWSResource': true } };
  const use = (sid: string, on: Value): Mapping => allow({ sid, actions: READING_AND_WRITING, on, when: via });
  const grant = (sid: string, on: Value, when: Mapping = {}): Mapping =>
    allow({ sid, actions: ['kms:CreateGrant'], on, when: { ...toServices, ...when, ...via } });
  const furtherKeys = split(',', ref('AllowedKmsKeys'));
  const ofSources = { StringEquals: inSourceAccounts };
  return {
    own: managedPolicy(`Copies of encrypted ${copies}`, [use('OwnKeys', OWN_KEYS), grant('GrantsOfOwnKeys', OWN_KEYS)]),
    further: managedPolicy(
      `Copies of ${copies} under keys of other accounts`,
      [use('FurtherKeys', furtherKeys), grant('GrantsOfFurtherKeys', furtherKeys)],
      'HasAllowedKmsKeys',
    ),
    sources: managedPolicy(
      `Copies of encrypted ${copies} that other accounts share`,
      [
        commented(
          'Read only: nothing is encrypted under a key of an account that backups are pulled from.',
          allow({ sid: 'KeysOfSources', actions: READING, on: ALL_KEYS, when: { ...ofSources, ...via } }),
        ),
        grant('GrantsOfKeysOfSources', ALL_KEYS, ofSources),
      ],
      'HasSources',
    ),
  };
}

const ec2Keys = keysPolicies('ec2', 'EBS snapshots and AMIs');
const rdsKeys = keysPolicies('rds', 'snapshots of RDS and DocumentDB');

/** The policies that several functions share. */
export const SHARED_POLICIES: readonly Section[] = [
  {
    comment:
      "What every backup type's function does through the engine: metadata, notifications, configuration, another role.",
    members: { EnginePolicy: enginePolicy },
  },
  {
    comment:
      'Lists of any length stand in policies of their own: a managed policy has at most 6,144 characters (page "IAM and AWS STS quotas").',
    members: { PayloadsPolicy: payloadsPolicy },
  },
  {
    comment:
      "What a bunker's functions read in the buckets of the accounts that share with it, and move there. Redshift's cannot pull.",
    members: { PullPolicy: pullPolicy },
  },
  { comment: 'Making the data buckets, and making them good.', members: { DataBucketsPolicy: dataBucketsPolicy } },
  {
    comment: "Keys, as far as a service asks for them on a function's behalf: copies of encrypted backups.",
    members: {
      Ec2KeysPolicy: ec2Keys.own,
      Ec2FurtherKeysPolicy: ec2Keys.further,
      Ec2SourceKeysPolicy: ec2Keys.sources,
      RdsKeysPolicy: rdsKeys.own,
      RdsFurtherKeysPolicy: rdsKeys.further,
      RdsSourceKeysPolicy: rdsKeys.sources,
    },
  },
];
