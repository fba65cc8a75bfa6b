import { CopySnapshotCommand, CreateSnapshotCommand, ModifySnapshotAttributeCommand } from '@aws-sdk/client-ec2';
import { createDryRuns, tagsOfDryRun } from '../shared/ec2-dry-runs.js';
import type { DryRunsFactory } from '../shared/ec2-dry-runs.js';
import { tagsOnCreation } from '../shared/ec2-tags.js';

/** The calls by which EBS snapshots are made, tagged, copied and shared, as dry runs. */
export const ebsDryRuns: DryRunsFactory = (parts) => {
  const home = parts.access.home.region;
  const made = { DryRun: true, TagSpecifications: [tagsOnCreation('snapshot', tagsOfDryRun(parts.prefix))] };
  return createDryRuns(parts, {
    make: {
      action: 'ec2:CreateSnapshot',
      send: (client, id) => client.send(new CreateSnapshotCommand({ ...made, VolumeId: id })),
    },
    copy: {
      action: 'ec2:CopySnapshot',
      send: (client, id) => client.send(new CopySnapshotCommand({ ...made, SourceRegion: home, SourceSnapshotId: id })),
    },
    share: {
      action: 'ec2:ModifySnapshotAttribute',
      send: (client, { id, account }) =>
        client.send(
          new ModifySnapshotAttributeCommand({
            DryRun: true,
            SnapshotId: id,
            Attribute: 'createVolumePermission',
            OperationType: 'add',
            UserIds: [account],
          }),
        ),
    },
  });
};
