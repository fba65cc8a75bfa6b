import * as z from 'zod';
import { CONFIG_KEYS, ConfigSchema, describeKey } from '../config/config-schema.js';
import type { ConfigKey, ConfigValues } from '../config/config-schema.js';
import { LEVELS } from '../config/config.js';
import type { ConfigProblem, Level, ResourceConfig, RunConfig } from '../config/config.js';
import { present } from '../present.js';
import { isMarked } from '../backup/backup-tags.js';
import type { Resource } from '../backup/backup.js';

/** One value, and where it comes from. */
const ConfigLine = z.strictObject({
  key: z.string(),
  /** As text; left out where the key is not set. A secret is never told. */
  value: z.string().exactOptional(),
  level: z.enum([...LEVELS, 'default']),
});
export type ConfigLine = Readonly<z.infer<typeof ConfigLine>>;

/** What the tags of one resource set. */
const TaggedResource = z.strictObject({
  id: z.string(),
  name: z.string().exactOptional(),
  marked: z.boolean(),
  /** What its own tags set; of a selected resource every value that is in force. */
  values: z.array(ConfigLine),
  /** What its tags say and cannot, or may not, set. */
  problems: z.array(z.string()),
});
export type TaggedResource = Readonly<z.infer<typeof TaggedResource>>;

/** The answer of `show_config`. */
export const ShownConfig = z.strictObject({
  /** Every key, in the order of the documentation. */
  values: z.array(ConfigLine),
  /** Resources whose tags set something, or that were asked for. */
  resources: z.array(TaggedResource),
});
export type ShownConfig = Readonly<z.infer<typeof ShownConfig>>;

/** A key's default, as the text that it could be given as; nothing where it has none. */
export function defaultConfigText(key: ConfigKey): string | undefined {
  return text(ConfigSchema.parse({})[key]);
}

/** Every value of a run's own configuration, and the level that it comes from. */
export function explainRun({ values, levels }: RunConfig): readonly ConfigLine[] {
  return CONFIG_KEYS.map((key) => line(key, values, levels[key] ?? 'default'));
}

/**
 * What a resource's tags set, and what of them has no effect.
 *
 * @param all Every value that is in force for it, not only those of its tags.
 */
export function explainResource(
  { id, tags }: Resource,
  config: ResourceConfig,
  run: RunConfig,
  { all }: { readonly all: boolean },
): TaggedResource {
  const lines = CONFIG_KEYS.map((key) => {
    const level: Level | undefined = isFromTag(key, config, run) ? 'tag' : run.levels[key];
    return line(key, config.values, level ?? 'default');
  });
  return {
    id,
    ...present({ name: tags['Name'] }),
    marked: isMarked(tags, run.values.shelvery_tag_prefix),
    values: all ? lines : lines.filter(({ level }) => level === 'tag'),
    problems: [...config.problems, ...config.warnings].map(({ message }: ConfigProblem) => message),
  };
}

/** Whether a value comes from the tags: what these ask for and may not set is told of, and leaves the value as it was. */
function isFromTag(key: ConfigKey, { tagged, warnings, values }: ResourceConfig, run: RunConfig): boolean {
  const refused = warnings.some((warning) => warning.key === key) && text(values[key]) === text(run.values[key]);
  return tagged.includes(key) && !refused;
}

function line(key: ConfigKey, values: ConfigValues, level: ConfigLine['level']): ConfigLine {
  const value = text(values[key]);
  const shown = value !== undefined && describeKey(key).secret === true ? '(secret)' : value;
  return { key, ...present({ value: shown }), level };
}

/** A value as the text that it could be given as; a list of none is the empty text. */
function text(value: ConfigValues[ConfigKey]): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.join(',');
  const pairs = [...value].map(([name, of]) => (typeof of === 'number' ? `${name}:${String(of)}` : keyPair(name, of)));
  return pairs.join(',');
}

/** A key for one region, or for all. */
function keyPair(region: string, key: string): string {
  return region === '' ? key : `${region}=${key}`;
}
