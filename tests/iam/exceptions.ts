/** Permissions and why they stay, by what `allowedBy` calls them. */
type Exceptions = Readonly<Record<string, string>>;

const TAGS_OF_LISTS: Exceptions = {
  'backups/List: rds:ListTagsForResource':
    'RDS tells tags in its lists, and no page says whether to callers without this right. Without tags no backup would be known as ours, and it only reads.',
};

const LEASES: Exceptions = {
  'DataBucketsPolicy/Leases: s3:DeleteObject':
    'A lease is deleted by its version. One that was taken over from an invocation that died is deleted without, as is one in a bucket that keeps no versions.',
};

/**
 * What a function's role allows though no call of ours asks for it. A permission that is not here and not used fails
 * the proof of least privilege, and so does one that is here and used.
 */
export const UNUSED_PERMISSIONS: Readonly<Record<string, Exceptions>> = {
  ebs: LEASES,
  ec2ami: LEASES,
  rds: {
    ...LEASES,
    ...TAGS_OF_LISTS,
    'backups/Make: on arn:aws:rds:*:<account>:og:*':
      'The Service Authorization Reference names snapshots alone for CopyDBSnapshot, and a condition key for CopyOptionGroup, with which option groups are copied, too. On an option group the action does nothing else.',
  },
  rds_cluster: { ...LEASES, ...TAGS_OF_LISTS },
  docdb: { ...LEASES, ...TAGS_OF_LISTS },
  redshift: {
    ...LEASES,
    'backups/Make: on arn:aws:redshift:*:<account>:cluster:*':
      'The Service Authorization Reference names snapshots alone for CreateClusterSnapshot; the managed policy of AWS Backup allows it on clusters as well. On a cluster the action does nothing else.',
  },
};

const DOCTOR = '`doctor` looks at it, from a terminal alone.';

/** Operations that are in the code of the product and not called by its functions. */
export const NOT_CALLED_IN_LAMBDA: Readonly<Record<string, string>> = {
  'sns:GetTopicAttributes': DOCTOR,
  'sqs:GetQueueAttributes': DOCTOR,
  'sqs:GetQueueUrl': DOCTOR,
  'sqs:ListQueues': DOCTOR,
  'sts:GetCallerIdentity':
    "A function's account is in its ARN. It is called from a terminal, and where a function runs on a developer's machine; it takes no permission.",
};
