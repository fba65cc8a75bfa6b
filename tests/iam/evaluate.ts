import type { Statement } from './role.js';

/** What AWS asks IAM for one action on one resource. */
export interface AccessRequest {
  readonly action: string;
  /** Its ARN; `*` for actions that have no resources. */
  readonly resource: string;
  /** The condition keys that AWS gives, as far as policies of ours look at them. */
  readonly context: Readonly<Record<string, string>>;
}

/** A statement and what of it allowed a request. */
export interface Permission {
  readonly statement: Statement;
  readonly action: string;
  readonly resource: string;
}

/** The statements that allow a request, as IAM evaluates them (page "Policy evaluation logic"); none: it is denied. */
export function permissionsFor(statements: readonly Statement[], request: AccessRequest): readonly Permission[] {
  return statements.flatMap((statement) => {
    const action = statement.actions.find((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase()));
    const resource = statement.resources.find((pattern) => pattern === '*' || matches(pattern, request.resource));
    return action === undefined || resource === undefined || failedConditions(statement, request).length > 0
      ? []
      : [{ statement, action, resource }];
  });
}

/** Why a request is denied, for people: what each statement that has its action lacks. */
export function explainDenial(statements: readonly Statement[], request: AccessRequest): string {
  const close = statements.filter(({ actions }) =>
    actions.some((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())),
  );
  const lacking = close.map((statement) => {
    const onResource = statement.resources.some((pattern) => pattern === '*' || matches(pattern, request.resource));
    const why = [
      ...(onResource ? [] : [`is for ${statement.resources.join(', ')}`]),
      ...failedConditions(statement, request),
    ];
    return `${statement.policy}/${statement.sid} ${why.join(' and ')}`;
  });
  return `${request.action} on ${request.resource}: ${lacking.length === 0 ? 'no statement has this action' : lacking.join('; ')}`;
}

/** The conditions that do not hold, for people. */
function failedConditions({ conditions }: Statement, { context }: AccessRequest): readonly string[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) =>
      test(operator, context[key], values)
        ? []
        : [`asks for ${operator} ${key} ${values.join(', ')}, and it is ${context[key] ?? 'not given'}`],
    ),
  );
}

/** Page "IAM JSON policy elements: Condition operators". A key that is not given fits none but `Null` and `…IfExists`. */
function test(operator: string, given: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'Null':
      return values.includes(String(given === undefined));
    case 'Bool':
    case 'StringEquals':
      return given !== undefined && values.includes(given);
    case 'StringEqualsIfExists':
      return given === undefined || values.includes(given);
    case 'StringLike':
      return given !== undefined && values.some((pattern) => matches(pattern, given));
    default:
      throw new Error(`the operator ${operator} is not known here`);
  }
}

/** `*` stands for any characters, `?` for one. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
