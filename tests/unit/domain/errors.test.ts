import { describe, expect, it } from '@jest/globals';
import { ShelveryError, aboutError, isShelveryError } from '../../../layers/engine/src/domain/errors.js';

describe('ShelveryError', () => {
  it('has a code and a message, and a repeat does not mend it unless said', () => {
    const error = new ShelveryError('ConfigurationError', 'set it to 1');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ShelveryError',
      code: 'ConfigurationError',
      message: 'set it to 1',
      mendable: false,
    });
    expect(error.aws).toBeUndefined();
    expect('cause' in error).toBe(false);
  });

  it('carries the cause, the AWS answer and whether a repeat could mend it', () => {
    const cause = new Error('socket hang up');
    const aws = { code: 'Throttling', requestId: 'r-1', httpStatus: 400 };
    expect(new ShelveryError('NotYet', 'later', { cause, aws, mendable: true })).toMatchObject({
      cause,
      aws,
      mendable: true,
    });
  });
});

describe('aboutError', () => {
  it("gives the code, and AWS's code and request id", () => {
    const aws = { code: 'AccessDenied', requestId: 'r-1', httpStatus: 403 };
    expect(aboutError(new ShelveryError('NotAllowed', 'allow it', { aws }))).toEqual({
      errorCode: 'NotAllowed',
      awsCode: 'AccessDenied',
      requestId: 'r-1',
    });
  });

  it('gives the code alone where AWS did not answer', () => {
    expect(aboutError(new ShelveryError('UsageError', 'no'))).toEqual({ errorCode: 'UsageError' });
  });
});

describe('isShelveryError', () => {
  class ShelveryErrorOfAnotherBundle extends Error {
    override readonly name = 'ShelveryError';
    readonly code = 'NotYet';
  }
  const nameless = Object.assign(new Error('x'), { name: 'ShelveryError' });

  it.each([
    ['one of ours', new ShelveryError('NotYet', 'x'), true],
    ["one of another bundle's copy of the class", new ShelveryErrorOfAnotherBundle('x'), true],
    ['another error', new Error('x'), false],
    [
      'an error of AWS, which has a code but not the name',
      Object.assign(new Error('x'), { code: 'Throttling' }),
      false,
    ],
    ['one without a code', nameless, false],
    ['something that is no error', { name: 'ShelveryError', code: 'NotYet' }, false],
    ['nothing', undefined, false],
  ])('%s: %#', (_, error, is) => {
    expect(isShelveryError(error)).toBe(is);
  });
});
