import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatDateCreated,
  formatDay,
  formatTimestamp,
  parseDateCreated,
  parseTime,
  toMinute,
} from '../../../layers/engine/src/domain/calendar.js';
import { utc } from './builders.js';

const times = fc.date({ min: utc('0001-01-01'), max: utc('9999-12-31'), noInvalidDate: true });

describe('toMinute', () => {
  it.each([
    ['2026-11-24T03:01:59.999Z', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01:00.000Z', '2026-11-24T03:01:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:00.000Z'],
  ])('cuts %s to its minute', (time, cut) => {
    expect(toMinute(new Date(time)).toISOString()).toBe(cut);
  });
});

describe('date_created', () => {
  it.each([
    ['a plain time', '2026-11-24T03:01:00Z', '2026-11-24-0301'],
    ['seconds, which are cut', '2026-11-24T03:01:59Z', '2026-11-24-0301'],
    ['the last minute of a year', '2026-12-31T23:59:00Z', '2026-12-31-2359'],
    ['a leap day', '2028-02-29T00:00:00Z', '2028-02-29-0000'],
    ['the hour that daylight saving skips in Europe', '2026-03-29T01:30:00Z', '2026-03-29-0130'],
    ['the hour that daylight saving repeats in America', '2026-11-01T06:30:00Z', '2026-11-01-0630'],
  ])('is written in UTC: %s', (_, time, text) => {
    expect(formatDateCreated(new Date(time))).toBe(text);
  });

  it.each([
    ['2026-11-24-0301', '2026-11-24T03:01:00.000Z'],
    ['20261124-0301', '2026-11-24T03:01:00.000Z'],
    ['2028-02-29-0000', '2028-02-29T00:00:00.000Z'],
    ['20280229-2359', '2028-02-29T23:59:00.000Z'],
    ['2026-03-29-0230', '2026-03-29T02:30:00.000Z'],
  ])("reads both of the original's formats: %s", (text, time) => {
    expect(parseDateCreated(text)?.toISOString()).toBe(time);
  });

  it.each([
    ['empty', ''],
    ['a day that the month does not have', '2026-02-29-0000'],
    ['the 31st of a short month', '20260431-0000'],
    ['a 13th month', '2026-13-01-0000'],
    ['hour 24', '2026-01-01-2400'],
    ['minute 60', '2026-01-01-0060'],
    ['year 0', '0000-01-01-0000'],
    ['no minutes', '2026-01-01-03'],
    ['seconds', '2026-01-01-030000'],
    ['ISO 8601', '2026-01-01T03:00:00Z'],
    ['a mixture of both formats', '2026-0101-0300'],
    ['something before it', ' 2026-01-01-0300'],
    ['something behind it', '2026-01-01-0300 '],
    ['digits of another script', '٢٠٢٦-01-01-0300'],
  ])('does not read %s', (_, text) => {
    expect(parseDateCreated(text)).toBeUndefined();
  });

  it('reads what it wrote, to the minute, for any time', () => {
    fc.assert(fc.property(times, (time) => expect(parseDateCreated(formatDateCreated(time))).toEqual(toMinute(time))));
  });

  it('reads both formats as the same time', () => {
    fc.assert(
      fc.property(times, (time) => {
        const text = formatDateCreated(time);
        expect(parseDateCreated(text.replace('-', '').replace('-', ''))).toEqual(parseDateCreated(text));
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9-]{13,15}$/)), (text) => void parseDateCreated(text)),
    );
  });
});

describe('times for people', () => {
  it('writes the timestamp of notifications', () => {
    expect(formatTimestamp(new Date('2026-01-05T03:01:09.870Z'))).toBe('2026-01-05 03:01:09 UTC');
  });

  it('writes a day', () => {
    expect(formatDay(new Date('2026-12-31T23:59:59Z'))).toBe('2026-12-31');
  });
});

describe('a time that somebody gives', () => {
  it.each([
    ['2026-11-24T03:01:00Z', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01:00.123456', '2026-11-24T03:01:00.123Z'],
    ['2026-11-24T03:01', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T04:01+01:00', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T04:01:00+0100', '2026-11-24T03:01:00.000Z'],
    [' 2026-11-24 ', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24-0301', '2026-11-24T03:01:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('may be written %s', (text, time) => {
    expect(parseTime(text)?.toISOString()).toBe(time);
  });

  it.each([
    '2026-02-30',
    '2026-02-30T01:00:00Z',
    '2026-02-29T01:00',
    '2026-11-24T24:00',
    '2026-11-24T24:00:00Z',
    '2026-11-24T03:60Z',
    '2026-02-30-0100',
    '2026-11-24-2400',
    'today',
    '',
  ])('is none: %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
