import type { CostRow, Priced, Report } from '@shelvery/engine/terminal';
import type { JSX } from 'preact';
import { Table } from './table.js';
import { TYPE_NAMES, counted, gibText, moneyText, numberText, priceText } from './words.js';

interface CostParts extends Pick<Report, 'cost'> {
  readonly pricesFrom: string | undefined;
}

/** What backups cost in a month, by region and type. */
export function Cost({ cost, pricesFrom }: CostParts): JSX.Element {
  const { currency, rows } = cost;
  const money = (amount: number): string => moneyText(amount, currency);
  const byRegion = [...Map.groupBy(rows, ({ region }) => region)].map(([region, those]) => ({
    region,
    onceCost: sum(those.map(({ onceCost }) => onceCost)),
    mostCost: sum(those.map(({ mostCost }) => mostCost)),
  }));
  return (
    <section aria-labelledby="cost">
      <h2 id="cost">Cost</h2>
      <p>
        An <b>estimate</b> for a month, by{' '}
        {pricesFrom === undefined ? (
          'the list prices that are built in'
        ) : (
          <>
            the prices in <code>{pricesFrom}</code>
          </>
        )}{' '}
        of {cost.asOf}, without taxes, free allowances, discounts, the transfer between regions and the resources
        themselves. <code>--prices FILE</code> replaces the prices.
        {cost.unknown === 0
          ? ''
          : ` ${counted(cost.unknown, 'backup')} of unknown size ${cost.unknown === 1 ? 'is' : 'are'} not in it: Aurora, DocumentDB and images tell none.`}
      </p>
      {rows.length === 0 ? null : (
        <>
          <Table
            caption="Cost a month by region"
            columns={[
              { title: 'Region', isHeading: true, cell: ({ region }) => region },
              { title: 'One copy each', numeric: true, cell: ({ onceCost }) => money(onceCost) },
              { title: 'At most', numeric: true, cell: ({ mostCost }) => money(mostCost) },
            ]}
            rows={byRegion}
            foot={
              <tr>
                <th scope="row">Together</th>
                <td class="number">{money(cost.onceCost)}</td>
                <td class="number">{money(cost.mostCost)}</td>
              </tr>
            }
          />
          <details>
            <summary>By region and type, with the prices</summary>
            <Table<CostRow>
              caption="Cost a month by region and type"
              columns={[
                { title: 'Region', isHeading: true, cell: ({ region }) => region },
                { title: 'What', cell: ({ priced }) => pricedName(priced) },
                { title: 'Backups', numeric: true, cell: ({ backups }) => numberText(backups) },
                {
                  title: 'A GiB a month',
                  numeric: true,
                  cell: ({ price, assumed }) => `${priceText(price, currency)}${assumed ? '*' : ''}`,
                },
                {
                  title: 'One copy each',
                  numeric: true,
                  cell: ({ onceGib, onceCost }) => `${gibText(onceGib)}, ${money(onceCost)}`,
                },
                {
                  title: 'At most',
                  numeric: true,
                  cell: ({ mostGib, mostCost }) => `${gibText(mostGib)}, ${money(mostCost)}`,
                },
              ]}
              rows={rows}
            />
            {rows.some(({ assumed }) => assumed) ? (
              <p>* The table names no price for this region: it is the one that the table has for all others.</p>
            ) : null}
          </details>
        </>
      )}
    </section>
  );
}

function pricedName(priced: Priced): string {
  return priced === 'ebs_archive' ? 'EBS volumes, archive tier' : TYPE_NAMES[priced];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
