import type { ResourceFacts } from '../backup/resource-facts.js';
import type { Draft, Setting } from './target.js';
import type { Value } from './restore-plan.js';

/** Names of databases and clusters (page "CreateDBInstance", "Constraints" of DBInstanceIdentifier). */
const DATABASE_NAME = /^[A-Za-z](?:-?[A-Za-z0-9])*$/;
const MAX_NAME = 63;
const ENDING = '-restored';

/** Whether a text is a name that these services give: it may be that of a tag that somebody else wrote. */
export function isDatabaseName(text: string): boolean {
  return text.length <= MAX_NAME && DATABASE_NAME.test(text);
}

/** The name of what is made: that of the resource, or, where that is taken, one beside it. */
export function newName(
  draft: Draft,
  { of = draft.wanted.backup.resource, input = 'NEW_NAME' }: { readonly of?: string; readonly input?: string } = {},
): Value {
  const { isThere } = draft.wanted;
  const name = isThere ? `${of.slice(0, MAX_NAME - ENDING.length).replace(/-+$/, '')}${ENDING}` : of;
  if (isDatabaseName(name)) return name;
  return draft.ask(input, 'a name for what is made, of letters, digits and hyphens');
}

/** The same, with a note where it is not that of the resource. */
export function notedName(draft: Draft): Value {
  const name = newName(draft);
  const { resource } = draft.wanted.backup;
  if (draft.wanted.isThere && typeof name === 'string')
    draft.note(`${resource} still exists, so that the new one is called ${name}.`);
  return name;
}

/** A group that is AWS's own is there in every account and region. */
export function groupValue(draft: Draft, name: string, what: string, group: string | undefined): Value | undefined {
  if (group !== undefined && /^default[.:]/.test(group)) return group;
  return draft.bound(name, what, group, { optional: true });
}

/** A database must not become public because a file from another account says so. */
export function publicOrNot(draft: Draft, facts: ResourceFacts): boolean | undefined {
  const { origin, backup } = draft.wanted;
  if (origin.account === backup.account) return facts.publicly_accessible;
  if (facts.publicly_accessible === true) {
    draft.note('The original had a public address. The new one has none, as the backup came from another account.');
  }
  return facts.publicly_accessible === undefined ? undefined : false;
}

/** Types of storage whose IOPS have to be given. */
export function storageSettings(facts: ResourceFacts): {
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
} {
  const { storage_type: type, iops, throughput_mibps: throughput } = facts;
  const isProvisioned = type === 'io1' || type === 'io2';
  // Page "Amazon RDS DB instance storage": gp3 has 3,000 IOPS and 125 MiB/s, or more, which may be set from a size on.
  const isAboveBase = type === 'gp3' && (iops ?? 0) > 3000;
  return {
    iops: isProvisioned || isAboveBase ? iops : undefined,
    throughput: type === 'gp3' && (throughput ?? 0) > 125 ? throughput : undefined,
  };
}

/** What instances and clusters of databases have in common, by the names that all forms give it. */
export function networkSettings(draft: Draft, facts: ResourceFacts): readonly Setting[] {
  return [
    {
      value: groupOrDefault(draft, facts.subnet_group),
      api: 'DBSubnetGroupName',
      cfn: 'DBSubnetGroupName',
      tf: 'db_subnet_group_name',
    },
    {
      value: draft.bound('SECURITY_GROUP_IDS', 'the VPC security groups', facts.security_group_ids),
      api: 'VpcSecurityGroupIds',
      cfn: 'VPCSecurityGroups',
      tf: 'vpc_security_group_ids',
    },
    { value: facts.port, api: 'Port', cfn: 'Port', tf: 'port' },
  ];
}

function groupOrDefault(draft: Draft, group: string | undefined): Value | undefined {
  // The group of the default VPC has this name everywhere, if there is one.
  return group === 'default' ? group : draft.bound('SUBNET_GROUP', 'a DB subnet group', group);
}
