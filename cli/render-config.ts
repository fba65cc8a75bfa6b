import type { ConfigLine, ShownConfig } from '@shelvery/engine/terminal';
import { oneLine } from './output.js';
import type { Paint } from './output.js';
import { renderTable } from './render-table.js';

/** How a configuration is shown. */
export interface ConfigParts {
  readonly paint: Paint;
  readonly width: number | undefined;
  /** Where the SSM parameters are; see `CommandConfig`. */
  readonly ssmPath: string | undefined;
  /** A resource was asked for: what is in force for it is all that is shown. */
  readonly ofOne: boolean;
  /** The run's own configuration was shown already, as that of another type. */
  readonly resourcesOnly: boolean;
}

/** Every value with where it comes from, then the resources that have values of their own. */
export function renderConfig({ values, resources }: ShownConfig, parts: ConfigParts): string {
  const { paint, width } = parts;
  const table = (lines: readonly ConfigLine[]): string =>
    renderTable<ConfigLine>(
      [
        { title: 'KEY', cell: ({ key }) => key },
        { title: 'VALUE', cell: ({ value }) => valueText(value), atLeast: 12, wraps: 'words' },
        { title: 'FROM', cell: ({ level }) => levelText(level, parts.ssmPath), atLeast: 12, wraps: 'words' },
      ],
      lines,
      paint,
      width,
    );
  const ofResources = resources.map(({ id, name, marked, values: own, problems }) =>
    [
      paint('bold', oneLine(`${id}${name === undefined ? '' : ` (${name})`}${marked ? '' : ', which is not marked'}`)),
      ...(own.length === 0 ? [] : [table(own)]),
      ...problems.map((problem) => paint('yellow', oneLine(`not used: ${problem}`))),
    ].join('\n'),
  );
  return [...(parts.ofOne || parts.resourcesOnly ? [] : [table(values)]), ...ofResources].join('\n\n');
}

function valueText(value: string | undefined): string {
  if (value === undefined) return 'not set';
  return value === '' ? 'none' : value;
}

function levelText(level: ConfigLine['level'], ssmPath: string | undefined): string {
  switch (level) {
    case 'tag':
      return "the resource's tag";
    case 'payload':
      return '--config';
    case 'environment':
      return 'environment';
    case 'ssm':
      return `SSM ${ssmPath ?? ''}`.trim();
    case 'default':
      return 'default';
  }
}
