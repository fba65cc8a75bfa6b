import * as z from 'zod';
import type { Emulator } from '../../emulator/emulator.js';
import { resolverOf } from '../../iam/intrinsic.js';
import { statementsOf } from '../../iam/role.js';
import { ruleOf } from '../../iam/rules.js';
import { readTemplate } from '../../iam/template.js';
import { HOME, SOURCE } from '../../integration/harness/copy-estate.js';

/** Beside the function's name Powertools has its own version in the application's id. */
const APPLICATION = / app\/(\S+?)-PT-NO-OP-/;

/**
 * By a function's name, such as `shelvery-ebs`: the calls that it made, as `ec2:CopySnapshot`, each once and sorted.
 */
export type CallsOfFunctions = Readonly<Record<string, readonly string[]>>;

/**
 * What each deployed function has called so far, by the emulator's log; a call is named by the service that it was
 * signed for.
 */
export async function callsOfFunctions(emulator: Emulator): Promise<CallsOfFunctions> {
  const found = new Map<string, Set<string>>();
  for (const { userAgent, service, action } of await emulator.calls()) {
    const [, name] = APPLICATION.exec(userAgent) ?? [];
    if (name === undefined) continue;
    const calls = found.get(name) ?? new Set<string>();
    found.set(name, calls.add(`${service}:${action}`));
  }
  return Object.fromEntries(
    [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, calls]) => [name, [...calls].sort()]),
  );
}

/**
 * Of these calls, what the role of the function does not allow at all in a stack with these parameters; how it is
 * allowed is proved elsewhere.
 */
export function notAllowed(
  calls: CallsOfFunctions,
  stackName: string,
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const template = readTemplate();
  const stack = resolverOf(template, {
    name: stackName,
    partition: 'aws',
    region: HOME,
    account: SOURCE,
    parameters,
    queues: '',
  });
  return stack.resources('AWS::Serverless::Function').flatMap((logicalId) => {
    const { FunctionName } = z.looseObject({ FunctionName: z.string() }).parse(stack.properties(logicalId));
    const allowed = new Set(
      statementsOf(stack, logicalId.replace(/Function$/, 'Role')).flatMap(({ actions }) => actions),
    );
    return (calls[FunctionName] ?? []).flatMap((call) => {
      const [service = '', operation = ''] = call.split(':');
      const { action } = ruleOf(service, operation);
      return allowed.has(action) ? [] : [`${FunctionName}: ${action}`];
    });
  });
}
