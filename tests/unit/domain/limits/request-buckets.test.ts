import { describe, expect, it } from '@jest/globals';
import { bucketOf } from '../../../../layers/engine/src/domain/limits/request-buckets.js';

describe('bucketOf', () => {
  it.each([
    ['ec2:CreateSnapshot', 100, 5],
    ['ec2:CreateSnapshots', 100, 5],
    ['ec2:CopyImage', 100, 1],
    ['ec2:CreateTags', 100, 10],
    ['ec2:CopySnapshot', 50, 5],
    ['ec2:CreateImage', 50, 5],
    ['ec2:CreateManagedPrefixList', 50, 5],
    ['ec2:DescribeSnapshots', 100, 20],
    ['ec2:GetEbsDefaultKmsKeyId', 100, 20],
  ])('%s takes %s at once, then %s a second', (action, size, perSecond) => {
    expect(bucketOf(action)).toEqual({ size, perSecond });
  });

  it.each(['rds:CreateDBSnapshot', 'redshift:CreateClusterSnapshot', 's3:PutObject', ''])(
    'knows nothing of "%s"',
    (action) => {
      expect(bucketOf(action)).toBeUndefined();
    },
  );
});
