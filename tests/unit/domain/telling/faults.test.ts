import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import {
  faultName,
  isNotBegun,
  isPassing,
  isRefusedForItsTime,
  isThrottling,
  isUncertain,
  refusedCall,
  lacksCredentials,
  toShelveryError,
} from '../../../../layers/engine/src/domain/telling/faults.js';

/** An error as the SDK throws it. */
const aws = (name: string, httpStatusCode?: number, more: object = {}) =>
  Object.assign(new Error(`about ${name}`), {
    name,
    $fault: 'client',
    $metadata: { ...present({ httpStatusCode }), requestId: 'request-1' },
    ...more,
  });
/** An error as Node throws it when there is no answer. */
const network = (code: string) => Object.assign(new Error('socket hang up'), { code });

describe('faultName', () => {
  it.each([
    ["AWS's code", aws('InvalidVolume.NotFound', 400), 'InvalidVolume.NotFound'],
    ["Node's network code where the name says nothing", network('ECONNRESET'), 'ECONNRESET'],
    ["the error's own name", new TypeError('no'), 'TypeError'],
    ['its plain name where there is nothing else', new Error('no'), 'Error'],
    ['nothing for what is no error', 'a string', ''],
    ['nothing for an object without a name', {}, ''],
    ['nothing where the fields are of odd kinds', { name: 7, code: 8, $metadata: 9, $retryable: 10 }, ''],
  ])('is %s', (_what, error, name) => {
    expect(faultName(error)).toBe(name);
  });
});

describe('what an error means for a repeat', () => {
  it.each([
    ['refused by name', aws('RequestLimitExceeded', 503), { throttling: true, uncertain: false, passing: true }],
    [
      'refused by trait',
      aws('Odd', 400, { $retryable: { throttling: true } }),
      { throttling: true, uncertain: false, passing: true },
    ],
    ['refused by status', aws('Odd', 429), { throttling: true, uncertain: false, passing: true }],
    ['a server fault', aws('InternalError', 500), { throttling: false, uncertain: true, passing: true }],
    ['an answer that cannot be read', aws('SyntaxError', 200), { throttling: false, uncertain: true, passing: true }],
    ['a dropped connection', network('ECONNRESET'), { throttling: false, uncertain: true, passing: true }],
    [
      'a request without an answer',
      aws('Error', undefined, { $metadata: { attempts: 1 } }),
      { throttling: false, uncertain: true, passing: true },
    ],
    [
      'a request that could not be signed',
      aws('CredentialsProviderError', undefined, { $metadata: { attempts: 1 } }),
      { throttling: false, uncertain: false, passing: false },
    ],
    [
      'a time-out',
      Object.assign(new Error('late'), { name: 'TimeoutError' }),
      { throttling: false, uncertain: true, passing: true },
    ],
    ['S3 that waited for the body', aws('RequestTimeout', 400), { throttling: false, uncertain: false, passing: true }],
    ['no connection', network('ECONNREFUSED'), { throttling: false, uncertain: false, passing: true }],
    ['another change under way', aws('OperationAborted', 409), { throttling: false, uncertain: false, passing: true }],
    [
      'a list that has to be begun anew',
      aws('InvalidPaginationToken', 400),
      { throttling: false, uncertain: false, passing: true },
    ],
    ['a plain refusal', aws('InvalidParameterValue', 400), { throttling: false, uncertain: false, passing: false }],
    ['a mistake of ours', new TypeError('no'), { throttling: false, uncertain: false, passing: false }],
    [
      'an error of ours',
      new ShelveryError('NotYet', 'later', { mendable: true }),
      { throttling: false, uncertain: false, passing: true },
    ],
    [
      'an error of ours that stays',
      new ShelveryError('Unsupported', 'never'),
      { throttling: false, uncertain: false, passing: false },
    ],
  ])('%s', (_what, error, meaning) => {
    expect({ throttling: isThrottling(error), uncertain: isUncertain(error), passing: isPassing(error) }).toEqual(
      meaning,
    );
  });
});

describe('isNotBegun', () => {
  it.each([
    ['a call whose turn did not come', new ShelveryError('NotBegun', 'no time'), true],
    ['a call that was refused and not repeated', aws('Throttling', 400, { $notRepeated: true }), true],
    ['another error of ours', new ShelveryError('Unsupported', 'never'), false],
    ['another error of AWS', aws('Throttling', 400), false],
  ])('%s: %s', (_what, error, expected) => {
    expect(isNotBegun(error)).toBe(expected);
  });
});

describe('toShelveryError', () => {
  it.each([
    [aws('CredentialsProviderError'), 'CredentialsError', false, 'set AWS_PROFILE'],
    [aws('ExpiredToken', 400), 'CredentialsError', true, 'sign in again'],
    [aws('InvalidClientTokenId', 403), 'CredentialsError', false, 'does not accept these credentials'],
    [aws('AuthFailure', 401), 'CredentialsError', false, 'check that the region is enabled for the account'],
    [aws('OptInRequired', 403), 'CredentialsError', false, 'region is not enabled'],
    [aws('Throttling', 400), 'NotYet', true, 'only so many calls'],
    [aws('OperationAborted', 409), 'NotYet', true, 'Another change'],
    [aws('UnauthorizedOperation', 403), 'NotAllowed', false, 'Allow the call in the policy'],
    [
      aws('AccessDenied', 403, { $call: { action: 's3:PutObject', target: 'bucket/key' } }),
      'NotAllowed',
      false,
      'Allow s3:PutObject on bucket/key in the policy',
    ],
    [
      aws('AccessDenied', 403, { $call: { action: 's3:ListAllMyBuckets', target: undefined } }),
      'NotAllowed',
      false,
      'Allow s3:ListAllMyBuckets in the policy',
    ],
    [aws('SomethingElse', 403), 'NotAllowed', false, 'Allow the call in the policy'],
    [network('ENOTFOUND'), 'AwsError', true, 'check the region and the network'],
    [aws('NoSuchBucket', 404), 'AwsError', false, "It is made by create_data_buckets, in the bucket's own account."],
    [aws('InternalError', 500), 'AwsError', true, 'This is temporary: run it again'],
    [aws('SyntaxError', 200), 'AwsError', true, 'The answer could not be read, and the call may have been done.'],
    [aws('InvalidParameterValue', 400), 'AwsError', false, 'about InvalidParameterValue.'],
    [aws('Odd', undefined, { $metadata: undefined }), 'AwsError', false, 'about Odd.'],
    [new TypeError('x is undefined'), 'Unexpected', false, 'x is undefined'],
    ['a string', 'Unexpected', false, 'Error while listing: a string.'],
    [undefined, 'Unexpected', false, 'no reason was given'],
    ['', 'Unexpected', false, 'no reason was given'],
  ])('%p is %s', (error, code, mendable, words) => {
    const made = toShelveryError(error, 'listing');
    expect({ code: made.code, mendable: made.mendable }).toEqual({ code, mendable });
    expect(made.message).toContain('while listing: ');
    expect(made.message).toContain(words);
    expect(made.cause).toBe(error);
  });

  it('keeps what AWS said for those who ask it', () => {
    expect(toShelveryError(aws('InvalidParameterValue', 400), 'listing').aws).toEqual({
      code: 'InvalidParameterValue',
      requestId: 'request-1',
      httpStatus: 400,
    });
    const quota = aws('SnapshotQuotaExceededFault', 400, { Code: 'SnapshotQuotaExceeded' });
    expect(toShelveryError(quota, 'listing').aws).toMatchObject({ code: 'SnapshotQuotaExceeded' });
    expect(toShelveryError(network('ECONNRESET'), 'listing').aws).toEqual({ code: 'ECONNRESET' });
    expect(toShelveryError(new TypeError('no'), 'listing').aws).toBeUndefined();
  });

  it('tells credentials that are missing or expired from what is refused', () => {
    const lacks = (error: unknown): boolean => lacksCredentials(toShelveryError(error, 'listing'));
    for (const name of ['CredentialsProviderError', 'TokenProviderError', 'ExpiredToken'])
      expect(lacks(aws(name, undefined, { $metadata: undefined }))).toBe(true);
    for (const error of [aws('InvalidClientTokenId', 403), aws('AccessDenied', 403), new TypeError('no')])
      expect(lacks(error)).toBe(false);
  });

  it('leaves an error of ours as it is', () => {
    const error = new ShelveryError('Unsupported', 'Redshift cannot.');
    expect(toShelveryError(error, 'copying')).toBe(error);
  });

  it('never passes on a signed URL', () => {
    const error = aws('InvalidPresignedUrl', 400, {
      message: 'https://rds.eu-west-1.amazonaws.com/?X-Amz-Signature=abc is bad!',
    });
    const { message } = toShelveryError(error, 'copying');
    expect(message).toContain('https://rds.eu-west-1.amazonaws.com/ is bad!');
    expect(message).not.toContain('Signature');
  });

  it('never passes on what a URL without encryption asks for', () => {
    const error = aws('Odd', 400, { message: 'see http://example.com/a?token=abc' });
    expect(toShelveryError(error, 'copying').message).toBe('Odd while copying: see http://example.com/a.');
  });

  it.each([
    [aws('Odd', 400), 'Odd while copying: about Odd.'],
    [aws('Odd', 400, { message: 'No. Why?' }), 'Odd while copying: No. Why?'],
    [aws('Odd', 400, { message: 'No. It is so' }), 'Odd while copying: No. It is so.'],
    ['it broke', 'Error while copying: it broke.'],
    [
      aws('Throttling', 400),
      'Throttling while copying: about Throttling. AWS allows only so many calls at a time. This is temporary: run it again.',
    ],
  ])('says what failed, what was said, and what to do, a sentence each: %#', (error, message) => {
    expect(toShelveryError(error, 'copying').message).toBe(message);
  });

  it('takes for an error of AWS what an answer came with', () => {
    const error = Object.assign(new Error('no'), { name: 'Odd', $metadata: { httpStatusCode: 400 } });
    expect(toShelveryError(error, 'copying').code).toBe('AwsError');
    expect(toShelveryError(new Error('no'), 'copying').code).toBe('Unexpected');
  });

  it('cuts messages at 600 characters', () => {
    const saying = (length: number): string =>
      toShelveryError(aws('Odd', 400, { message: 'x'.repeat(length) }), 'copying').message;
    expect(saying(600)).toBe(`Odd while copying: ${'x'.repeat(600)}.`);
    expect(saying(601)).toBe(`Odd while copying: ${'x'.repeat(600)}….`);
  });

  it('cuts messages that have no end', () => {
    const error = aws('UnauthorizedOperation', 403, {
      message: 'Encoded authorization failure message: ' + 'x'.repeat(5_000),
    });
    expect(toShelveryError(error, 'copying').message.length).toBeLessThan(800);
  });
});

describe('what is refused for its time', () => {
  it.each(['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'])(
    'is told as a clock that is off: %s',
    (name) => {
      const error = toShelveryError(aws(name, 403), 'listing the volumes');
      expect(error).toMatchObject({ code: 'CredentialsError', mendable: true });
      expect(error.message).toContain("This machine's clock is not right");
      expect(error.message).not.toContain('expired: sign in');
      expect(isRefusedForItsTime(aws(name, 403))).toBe(true);
    },
  );

  it.each([
    ['AuthFailure', true],
    ['SignatureDoesNotMatch', true],
    ['InvalidSignatureException', true],
    ['ExpiredToken', false],
    ['AccessDenied', false],
  ])('may be %s: %s', (name, refused) => {
    expect(isRefusedForItsTime(aws(name, 403))).toBe(refused);
  });
});

describe('refusedCall', () => {
  const $call = { action: 'sns:GetTopicAttributes', target: 'arn:aws:sns:eu-west-1:111111111111:news' };

  it('names the call that a permission is missing for', () => {
    expect(refusedCall(Object.assign(aws('AccessDenied', 403), { $call }))).toEqual($call);
    expect(refusedCall(Object.assign(aws('AuthorizationError', 400), { $call: { action: 'a:B' } }))).toEqual({
      action: 'a:B',
      target: undefined,
    });
  });

  it.each(['ExpiredToken', 'NotFound', 'Throttling'])('says nothing of %s', (name) => {
    expect(refusedCall(Object.assign(aws(name, 400), { $call }))).toBeUndefined();
  });

  it('says nothing where the call is not known', () => {
    expect(refusedCall(aws('AccessDenied', 403))).toBeUndefined();
  });
});
