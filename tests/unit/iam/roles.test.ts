import { describe, expect, it } from '@jest/globals';
import { permissionsFor } from '../../iam/evaluate.js';
import type { AccessRequest } from '../../iam/evaluate.js';
import { resolverOf } from '../../iam/intrinsic.js';
import type { Stack } from '../../iam/intrinsic.js';
import { statementsOf } from '../../iam/role.js';
import { readTemplate } from '../../iam/template.js';

const MINE = '111111111111';
const HOME = 'eu-west-1';
const FUNCTIONS = ['Ebs', 'Ec2Ami', 'Rds', 'RdsCluster', 'DocDb', 'Redshift', 'DataBuckets'];

const template = readTemplate();
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

describe('the key of an encrypted Redshift snapshot', () => {
  const describeKey = { action: 'kms:DescribeKey', resource: `arn:aws:kms:${HOME}:${MINE}:key/1` };

  it('is looked at when the snapshot is shared, and by nobody but Redshift', () => {
    expect(allows('Redshift', { ...describeKey, context: { 'kms:ViaService': `redshift.${HOME}.amazonaws.com` } })).toBe(true);
    expect(allows('Redshift', { ...describeKey, context: { 'kms:ViaService': `ec2.${HOME}.amazonaws.com` } })).toBe(false);
  });
});

describe('what other accounts share', () => {
  const SOURCE = '222222222222';
  const file = { action: 's3:GetObject', resource: `${bucketOf(SOURCE)}/backups/shared/${MINE}/ebs/a.yaml`, context: { 'aws:ResourceAccount': SOURCE } };
  const pulling = { ShelverySourceAwsAccountIds: SOURCE };

  it.each(FUNCTIONS)('is read by the %s function only where it can pull', (name) => {
    expect(allows(name, file, pulling)).toBe(!['Redshift', 'DataBuckets'].includes(name));
    expect(allows(name, file)).toBe(false);
  });
});

describe('the configuration', () => {
  const under = (path: string): Partial<AccessRequest> => ({ action: 'ssm:GetParametersByPath', resource: `arn:aws:ssm:${HOME}:${MINE}:parameter/${path}` });

  it.each(FUNCTIONS.slice(0, -1))("is read by the %s function by the stack's path alone", (name) => {
    expect(['shelvery/shelvery', 'shelvery/shelvery/more', 'shelvery/shelvery2', 'shelvery'].map((path) => allows(name, under(path)))).toEqual([true, false, false, false]);
  });
});
