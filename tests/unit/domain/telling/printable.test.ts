import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { printable, printableData } from '../../../../layers/engine/src/domain/telling/printable.js';

const ESCAPE = '\u001b';

describe('what is told', () => {
  it.each([
    ['what clears a screen', `db${ESCAPE}[2J${ESCAPE}[1;1Hok`, 'db[2J[1;1Hok'],
    ['what goes back to the start of the line', 'FAILED\rok    ', 'FAILEDok    '],
    ['a bell, a null and what deletes', 'a\u0007b\u0000c\u007fd\u009be', 'abcde'],
    ['what turns the direction of writing', 'a\u202eb\u2066c\u200fd', 'abcd'],
    ['line ends that only some know', 'a\u2028b\u2029c', 'abc'],
  ])('is without %s', (_, text, told) => {
    expect(printable(text)).toBe(told);
  });

  it('keeps lines, other languages and signs', () => {
    expect(printable('Größe\n日本 👩‍💻\ta')).toBe('Größe\n日本 👩‍💻 a');
  });

  it('has at most 2 KB a line', () => {
    const [first = '', second] = printable(`${'x'.repeat(10_000)}\ny`).split('\n');
    expect([first.length, second]).toEqual([2_001, 'y']);
    expect(printable('x'.repeat(2_001))).toBe(`${'x'.repeat(2_000)}…`);
    expect(printable(`${'x'.repeat(2_000)}\né`)).toBe(`${'x'.repeat(2_000)}\né`);
  });

  it('is clean in errors, whatever they quote', () => {
    expect(new ShelveryError('AwsError', `of ${ESCAPE}]0;x\u0007`).message).toBe('of ]0;x');
  });

  it('is clean in the data of log lines', () => {
    expect(printableData({ name: `a${ESCAPE}b`, count: 3, none: undefined })).toEqual({ name: 'ab', count: 3 });
  });
});
