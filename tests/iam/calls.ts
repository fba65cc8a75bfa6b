import type { LoggedCall } from '../emulator/control-answers.js';
import type { AccessRequest } from './evaluate.js';

/** A call as the emulator logs it, with what its parameters name. */
export type RecordedCall = Pick<LoggedCall, 'service' | 'action' | 'region' | 'account' | 'parameters' | 'targets'>;

/** What a call names: whose it is, its tags, and the key that it is encrypted with. */
export type Target = NonNullable<RecordedCall['targets']>[number];

/** What AWS asks IAM when an operation is called. */
export interface Rule {
  /** The action that the operation is named by. */
  readonly action: string;
  /** Titles of the pages of the AWS documentation that it follows. */
  readonly pages: readonly string[];
  readonly asks: (call: RecordedCall) => readonly AccessRequest[];
}

/** By operation. */
export type Rules = Readonly<Record<string, Rule>>;

/** A parameter's text; empty where it is not given. */
export function text(call: RecordedCall, parameter: string): string {
  const value = call.parameters[parameter];
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** Whether any parameter is given whose name begins so. */
export function isGiven(call: RecordedCall, start: string): boolean {
  return Object.keys(call.parameters).some((name) => name === start || name.startsWith(`${start}.`));
}

/** What a parameter names. */
export function targetsOf(call: RecordedCall, parameter: string): readonly Target[] {
  return (call.targets ?? []).filter((target) => target.parameter === parameter);
}

/** The tags of a thing that exists, and whose it is, as conditions see them. */
export function contextOf({ tags, account }: Target): Readonly<Record<string, string>> {
  const tagged = Object.entries(tags).map(([key, value]): [string, string] => [`aws:ResourceTag/${key}`, value]);
  return { 'aws:ResourceAccount': account, ...Object.fromEntries(tagged) };
}

/** One action on things that exist. */
export function onTargets(action: string, targets: readonly Target[]): readonly AccessRequest[] {
  return targets.map((target) => ({ action, resource: target.arn, context: contextOf(target) }));
}

/** A rule for an action that has no resources. */
export function onEverything(action: string, page: string): Rule {
  return { action, pages: [page], asks: () => [{ action, resource: '*', context: {} }] };
}
