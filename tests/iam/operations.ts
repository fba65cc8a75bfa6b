import { globSync, readFileSync } from 'node:fs';

/** What calls are signed for, where it is not the client's name. */
const SIGNED_AS: Readonly<Record<string, string>> = { docdb: 'rds' };

/**
 * The operations of AWS that the product's code can call, as `service:Operation`: what it imports of the SDK's clients.
 */
export function operationsInCode(): readonly string[] {
  const root = new URL('../../', import.meta.url).pathname;
  const operations = globSync(['functions/**/*.ts', 'layers/engine/src/**/*.ts'], { cwd: root }).flatMap((file) => {
    const imports = readFileSync(`${root}${file}`, 'utf8').matchAll(
      /import \{([^}]*)\} from '@aws-sdk\/client-([a-z0-9]+)'/g,
    );
    return [...imports].flatMap(([, names = '', client = '']) =>
      names.split(',').flatMap((name) => {
        const [, command, list] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name.trim()) ?? [];
        const operation = command ?? list;
        return operation === undefined ? [] : [`${SIGNED_AS[client] ?? client}:${operation}`];
      }),
    );
  });
  return [...new Set(operations)].sort();
}
