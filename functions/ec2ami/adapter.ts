import {
  CopyImageCommand,
  CreateImageCommand,
  DeregisterImageCommand,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Instance } from '@aws-sdk/client-ec2';
import type {
  AwsAccess,
  BackupAdapter,
  BackupId,
  FoundBackup,
  Region,
  Resource,
  ResourceFacts,
  Tags,
  ToldFacts,
} from '@shelvery/engine';
import {
  AccountId,
  BackupId as ImageId,
  ResourceId,
  ShelveryError,
  describeCopy,
  describeNew,
  factsFrom,
  present,
  seemsMarked,
} from '@shelvery/engine';
import pLimit from 'p-limit';
import { createEbsDefaultKeys } from '../shared/ebs-default-key.js';
import { createEc2Clients } from '../shared/ec2-clients.js';
import { LIVING, listInstances } from '../shared/ec2-instances.js';
import { AT_A_TIME, listByValues, markedBackups, taggedResources } from '../shared/ec2-lists.js';
import { deleteSnapshot, isNamed, listOwnSnapshots, shareSnapshot } from '../shared/ec2-snapshots.js';
import { setTags, tagsOnCreation } from '../shared/ec2-tags.js';
import { someOf } from '../shared/some-of.js';
import { fromTagList } from '../shared/tag-list.js';
import { createAllowedImages } from './allowed-images.js';
import {
  heldSnapshots,
  holdOfAll,
  mendSnapshots,
  removeSnapshotsOf,
  snapshotTags,
  withFailures,
} from './image-snapshots.js';
import { foundImage, isEncrypted, listOwnImages, listSharedImages, notForOthers, snapshotsOf } from './images.js';
import { AMI_RULES } from './rules.js';

/**
 * Backups of EC2 instances: images, made without a reboot, each with its snapshots, which are tagged as they are made,
 * shared and deleted with it.
 *
 * @example createAmiAdapter({ access, prefix: 'shelvery' })
 */
export function createAmiAdapter({
  access,
  prefix,
}: {
  readonly access: AwsAccess;
  readonly prefix: string;
}): BackupAdapter {
  const clients = createEc2Clients(access);
  const home = access.home.region;

  /** The snapshots of the images seen, by the image's id, which is unique across regions. */
  const seenSnapshots = new Map<string, readonly string[]>();

  async function listImages(region: Region, filters: Filter[]): Promise<readonly FoundBackup[]> {
    const client = clients.of(region);
    const images = await listOwnImages(client, filters);
    for (const image of images) seenSnapshots.set(image.ImageId ?? '', snapshotsOf(image));
    return withFailures(
      client,
      images.flatMap((image) => foundImage(image, region)),
      prefix,
    );
  }

  /** Tags for an image and for its snapshots, in the call that makes both. */
  const bothTags = (tags: Tags, imageName: string) => [
    tagsOnCreation('image', tags),
    tagsOnCreation('snapshot', snapshotTags(tags, imageName, prefix)),
  ];

  async function copyImage(copy: ImageCopy): Promise<FoundBackup> {
    const encrypted = copy.encrypt || copy.sourceEncrypted || copy.kmsKeyId !== undefined;
    // The SDK gives each call a ClientToken, so that its repeats make no second copy.
    const made = await clients.of(copy.toRegion).send(
      new CopyImageCommand({
        SourceRegion: copy.fromRegion,
        SourceImageId: copy.sourceId,
        Name: copy.name,
        Description: describeCopy(copy.sourceId, copy.fromRegion),
        CopyImageTags: false,
        TagSpecifications: bothTags(copy.tags, copy.name),
        ...(encrypted ? { Encrypted: true } : {}),
        ...present({ KmsKeyId: copy.kmsKeyId }),
      }),
    );
    return {
      id: ImageId.parse(made.ImageId),
      region: copy.toRegion,
      serviceName: copy.name,
      state: 'pending',
      encrypted,
      ...present({ kmsKeyId: copy.kmsKeyId }),
      tags: copy.tags,
    };
  }

  return {
    type: 'ec2ami',
    resourceNoun: 'EC2 instance',
    rules: AMI_RULES,
    // Page "Error codes for the Amazon EC2 API".
    faults: {
      invalidState: ['IncorrectInstanceState', 'IncorrectState', 'InvalidState'],
      gone: ['InvalidInstanceID.NotFound', 'InvalidAMIID.NotFound'],
      alreadyExists: ['InvalidAMIName.Duplicate'],
      quota: { SnapshotLimitExceeded: 'EBS snapshots per Region' },
      notYet: [
        'InvalidAMIID.Unavailable',
        'ConcurrentCreateImageNoRebootLimitExceeded',
        'ConcurrentSnapshotLimitExceeded',
        'PendingSnapshotLimitExceeded',
        'ResourceLimitExceeded',
        'SnapshotCreationPerVolumeRateExceeded',
      ],
    },

    listResources: async () =>
      (await listInstances(clients.of(home), [taggedResources(prefix), LIVING]))
        .map((each) => resourceOf(each, home))
        .filter(({ tags }) => seemsMarked(tags, prefix)),

    findResources: async (ids) => {
      const instances = await listByValues('instance-id', ids, (filters) => listInstances(clients.of(home), filters), [
        LIVING,
      ]);
      return new Map(instances.map((each) => resourceOf(each, home)).map((resource) => [resource.id, resource]));
    },

    listBackups: (region) => listImages(region, [markedBackups(prefix)]),

    withHeldParts: async (region, found) => {
      if (found.length === 0) return found;
      const held = await heldSnapshots(clients.of(region), prefix);
      const [byId, byImage] = [Map.groupBy(held, ({ id }) => id), Map.groupBy(held, ({ image }) => image)];
      return found.map((backup) => {
        const snapshots = seenSnapshots.get(backup.id) ?? [];
        const parts = [...(byImage.get(backup.id) ?? []), ...snapshots.flatMap((id) => byId.get(id) ?? [])];
        return { ...backup, ...present({ partHeldBy: holdOfAll(parts, prefix) }) };
      });
    },

    describeBackups: async (region, ids) => {
      const found = await listByValues('image-id', ids, (filters) => listImages(region, filters));
      return new Map(found.map((backup) => [backup.id, backup]));
    },

    findByTags: (region, key, values) => listByValues(`tag:${key}`, values, (filters) => listImages(region, filters)),

    createBackup: async ({ resource, name, retentionType, tags }) => {
      const made = await clients.forMaking(home).send(
        new CreateImageCommand({
          InstanceId: resource.id,
          Name: name,
          Description: describeNew(retentionType, resource.id),
          NoReboot: true,
          TagSpecifications: bothTags(tags, name),
        }),
      );
      // Whether its snapshots are encrypted is only known once the image names them.
      const id = ImageId.parse(made.ImageId);
      return { found: { id, region: home, serviceName: name, state: 'pending', encrypted: false, tags } };
    },

    deleteBackup: async ({ region, id }) => {
      const client = clients.of(region);
      try {
        // A snapshot that another image uses, too, stays (page "DeregisterImage").
        const { DeleteSnapshotResults: results = [] } = await client.send(
          new DeregisterImageCommand({ ImageId: id, DeleteAssociatedSnapshots: true }),
        );
        const left = results.filter(({ ReturnCode: code }) => code !== 'success' && code !== 'skipped');
        // The image is gone, but these snapshots are not: deleting each by itself throws the service's own reason.
        for (const { SnapshotId: snapshot } of left) if (snapshot !== undefined) await deleteSnapshot(client, snapshot);
      } catch (error) {
        if (!(await isGone(client, id, error))) throw error;
        await removeSnapshotsOf(client, id, prefix);
      }
    },

    mend: (region, scope) => mendSnapshots(clients.of(region), region, prefix, scope),

    copyToRegion: async ({ source, toRegion, name, tags, encrypt, kmsKeyId }) => ({
      found: await copyImage({
        sourceId: source.id,
        fromRegion: source.region,
        sourceEncrypted: source.found.encrypted,
        toRegion,
        name,
        tags,
        encrypt,
        ...present({ kmsKeyId }),
      }),
    }),

    share: async ({ region, id }, accounts) => {
      const client = clients.of(region);
      const images = await listOwnImages(client, [{ Name: 'image-id', Values: [id] }]);
      // EC2 has one name for an image that is gone and for one that is not ready.
      if (images.length === 0) throw new ShelveryError('BackupGone', `The image ${id} does not exist any more.`);
      const limit = pLimit(AT_A_TIME);
      // Snapshots first: an image that is shared without them cannot be copied.
      await limit.map(images.flatMap(snapshotsOf), (snapshot) => shareSnapshot(client, snapshot, accounts));
      await client.send(
        new ModifyImageAttributeCommand({
          ImageId: id,
          Attribute: 'launchPermission',
          OperationType: 'add',
          UserIds: [...accounts],
        }),
      );
    },

    keyOf: async ({ region, id }) => {
      const client = clients.of(region);
      const snapshots = (await listOwnImages(client, [{ Name: 'image-id', Values: [id] }])).flatMap(snapshotsOf);
      const listed = await listByValues('snapshot-id', snapshots, (filters) => listOwnSnapshots(client, filters));
      return listed.find(({ KmsKeyId }) => KmsKeyId !== undefined)?.KmsKeyId;
    },

    findShared: async (sources) => {
      const ids = sources.map(({ id }) => id);
      const images = await listByValues('image-id', ids, (filters) => listSharedImages(clients.of(home), filters));
      const byId = new Map(images.map((image) => [image.ImageId, image]));
      return sources.flatMap((source) => {
        const image = byId.get(source.id);
        return image?.OwnerId === undefined
          ? []
          : [
              {
                ...source,
                ownerId: AccountId.parse(image.OwnerId),
                encrypted: isEncrypted(image),
                ...present({ notForOthers: notForOthers(image) }),
              },
            ];
      });
    },

    whyUnseen: createAllowedImages(() => clients.of(home)),

    copyShared: async ({ sourceId, sourceRegion, name, tags, encrypt, kmsKeyId }) => ({
      found: await copyImage({
        sourceId,
        fromRegion: sourceRegion,
        sourceEncrypted: false,
        toRegion: home,
        name,
        tags,
        encrypt,
        ...present({ kmsKeyId }),
      }),
    }),

    reencrypt: ({ source, name, tags, kmsKeyId }) =>
      copyImage({
        sourceId: source.id,
        fromRegion: source.region,
        sourceEncrypted: true,
        toRegion: source.region,
        name,
        tags,
        encrypt: true,
        kmsKeyId,
      }),

    ownDefaultKey: createEbsDefaultKeys(clients),

    tagBackup: (backup, tags) => setTags(clients.of(backup.region), [backup.id], tags),
  };
}

interface ImageCopy {
  readonly sourceId: BackupId;
  readonly fromRegion: Region;
  readonly sourceEncrypted: boolean;
  readonly toRegion: Region;
  readonly name: string;
  readonly tags: Tags;
  readonly encrypt: boolean;
  readonly kmsKeyId?: string;
}

function resourceOf(instance: Instance, region: Region): Resource {
  const { InstanceId, Tags: tags, RootDeviceType: root } = instance;
  // Page "CreateImage": of an Amazon EBS-backed instance only.
  const unusable = root === 'instance-store' ? 'its root is an instance store, of which EC2 makes no image' : undefined;
  return {
    id: ResourceId.parse(InstanceId),
    region,
    tags: fromTagList(tags),
    ...present({ createdAt: madeAt(instance), unusable, facts: factsOf(instance) }),
  };
}

/** What a restore has to know of an instance. Its volumes with their sizes, types and IOPS are in the image. */
function factsOf(instance: Instance): ResourceFacts | undefined {
  const { Placement: placement, SecurityGroups: groups = [], NetworkInterfaces: interfaces = [] } = instance;
  return factsFrom({
    availability_zone: placement?.AvailabilityZone,
    instance_type: instance.InstanceType,
    subnet_id: instance.SubnetId,
    vpc_id: instance.VpcId,
    security_group_ids: someOf(groups.flatMap(({ GroupId }) => GroupId ?? [])),
    instance_profile: instance.IamInstanceProfile?.Arn,
    key_name: instance.KeyName,
    private_ip: instance.PrivateIpAddress,
    network_interfaces: interfaces.length > 1 ? interfaces.length : undefined,
    ebs_optimized: instance.EbsOptimized,
    tenancy: placement?.Tenancy === 'default' ? undefined : placement?.Tenancy,
    detailed_monitoring: instance.Monitoring?.State === 'enabled',
    http_tokens: instance.MetadataOptions?.HttpTokens,
    source_dest_check: instance.SourceDestCheck,
  } satisfies ToldFacts);
}

/**
 * When an instance was made. Its launch time is that of its last start; its primary network interface was attached when
 * it was made, and is never detached (page "Elastic network interfaces").
 */
function madeAt({ NetworkInterfaces: interfaces = [], LaunchTime: launched }: Instance): Date | undefined {
  const primary = interfaces.find(
    ({ Attachment }) => Attachment?.DeviceIndex === 0 && (Attachment.NetworkCardIndex ?? 0) === 0,
  );
  return primary?.Attachment?.AttachTime ?? launched;
}

/**
 * Whether a deregistration failed because the image is gone; `Unavailable` is also said of one in a state that forbids
 * it.
 */
async function isGone(client: EC2Client, id: string, error: unknown): Promise<boolean> {
  if (isNamed(error, 'InvalidAMIID.NotFound')) return true;
  if (!isNamed(error, 'InvalidAMIID.Unavailable')) return false;
  const images = await listOwnImages(client, [{ Name: 'image-id', Values: [id] }]);
  return images.every(({ State }) => State === 'deregistered');
}
