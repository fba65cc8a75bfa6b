import * as z from 'zod';
import type { Resolver } from './intrinsic.js';

const OneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const Value = z.union([z.string(), z.boolean()]).transform(String);
const Condition = z.record(
  z.string(),
  z.record(z.string(), z.union([Value.transform((value) => [value]), z.array(Value)])),
);
const Document = z.object({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    // Nothing else is in our policies: a Deny, or a NotAction, would have to be understood first.
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: OneOrMore,
      Resource: OneOrMore,
      Condition: Condition.prefault({}),
    }),
  ),
});
const Role = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  ManagedPolicyArns: z.array(z.string()),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: Document })),
});

/** One statement of a role's policies; all of them allow. */
export interface Statement {
  /** The policy that it stands in: a managed one, or one of the role's own. */
  readonly policy: string;
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values by operator and key. */
  readonly conditions: z.infer<typeof Condition>;
}

/** Everything that a role of the stack may do. */
export function statementsOf(stack: Resolver, role: string): readonly Statement[] {
  const { ManagedPolicyArns: managed, Policies: own } = Role.parse(stack.properties(role));
  const documents = [
    ...managed.map((policy) => ({ policy, document: Document.parse(stack.properties(policy)['PolicyDocument']) })),
    ...own.map(({ PolicyName, PolicyDocument }) => ({ policy: PolicyName, document: PolicyDocument })),
  ];
  return documents.flatMap(({ policy, document }) =>
    document.Statement.map(({ Sid, Action, Resource, Condition: conditions }) => ({
      policy,
      sid: Sid,
      actions: Action,
      resources: Resource,
      conditions,
    })),
  );
}
