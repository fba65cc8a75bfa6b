import { describe, expect, it } from '@jest/globals';
import { resolverOf } from '../../iam/intrinsic.js';
import type { Resolver, Stack } from '../../iam/intrinsic.js';
import { readTemplate } from '../../iam/template.js';

const STACK: Stack = {
  name: 'backups',
  partition: 'aws-cn',
  region: 'cn-north-1',
  account: '111111111111',
  parameters: {},
  queues: 'https://queues',
};
const template = readTemplate();
const resolver = (parameters: Stack['parameters'] = {}): Resolver => resolverOf(template, { ...STACK, parameters });

describe('a stack as it is resolved from the template', () => {
  it.each<[string, unknown, unknown]>([
    ['a pseudo parameter', { Ref: 'AWS::Partition' }, 'aws-cn'],
    ["a parameter's default", { Ref: 'ShelveryKeepDailyBackups' }, '14'],
    ['a parameter', { Ref: 'ShelveryDrRegions' }, 'cn-northwest-1'],
    ['a queue', { Ref: 'EbsQueue' }, 'https://queues/backups-EbsQueue'],
    ["a queue's ARN", { 'Fn::GetAtt': ['EbsQueue', 'Arn'] }, 'arn:aws-cn:sqs:cn-north-1:111111111111:backups-EbsQueue'],
    ['a topic', { Ref: 'ErrorsTopic' }, 'arn:aws-cn:sns:cn-north-1:111111111111:backups-errors'],
    [
      "a log group's ARN",
      { 'Fn::GetAtt': ['EbsLogGroup', 'Arn'] },
      'arn:aws-cn:logs:cn-north-1:111111111111:log-group:/aws/lambda/backups-ebs:*',
    ],
    ['a function', { 'Fn::Sub': 'name: ${EbsFunction}, ${Own}' }, new Error('the stack has no Own')],
    [
      'a text with values of its own',
      { 'Fn::Sub': ['${Own}/${AWS::Region}', { Own: { 'Fn::Join': ['-', ['a', 'b']] } }] },
      'a-b/cn-north-1',
    ],
    ['a choice', { 'Fn::If': ['HasDrRegions', { Ref: 'AWS::Region' }, 'no'] }, 'cn-north-1'],
    ['what is left out', { a: [1, { Ref: 'AWS::NoValue' }], b: { Ref: 'AWS::NoValue' } }, { a: [1] }],
    ['a list in a text', { 'Fn::Split': [',', { 'Fn::Sub': 'a,${ShelveryDrRegions}' }] }, ['a', 'cn-northwest-1']],
    ['one of a list', { 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] }, 'b'],
    ['nothing beyond the end of a list', { 'Fn::Select': [2, ['a', 'b']] }, new Error('there is no value at 2')],
    ['what the template has no use for', { 'Fn::Base64': 'a' }, new Error('Fn::Base64 is not known')],
  ])('has %s', (_, value, expected) => {
    const resolved = (): unknown => resolver({ ShelveryDrRegions: 'cn-northwest-1' }).resolve(value);
    if (expected instanceof Error) expect(resolved).toThrow(expected.message);
    else expect(resolved()).toEqual(expected);
  });

  it('has a resource only where its condition holds', () => {
    expect(resolver().resources('AWS::SNS::Topic')).toEqual(['NotificationsTopic', 'ErrorsTopic']);
    const given = resolver({ ShelverySnsTopic: 'arn:aws-cn:sns:cn-north-1:111111111111:ours' });
    expect(given.resources('AWS::SNS::Topic')).toEqual([]);
    expect(() => given.resolve({ Ref: 'NotificationsTopic' })).toThrow('the stack has no NotificationsTopic');
  });

  it.each([
    ['HasOthersTopics', {}, false],
    ['HasOthersTopics', { AllowedTopics: 'arn:aws-cn:sns:cn-north-1:111111111111:*' }, true],
    ['HasSources', { AllowedSourceAwsAccountIds: '222222222222' }, true],
    ['MakesSnsTopic', {}, true],
  ])('knows whether %s holds with %j', (condition, parameters, holds) => {
    expect(resolver(parameters).holds(condition)).toBe(holds);
  });
});
