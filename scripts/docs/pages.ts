import * as z from 'zod';
import { CONFIG_KEYS, describeKey } from '../../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import { CommandDocument } from '../../cli/json-document.js';
import { ActionAnswer } from '../../layers/engine/src/lambda/action-answer.js';
import { MetadataSchema } from '../../layers/engine/src/domain/files/metadata-schema.js';
import { DIAGNOSES, ERRORS, FINDINGS, LOG_LINES } from '../../layers/engine/src/domain/telling/catalogue.js';
import type { Message } from '../../layers/engine/src/domain/telling/catalogue.js';
import { NAMED_BY_THE_COMPILER, PLACES } from '../../tests/new-type/places.js';
import { benchmarkTables } from './benchmarks.js';
import { defaultText } from '../input-schema.js';
import type { MadeFile } from '../made-files.js';

/** Every page that is made from the code. */
export const PAGES: readonly MadeFile[] = [
  { file: 'docs/configuration.md', render: (present) => withPart(present, 'keys', keysTable()) },
  {
    file: 'docs/operations.md',
    render: (present) =>
      [
        ['errors', messagesTable(ERRORS)] as const,
        ['log lines', messagesTable(LOG_LINES)] as const,
        ['findings', findingsTable()] as const,
        ['diagnoses', diagnosesTable()] as const,
      ].reduce((page, [name, part]) => withPart(page, name, part), present),
  },
  {
    file: 'docs/benchmarks.md',
    render: (present) => benchmarkTables(table).reduce((page, [name, part]) => withPart(page, name, part), present),
  },
  { file: 'docs/metadata.schema.json', render: () => schemaText(MetadataSchema) },
  { file: 'docs/command.schema.json', render: () => schemaText(CommandDocument) },
  { file: 'docs/answer.schema.json', render: () => schemaText(ActionAnswer) },
  { file: 'docs/adding-a-type.md', render: (present) => withPart(present, 'places', placesTable()) },
];

/**
 * Replaces what is between `<!-- name: made by npm run docs -->` and `<!-- end of name -->`.
 *
 * @throws Error where the page lacks either mark.
 */
export function withPart(page: string, name: string, part: string): string {
  const start = `<!-- ${name}: made by npm run docs -->\n\n`;
  const end = `\n\n<!-- end of ${name} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page needs the marks "${start.trim()}" and "${end.trim()}".`);
  return page.slice(0, from + start.length) + part + page.slice(to);
}

function keysTable(): string {
  const rows = CONFIG_KEYS.map((key) => {
    const { description, allowed, tag } = describeKey(key);
    return [`\`${key}\``, description, allowed, defaultCell(key), tag ? 'yes' : 'no'];
  });
  return table(['Key', 'What it does', 'Allowed', 'Default', 'By tag'], rows);
}

/** Where a backup type needs something, and which check names what is forgotten. */
function placesTable(): string {
  const compiled = Object.entries(NAMED_BY_THE_COMPILER).map(([where, what]) => [`\`${where}\``, what, 'the compiler']);
  const others = PLACES.map(({ where, what }) => [`\`${where}\``, what, '`tests/unit/new-type.test.ts`']);
  return table(['Where', 'What', 'Named by'], [...compiled, ...others]);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function messagesTable(messages: readonly Message[]): string {
  const rows = messages.map(({ code, level, meaning, advice, data }) => [
    `\`${code}\``,
    level,
    meaning,
    advice,
    fields(data),
  ]);
  return table(['Code', 'Level', 'What it means', 'What to do', 'Data'], rows);
}

/** The fields of a message's data, with a question mark after one that is not always there. */
function fields(data: z.ZodObject): string {
  const { properties = {}, required = [] } = z.toJSONSchema(data, { io: 'input' });
  const names = Object.keys(properties).map((name) => `\`${name}\`${required.includes(name) ? '' : '?'}`);
  return names.join(', ') || 'none';
}

function defaultCell(key: ConfigKey): string {
  const text = defaultText(key);
  if (text === undefined) return 'not set';
  return text === '' ? 'none' : `\`${text}\``;
}

const SEVERITY_OF = { error: 'breach', warn: 'warning', info: 'note' } as const;

/** What `status` finds, with the words of its JSON. */
function findingsTable(): string {
  const rows = FINDINGS.map(({ code, level, meaning, advice }) => [`\`${code}\``, SEVERITY_OF[level], meaning, advice]);
  return table(['Reason', 'Severity', 'What it means', 'What to do'], rows);
}

const RESULT_OF = { error: 'failed', warn: 'warning', info: 'ok' } as const;

/** What `doctor` finds, with the words of its JSON. */
function diagnosesTable(): string {
  const rows = DIAGNOSES.map(({ code, level, meaning, advice }) => [`\`${code}\``, RESULT_OF[level], meaning, advice]);
  return table(['Reason', 'Result', 'What it means', 'What to do'], rows);
}

function schemaText(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}
