import { describe, expect, it } from '@jest/globals';
import { resolveRunTime } from '../../../../layers/engine/src/domain/config/run-time.js';
import type { RunTimeInput } from '../../../../layers/engine/src/domain/config/run-time.js';

const NOW = new Date('2026-11-24T03:01:30Z');
const resolve = (given: string | undefined, more: Partial<RunTimeInput> = {}): string =>
  resolveRunTime({
    action: 'create_backups',
    now: NOW,
    dryRun: false,
    backdate: false,
    ...(given === undefined ? {} : { given: new Date(given) }),
    ...more,
  }).toISOString();

describe("a run's time", () => {
  it.each([
    ['its start, cut to the minute, without another', undefined, {}, '2026-11-24T03:01:00.000Z'],
    ['the given one, cut to the minute', '2026-11-24T01:00:59Z', {}, '2026-11-24T01:00:00.000Z'],
    ['a later second of this minute', '2026-11-24T03:01:59Z', {}, '2026-11-24T03:01:00.000Z'],
    ['a minute ahead, as clocks may differ by so much', '2026-11-24T03:02:00Z', {}, '2026-11-24T03:02:00.000Z'],
    [
      'a minute ahead to the millisecond',
      '2026-11-24T03:02:00Z',
      { now: new Date('2026-11-24T03:01:00Z') },
      '2026-11-24T03:02:00.000Z',
    ],
    ['24 hours ago', '2026-11-23T03:01:00Z', {}, '2026-11-23T03:01:00.000Z'],
    ['long past, if that is meant', '2026-01-01T00:00:00Z', { backdate: true }, '2026-01-01T00:00:00.000Z'],
    ['long past, in a dry run', '2026-01-01T00:00:00Z', { dryRun: true }, '2026-01-01T00:00:00.000Z'],
    [
      'long past, where nothing is made',
      '2026-01-01T00:00:00Z',
      { action: 'clean_backups' as const },
      '2026-01-01T00:00:00.000Z',
    ],
    ['in the future, in a dry run', '2027-01-01T00:00:00Z', { dryRun: true }, '2027-01-01T00:00:00.000Z'],
  ])('may be %s', (_, given, more, time) => {
    expect(resolve(given, more)).toBe(time);
  });

  it.each([
    [
      'in the future',
      '2026-11-24T03:03:00Z',
      {},
      "The run's time 2026-11-24T03:03:00.000Z is in the future; only a dry run",
    ],
    ['in the future, also when backdated', '2026-11-24T03:03:00Z', { backdate: true }, 'is in the future'],
    [
      'in the future, also when cleaning',
      '2026-11-24T03:03:00Z',
      { action: 'clean_backups' as const },
      'is in the future',
    ],
    [
      'more than 24 hours ago',
      '2026-11-23T03:00:59Z',
      {},
      "The run's time 2026-11-23T03:00:00.000Z is more than 24 hours ago. Backups of that time would expire early. " +
        'If you mean it, add --backdate (in a payload: "backdate": true).',
    ],
  ])('is refused %s', (_, given, more, message) => {
    expect(() => resolve(given, more)).toThrow(
      expect.objectContaining({ code: 'UsageError', message: expect.stringContaining(message) }),
    );
  });
});
