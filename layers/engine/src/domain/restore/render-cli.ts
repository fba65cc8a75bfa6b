import { printable } from '../telling/printable.js';
import { profileInput } from './plan-restore.js';
import { isList, isRef } from './restore-plan.js';
import type { Ref, RestoreInput, RestoreStep, Value, Values } from './restore-plan.js';
import type { Restoration } from './plan-restore.js';
import { shellQuoted } from './shell.js';

/**
 * A plan as a shell's script (POSIX) of commands of the AWS CLI. It stops at the first error, and before the first command
 * where an input is not set. Whatever names and tags hold, they are quoted.
 *
 * @param title what is restored, in one line.
 */
export function renderCli({ inputs, steps, notes }: Restoration, title: string): string {
  return [
    '#!/bin/sh',
    comment(title),
    ...notes.map((note) => comment(`- ${note}`)),
    'set -eu',
    ...inputs.flatMap(inputLines),
    ...stepLines(steps, hasSeveralAccounts(steps)),
    '',
  ].join('\n');
}

/** The commands alone, as comments of a template have them. */
export function stepLines(steps: readonly RestoreStep[], named = hasSeveralAccounts(steps)): readonly string[] {
  return steps.flatMap((step, index) => [
    '',
    comment(`${String(index + 1)}. ${step.title}${named ? ` (account ${step.account_id})` : ''}`),
    ...commandLines(step, named),
  ]);
}

function hasSeveralAccounts(steps: readonly RestoreStep[]): boolean {
  return new Set(steps.map((step) => step.account_id)).size > 1;
}

function comment(text: string): string {
  return `# ${printable(text).replaceAll('\n', ' ')}`;
}

/** What somebody has to fill in before the commands that use it. */
export function inputLines({ name, what, list }: RestoreInput): readonly string[] {
  const many = list ? ' (several, separated by blanks)' : '';
  return ['', comment(`To be filled in: ${what}${many}`), `${name}="\${${name}:?is to be filled in}"`];
}

function commandLines(step: RestoreStep, named: boolean): readonly string[] {
  const { kind, saves, until, each } = step;
  if (until !== undefined) {
    const asked = commandOf(step, { named, query: until.query });
    return [`until [ "$(${asked})" = ${shellQuoted(until.is)} ]; do sleep 60; done`];
  }
  if (each !== undefined)
    return [`for ${each.item} in $${each.list}; do`, `  ${commandOf(step, { named })} > /dev/null`, 'done'];
  if (kind === 'wait') return [commandOf(step, { named })];
  const command = commandOf(step, { named, query: saves?.query });
  return saves === undefined ? [`${command} > /dev/null`] : [`${saves.name}=$(${command})`];
}

function commandOf(
  { service, operation, kind, parameters, region, account_id: account }: RestoreStep,
  { named, query }: { readonly named: boolean; readonly query?: string | undefined },
): string {
  const words = [
    'aws',
    service,
    ...(kind === 'wait' ? ['wait', operation] : [kebab(operation)]),
    '--region',
    shellQuoted(region),
    ...(named ? ['--profile', `"$${profileInput(account)}"`] : []),
    ...options(parameters),
    ...(query === undefined ? [] : ['--query', shellQuoted(query), '--output', 'text']),
  ];
  return words.join(' ');
}

/** RunInstances is called by `--count` in the AWS CLI. */
function options({ MinCount: least, MaxCount: _, ...parameters }: Values): readonly string[] {
  return [
    ...Object.entries(parameters).flatMap(([name, value]) => option(`--${kebab(name)}`, value)),
    ...(least === undefined ? [] : option('--count', least)),
  ];
}

function option(flag: string, value: Value): readonly string[] {
  if (typeof value === 'boolean') return [value ? flag : flag.replace('--', '--no-')];
  if (typeof value === 'number') return [flag, String(value)];
  if (typeof value === 'string')
    return value.startsWith('-') ? [`${flag}=${shellQuoted(value)}`] : [flag, shellQuoted(value)];
  if (isRef(value)) return [flag, variable(value)];
  if (isListOfWords(value))
    return [flag, ...value.map((word) => (typeof word === 'string' ? shellQuoted(word) : variable(word)))];
  return [flag, quotedJson(value)];
}

function variable({ Ref: name, list }: Ref): string {
  return list === true ? `$${name}` : `"$${name}"`;
}

/** What the AWS CLI takes as words one after the other; what it could take for something else goes as JSON. */
function isListOfWords(value: Exclude<Value, string | number | boolean | Ref>): value is readonly (string | Ref)[] {
  return (
    isList(value) &&
    value.every((item) =>
      typeof item === 'string' ? /^[A-Za-z0-9]/.test(item) : typeof item === 'object' && isRef(item),
    )
  );
}

/** JSON in single quotes; a variable in it stands outside of them. */
function quotedJson(value: Value): string {
  return `'${json(value)}'`;
}

function json(value: Value): string {
  if (typeof value !== 'object') return withinQuotes(JSON.stringify(value));
  if (isRef(value)) return `"'"$${value.Ref}"'"`;
  if (isList(value)) return `[${value.map(json).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${withinQuotes(JSON.stringify(key))}:${json(item)}`)
    .join(',')}}`;
}

/** The AWS CLI reads any JSON: so nothing but printable ASCII need be there. */
function withinQuotes(text: string): string {
  return text
    .replace(/[^\x20-\x7E]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll("'", String.raw`'\''`);
}

/**
 * A name of the API as the AWS CLI writes it.
 *
 * @example kebab('EnableIAMDatabaseAuthentication') // 'enable-iam-database-authentication'
 */
export function kebab(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}
