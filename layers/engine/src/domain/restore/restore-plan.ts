import * as z from 'zod';
import { ResourceFacts } from '../backup/resource-facts.js';

/** The forms in which a plan is told: commands of the AWS CLI, a CloudFormation template, Terraform's JSON. */
export const PLAN_FORMS = ['cli', 'cfn', 'terraform'] as const;
export type PlanForm = (typeof PLAN_FORMS)[number];

/** Something that is not known before: what the reader fills in, or what an earlier step answers. */
export interface Ref {
  readonly Ref: string;
  /** It stands for several values. */
  readonly list?: true;
}
/** A value of a parameter. */
export type Value = string | number | boolean | Ref | readonly Value[] | { readonly [key: string]: Value };
/** Parameters or properties by name. */
export type Values = Readonly<Record<string, Value>>;

export function isRef(value: Value): value is Ref {
  return typeof value === 'object' && 'Ref' in value && typeof value.Ref === 'string';
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A value that the reader has to fill in. */
const RestoreInput = z.strictObject({
  /** As a shell's variable. @example 'SUBNET_ID' */
  name: z.string(),
  /** What it is, what it was, and where. */
  what: z.string(),
  /** Several values, separated by blanks in a shell. */
  list: z.boolean(),
});
export type RestoreInput = Readonly<z.infer<typeof RestoreInput>>;

/** One call of a service, or the wait for what one began. */
const RestoreStep = z.strictObject({
  /** What it does, for people. */
  title: z.string(),
  /** With whose credentials. */
  account_id: z.string(),
  region: z.string(),
  /** As the AWS CLI calls it. */
  service: z.enum(['ec2', 'rds', 'docdb', 'redshift']),
  /** The API's name of the call (`CreateVolume`), or the AWS CLI's name of a waiter (`volume-available`). */
  operation: z.string(),
  /** `poll`: the call is repeated until its answer is `until`. `each`: the call is made for each of the values. */
  kind: z.enum(['call', 'wait', 'poll', 'each']),
  /** By the API's names. `{"Ref": NAME}` stands for an input, or for what an earlier step saves. */
  parameters: z.record(z.string(), z.json()),
  /** What is kept of the answer, under which name; a JMESPath expression says where it is. */
  saves: z.strictObject({ name: z.string(), query: z.string() }).exactOptional(),
  /** Of `poll`. */
  until: z.strictObject({ query: z.string(), is: z.string() }).exactOptional(),
  /** Of `each`: the name of the values, and what one of them is called in the parameters. */
  each: z.strictObject({ list: z.string(), item: z.string() }).exactOptional(),
});
type JsonStep = Readonly<z.infer<typeof RestoreStep>>;
export type RestoreStep = Omit<JsonStep, 'parameters'> & { readonly parameters: Values };

/** How a backup is restored: what is known, what is to be filled in, and what is done in which order. */
export const RestorePlan = z.strictObject({
  backup: z.strictObject({
    backup_type: z.string(),
    id: z.string(),
    name: z.string(),
    region: z.string(),
    /** The account that the backup is in. */
    account_id: z.string(),
    /** The account that the resource was in. */
    source_account: z.string(),
    place: z.enum(['local', 'dr', 'pulled']),
    resource: z.string(),
    created: z.string(),
    encrypted: z.boolean(),
    /** As in a list. */
    aws_owned_key: z.literal(true).exactOptional(),
    archived: z.boolean(),
  }),
  into: z.strictObject({ region: z.string(), account_id: z.string() }),
  /** The other places that a backup of this name is in. */
  also_in: z.array(z.strictObject({ region: z.string(), id: z.string(), place: z.string() })),
  /** Where `facts` is from: the metadata file, the resource as it is now, or nowhere. */
  facts_from: z.enum(['metadata', 'resource', 'none']),
  facts: ResourceFacts.exactOptional(),
  inputs: z.array(RestoreInput),
  steps: z.array(RestoreStep),
  /** What is missing, and what no step does. */
  notes: z.array(z.string()),
  /** The form that was asked for, and the plan in it. */
  form: z.enum(PLAN_FORMS),
  text: z.string(),
});
export type RestorePlan = Readonly<z.infer<typeof RestorePlan>>;
