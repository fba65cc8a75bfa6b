/**
 * Values of a CloudFormation template, as plain data: its functions stand in their long form (`{ Ref: 'X' }`) and are
 * written in the short one (`!Ref X`).
 */
export type Value = string | number | boolean | readonly Value[] | Mapping | Commented;
export interface Mapping {
  readonly [key: string]: Value;
}

const COMMENT = Symbol('comment');
/** A value with a line of comment before it. */
export interface Commented {
  readonly [COMMENT]: string;
  readonly value: Exclude<Value, Commented>;
}

/** Puts a comment before a member of a mapping or an item of a list, for who reads the template. */
export function commented(comment: string, value: Exclude<Value, Commented>): Commented {
  return { [COMMENT]: comment, value };
}

/** The comment of a value, if it has one, and the value itself. */
export function uncommented(value: Value): {
  readonly comment: string | undefined;
  readonly bare: Exclude<Value, Commented>;
} {
  return isCommented(value) ? { comment: value[COMMENT], bare: value.value } : { comment: undefined, bare: value };
}

function isCommented(value: Value): value is Commented {
  return typeof value === 'object' && COMMENT in value;
}

export const ref = (name: string): Mapping => ({ Ref: name });
export const sub = (text: string, names?: Mapping): Mapping => ({
  'Fn::Sub': names === undefined ? text : [text, names],
});
export const getAtt = (name: string, attribute = 'Arn'): Mapping => ({ 'Fn::GetAtt': [name, attribute] });
export const join = (between: string, parts: Value): Mapping => ({ 'Fn::Join': [between, parts] });
export const split = (at: string, text: Value): Mapping => ({ 'Fn::Split': [at, text] });
export const select = (index: number, list: Value): Mapping => ({ 'Fn::Select': [index, list] });
export const either = (condition: string, yes: Value, no: Value): Mapping => ({ 'Fn::If': [condition, yes, no] });
export const equals = (left: Value, right: Value): Mapping => ({ 'Fn::Equals': [left, right] });
export const not = (condition: Value): Mapping => ({ 'Fn::Not': [condition] });
export const or = (...conditions: readonly Value[]): Mapping => ({ 'Fn::Or': conditions });
export const and = (...conditions: readonly Value[]): Mapping => ({ 'Fn::And': conditions });
/** A condition of the template within another. */
export const condition = (name: string): Mapping => ({ Condition: name });

/** Stands for nothing: a list loses the item, a mapping the member. */
const NO_VALUE = ref('AWS::NoValue');
/** A value where a condition holds, and else nothing. */
export const onlyIf = (name: string, value: Value): Mapping => either(name, value, NO_VALUE);
