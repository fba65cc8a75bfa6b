import type { ResourceFacts } from '../backup/resource-facts.js';
import type { Place } from '../backup/backup.js';
import type { AccountId, BackupId, BackupType, Region, ResourceId, Tags } from '../values.js';
import type { Ref, RestoreInput, RestoreStep, Value, Values } from './restore-plan.js';

/** A backup that is to be restored, and where to. */
export interface Wanted {
  readonly type: BackupType;
  /** `aws`, `aws-cn`, `aws-us-gov` … */
  readonly partition: string;
  readonly backup: {
    readonly id: BackupId;
    readonly name: string;
    readonly region: Region;
    /** The account that it is in. */
    readonly account: AccountId;
    readonly place: Place;
    readonly resource: ResourceId;
    readonly createdAt: Date;
    readonly encrypted: boolean;
    readonly archived: boolean;
    /** It is complete. */
    readonly available: boolean;
  };
  /** What the resource was, where that is known. */
  readonly facts?: ResourceFacts;
  /** Where the facts hold: ids of networks, groups and keys mean nothing elsewhere. */
  readonly origin: { readonly account: AccountId; readonly region?: Region };
  readonly into: { readonly account: AccountId; readonly region: Region };
  /** A resource of the same id is there, so that a name is taken. */
  readonly isThere: boolean;
  /** Tags for what is made. */
  readonly tags: Tags;
}

/** A call, before it is known where and by whom it is made. */
export type Call = Pick<RestoreStep, 'title' | 'operation'> & {
  readonly parameters: Readonly<Record<string, Value | undefined>>;
} & Partial<Pick<RestoreStep, 'kind' | 'saves' | 'until' | 'each' | 'service'>>;

/** Whether a backup is restored to where its resource was: what means something there alone still means it. */
export function isWhereItWas({ origin, into }: Pick<Wanted, 'origin' | 'into'>): boolean {
  return origin.account === into.account && origin.region === into.region;
}

/** Collects what a plan asks for and does. */
export interface Draft {
  readonly wanted: Wanted;
  readonly inputs: readonly RestoreInput[];
  readonly steps: readonly RestoreStep[];
  readonly notes: readonly string[];
  note(text: string): void;
  /** Something that the reader fills in; asked for once. */
  ask(name: string, what: string, how?: { readonly list?: boolean }): Ref;
  /**
   * What means something only in its account and region: the value where it is restored to the same, else something to be
   * filled in. Nothing where the resource had none. Where nothing is known of it, it is asked for, save what is `optional`.
   */
  bound(
    name: string,
    what: string,
    value: string | readonly string[] | undefined,
    how?: { readonly optional?: boolean },
  ): Value | undefined;
  /** What means the same everywhere; asked for where nothing is known. */
  known<T extends Value>(name: string, what: string, value: T | undefined): T | Ref | undefined;
  /** A step where the backup is to be restored. */
  call(call: Call): void;
  /** A step where the backup is. */
  callAtSource(call: Call): void;
}

/** @param service that the calls go to. */
export function createDraft(wanted: Wanted, service: RestoreStep['service']): Draft {
  const inputs: RestoreInput[] = [];
  const steps: RestoreStep[] = [];
  const notes: string[] = [];
  const { facts, origin, into, backup } = wanted;
  const holds = isWhereItWas(wanted);
  const ask = (name: string, what: string, { list = false }: { readonly list?: boolean } = {}): Ref => {
    if (!inputs.some((input) => input.name === name)) inputs.push({ name, what, list });
    return list ? { Ref: name, list: true } : { Ref: name };
  };
  const here = `in ${into.region} of ${into.account}`;
  const add = (
    where: { readonly account: AccountId; readonly region: Region },
    { parameters, kind = 'call', ...call }: Call,
  ): void => {
    steps.push({
      service,
      ...call,
      kind,
      account_id: where.account,
      region: where.region,
      parameters: Object.fromEntries(
        Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    });
  };
  return {
    wanted,
    inputs,
    steps,
    notes,
    note: (text) => {
      notes.push(text);
    },
    ask,
    bound(name, what, value, { optional = false } = {}) {
      const how = { list: typeof value === 'object' || name.endsWith('_IDS') };
      if (value === undefined)
        return facts === undefined && !optional
          ? ask(name, `${what} ${here}; what it was is not known`, how)
          : undefined;
      if (holds) return value;
      const was = typeof value === 'string' ? value : value.join(' ');
      return ask(name, `${what} ${here}; it was ${was} in ${origin.region ?? 'its region'} of ${origin.account}`, how);
    },
    known(name, what, value) {
      return value === undefined && facts === undefined ? ask(name, `${what}; what it was is not known`) : value;
    },
    call: (call) => {
      add(into, call);
    },
    callAtSource: (call) => {
      add(backup, call);
    },
  };
}

/** One setting of a resource, by the names that it has in each form. */
export interface Setting {
  readonly value: Value | undefined;
  /** Of the call that restores. */
  readonly api?: string | undefined;
  /** Of the call that changes it afterwards: the restore does not take it. */
  readonly later?: string | undefined;
  readonly cfn?: string | undefined;
  readonly tf?: string | undefined;
}

/** The settings that there are, by their names in one form. */
export function valuesOf(settings: readonly Setting[], form: 'api' | 'later' | 'cfn' | 'tf'): Values {
  const named = settings.flatMap(({ value, ...names }): [string, Value][] => {
    const name = names[form];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(named);
}

/** Resources of a template, by their logical names. */
export type CfnResources = Readonly<Record<string, { readonly Type: string; readonly Properties: Values }>>;
/** Resources of Terraform: type, then name. */
export type TerraformResources = Readonly<Record<string, Readonly<Record<string, Values>>>>;

/** What restores one type. */
export interface Restored {
  /** How many of the first steps only bring the backup to where it can be restored: no template makes them. */
  readonly preparation: number;
  readonly cfn: CfnResources;
  readonly terraform: TerraformResources;
}

/** A list of tags as the services take them. */
export function tagList(tags: Tags): Value | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? undefined : list;
}
