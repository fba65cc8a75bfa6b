import * as z from 'zod';
import { CONFIG_KEYS, ConfigSchema, describeKey } from '../../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import { MetadataSchema } from '../../layers/engine/src/domain/files/metadata-schema.js';

/** A page below docs/ that is made from the code, whole or in part. */
export interface Page {
  readonly file: string;
  /** The page as it should be, given the page as it is. */
  readonly render: (present: string) => string;
}

/** Every page that is made from the code. */
export const PAGES: readonly Page[] = [
  { file: 'docs/configuration.md', render: (present) => withPart(present, 'keys', keysTable()) },
  { file: 'docs/metadata.schema.json', render: metadataSchema },
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
  const defaults = defaultTexts();
  const rows = CONFIG_KEYS.map((key) => {
    const { description, allowed, tag } = describeKey(key);
    return [`\`${key}\``, description, allowed, defaults.get(key) ?? 'not set', tag ? 'yes' : 'no'];
  });
  const table = [['Key', 'What it does', 'Allowed', 'Default', 'By tag'], ['---', '---', '---', '---', '---'], ...rows];
  return table.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** The defaults as text, from what the schema says of its input. */
function defaultTexts(): ReadonlyMap<ConfigKey, string> {
  const { properties = {} } = z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' });
  const texts = new Map<ConfigKey, string>();
  for (const key of CONFIG_KEYS) {
    const property = properties[key];
    const text = typeof property === 'object' ? property.default : undefined;
    if (typeof text === 'string') texts.set(key, text === '' ? 'none' : `\`${text}\``);
  }
  return texts;
}

function metadataSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(MetadataSchema, { io: 'input' }), null, 2)}\n`;
}
