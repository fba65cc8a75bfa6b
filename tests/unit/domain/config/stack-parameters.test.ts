import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { toShelveryError } from '../../../../layers/engine/src/domain/telling/faults.js';
import {
  STACK_PARAMETERS,
  adviceOnKeys,
  nameParameter,
} from '../../../../layers/engine/src/domain/config/stack-parameters.js';
import { AccountId } from '../../../../layers/engine/src/domain/values.js';
import { readTemplate } from '../../../iam/template.js';

const OWN = AccountId.parse('111111111111');
const TOPIC = 'arn:aws:sns:eu-west-1:222222222222:team';
const refused = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error('no.'), { name, $fault: 'client', $metadata: { httpStatusCode, requestId: 'id' } });

describe('nameParameter', () => {
  it('adds to a refusal what to do about it in the stack, and keeps the rest', () => {
    const error = toShelveryError(refused('AuthorizationError', 403), `publishing to ${TOPIC}`);
    const named = nameParameter(error, 'AllowedTopics', TOPIC);
    expect(named.message).toBe(
      `${error.message} The stack's functions may use ${TOPIC} only if the stack's configuration names it, or its parameter AllowedTopics lists it.`,
    );
    expect(named).toMatchObject({
      code: 'NotAllowed',
      mendable: false,
      cause: error.cause,
      aws: { code: 'AuthorizationError', httpStatus: 403, requestId: 'id' },
    });
  });

  it('leaves other errors alone', () => {
    const error = toShelveryError(refused('NotFound', 404), `publishing to ${TOPIC}`);
    expect(nameParameter(error, 'AllowedTopics', TOPIC)).toBe(error);
  });

  it('knows no AWS answer where there was none', () => {
    expect(nameParameter(new ShelveryError('NotAllowed', 'no.'), 'AllowedTopics', TOPIC).aws).toBeUndefined();
  });

  it('names parameters that the template has', () => {
    expect(Object.keys(readTemplate().Parameters)).toEqual(expect.arrayContaining([...STACK_PARAMETERS]));
  });
});

describe('adviceOnKeys', () => {
  const key = (account: string): string => `arn:aws-cn:kms:cn-north-1:${account}:key/1`;

  it('names the first key of another account', () => {
    expect(adviceOnKeys([undefined, key(OWN), key('222222222222')], OWN)).toContain(
      `${key('222222222222')} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it`,
    );
  });

  it.each([[[]], [[undefined]], [['alias/backups']], [['0a0b0c0d-0000-0000-0000-000000000000']], [[key(OWN)]], [['']]])(
    'has nothing to say of %j',
    (keys) => {
      expect(adviceOnKeys(keys, OWN)).toBe('');
    },
  );
});
