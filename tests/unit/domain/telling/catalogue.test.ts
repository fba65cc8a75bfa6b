import { describe, expect, it } from '@jest/globals';
import { toShelveryError } from '../../../../layers/engine/src/domain/telling/faults.js';
import { DIAGNOSES, ERRORS, FINDINGS, LOG_LINES } from '../../../../layers/engine/src/domain/telling/catalogue.js';
import { buildNotification } from '../../../../layers/engine/src/domain/telling/notification.js';
import type { Log } from '../../../../layers/engine/src/ports.js';

describe('the catalogue', () => {
  const messages = [...ERRORS, ...LOG_LINES, ...FINDINGS, ...DIAGNOSES];

  it('has every code once', () => {
    expect(new Set(messages.map(({ code }) => code)).size).toBe(messages.length);
  });

  it.each(messages.map((message) => [message.code, message] as const))(
    'says of %s what it means and what to do, in sentences without a full stop at the end',
    (_, { meaning, advice }) => {
      for (const text of [meaning, advice]) expect(text).toMatch(/^[A-Z`].*[^.\s]$/);
    },
  );

  it.each(['AccessDenied', 'Throttling', 'InvalidParameterValue', 'ExpiredToken', 'ServiceQuotaExceeded'])(
    'has the data of an error that AWS answered by %s',
    (name) => {
      const answer = { $fault: 'client', $metadata: { httpStatusCode: 400, requestId: 'r-1' } };
      const error = toShelveryError(Object.assign(new Error('no'), { name }, answer), 'listing');
      const { ExceptionInfo } = buildNotification(
        { operation: 'CreateBackup', status: 'failed', error },
        'ebs',
        new Date(0),
      );
      const { name: code, message: _, ...data } = ExceptionInfo ?? {};
      expect(data).toEqual({ code: name, requestId: 'r-1' });
      expect(ERRORS.find((each) => each.code === code)?.data.parse(data)).toEqual(data);
    },
  );
});

describe('a log', () => {
  const lines: unknown[] = [];
  const keep = (...line: readonly unknown[]): void => {
    lines.push(line);
  };
  const log: Log = { info: keep, warn: keep, error: keep };

  it('takes a code with its data, at its level', () => {
    log.info('SHELVERY_BUCKET_CHANGED', 'made', { bucket: 'b', region: 'eu-west-1' });
    log.warn('SHELVERY_NOTHING_MARKED', 'nothing');
    // @ts-expect-error The data is missing.
    log.info('SHELVERY_BUCKET_CHANGED', 'made');
    // @ts-expect-error The region is missing.
    log.info('SHELVERY_BUCKET_CHANGED', 'made', { bucket: 'b' });
    // @ts-expect-error The data of another code.
    log.info('SHELVERY_BUCKET_CHANGED', 'made', { bucket: 'b', region: 'eu-west-1', account: '111111111111' });
    // @ts-expect-error There is no data to this code.
    log.warn('SHELVERY_NOTHING_MARKED', 'nothing', { region: 'eu-west-1' });
    // @ts-expect-error The code belongs to another level.
    log.error('SHELVERY_NOTHING_MARKED', 'nothing');
    expect(lines).toHaveLength(7);
  });
});
