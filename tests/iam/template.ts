import { readFileSync } from 'node:fs';
import { YAMLMap, parse } from 'yaml';
import type { Tags, YAMLSeq } from 'yaml';
import * as z from 'zod';
import { folderOf } from '../../scripts/invoke/built-function.js';

const Resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).prefault({}),
});
const Template = z.object({
  Parameters: z.record(z.string(), z.looseObject({ Default: z.string() })),
  Conditions: z.record(z.string(), z.unknown()),
  Globals: z.object({ Function: z.record(z.string(), z.unknown()) }),
  Resources: z.record(z.string(), Resource),
});
/** The template with its intrinsic functions in the long form: `!Ref X` as `{ Ref: 'X' }`. */
export type Template = z.infer<typeof Template>;

const FUNCTIONS = ['And', 'Equals', 'GetAtt', 'If', 'Join', 'Not', 'Or', 'Select', 'Split', 'Sub'];

/** What YAML's short forms stand for. A short form that is not here is an error. */
const SHORT_FORMS: Tags = [
  ...['Ref', 'Condition'].map((name) => ({ tag: `!${name}`, resolve: (text: string) => ({ [name]: text }) })),
  ...FUNCTIONS.flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => ({ [`Fn::${name}`]: name === 'GetAtt' ? text.split('.') : text }) },
    {
      tag: `!${name}`,
      collection: 'seq' as const,
      resolve: (sequence: YAMLMap.Parsed | YAMLSeq.Parsed) => {
        const map = new YAMLMap();
        map.set(`Fn::${name}`, sequence);
        return map;
      },
    },
  ]),
];

/** Reads `template.yaml`. */
export function readTemplate(): Template {
  const text = readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8');
  return Template.parse(parse(text, { customTags: SHORT_FORMS, strict: true, logLevel: 'error' }));
}

const Code = z.object({ CodeUri: z.string() });

/**
 * What the logical ids of all that belongs to a function begin with (`RdsCluster` of `rds_cluster`). A function is known
 * by where its code is.
 *
 * @throws Error where the template has no such function.
 */
export function logicalPrefix(template: Template, name: string): string {
  const code = `dist/functions/${folderOf(name)}`;
  const found = Object.entries(template.Resources).find(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Serverless::Function' && Code.safeParse(Properties).data?.CodeUri === code,
  );
  if (found === undefined) throw new Error(`template.yaml has no function for ${name}: none has CodeUri ${code}.`);
  return found[0].replace(/Function$/, '');
}
