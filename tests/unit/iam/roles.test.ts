import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import { permissionsFor } from '../../iam/evaluate.js';
import type { AccessRequest } from '../../iam/evaluate.js';
import { resolverOf } from '../../iam/intrinsic.js';
import type { Stack } from '../../iam/intrinsic.js';
import { statementsOf } from '../../iam/role.js';
import { readingWith, writingWith } from '../../iam/rules/keys.js';
import { logicalPrefix, readTemplate } from '../../iam/template.js';

const MINE = '111111111111';
const HOME = 'eu-west-1';
const template = readTemplate();
const FUNCTIONS = [...BACKUP_TYPES, 'data-buckets'].map((name) => logicalPrefix(template, name));
const stackOf = (parameters: Stack['parameters'], more: Partial<Stack> = {}): Stack => ({
  name: 'shelvery',
  partition: 'aws',
  region: HOME,
  account: MINE,
  parameters,
  queues: 'https://queues',
  ...more,
});

/** Whether the role of a function of a stack with the parameters allows something. */
function allows(name: string, request: Partial<AccessRequest>, parameters: Stack['parameters'] = {}): boolean {
  const statements = statementsOf(resolverOf(template, stackOf(parameters)), `${name}Role`);
  return permissionsFor(statements, { action: '', resource: '*', context: {}, ...request }).length > 0;
}

const bucketOf = (account: string): string => `arn:aws:s3:::shelvery.data.${account}-${HOME}.base2tools`;

describe("this account's data buckets", () => {
  const make = (name: string): Partial<AccessRequest> => ({
    action: 's3:CreateBucket',
    resource: `arn:aws:s3:::${name}`,
  });

  it.each(FUNCTIONS)('are named with its id, and no other account is in the policies of the %s function', (name) => {
    expect(allows(name, make('shelvery.data.111111111111-us-east-1.base2tools'))).toBe(true);
    expect(allows(name, make('shelvery.data.222222222222-us-east-1.base2tools'))).toBe(false);
  });

  it.each([
    ['{account_id}-data-{region}', '111111111111-data-us-east-1', '222222222222-data-us-east-1'],
    ['data-{region}-{account_id}', 'data-us-east-1-111111111111', 'data-us-east-1-222222222222'],
    ['data-{region}', 'data-us-east-1', 'date-us-east-1'],
    ['data', 'data', 'data-111111111111'],
  ])('are found by the template %s', (ShelveryBucketNameTemplate, own, other) => {
    expect(allows('DataBuckets', make(own), { ShelveryBucketNameTemplate })).toBe(true);
    expect(allows('DataBuckets', make(other), { ShelveryBucketNameTemplate })).toBe(false);
  });
});

describe('what EC2 keeps', () => {
  const BACKUP = { 'aws:ResourceTag/shelvery:tag_name': 'shelvery' };
  const OLDER = { 'aws:ResourceTag/shelvery:ami_id': 'ami-1' };
  const BUNKER = '222222222222';
  const SHARING = { ShelveryShareAwsAccountIds: BUNKER };
  const on = (kind: 'snapshot' | 'image', action: string): Pick<AccessRequest, 'action' | 'resource'> => ({
    action: `ec2:${action}`,
    resource: `arn:aws:ec2:${HOME}::${kind}/one`,
  });
  const snapshot = on('snapshot', 'ModifySnapshotAttribute');
  const image = on('image', 'ModifyImageAttribute');

  it.each([
    ['Ebs', snapshot, BACKUP],
    ['Ec2Ami', snapshot, BACKUP],
    ['Ec2Ami', snapshot, OLDER],
    ['Ec2Ami', image, BACKUP],
  ])('is shared by the %s function with accounts of the parameters alone', (name, request, tags) => {
    const sharedWith = (more: AccessRequest['context'], parameters: Stack['parameters'] = SHARING): boolean =>
      allows(name, { ...request, context: { ...tags, ...more } }, parameters);
    expect(sharedWith({ 'ec2:Add/userId': BUNKER })).toBe(true);
    expect(sharedWith({ 'ec2:Add/userId': BUNKER }, { AllowedShareAwsAccountIds: `333333333333,${BUNKER}` })).toBe(
      true,
    );
    expect(sharedWith({ 'ec2:Add/userId': '444444444444' })).toBe(false);
    expect(sharedWith({ 'ec2:Add/userId': BUNKER }, {})).toBe(false);
    expect(sharedWith({ 'ec2:Add/group': 'all' })).toBe(false);
    expect(sharedWith({ 'ec2:Add/group': 'all', 'ec2:Add/userId': BUNKER })).toBe(false);
  });

  it('says of an image whom it is shared with only where EC2 gives that', () => {
    expect(allows('Ec2Ami', { ...image, context: BACKUP }, SHARING)).toBe(true);
    expect(allows('Ec2Ami', { ...snapshot, context: BACKUP }, SHARING)).toBe(false);
  });

  it.each([
    ['Ebs', on('snapshot', 'DeleteSnapshot')],
    ['Ebs', on('snapshot', 'CreateTags')],
    ['Ebs', on('snapshot', 'ModifySnapshotTier')],
    ['Ebs', { ...snapshot }],
    ['Ec2Ami', on('snapshot', 'DeleteSnapshot')],
    ['Ec2Ami', { ...snapshot }],
    ['Ec2Ami', on('image', 'DeregisterImage')],
    ['Ec2Ami', on('image', 'CreateTags')],
    ['Ec2Ami', { ...image }],
  ])('is not changed by the %s function where it has no tag of ours: not even tagged ($action)', (name, request) => {
    const foreign = { 'aws:ResourceTag/Name': 'theirs', 'ec2:Add/userId': BUNKER };
    expect(allows(name, { ...request, context: foreign }, SHARING)).toBe(false);
    expect(allows(name, { ...request, context: { ...foreign, ...BACKUP } }, SHARING)).toBe(true);
  });

  it('is tagged, where it has no tag yet, by the call that makes it and by no other', () => {
    const tag = on('snapshot', 'CreateTags');
    const by = (action: string): AccessRequest['context'] => ({ 'ec2:CreateAction': action });
    expect(
      ['CreateImage', 'CopyImage', 'CreateSnapshot'].map((action) => allows('Ec2Ami', { ...tag, context: by(action) })),
    ).toEqual([true, true, false]);
    expect(
      ['CreateSnapshot', 'CreateSnapshots', 'CopySnapshot', 'CreateImage'].map((action) =>
        allows('Ebs', { ...tag, context: by(action) }),
      ),
    ).toEqual([true, true, true, false]);
  });

  it("is a snapshot of an image for the function of images alone, where it has no more than the image's id", () => {
    const request = { ...on('snapshot', 'DeleteSnapshot'), context: OLDER };
    expect([allows('Ec2Ami', request), allows('Ebs', request)]).toEqual([true, false]);
  });

  it('is tagged by the function of images only as it is made', () => {
    for (const context of [BACKUP, OLDER])
      expect(allows('Ec2Ami', { ...on('snapshot', 'CreateTags'), context })).toBe(false);
  });
});

describe('traces', () => {
  it.each(FUNCTIONS)('may be written by the %s function before they are switched on', (name) => {
    expect(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => allows(name, { action }))).toEqual([
      true,
      true,
    ]);
  });
});

describe('a data bucket that is not there yet', () => {
  it.each(FUNCTIONS)('is looked for and made by the %s function, though no account can be asked for', (name) => {
    const actions = ['s3:GetBucketLocation', 's3:CreateBucket', 's3:PutBucketOwnershipControls'];
    expect(actions.map((action) => allows(name, { action, resource: bucketOf(MINE) }))).toEqual([true, true, true]);
  });

  it("gets a policy only where it is the account's own", () => {
    const policy = { action: 's3:PutBucketPolicy', resource: bucketOf(MINE) };
    expect(allows('DataBuckets', policy)).toBe(false);
    expect(allows('DataBuckets', { ...policy, context: { 'aws:ResourceAccount': MINE } })).toBe(true);
    expect(allows('DataBuckets', { ...policy, context: { 'aws:ResourceAccount': '222222222222' } })).toBe(false);
  });
});

describe('who manages a key', () => {
  const describeKey = (account: string) => ({
    action: 'kms:DescribeKey',
    resource: `arn:aws:kms:${HOME}:${account}:key/1`,
  });

  it.each(FUNCTIONS.filter((name) => name !== 'DataBuckets'))(
    'is asked by the %s function of own keys alone',
    (name) => {
      expect(allows(name, describeKey(MINE))).toBe(true);
      expect(allows(name, describeKey('222222222222'))).toBe(false);
    },
  );

  it('is asked for the function by Redshift, when it shares', () => {
    const context = { 'kms:ViaService': `redshift.${HOME}.amazonaws.com` };
    expect(allows('Redshift', { ...describeKey(MINE), context })).toBe(true);
  });
});

describe('what other accounts share', () => {
  const SOURCE = '222222222222';
  const file = {
    action: 's3:GetObject',
    resource: `${bucketOf(SOURCE)}/backups/shared/${MINE}/ebs/a.yaml`,
    context: { 'aws:ResourceAccount': SOURCE },
  };
  const pulling = { ShelverySourceAwsAccountIds: SOURCE };

  it.each(FUNCTIONS)('is read by the %s function only where it can pull', (name) => {
    expect(allows(name, file, pulling)).toBe(!['Redshift', 'DataBuckets'].includes(name));
    expect(allows(name, file)).toBe(false);
  });
});

describe('the configuration', () => {
  const under = (path: string): Partial<AccessRequest> => ({
    action: 'ssm:GetParametersByPath',
    resource: `arn:aws:ssm:${HOME}:${MINE}:parameter/${path}`,
  });

  it.each(FUNCTIONS.slice(0, -1))("is read by the %s function by the stack's path alone", (name) => {
    expect(
      ['shelvery/shelvery', 'shelvery/shelvery/more', 'shelvery/shelvery2', 'shelvery'].map((path) =>
        allows(name, under(path)),
      ),
    ).toEqual([true, false, false, false]);
  });
});

const BACKUPS = FUNCTIONS.slice(0, -1);
const PULLING = BACKUPS.filter((name) => name !== 'Redshift');
const OTHER = '333333333333';

describe('AllowedTopics', () => {
  const publish = (topic: string): Partial<AccessRequest> => ({
    action: 'sns:Publish',
    resource: `arn:aws:sns:us-east-1:${OTHER}:${topic}`,
  });
  const given = { AllowedTopics: `arn:aws:sns:us-east-1:${OTHER}:team-*,arn:aws:sns:us-east-1:${OTHER}:orders.fifo` };

  it.each(BACKUPS)(
    'opens its topics to the %s function, by patterns, too, and whatever they are encrypted with',
    (name) => {
      const topics = ['team-a', 'orders.fifo', 'other'];
      expect(topics.map((topic) => allows(name, publish(topic), given))).toEqual([true, true, false]);
      expect(topics.map((topic) => allows(name, publish(topic)))).toEqual([false, false, false]);
      const key = {
        action: 'kms:GenerateDataKey',
        resource: `arn:aws:kms:us-east-1:${OTHER}:key/1`,
        context: { 'kms:ViaService': 'sns.us-east-1.amazonaws.com' },
      };
      expect([allows(name, key, given), allows(name, key)]).toEqual([true, false]);
    },
  );
});

describe('AllowedKmsKeys', () => {
  const key = `arn:aws:kms:eu-central-1:${OTHER}:key/1`;
  const given = { AllowedKmsKeys: `arn:aws:kms:*:${OTHER}:key/*,arn:aws:kms:us-east-1:444444444444:key/2` };

  it.each(PULLING)('lets the %s function copy from and to the keys, in the name of its service alone', (name) => {
    const via = (service: 'ec2' | 'rds' | 'sns') => ({ service, region: 'eu-central-1' });
    const service = name === 'Ebs' || name === 'Ec2Ami' ? 'ec2' : 'rds';
    const requests = [...readingWith(key, via(service)), ...writingWith(key, via(service))];
    expect(requests.filter((request) => !allows(name, request, given))).toEqual([]);
    expect(requests.filter((request) => allows(name, request))).toEqual([]);
    expect(readingWith(key, via('sns')).filter((request) => allows(name, request, given))).toEqual([]);
    expect(
      writingWith('arn:aws:kms:us-east-1:444444444444:key/1', via(service)).filter((request) =>
        allows(name, request, given),
      ),
    ).toEqual([]);
  });

  it.each(PULLING)('and lets it give no right to a key to anybody but AWS (%s)', (name) => {
    const service = name === 'Ebs' || name === 'Ec2Ami' ? 'ec2' : 'rds';
    const context = { 'kms:ViaService': `${service}.eu-central-1.amazonaws.com` };
    const grant = (more: AccessRequest['context']): boolean =>
      allows(name, { action: 'kms:CreateGrant', resource: key, context: { ...context, ...more } }, given);
    expect([
      grant({ 'kms:GrantIsForAWSResource': 'true' }),
      grant({ 'kms:GrantIsForAWSResource': 'false' }),
      grant({}),
    ]).toEqual([true, false, false]);
  });
});

describe('AllowedRoles', () => {
  it.each(BACKUPS)('lets the %s function take on the roles', (name) => {
    const role = (id: string): Partial<AccessRequest> => ({
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${OTHER}:role/${id}`,
    });
    const given = { AllowedRoles: `arn:aws:iam::${OTHER}:role/a,arn:aws:iam::${OTHER}:role/path/b` };
    expect(['a', 'path/b', 'c'].map((id) => allows(name, role(id), given))).toEqual([true, true, false]);
    expect(allows(name, role('a'))).toBe(false);
    expect(allows(name, role('c'), { ShelveryRoleArn: `arn:aws:iam::${OTHER}:role/c` })).toBe(true);
  });
});

describe('AllowedSourceAwsAccountIds', () => {
  const given = { ShelverySourceAwsAccountIds: '222222222222', AllowedSourceAwsAccountIds: `${OTHER},444444444444` };
  const theirs = { 'aws:ResourceAccount': OTHER };
  const file = (action: string, folder: string): Partial<AccessRequest> => ({
    action,
    resource: `${bucketOf(OTHER)}/backups/${folder}/a.yaml`,
    context: theirs,
  });
  const list = (prefix: string): Partial<AccessRequest> => ({
    action: 's3:ListBucket',
    resource: bucketOf(OTHER),
    context: { ...theirs, 's3:prefix': prefix },
  });

  it.each(PULLING)(
    'opens what its accounts share with this one to the %s function, and nothing else of their buckets',
    (name) => {
      const requests = [
        ...['s3:GetObject', 's3:PutObject', 's3:DeleteObject'].map((action) => file(action, `shared/${MINE}/ebs`)),
        list(`backups/shared/${MINE}/ebs/`),
      ];
      expect(requests.filter((request) => !allows(name, request, given))).toEqual([]);
      expect(
        requests.filter((request) => allows(name, request, { ShelverySourceAwsAccountIds: '222222222222' })),
      ).toEqual([]);
      const others = [
        file('s3:GetObject', 'ebs'),
        file('s3:GetObject', 'shared/555555555555/ebs'),
        list('backups/ebs/'),
        list(''),
      ];
      expect(others.filter((request) => allows(name, request, given))).toEqual([]);
    },
  );

  it.each(PULLING)(
    'lets the %s function read with the keys of its accounts, and encrypt nothing under them',
    (name) => {
      const via = { service: name === 'Ebs' || name === 'Ec2Ami' ? 'ec2' : 'rds', region: HOME } as const;
      const key = `arn:aws:kms:${HOME}:${OTHER}:key/1`;
      expect(readingWith(key, via).filter((request) => !allows(name, request, given))).toEqual([]);
      expect(
        writingWith(key, via).flatMap((request) => (allows(name, request, given) ? [] : [request.action])),
      ).toEqual(['kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptTo']);
    },
  );

  it.each([
    ['Rds', 'rds:CopyDBSnapshot', 'snapshot'],
    ['RdsCluster', 'rds:CopyDBClusterSnapshot', 'cluster-snapshot'],
    ['DocDb', 'rds:CopyDBClusterSnapshot', 'cluster-snapshot'],
  ])('lets the %s function copy their snapshots', (name, action, kind) => {
    const request = { action, resource: `arn:aws:rds:${HOME}:${OTHER}:${kind}:a`, context: theirs };
    expect([allows(name, request, given), allows(name, request)]).toEqual([true, false]);
  });
});

describe('the longest lists that the parameters take', () => {
  // Page "IAM and AWS STS quotas": characters of a managed policy, of all of a role's own together, policies of a role.
  const MANAGED = 6_144;
  const OF_A_ROLE = 10_240;
  const ATTACHED = 10;
  /** White space does not count. */
  const size = (document: unknown): number => JSON.stringify(document).replace(/\s/g, '').length;
  /** As many as a parameter takes, of the shortest kind, as each has quotes and a comma of its own. */
  const filled = (name: string, item: string): string => {
    const { MaxLength } = z.object({ MaxLength: z.number() }).parse(template.Parameters[name]);
    return Array.from({ length: Math.floor((MaxLength + 1) / (item.length + 1)) }, () => item).join(',');
  };
  const accounts = (count: number): string => Array.from({ length: count }, () => '111111111111').join(',');
  const role = `arn:aws-us-gov:iam::222222222222:role/${'x'.repeat(512)}`;
  const topic = `arn:aws-us-gov:sns:us-gov-east-1:222222222222:${'x'.repeat(256)}`;
  const longest = stackOf(
    {
      ShelverySourceAwsAccountIds: accounts(150),
      AllowedSourceAwsAccountIds: accounts(25),
      ShelveryShareAwsAccountIds: accounts(50),
      AllowedShareAwsAccountIds: accounts(25),
      AllowedTopics: filled('AllowedTopics', 'arn:a:sns:a:222222222222:a'),
      AllowedKmsKeys: filled('AllowedKmsKeys', 'arn:a:kms:*:222222222222:key/*'),
      AllowedRoles: filled('AllowedRoles', 'arn:a:iam::222222222222:role/a'),
      ShelveryRoleArn: role,
      ShelverySnsTopic: topic,
      ShelveryErrorSnsTopic: topic,
      ShelveryStatusSnsTopic: topic,
      ShelveryBucketNameTemplate: `${'x'.repeat(104)}{account_id}x{region}`.slice(0, 122),
    },
    { name: 'x'.repeat(45), partition: 'aws-us-gov', region: 'us-gov-east-1' },
  );
  const resolver = resolverOf(template, longest);
  const Attached = z.object({
    ManagedPolicyArns: z.array(z.string()),
    Policies: z.array(z.object({ PolicyDocument: z.unknown() })),
  });

  it.each(resolver.resources('AWS::IAM::ManagedPolicy'))('fit into %s', (policy) => {
    expect(size(resolver.properties(policy)['PolicyDocument'])).toBeLessThanOrEqual(MANAGED);
  });

  it.each(FUNCTIONS)("fit into the %s role's own policies, and it has no more than may be attached", (name) => {
    const { ManagedPolicyArns: managed, Policies: own } = Attached.parse(resolver.properties(`${name}Role`));
    expect(own.reduce((sum, { PolicyDocument }) => sum + size(PolicyDocument), 0)).toBeLessThanOrEqual(OF_A_ROLE);
    expect(managed.length).toBeLessThanOrEqual(ATTACHED);
  });
});

describe('every role', () => {
  const everything = {
    ShelverySourceAwsAccountIds: '222222222222',
    ShelveryRoleArn: 'arn:aws-cn:iam::222222222222:role/a',
    ShelveryStatusSnsTopic: 'arn:aws-cn:sns:cn-north-1:222222222222:status',
    AllowedTopics: 'arn:aws-cn:sns:cn-north-1:222222222222:*',
    AllowedKmsKeys: 'arn:aws-cn:kms:*:222222222222:key/*',
    AllowedRoles: 'arn:aws-cn:iam::222222222222:role/b',
    Tracing: 'Active',
  };

  it.each(FUNCTIONS)('is for the partition that its stack is in (%s)', (name) => {
    const stack = stackOf(everything, { partition: 'aws-cn', region: 'cn-north-1' });
    const resources = statementsOf(resolverOf(template, stack), `${name}Role`).flatMap(
      (statement) => statement.resources,
    );
    expect(resources.filter((resource) => resource !== '*' && !resource.startsWith('arn:aws-cn:'))).toEqual([]);
    expect(resources.length).toBeGreaterThan(5);
  });
});
