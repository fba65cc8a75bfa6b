import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plain } from '../../../cli/output.js';
import { renderTable } from '../../../cli/render-table.js';
import type { Column } from '../../../cli/render-table.js';

interface Row {
  readonly name: string;
  readonly id: string;
  readonly why: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, atLeast: 6 },
  { title: 'ID', cell: ({ id }) => id, dropAt: 1 },
  { title: 'WHY', cell: ({ why }) => why, atLeast: 12, wraps: 'words' },
];
const ROWS: readonly Row[] = [
  { name: 'a-long-name-indeed', id: 'vol-0123456789', why: 'expires on the first of a month' },
  { name: 'b', id: 'vol-1', why: 'held' },
];
const lines = (width?: number): readonly string[] => renderTable(COLUMNS, ROWS, plain, width).split('\n');

describe('renderTable', () => {
  it('is as wide as it needs to be for a pipe', () => {
    expect(lines()).toEqual([
      'NAME                ID              WHY',
      'a-long-name-indeed  vol-0123456789  expires on the first of a month',
      'b                   vol-1           held',
    ]);
  });

  it('wraps before it cuts', () => {
    expect(lines(50)).toEqual([
      'NAME                ID              WHY',
      'a-long-name-indeed  vol-0123456789  expires on the',
      '                                    first of a',
      '                                    month',
      'b                   vol-1           held',
    ]);
  });

  it('cuts before it leaves a column out', () => {
    expect(lines(44)).toEqual([
      'NAME            ID              WHY',
      'a-long-name-i…  vol-0123456789  expires on',
      '                                the first of',
      '                                a month',
      'b               vol-1           held',
    ]);
  });

  it('never cuts an id: it goes on below, once all else is as narrow as it may be', () => {
    const columns: readonly Column<Row>[] = [
      { title: 'NAME', cell: ({ name }) => name, atLeast: 6 },
      { title: 'ID', cell: ({ id }) => id, atLeast: 8, wraps: 'id' },
      { title: 'WHY', cell: ({ why }) => why, atLeast: 12, wraps: 'words' },
    ];
    const at = (width: number): readonly string[] => renderTable(columns, ROWS, plain, width).split('\n');
    expect(at(36).slice(0, 2)).toEqual(['NAME    ID              WHY', 'a-lon…  vol-0123456789  expires on']);
    expect(at(30).slice(1, 4)).toEqual([
      'a-lon…  vol-0123  expires on',
      '        456789    the first of',
      '                  a month',
    ]);
  });

  describe('a text that may go below its row', () => {
    const columns: readonly Column<Row>[] = [
      { title: 'NAME', cell: ({ name }) => name, atLeast: 6 },
      { title: 'ID', cell: ({ id }) => id, dropAt: 2 },
      { title: 'WHY', cell: ({ why }) => why, atLeast: 12, wraps: 'words', belowAt: 1, style: () => 'red' },
    ];
    const long = 'kept because of a reason that takes a good many words to tell';

    it('does so where it would take more than three lines, and no other', () => {
      const rows = [...ROWS, { name: 'c', id: 'vol-2', why: long }];
      expect(renderTable(columns, rows, plain, 50).split('\n').slice(1)).toEqual([
        'a-long-name-indeed  vol-0123456789  expires on the',
        '                                    first of a',
        '                                    month',
        'b                   vol-1           held',
        'c                   vol-2',
        '    kept because of a reason that takes a good',
        '    many words to tell',
      ]);
    });

    it('does so with all of its column in its turn, so that more columns stay, with its style', () => {
      const painted = renderTable(
        columns,
        [...ROWS, { name: 'd', id: 'vol-3', why: '' }],
        (style, text) => `<${style}>${text}</>`,
        26,
      );
      expect(painted.split('\n')).toEqual([
        '<bold>NAME        ID</>',
        'a-long-na…  vol-0123456789',
        '    <red>expires on the first</>',
        '    <red>of a month</>',
        'b           vol-1',
        '    <red>held</>',
        'd           vol-3',
      ]);
    });

    it('stays beside its row in a pipe', () => {
      expect(renderTable(columns, [{ name: 'c', id: 'vol-2', why: long }], plain).split('\n')).toHaveLength(2);
    });
  });

  it('leaves out the columns that may be, the lowest number first, and says so', () => {
    expect(lines(32)).toEqual([
      'NAME                WHY',
      'a-long-name-indeed  expires on',
      '                    the first of',
      '                    a month',
      'b                   held',
      'Too narrow for ID: --wide shows',
      'all.',
    ]);
  });

  it('leaves out a column in which nothing stands', () => {
    const empty = ROWS.map((row) => ({ ...row, id: '' }));
    expect(renderTable(COLUMNS, empty, plain).split('\n')[0]).toBe('NAME                WHY');
  });

  it('breaks a word that is longer than its column', () => {
    const rows = [{ name: 'x', id: '', why: 'arn:aws:kms:eu-west-1:111111111111:key/1' }];
    expect(renderTable(COLUMNS, rows, plain, 22).split('\n').slice(1)).toEqual([
      'x     arn:aws:kms:eu-w',
      '      est-1:1111111111',
      '      11:key/1',
    ]);
  });

  it('paints what has a style, and no padding', () => {
    const painted = renderTable(
      [{ title: 'A', cell: ({ id }: Row) => id, style: () => 'red' }, ...COLUMNS.slice(2)],
      ROWS.slice(1),
      (style, text) => `<${style}>${text}</>`,
    );
    expect(painted).toBe('<bold>A      WHY</>\n<red>vol-1</>  held');
  });

  it('never is wider than the terminal, as long as its columns may be narrower', () => {
    const word = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: word, id: word, why: word }), { minLength: 1 }),
        fc.integer({ min: 20, max: 140 }),
        (rows, width) => {
          for (const line of renderTable(COLUMNS, rows, plain, width).split('\n'))
            expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
