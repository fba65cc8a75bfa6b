import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  ModifySnapshotTierCommand,
  paginateDescribeSnapshotTierStatus,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Instance, Snapshot, Volume } from '@aws-sdk/client-ec2';
import type {
  AwsAccess,
  BackupAdapter,
  BackupState,
  FoundBackup,
  Region,
  Resource,
  ResourceFacts,
  ResourceSet,
  Tags,
  ToldFacts,
} from '@shelvery/engine';
import {
  AccountId,
  BackupId,
  ResourceId,
  TAG,
  describeCopy,
  describeNew,
  describeNewSet,
  factsFrom,
  isMarked,
  present,
  seemsMarked,
  tagKey,
} from '@shelvery/engine';
import { createEbsDefaultKeys } from '../shared/ebs-default-key.js';
import { createEc2Clients } from '../shared/ec2-clients.js';
import { LIVING, listInstances } from '../shared/ec2-instances.js';
import { PAGE_SIZE, listByValues, markedBackups, taggedResources } from '../shared/ec2-lists.js';
import { deleteSnapshot, listSharedSnapshots, readOwnSnapshots, shareSnapshot } from '../shared/ec2-snapshots.js';
import { setTags, tagsOnCreation } from '../shared/ec2-tags.js';
import { fromTagList } from '../shared/tag-list.js';
import { wholeList } from '../shared/whole-list.js';
import { EBS_RULES } from './rules.js';

/** Page "InstanceSpecification" of the Amazon EC2 API, ExcludeDataVolumeIds; the root volume is left out by a word of its own. */
const EXCLUDED_PER_CALL = 40;

/**
 * Backups of EBS volumes: snapshots, which can be copied, shared, re-encrypted and archived.
 * Snapshots that belong to an AMI (tags `<prefix>:ami_id`, `<prefix>:ami_name`) are not among them.
 *
 * @example createEbsAdapter({ access, prefix: 'shelvery' })
 */
export function createEbsAdapter({
  access,
  prefix,
}: {
  readonly access: AwsAccess;
  readonly prefix: string;
}): BackupAdapter {
  const clients = createEc2Clients(access);
  const home = access.home.region;

  const readSnapshots = (region: Region, filters: Filter[]): Promise<readonly FoundBackup[]> =>
    readOwnSnapshots(clients.of(region), filters, (snapshot) => foundSnapshot(snapshot, region));
  /** Without those of images. */
  const listSnapshots = async (region: Region, filters: Filter[]): Promise<readonly FoundBackup[]> =>
    (await readSnapshots(region, filters)).filter(({ tags }) => !isOfImage(tags, prefix));

  async function copySnapshot(copy: SnapshotCopy): Promise<FoundBackup> {
    const encrypted = copy.encrypt || copy.sourceEncrypted || copy.kmsKeyId !== undefined;
    const made = await clients.forMaking(copy.toRegion).send(
      new CopySnapshotCommand({
        SourceRegion: copy.fromRegion,
        SourceSnapshotId: copy.sourceId,
        Description: describeCopy(copy.sourceId, copy.fromRegion),
        TagSpecifications: [tagsOnCreation('snapshot', copy.tags)],
        // EC2 takes `true` or nothing.
        ...(encrypted ? { Encrypted: true } : {}),
        ...present({ KmsKeyId: copy.kmsKeyId }),
      }),
    );
    return {
      id: BackupId.parse(made.SnapshotId),
      region: copy.toRegion,
      state: 'pending',
      encrypted,
      ...present({ kmsKeyId: copy.kmsKeyId }),
      tags: copy.tags,
    };
  }

  return {
    type: 'ebs',
    resourceNoun: 'EBS volume',
    rules: EBS_RULES,
    // Page "Error codes for the Amazon EC2 API".
    faults: {
      invalidState: ['IncorrectState', 'InvalidState'],
      gone: ['InvalidVolume.NotFound', 'InvalidSnapshot.NotFound'],
      alreadyExists: [],
      quota: { SnapshotLimitExceeded: 'EBS snapshots per Region' },
      notYet: [
        'ConcurrentSnapshotLimitExceeded',
        'PendingSnapshotLimitExceeded',
        'ResourceLimitExceeded',
        'SnapshotCreationPerVolumeRateExceeded',
      ],
    },

    listResources: async () =>
      (await listVolumes(clients.of(home), [taggedResources(prefix)]))
        .map((volume) => resourceOf(volume, home))
        .filter(({ tags }) => seemsMarked(tags, prefix)),

    findResources: async (ids) => {
      const volumes = await listByValues('volume-id', ids, (filters) => listVolumes(clients.of(home), filters));
      return new Map(volumes.map((volume) => resourceOf(volume, home)).map((resource) => [resource.id, resource]));
    },

    listUnmarkedParts: async (marked) => {
      const own = new Set<string>(marked.map(({ id }) => id));
      const instances = await listInstances(clients.of(home), [taggedResources(prefix), LIVING]);
      return instances
        .filter(({ Tags: tags }) => isMarked(fromTagList(tags), prefix))
        .flatMap(({ InstanceId: instance, BlockDeviceMappings: devices = [] }) =>
          devices
            .flatMap(({ Ebs }) => Ebs?.VolumeId ?? [])
            .filter((volume) => !own.has(volume))
            .map((volume) => ({ id: ResourceId.parse(volume), of: ResourceId.parse(instance) })),
        );
    },

    listBackups: (region) => listSnapshots(region, [markedBackups(prefix)]),

    // By its id a backup is known whatever somebody has tagged it with.
    describeBackups: async (region, ids) => {
      const found = await listByValues('snapshot-id', ids, (filters) => readSnapshots(region, filters));
      return new Map(found.map((backup) => [backup.id, backup]));
    },

    findByTags: (region, key, values) =>
      listByValues(`tag:${key}`, values, (filters) => listSnapshots(region, filters)),

    createBackup: async (planned) => {
      const made = await clients.forMaking(home).send(
        new CreateSnapshotCommand({
          VolumeId: planned.resource.id,
          Description: describeNew(planned.retentionType, planned.resource.id),
          TagSpecifications: [tagsOnCreation('snapshot', planned.tags)],
        }),
      );
      return { found: justMade(made, home, planned.tags) };
    },

    sets: {
      mostLeftOut: EXCLUDED_PER_CALL,
      list: async (volumes) => {
        const ids = volumes.flatMap(({ facts }) => facts?.attached_to ?? []);
        const list = (filters: Filter[]): ReturnType<typeof listInstances> => listInstances(clients.of(home), filters);
        return (await listByValues('instance-id', ids, list, [LIVING])).map(setOf);
      },
      create: async ({ of, leftOut, retentionType, tags }) => {
        const excluded = leftOut.filter((id) => id !== of.root);
        const { Snapshots: made = [] } = await clients.forMaking(home).send(
          new CreateSnapshotsCommand({
            InstanceSpecification: {
              InstanceId: of.id,
              ...(excluded.length === leftOut.length ? {} : { ExcludeBootVolume: true }),
              ...(excluded.length === 0 ? {} : { ExcludeDataVolumeIds: excluded }),
            },
            Description: describeNewSet(retentionType, of.id),
            TagSpecifications: [tagsOnCreation('snapshot', tags)],
          }),
        );
        return made.map((snapshot) => justMade(snapshot, home, tags));
      },
    },

    deleteBackup: (backup) => deleteSnapshot(clients.of(backup.region), backup.id),

    copyToRegion: async ({ source, toRegion, tags, encrypt, kmsKeyId }) => ({
      found: await copySnapshot({
        sourceId: source.id,
        fromRegion: source.region,
        sourceEncrypted: source.found.encrypted,
        toRegion,
        tags,
        encrypt,
        ...present({ kmsKeyId }),
      }),
    }),

    share: (backup, accounts) => shareSnapshot(clients.of(backup.region), backup.id, accounts),

    findShared: async (sources) => {
      const ids = sources.map(({ id }) => id);
      const snapshots = await listByValues('snapshot-id', ids, (filters) =>
        listSharedSnapshots(clients.of(home), filters),
      );
      const byId = new Map(snapshots.map((snapshot) => [snapshot.SnapshotId, snapshot]));
      return sources.flatMap((source) => {
        const { OwnerId, Encrypted } = byId.get(source.id) ?? {};
        return OwnerId === undefined
          ? []
          : [{ ...source, ownerId: AccountId.parse(OwnerId), encrypted: Encrypted === true }];
      });
    },

    copyShared: async ({ sourceId, sourceRegion, tags, encrypt, kmsKeyId }) => ({
      found: await copySnapshot({
        sourceId,
        fromRegion: sourceRegion,
        sourceEncrypted: false,
        toRegion: home,
        tags,
        encrypt,
        ...present({ kmsKeyId }),
      }),
    }),

    reencrypt: ({ source, tags, kmsKeyId }) =>
      copySnapshot({
        sourceId: source.id,
        fromRegion: source.region,
        sourceEncrypted: true,
        toRegion: source.region,
        tags,
        encrypt: true,
        kmsKeyId,
      }),

    archive: async (backup) => {
      if (backup.found.archived === true) return;
      const client = clients.of(backup.region);
      try {
        await client.send(new ModifySnapshotTierCommand({ SnapshotId: backup.id, StorageTier: 'archive' }));
      } catch (error) {
        if (!(await isBeingArchived(client, backup.id))) throw error;
      }
    },

    ownDefaultKey: createEbsDefaultKeys(clients),

    tagBackup: (backup, tags) => setTags(clients.of(backup.region), [backup.id], tags),
  };
}

interface SnapshotCopy {
  readonly sourceId: BackupId;
  readonly fromRegion: Region;
  readonly sourceEncrypted: boolean;
  readonly toRegion: Region;
  readonly tags: Tags;
  readonly encrypt: boolean;
  readonly kmsKeyId?: string;
}

/** Volumes that pass the filter and are not on their way out, on every page. */
async function listVolumes(client: EC2Client, filters: Filter[]): Promise<readonly Volume[]> {
  const volumes = await wholeList(
    paginateDescribeVolumes,
    { client, pageSize: PAGE_SIZE },
    { Filters: filters },
    ({ Volumes }) => Volumes,
  );
  return volumes.filter(({ State }) => State !== 'deleting' && State !== 'deleted');
}

function resourceOf(volume: Volume, region: Region): Resource {
  const { VolumeId, Tags: tags, CreateTime: created } = volume;
  return {
    id: ResourceId.parse(VolumeId),
    region,
    tags: fromTagList(tags),
    ...present({ createdAt: created, facts: factsOf(volume) }),
  };
}

/** What is attached to an instance; volumes of an instance store are none. */
function setOf({
  InstanceId: id,
  RootDeviceName: rootDevice,
  BlockDeviceMappings: devices = [],
}: Instance): ResourceSet {
  const attached = devices.flatMap(({ DeviceName: device, Ebs }) => {
    const volume = ResourceId.safeParse(Ebs?.VolumeId).data;
    return volume === undefined ? [] : [{ volume, device, isAttached: Ebs?.Status === 'attached' }];
  });
  return {
    id: ResourceId.parse(id),
    members: attached.map(({ volume }) => volume),
    unsettled: attached.flatMap(({ volume, isAttached }) => (isAttached ? [] : [volume])),
    ...present({ root: attached.find(({ device }) => device !== undefined && device === rootDevice)?.volume }),
  };
}

/** A snapshot as the call that made it answers it. */
function justMade(
  made: Pick<Snapshot, 'Encrypted' | 'SnapshotId' | 'StartTime' | 'State' | 'VolumeId'>,
  region: Region,
  tags: Tags,
): FoundBackup {
  const { StartTime: startedAt, VolumeId: volumeId } = made;
  return {
    id: BackupId.parse(made.SnapshotId),
    region,
    state: stateOf(made) ?? 'pending',
    encrypted: made.Encrypted ?? false,
    ...present({ startedAt, dataTime: startedAt, volumeId }),
    tags,
  };
}

/** What a restore has to know of a volume. Of one that several instances use the first attachment counts. */
function factsOf(volume: Volume): ResourceFacts | undefined {
  const [attachment] = volume.Attachments ?? [];
  return factsFrom({
    availability_zone: volume.AvailabilityZone,
    size_gib: volume.Size,
    storage_type: volume.VolumeType,
    iops: volume.Iops,
    throughput_mibps: volume.Throughput,
    encrypted: volume.Encrypted,
    kms_key_id: volume.KmsKeyId,
    multi_attach: volume.MultiAttachEnabled,
    attached_to: attachment?.InstanceId,
    device: attachment?.Device,
    delete_on_termination: attachment?.DeleteOnTermination,
  } satisfies ToldFacts);
}

/** Whether a snapshot belongs to an image, which is a backup of another type, by its tags. */
function isOfImage(tags: Tags, prefix: string): boolean {
  return [TAG.amiId, TAG.amiName].some((last) => tags[tagKey(prefix, last)] !== undefined);
}

/** A snapshot as a backup; nothing where it is in the Recycle Bin. */
function foundSnapshot(snapshot: Snapshot, region: Region): readonly FoundBackup[] {
  const tags = fromTagList(snapshot.Tags);
  const state = stateOf(snapshot);
  if (state === undefined) return [];
  const { StateMessage: stateReason, StartTime: startedAt, VolumeId: volumeId, KmsKeyId: kmsKeyId } = snapshot;
  const { Description: description = '', VolumeSize: sizeGib } = snapshot;
  const found: FoundBackup = {
    id: BackupId.parse(snapshot.SnapshotId),
    region,
    state,
    ...(stateReason === undefined || stateReason === '' ? {} : { stateReason }),
    ...present({ startedAt, dataTime: startedAt, volumeId }),
    description,
    encrypted: snapshot.Encrypted ?? false,
    ...present({ kmsKeyId, sizeGib }),
    ...(snapshot.StorageTier === 'archive' ? { archived: true } : {}),
    tags,
  };
  return [found];
}

/** `recoverable`: in the Recycle Bin, which counts as deleted. `recovering`: being restored from it. */
function stateOf({ State: state }: Pick<Snapshot, 'State'>): BackupState | undefined {
  switch (state) {
    case 'completed':
      return 'available';
    case 'error':
      return 'failed';
    case 'recoverable':
      return undefined;
    case 'pending':
    case 'recovering':
    case undefined:
      return 'pending';
  }
}

/** Whether the snapshot is in the archive tier or on its way there: an earlier call whose answer was lost moved it. */
async function isBeingArchived(client: EC2Client, id: string): Promise<boolean> {
  const input = { Filters: [{ Name: 'snapshot-id', Values: [id] }] };
  const statuses = await wholeList(
    paginateDescribeSnapshotTierStatus,
    { client },
    input,
    ({ SnapshotTierStatuses }) => SnapshotTierStatuses,
  );
  return statuses.some(
    ({ StorageTier, LastTieringOperationStatus }) =>
      StorageTier === 'archive' || LastTieringOperationStatus === 'archival-in-progress',
  );
}
