import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PREFIX_TAG, clientPerRegion, faultName } from '@shelvery/engine';
import type {
  AccountId,
  AwsAccess,
  BackupId,
  DryRun,
  DryRunSubjects,
  Region,
  ResourceId,
  Tags,
} from '@shelvery/engine';
import { toTagList } from './tag-list.js';

/** The calls of one type that EC2 checks without doing them, as far as there is something to try them with. */
export type DryRunsOf = (subjects: DryRunSubjects) => readonly DryRun[];

/** Makes those of a type. */
export type DryRunsFactory = (parts: { readonly access: AwsAccess; readonly prefix: string }) => DryRunsOf;

/** One call of a type, as policies name it, and how it is sent; it must have `DryRun: true`. */
interface DryCall<Subject> {
  readonly action: string;
  readonly send: (client: EC2Client, subject: Subject) => Promise<unknown>;
}

/** How backups of a type are made, copied and shared. */
export interface DryCalls {
  readonly make: DryCall<ResourceId>;
  readonly copy: DryCall<BackupId>;
  readonly share: DryCall<{ readonly id: BackupId; readonly account: AccountId }>;
}

/** Tags of what is tried, so that the permission to tag is asked for, too: no backup is known by these alone. */
export function tagsOfDryRun(prefix: string): Tags {
  return { [PREFIX_TAG]: prefix };
}

/**
 * Turns calls into dry runs. EC2 answers each by an error: `DryRunOperation` where it would have done it (page "Error codes
 * for the Amazon EC2 API"). What takes something away (DeleteSnapshot, DeregisterImage) or cannot be taken back
 * (ModifySnapshotTier) is never among them: a backup is not risked for a check.
 */
export function createDryRuns(
  { access, prefix }: Parameters<DryRunsFactory>[0],
  { make, copy, share }: DryCalls,
): DryRunsOf {
  const home = access.home.region;
  const client = clientPerRegion(access, (region) => new EC2Client(access.config(region, 'refused-only')));
  const run = <Subject>(
    { action, send }: DryCall<Subject>,
    on: Subject,
    about: { readonly subject: string; readonly region?: Region },
  ): DryRun => {
    const { region = home } = about;
    return {
      action,
      region,
      subject: about.subject,
      call: async () => {
        try {
          await send(client(region), on);
        } catch (error) {
          if (faultName(error) !== 'DryRunOperation') throw error;
        }
      },
    };
  };
  const tag: DryCall<BackupId> = {
    action: 'ec2:CreateTags',
    send: (to, id) =>
      to.send(new CreateTagsCommand({ DryRun: true, Resources: [id], Tags: toTagList(tagsOfDryRun(prefix)) })),
  };
  return ({ resource, backup, drRegions, shareAccounts }) => [
    ...(resource === undefined ? [] : [run(make, resource.id, { subject: resource.id })]),
    ...(backup === undefined
      ? []
      : [
          run(tag, backup.id, { subject: backup.id }),
          ...drRegions.map((region) => run(copy, backup.id, { subject: backup.id, region })),
          // One account stands for all: what is allowed hardly depends on which.
          ...shareAccounts.slice(0, 1).map((account) => run(share, { id: backup.id, account }, { subject: backup.id })),
        ]),
  ];
}
