import type { Permission } from './evaluate.js';
import type { Stack } from './intrinsic.js';
import type { Statement } from './role.js';

/**
 * What statements allow, told apart for the proof that nothing is allowed in vain: each action of a statement, and each
 * of its resources, with the stack's own account and region by their names in the template, so that stacks can be
 * compared.
 */
export function allowedBy(statements: readonly Statement[], stack: Stack): readonly string[] {
  return statements.flatMap((statement) => [
    ...statement.actions.map((action) => described(statement, action)),
    ...statement.resources.map((resource) => described(statement, `on ${inTemplate(resource, stack)}`)),
  ]);
}

/** The same of what was used. */
export function usedBy(permissions: readonly Permission[], stack: Stack): readonly string[] {
  return permissions.flatMap(({ statement, action, resource }) => [
    described(statement, action),
    described(statement, `on ${inTemplate(resource, stack)}`),
  ]);
}

function described({ policy, sid }: Statement, what: string): string {
  return `${policy}/${sid}: ${what}`;
}

function inTemplate(resource: string, { account, region }: Stack): string {
  return resource.replaceAll(account, '<account>').replaceAll(region, '<region>');
}
