import { CopyImageCommand, CreateImageCommand, ModifyImageAttributeCommand } from '@aws-sdk/client-ec2';
import { createDryRuns, tagsOfDryRun } from '../shared/ec2-dry-runs.js';
import type { DryRunsFactory } from '../shared/ec2-dry-runs.js';
import { tagsOnCreation } from '../shared/ec2-tags.js';

/** The calls by which images are made, tagged, copied and shared, as dry runs. */
export const amiDryRuns: DryRunsFactory = (parts) => {
  const home = parts.access.home.region;
  const tags = tagsOfDryRun(parts.prefix);
  const made = {
    DryRun: true,
    // No image of ours has this name.
    Name: 'shelvery-doctor',
    TagSpecifications: [tagsOnCreation('image', tags), tagsOnCreation('snapshot', tags)],
  };
  return createDryRuns(parts, {
    make: {
      action: 'ec2:CreateImage',
      send: (client, id) => client.send(new CreateImageCommand({ ...made, InstanceId: id, NoReboot: true })),
    },
    copy: {
      action: 'ec2:CopyImage',
      send: (client, id) =>
        client.send(new CopyImageCommand({ ...made, SourceRegion: home, SourceImageId: id, CopyImageTags: false })),
    },
    share: {
      action: 'ec2:ModifyImageAttribute',
      send: (client, { id, account }) =>
        client.send(
          new ModifyImageAttributeCommand({
            DryRun: true,
            ImageId: id,
            Attribute: 'launchPermission',
            OperationType: 'add',
            UserIds: [account],
          }),
        ),
    },
  });
};
