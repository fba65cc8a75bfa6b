import type { BackupType } from '../values.js';
import { restoreCluster } from './restore-cluster.js';
import { restoreDatabase } from './restore-database.js';
import { restoreInstance } from './restore-instance.js';
import { restoreRedshift } from './restore-redshift.js';
import { restoreVolume } from './restore-volume.js';
import type { RestoreInput, RestoreStep } from './restore-plan.js';
import { createDraft } from './target.js';
import type { Draft, Restored, Wanted } from './target.js';

/** How a backup is restored, before it is written in one of the forms. */
export interface Restoration extends Restored {
  readonly inputs: readonly RestoreInput[];
  readonly steps: readonly RestoreStep[];
  readonly notes: readonly string[];
}

/** Who restores each type, and the service whose calls it takes. */
const RESTORERS: Readonly<
  Record<BackupType, { readonly service: RestoreStep['service']; readonly restore: (draft: Draft) => Restored }>
> = {
  ebs: { service: 'ec2', restore: restoreVolume },
  ec2ami: { service: 'ec2', restore: restoreInstance },
  rds: { service: 'rds', restore: restoreDatabase },
  rds_cluster: { service: 'rds', restore: restoreCluster },
  docdb: { service: 'docdb', restore: restoreCluster },
  redshift: { service: 'redshift', restore: restoreRedshift },
};

/**
 * Plans how a backup is restored: the calls in their order, and the same resources as templates have them. It decides from
 * what it is given alone, so that a plan can be made on the day when an account is gone.
 *
 * @throws ShelveryError `Unsupported` where the service cannot restore it there, with what to do in place of that.
 * @example planRestore({ type: 'ebs', backup, facts, origin, into, isThere: false, tags: {}, partition: 'aws' }).steps
 */
export function planRestore(wanted: Wanted): Restoration {
  const { service, restore } = RESTORERS[wanted.type];
  const draft = createDraft(wanted, service);
  const { backup, facts } = wanted;
  if (!backup.available)
    draft.note('The backup is not complete yet: begin once list_backups tells that it is available.');
  if (facts === undefined) {
    draft.note(
      'Nothing tells what the resource was (its metadata file has no block restore): sizes, classes, networks and groups are to be filled in, and what is not asked for becomes what the service takes by itself.',
    );
  }
  for (const field of facts?.left_out ?? []) draft.note(`${field} is not in the metadata file, as it was too long.`);
  const restored = restore(draft);
  draft.note('What is made is not backed up until you tag it.');
  const accounts = [...new Set(draft.steps.map((step) => step.account_id))];
  if (accounts.length > 1)
    for (const account of accounts)
      draft.ask(profileInput(account), `the profile of the AWS CLI that has credentials of ${account}`);
  return { ...restored, inputs: draft.inputs, steps: draft.steps, notes: draft.notes };
}

/** The input that names the profile for an account, where several accounts take part. */
export function profileInput(account: string): string {
  return `PROFILE_${account}`;
}
