import type { ComponentChildren, JSX } from 'preact';

/** A column of a table; its cells have the heading, too, for where a table is too wide and each row becomes a card. */
export interface TableColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly numeric?: true;
  /** Names the row. */
  readonly isHeading?: true;
}

interface TableParts<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly foot?: ComponentChildren;
}

/** A table that is as wide as it must be, and scrolls by itself where that is too wide, also by keyboard. */
export function Table<Row>({ caption, columns, rows, foot }: TableParts<Row>): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th scope="col" class={numeric === true ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {columns.map(({ cell, numeric, isHeading }) =>
                isHeading === true ? (
                  <th scope="row">{cell(row)}</th>
                ) : (
                  <td class={numeric === true ? 'number' : undefined}>{cell(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {foot === undefined ? null : <tfoot>{foot}</tfoot>}
      </table>
    </div>
  );
}
