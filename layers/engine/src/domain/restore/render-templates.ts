import { stringify } from 'yaml';
import { printable } from '../telling/printable.js';
import type { Restoration } from './plan-restore.js';
import { inputLines, stepLines } from './render-cli.js';
import { isList, isRef } from './restore-plan.js';
import type { Ref, Value } from './restore-plan.js';

/** Values of a template, which may be as deep as JSON. */
type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * A plan as a CloudFormation template (YAML). What the template cannot do, copies and the way out of the archive tier, are
 * commands in the comments before it. What it makes stays when the stack is deleted.
 */
export function renderCfn(plan: Restoration, title: string): string {
  const own = new Set(Object.keys(plan.cfn));
  const parameters = paramsOf(plan, Object.values(plan.cfn), (name) => own.has(name));
  const written = (value: Value): Plain =>
    replaced(value, ({ Ref: name }) => ({ Ref: own.has(name) ? name : camel(name) }));
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: printable(title).slice(0, 1024),
    ...(parameters.length === 0
      ? {}
      : {
          Parameters: Object.fromEntries(
            parameters.map(({ name, what, list }) => [
              camel(name),
              { Type: typeOf(name, list), Description: printable(what) },
            ]),
          ),
        }),
    Resources: Object.fromEntries(
      Object.entries(plan.cfn).map(([id, { Type, Properties }]) => [
        id,
        { Type, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Properties: written(Properties) },
      ]),
    ),
  };
  const yaml = stringify(template, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
  return [...aboutLines(plan, title, 'the stack is made').map((line) => `# ${line}`.trimEnd()), yaml].join('\n');
}

/**
 * A plan as Terraform in its JSON syntax, a file `restore.tf.json`. Comments are in `//`, with the commands for what has
 * to be done before. What it makes is protected from `terraform destroy`.
 */
export function renderTerraform(plan: Restoration, title: string, region: string): string {
  const parameters = paramsOf(plan, plan.terraform, (name) => name.includes('.'));
  const written = (value: Value): Plain =>
    replaced(
      value,
      ({ Ref: name }) => `\${${name.includes('.') ? name : `var.${name.toLowerCase()}`}}`,
      unInterpolated,
    );
  const document = {
    '//': aboutLines(plan, title, 'terraform apply'),
    terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
    provider: { aws: { region } },
    ...(parameters.length === 0
      ? {}
      : {
          variable: Object.fromEntries(
            parameters.map(({ name, what, list }) => [
              name.toLowerCase(),
              { description: unInterpolated(printable(what)), type: list ? 'list(string)' : 'string' },
            ]),
          ),
        }),
    resource: Object.fromEntries(
      Object.entries(plan.terraform).map(([type, named]) => [
        type,
        Object.fromEntries(
          Object.entries(named).map(([name, values]) => [
            name,
            Object.fromEntries([...Object.entries(written(values)), ['lifecycle', { prevent_destroy: true }]]),
          ]),
        ),
      ]),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The type of a parameter. Of an image CloudFormation can check that it is there. */
function typeOf(name: string, list: boolean): string {
  if (name === 'IMAGE_ID') return 'AWS::EC2::Image::Id';
  return list ? 'CommaDelimitedList' : 'String';
}

/** What is to be known, and done before. */
function aboutLines(plan: Restoration, title: string, then: string): readonly string[] {
  const { preparation, steps, notes, inputs } = plan;
  const commands = stepLines(steps.slice(0, preparation));
  const asked = inputs.filter(({ name }) => new RegExp(String.raw`\$${name}\b`).test(commands.join('\n')));
  const before = [...asked.flatMap(inputLines), ...commands];
  const lines = [
    title,
    ...notes.map((note) => `- ${note}`),
    ...(before.length === 0 ? [] : ['', `Commands to be run before ${then}:`, ...before]),
  ];
  return lines.map((line) => printable(line).replaceAll('\n', ' '));
}

interface Param {
  readonly name: string;
  readonly what: string;
  readonly list: boolean;
}

/** The inputs that the resources need, and what steps before them answer. */
function paramsOf({ inputs }: Restoration, resources: unknown, isOwn: (name: string) => boolean): readonly Param[] {
  const names = new Map<string, boolean>();
  collect(resources, names);
  return [...names]
    .filter(([name]) => !isOwn(name))
    .map(([name, list]) => {
      const input = inputs.find((each) => each.name === name);
      return { name, list, what: input?.what ?? 'what the command before answered' };
    });
}

function collect(value: unknown, names: Map<string, boolean>): void {
  if (typeof value !== 'object' || value === null) return;
  if ('Ref' in value && typeof value.Ref === 'string') names.set(value.Ref, 'list' in value);
  else for (const each of Object.values(value)) collect(each, names);
}

function replaced(value: Value, ref: (ref: Ref) => Plain, text: (text: string) => string = (same) => same): Plain {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object') return value;
  if (isRef(value)) return ref(value);
  if (isList(value)) return value.map((item) => replaced(item, ref, text));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, ref, text)]));
}

/** Terraform would take `${` and `%{` for the beginning of an expression. */
function unInterpolated(text: string): string {
  return text.replace(/[$%]\{/g, (begin) => begin.charAt(0) + begin);
}

/** @example camel('SUBNET_ID') // 'SubnetId' */
function camel(name: string): string {
  return name
    .split('_')
    .map((part) => `${part.charAt(0)}${part.slice(1).toLowerCase()}`)
    .join('');
}
