import { describe, expect, it } from '@jest/globals';
import { explainDenial, permissionsFor } from '../../iam/evaluate.js';
import type { AccessRequest } from '../../iam/evaluate.js';
import type { Statement } from '../../iam/role.js';

const SNAPSHOT = 'arn:aws:ec2:eu-west-1::snapshot/snap-1';
const statement = (more: Partial<Statement>): Statement => ({
  policy: 'policy',
  sid: 'sid',
  actions: ['ec2:DeleteSnapshot', 'ec2:CreateTags'],
  resources: ['arn:aws:ec2:*::snapshot/*'],
  conditions: {},
  ...more,
});
const request = (more: Partial<AccessRequest>): AccessRequest => ({
  action: 'ec2:DeleteSnapshot',
  resource: SNAPSHOT,
  context: {},
  ...more,
});
const isAllowed = (by: Partial<Statement>, asked: Partial<AccessRequest> = {}): boolean =>
  permissionsFor([statement(by)], request(asked)).length > 0;

describe('permissionsFor', () => {
  it.each<[string, Partial<Statement>, Partial<AccessRequest>, boolean]>([
    ['action and resource fit', {}, {}, true],
    ['the action differs', {}, { action: 'ec2:DeleteVolume' }, false],
    ['the action is written otherwise', {}, { action: 'ec2:deletesnapshot' }, true],
    ['the resource differs', {}, { resource: 'arn:aws:ec2:eu-west-1:111111111111:volume/vol-1' }, false],
    [
      'an account stands where there is none',
      {},
      { resource: 'arn:aws:ec2:eu-west-1:111111111111:snapshot/snap-1' },
      false,
    ],
    ['the statement is for every resource', { resources: ['*'] }, { resource: '*' }, true],
    ['the action has no resources, and the statement some', {}, { resource: '*' }, false],
    ['a dot is only a dot', { resources: ['a.b'] }, { resource: 'axb' }, false],
    ['one character is left open', { resources: ['a?c'] }, { resource: 'abc' }, true],
  ])('where %s', (_, by, asked, allowed) => {
    expect(isAllowed(by, asked)).toBe(allowed);
  });

  const TAG = 'aws:ResourceTag/shelvery:tag_name';
  it.each<[string, Statement['conditions'], AccessRequest['context'], boolean]>([
    ['a key that must be given is given', { Null: { [TAG]: ['false'] } }, { [TAG]: 'shelvery' }, true],
    ['a key that must be given is not', { Null: { [TAG]: ['false'] } }, {}, false],
    [
      'a value is one of several',
      { StringEquals: { 'aws:ResourceAccount': ['1', '2'] } },
      { 'aws:ResourceAccount': '2' },
      true,
    ],
    [
      'a value is none of them',
      { StringEquals: { 'aws:ResourceAccount': ['1', ''] } },
      { 'aws:ResourceAccount': '3' },
      false,
    ],
    ['a value that is compared is not given', { StringEquals: { 'aws:ResourceAccount': ['1', ''] } }, {}, false],
    [
      'a value is compared where it is given, and is not given',
      { StringEqualsIfExists: { 'ec2:Add/userId': ['1', '2'] } },
      {},
      true,
    ],
    [
      'a value is compared where it is given, and is another',
      { StringEqualsIfExists: { 'ec2:Add/userId': ['1', '2'] } },
      { 'ec2:Add/userId': '3' },
      false,
    ],
    [
      'a value fits a pattern',
      { StringLike: { 'kms:ViaService': ['ec2.*'] } },
      { 'kms:ViaService': 'ec2.eu-west-1.amazonaws.com' },
      true,
    ],
    [
      'a value fits no pattern',
      { StringLike: { 'kms:ViaService': ['ec2.*'] } },
      { 'kms:ViaService': 'rds.eu-west-1.amazonaws.com' },
      false,
    ],
    [
      'one of two conditions fails',
      { Bool: { a: ['true'] }, StringEquals: { b: ['c'] } },
      { a: 'true', b: 'd' },
      false,
    ],
  ])('where %s', (_, conditions, context, allowed) => {
    expect(isAllowed({ conditions }, { context })).toBe(allowed);
  });

  it('tells which action and which resource of a statement it was', () => {
    const both = statement({
      actions: ['ec2:Describe*', 'ec2:DeleteSnapshot'],
      resources: ['arn:aws:ec2:*::image/*', 'arn:aws:ec2:*::snapshot/*'],
    });
    expect(permissionsFor([both], request({}))).toEqual([
      { statement: both, action: 'ec2:DeleteSnapshot', resource: 'arn:aws:ec2:*::snapshot/*' },
    ]);
  });

  it('refuses to guess what an operator means', () => {
    expect(() => isAllowed({ conditions: { ArnLike: { a: ['b'] } } })).toThrow('ArnLike is not known');
  });
});

describe('explainDenial', () => {
  it('says what the statements with the action lack', () => {
    const owned = statement({ conditions: { StringEquals: { 'aws:ResourceAccount': ['1'] } } });
    expect(explainDenial([owned], request({ resource: 'arn:x' }))).toBe(
      'ec2:DeleteSnapshot on arn:x: policy/sid is for arn:aws:ec2:*::snapshot/* and asks for StringEquals aws:ResourceAccount 1, and it is not given',
    );
    expect(explainDenial([owned], request({ action: 'ec2:CopyImage' }))).toContain('no statement has this action');
  });
});
