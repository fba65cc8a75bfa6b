import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { commented, either, getAtt, onlyIf, ref, split, sub } from '../../scripts/template/intrinsics.js';
import type { Value } from '../../scripts/template/intrinsics.js';
import { writeYaml } from '../../scripts/template/write-yaml.js';

const write = (content: Value): string => writeYaml('', [{ name: 'Part', content }]).replace('#\n\n', '');

describe('the writer of the template', () => {
  it.each<[string, Value, string]>([
    ['a function in its short form', ref('Topic'), '!Ref Topic'],
    ['an attribute with a point', getAtt('Queue'), '!GetAtt Queue.Arn'],
    [
      'functions within functions on one line',
      either('A', ref('B'), split(',', ref('C'))),
      "!If [A, !Ref B, !Split [',', !Ref C]]",
    ],
    ['no function where a mapping only has its name', { Condition: { Bool: true } }, '\n  Condition:\n    Bool: true'],
    [
      'a function over a mapping on lines of its own',
      onlyIf('A', { B: 1 }),
      '!If\n  - A\n  - B: 1\n  - !Ref AWS::NoValue',
    ],
    ['a text of several lines as it is', sub('{\n  "a": 1\n}\n'), '!Sub |\n  {\n    "a": 1\n  }'],
    ['short lists of words on one line', ['a', 'b'], '[a, b]'],
    [
      'comments before members and items',
      { A: commented('why', [commented('how', { B: 1 })]) },
      '\n  # why\n  A:\n    # how\n    - B: 1',
    ],
    ['long texts on one line', 'word '.repeat(40).trim(), 'word '.repeat(40).trim()],
  ])('writes %s', (_, value, expected) => {
    expect(
      write(value)
        .replace(/^Part:/, '')
        .trim(),
    ).toBe(expected.trim());
  });

  it.each(['2010-09-09', 'Null', 'on', 'yes', '0123', '1:30', '', '~', '12e3'])(
    'quotes %j, which is no text in YAML 1.1',
    (text) => {
      expect(write({ key: text })).toContain(`key: '${text}'`);
      expect(parse(write({ [text]: text }), { version: '1.1' })).toEqual({ Part: { [text]: text } });
    },
  );
});
