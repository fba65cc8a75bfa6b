import type { StorageRow } from '@shelvery/engine/terminal';
import { scaleLinear } from 'd3-scale';
import type { JSX } from 'preact';
import { Table } from './table.js';
import { TYPE_NAMES, counted, gibText, numberText } from './words.js';

const PLACES: Readonly<Record<string, string>> = {
  local: 'Local',
  dr: 'DR copies',
  pulled: 'Pulled',
  '': 'Unknown place',
};

function placeName(place: string): string {
  return PLACES[place] ?? place;
}

/** How much is stored, by type and place. */
export function Storage({ rows }: { readonly rows: readonly StorageRow[] }): JSX.Element {
  return (
    <section aria-labelledby="storage">
      <h2 id="storage">Storage</h2>
      {rows.length === 0 ? (
        <p>Nothing is stored.</p>
      ) : (
        <>
          <p>
            AWS stores only what changed between backups, and tells nobody how much that is. What is stored lies between{' '}
            <b>one copy each</b> (one full copy of each resource in each region) and <b>at most</b> (every backup a full
            copy), and below both where disks are not full.
          </p>
          <Bars rows={rows} />
          <Table<StorageRow>
            caption="Storage by type and place"
            columns={[
              { title: 'Type', isHeading: true, cell: ({ type }) => TYPE_NAMES[type] },
              { title: 'Place', cell: ({ place }) => placeName(place) },
              { title: 'Backups', numeric: true, cell: ({ backups }) => numberText(backups) },
              {
                title: 'Of unknown size',
                numeric: true,
                cell: ({ unknown }) => (unknown === 0 ? '' : numberText(unknown)),
              },
              { title: 'One copy each', numeric: true, cell: (row) => knownText(row, row.onceGib) },
              { title: 'At most', numeric: true, cell: (row) => knownText(row, row.mostGib) },
            ]}
            rows={rows}
          />
        </>
      )}
    </section>
  );
}

/** A sum, unless nothing of it is known. */
function knownText({ backups, unknown }: StorageRow, gib: number): string {
  return backups === unknown ? 'unknown' : gibText(gib);
}

/** One bar for each type and place: solid for one copy each, light up to the most that it can be. */
function Bars({ rows }: { readonly rows: readonly StorageRow[] }): JSX.Element {
  const most = Math.max(1, ...rows.map(({ mostGib }) => mostGib));
  const scale = scaleLinear([0, most], [0, 100]);
  const width = (gib: number): string => `${scale(gib).toFixed(2)}%`;
  return (
    <div class="bars">
      {rows.map(({ type, place, mostGib, onceGib, backups }, index) => (
        <>
          <p>
            {TYPE_NAMES[type]} <small>{placeName(place)}</small>
          </p>
          <svg height="18" role="img" aria-labelledby={`bar-${String(index)}`}>
            <title id={`bar-${String(index)}`}>
              {`${TYPE_NAMES[type]}, ${placeName(place)}: ${counted(backups, 'backup')}, ${gibText(onceGib)} to ${gibText(mostGib)}`}
            </title>
            <rect class="most" x="0" y="3" height="12" width={width(mostGib)} />
            <rect class="once" x="0" y="3" height="12" width={width(onceGib)} />
          </svg>
        </>
      ))}
    </div>
  );
}
