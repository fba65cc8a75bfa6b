import * as z from 'zod';
import { ConfigSchema } from '../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../layers/engine/src/domain/config/config-schema.js';

const Property = z.object({ default: z.string().optional(), enum: z.array(z.string()).optional() });
const { properties = {} } = z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' });

/** A key's default as the text that it is read from; nothing where it has none. */
export function defaultText(key: ConfigKey): string | undefined {
  return Property.parse(properties[key]).default;
}

/** The values of a key that has a closed list of them. */
export function allowedWords(key: ConfigKey): readonly string[] {
  const { enum: words } = Property.parse(properties[key]);
  if (words === undefined) throw new Error(`${key} has no closed list of values.`);
  return words;
}
