import { describe, expect, it } from '@jest/globals';
import type { RecordedCall, Target } from '../../iam/calls.js';
import type { AccessRequest } from '../../iam/evaluate.js';
import { RULES, requestsOf, ruleOf } from '../../iam/rules.js';

const HOME = 'eu-west-1';
const MINE = '111111111111';
const TAGS = { 'shelvery:tag_name': 'shelvery' };
const TAGGED = { 'aws:ResourceAccount': MINE, 'aws:ResourceTag/shelvery:tag_name': 'shelvery' };
const key = (account: string, region: string): string => `arn:aws:kms:${region}:${account}:key/1`;
const target = (parameter: string, arn: string, more: Partial<Target> = {}): Target => ({
  parameter,
  arn,
  account: MINE,
  tags: TAGS,
  kmsKeyId: null,
  ...more,
});
const asked = (
  service: string,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  targets: readonly Target[] = [],
): readonly AccessRequest[] => {
  const call: RecordedCall = {
    service,
    action,
    region: HOME,
    account: MINE,
    parameters: { ...parameters },
    targets: [...targets],
  };
  return requestsOf(call);
};
const actionsOn = (requests: readonly AccessRequest[], resource: string): readonly string[] =>
  requests.flatMap((request) => (request.resource === resource ? [request.action] : []));

describe('what EC2 asks for', () => {
  it('is a volume, a new snapshot and, as tags are given, the right to tag what is created so', () => {
    const volume = `arn:aws:ec2:${HOME}:${MINE}:volume/vol-1`;
    const tags = { 'TagSpecification.1.ResourceType': 'snapshot', 'TagSpecification.1.Tag.1.Key': 'a' };
    const snapshot = `arn:aws:ec2:${HOME}::snapshot/new`;
    expect(asked('ec2', 'CreateSnapshot', { VolumeId: 'vol-1', ...tags }, [target('VolumeId', volume)])).toEqual([
      { action: 'ec2:CreateSnapshot', resource: volume, context: TAGGED },
      { action: 'ec2:CreateSnapshot', resource: snapshot, context: {} },
      { action: 'ec2:CreateTags', resource: snapshot, context: { 'ec2:CreateAction': 'CreateSnapshot' } },
    ]);
    expect(actionsOn(asked('ec2', 'CreateSnapshot', { VolumeId: 'vol-1' }), snapshot)).toEqual(['ec2:CreateSnapshot']);
  });

  it('is an instance, its volumes and new snapshots, where several are made by one call', () => {
    const [instance, volume] = ['instance/i-1', 'volume/vol-1'].map((each) => `arn:aws:ec2:${HOME}:${MINE}:${each}`);
    const named = 'InstanceSpecification.InstanceId';
    const targets = [instance, volume].map((arn = '') => target(named, arn));
    const tags = { 'TagSpecification.1.ResourceType': 'snapshot', 'TagSpecification.1.Tag.1.Key': 'a' };
    const snapshot = `arn:aws:ec2:${HOME}::snapshot/new`;
    expect(asked('ec2', 'CreateSnapshots', { [named]: 'i-1', ...tags }, targets)).toEqual([
      { action: 'ec2:CreateSnapshots', resource: instance, context: TAGGED },
      { action: 'ec2:CreateSnapshots', resource: volume, context: TAGGED },
      { action: 'ec2:CreateSnapshots', resource: snapshot, context: {} },
      { action: 'ec2:CreateTags', resource: snapshot, context: { 'ec2:CreateAction': 'CreateSnapshots' } },
    ]);
  });

  it("is the source's key in its region and the copy's in its own, for an encrypted copy", () => {
    const source = target('SourceSnapshotId', `arn:aws:ec2:eu-central-1::snapshot/snap-1`, {
      account: '222222222222',
      kmsKeyId: key('222222222222', 'eu-central-1'),
    });
    const requests = asked('ec2', 'CopySnapshot', { SourceRegion: 'eu-central-1', Encrypted: 'true' }, [
      source,
      target('KmsKeyId', key(MINE, HOME)),
    ]);
    const via = (request: AccessRequest): string | undefined => request.context['kms:ViaService'];
    const read = requests.filter(({ resource }) => resource === key('222222222222', 'eu-central-1'));
    expect(read.map(({ action }) => action)).toEqual([
      'kms:DescribeKey',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:CreateGrant',
    ]);
    expect(read.map(via)).toEqual(Array.from({ length: 4 }, () => 'ec2.eu-central-1.amazonaws.com'));
    const written = requests.filter(({ resource }) => resource === key(MINE, HOME));
    expect(written.map(({ action }) => action)).toEqual([
      'kms:DescribeKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptTo',
      'kms:CreateGrant',
    ]);
    expect(written.map(via)).toEqual(Array.from({ length: 4 }, () => `ec2.${HOME}.amazonaws.com`));
    // EC2 gives no aws:ResourceAccount for what is copied.
    expect(requests.filter(({ action }) => action === 'ec2:CopySnapshot').map(({ context }) => context)).toEqual([
      { 'aws:ResourceTag/shelvery:tag_name': 'shelvery' },
      {},
    ]);
  });

  it('is to delete the snapshots, too, of an image that goes with them', () => {
    const [image, snapshot] = [`arn:aws:ec2:${HOME}::image/ami-1`, `arn:aws:ec2:${HOME}::snapshot/snap-1`];
    const targets = [target('ImageId', image), target('ImageId', snapshot, { tags: {} })];
    expect(asked('ec2', 'DeregisterImage', { ImageId: 'ami-1', DeleteAssociatedSnapshots: 'true' }, targets)).toEqual([
      { action: 'ec2:DeregisterImage', resource: image, context: TAGGED },
      { action: 'ec2:DeleteSnapshot', resource: snapshot, context: { 'aws:ResourceAccount': MINE } },
    ]);
    expect(asked('ec2', 'DeregisterImage', { ImageId: 'ami-1' }, targets)).toHaveLength(1);
  });
});

describe('what the databases ask for', () => {
  it('is both the source and the target of a copy, and to tag the target', () => {
    const source = 'arn:aws:rds:eu-central-1:111111111111:snapshot:one';
    const parameters = { SourceDBSnapshotIdentifier: source, TargetDBSnapshotIdentifier: 'two', 'Tags.Tag.1.Key': 'a' };
    const requests = asked('rds', 'CopyDBSnapshot', parameters, [target('SourceDBSnapshotIdentifier', source)]);
    expect(actionsOn(requests, source)).toEqual(['rds:CopyDBSnapshot']);
    expect(actionsOn(requests, `arn:aws:rds:${HOME}:${MINE}:snapshot:two`)).toEqual([
      'rds:CopyDBSnapshot',
      'rds:AddTagsToResource',
    ]);
  });

  it('names no cluster of a Redshift snapshot, and so none of its tags, unless the call does', () => {
    const snapshot = target('SnapshotIdentifier', `arn:aws:redshift:${HOME}:${MINE}:snapshot:sales/one`);
    expect(asked('redshift', 'DeleteClusterSnapshot', { SnapshotIdentifier: 'one' }, [snapshot])).toEqual([
      {
        action: 'redshift:DeleteClusterSnapshot',
        resource: `arn:aws:redshift:${HOME}:${MINE}:snapshot:*/one`,
        context: { 'aws:ResourceAccount': MINE },
      },
    ]);
    expect(
      asked('redshift', 'DeleteClusterSnapshot', { SnapshotIdentifier: 'one', SnapshotClusterIdentifier: 'sales' }, [
        snapshot,
      ]),
    ).toEqual([{ action: 'redshift:DeleteClusterSnapshot', resource: snapshot.arn, context: TAGGED }]);
  });

  it('is to look at the key of an encrypted Redshift snapshot that is shared', () => {
    const snapshot = target('SnapshotIdentifier', `arn:aws:redshift:${HOME}:${MINE}:snapshot:sales/one`, {
      kmsKeyId: key(MINE, HOME),
    });
    const requests = asked('redshift', 'AuthorizeSnapshotAccess', { SnapshotIdentifier: 'one' }, [snapshot]);
    expect(actionsOn(requests, key(MINE, HOME))).toEqual(['kms:DescribeKey']);
  });
});

describe('what S3 asks for', () => {
  it('is the owner enforced at once when a bucket is made, and nobody owns it yet', () => {
    expect(asked('s3', 'CreateBucket', { Bucket: 'b', ObjectOwnership: 'BucketOwnerEnforced' })).toEqual([
      { action: 's3:CreateBucket', resource: 'arn:aws:s3:::b', context: {} },
      { action: 's3:PutBucketOwnershipControls', resource: 'arn:aws:s3:::b', context: {} },
    ]);
  });

  it('is each file that is deleted, and the folder that is listed', () => {
    const bucket = target('Bucket', 'arn:aws:s3:::b', { account: '222222222222', tags: {} });
    const files = ['a', 'b'].map((name) =>
      target('Key', `arn:aws:s3:::b/${name}`, { account: '222222222222', tags: {} }),
    );
    const owned = { 'aws:ResourceAccount': '222222222222' };
    expect(asked('s3', 'DeleteObjects', { Bucket: 'b' }, [bucket, ...files])).toEqual(
      files.map(({ arn }) => ({ action: 's3:DeleteObject', resource: arn, context: owned })),
    );
    expect(asked('s3', 'ListObjectsV2', { Bucket: 'b', Prefix: 'p/' }, [bucket])).toEqual([
      { action: 's3:ListBucket', resource: 'arn:aws:s3:::b', context: { ...owned, 's3:prefix': 'p/' } },
    ]);
  });
});

describe('every rule', () => {
  const rules = Object.values(RULES).flatMap((operations) => Object.values(operations));

  it.each(rules)('for $action names an action and its pages', ({ action, pages }) => {
    expect(pages.length).toBeGreaterThan(0);
    expect(action).toMatch(/^[a-z0-9]+:[A-Z]\w+$/);
  });

  it('is missing for what nobody has thought of', () => {
    expect(() => ruleOf('ec2', 'TerminateInstances')).toThrow('no rule for ec2:TerminateInstances');
  });
});
