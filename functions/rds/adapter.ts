import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
  paginateDescribeDBInstances,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import type { DBSnapshot, DescribeDBSnapshotsMessage } from '@aws-sdk/client-rds';
import {
  BackupId,
  ResourceId,
  TAG,
  faultName,
  formatDateCreated,
  isMarked,
  isOurs,
  perRegion,
  present,
  tagKey,
} from '@shelvery/engine';
import type {
  AwsAccess,
  BackupAdapter,
  CreatedBackup,
  FoundBackup,
  PlannedBackup,
  Region,
  Resource,
  ServiceFaults,
  ServiceRules,
  Tags,
} from '@shelvery/engine';
import { copyOrMake, fetchedOnce, newestAvailable } from '../shared/automated-snapshots.js';
import { IDS_PER_DESCRIBE, inGroups } from '../shared/in-groups.js';
import { snapshotState } from '../shared/snapshot-state.js';
import { OUTSIDE_RDS_TAG_VALUES } from '../shared/tag-alphabets.js';
import { fromTagList, toTagList } from '../shared/tag-list.js';

/** Names: page "CreateDBSnapshot". Sharing: page "Sharing a DB snapshot for Amazon RDS". */
const RULES: ServiceRules = {
  // The service takes 255, but copies name their source as <region>:<name> in a tag, whose value has 256 at most.
  maxNameLength: 240,
  nameStartsWithLetter: true,
  lowerCase: true,
  forbiddenInTagValues: OUTSIDE_RDS_TAG_VALUES,
  copyMayEncrypt: true,
  encryptedCopyNeedsKey: true,
  maxShareAccounts: 20,
};

const FAULTS: ServiceFaults = {
  invalidState: ['InvalidDBInstanceStateFault', 'InvalidDBSnapshotStateFault'],
  gone: ['DBInstanceNotFoundFault', 'DBSnapshotNotFoundFault'],
  alreadyExists: ['DBSnapshotAlreadyExistsFault'],
  quota: {
    SnapshotQuotaExceededFault: 'manual DB instance snapshots of the region (100 unless raised)',
    SharedSnapshotQuotaExceededFault: 'accounts that one snapshot is shared with (20)',
  },
  // A copy to another region is also refused by the name of the full quota where too many copies are running.
  notYet: ['SnapshotQuotaExceededFault', 'InvalidDBSnapshotStateFault'],
  notShareable: ['InvalidParameterCombination', 'InvalidParameterValue'],
};

/** Backups of RDS instances that are not members of a cluster. */
export function createRdsAdapter({
  access,
  prefix,
}: {
  readonly access: AwsAccess;
  readonly prefix: string;
}): BackupAdapter {
  const { home } = access;
  const client = perRegion((region) => new RDSClient(access.config(region)));
  /**
   * For calls that make something: if the SDK repeated one, the name that the first try took would seem somebody
   * else's.
   */
  const making = perRegion((region) => new RDSClient(access.config(region, 'refused-only')));
  /** The ids of the instances seen (DbiResourceId, never used again), by name. */
  const resourceIds = new Map<string, string>();
  /** Option groups of the snapshots seen, by `<region>:<id>`. */
  const optionGroups = new Map<string, string>();

  const arn = (region: Region, id: string, account: string = home.accountId): string =>
    `arn:${access.partition}:rds:${region}:${account}:snapshot:${id}`;

  async function instances(): Promise<Resource[]> {
    const resources: Resource[] = [];
    for await (const page of paginateDescribeDBInstances({ client: client(home.region) }, {})) {
      for (const {
        DBInstanceIdentifier,
        DBClusterIdentifier,
        DbiResourceId,
        InstanceCreateTime,
        TagList,
      } of page.DBInstances ?? []) {
        if (DBInstanceIdentifier === undefined || DBClusterIdentifier !== undefined) continue;
        if (DbiResourceId !== undefined) resourceIds.set(DBInstanceIdentifier, DbiResourceId);
        resources.push({
          id: ResourceId.parse(DBInstanceIdentifier),
          region: home.region,
          tags: fromTagList(TagList),
          ...present({ createdAt: InstanceCreateTime }),
        });
      }
    }
    return resources;
  }

  async function snapshots(region: Region, of: DescribeDBSnapshotsMessage): Promise<DBSnapshot[]> {
    const found: DBSnapshot[] = [];
    for await (const page of paginateDescribeDBSnapshots({ client: client(region) }, of))
      found.push(...(page.DBSnapshots ?? []));
    return found;
  }

  async function manual(region: Region, keep: (tags: Tags) => boolean): Promise<FoundBackup[]> {
    const all = await snapshots(region, { SnapshotType: 'manual' });
    return all.flatMap((snapshot) => toFound(snapshot, region)).filter((found) => keep(found.tags));
  }

  /** @param given the tags of a snapshot that was just made: the answer may not have them yet. */
  function toFound(snapshot: DBSnapshot, region: Region, given?: Tags): FoundBackup[] {
    const { DBSnapshotIdentifier, SnapshotCreateTime, KmsKeyId, OptionGroupName } = snapshot;
    const state = snapshotState(snapshot.Status);
    if (DBSnapshotIdentifier === undefined || state === 'gone') return [];
    if (OptionGroupName !== undefined) optionGroups.set(`${region}:${DBSnapshotIdentifier}`, OptionGroupName);
    return [
      {
        id: BackupId.parse(DBSnapshotIdentifier),
        region,
        state,
        ...present({ startedAt: SnapshotCreateTime }),
        encrypted: snapshot.Encrypted ?? false,
        ...present({ kmsKeyId: KmsKeyId }),
        tags: given ?? fromTagList(snapshot.TagList),
      },
    ];
  }

  /** What a call that made a snapshot says of it. */
  function made(snapshot: DBSnapshot | undefined, region: Region, name: string, tags: Tags): FoundBackup {
    const [found] = toFound(snapshot ?? {}, region, tags);
    return found ?? { id: BackupId.parse(name), region, state: 'pending', encrypted: false, tags };
  }

  const automated = fetchedOnce(async () => {
    const all = await snapshots(home.region, { SnapshotType: 'automated' });
    return all.map(({ DBSnapshotIdentifier, DBInstanceIdentifier, DbiResourceId, Status, SnapshotCreateTime }) => ({
      id: DBSnapshotIdentifier,
      ofName: DBInstanceIdentifier,
      ofResource: DbiResourceId,
      available: Status === 'available',
      time: SnapshotCreateTime,
    }));
  });

  async function create({ name, resource, tags }: PlannedBackup): Promise<FoundBackup> {
    const { DBSnapshot } = await making(home.region).send(
      new CreateDBSnapshotCommand({
        DBSnapshotIdentifier: name,
        DBInstanceIdentifier: resource.id,
        Tags: toTagList(tags),
      }),
    );
    return made(DBSnapshot, home.region, name, tags);
  }

  async function copy(
    toRegion: Region,
    copied: { from: string; name: string; tags: Tags; kmsKeyId?: string | undefined; optionGroup?: string | undefined },
  ): Promise<FoundBackup> {
    const { DBSnapshot } = await making(toRegion).send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: copied.from,
        TargetDBSnapshotIdentifier: copied.name,
        Tags: toTagList(copied.tags),
        ...present({ KmsKeyId: copied.kmsKeyId }),
        // Default option groups exist everywhere and are not copied (page "Copying a DB snapshot for Amazon RDS").
        ...(copied.optionGroup === undefined || copied.optionGroup.startsWith('default:')
          ? {}
          : { CopyOptionGroup: true }),
      }),
    );
    return made(DBSnapshot, toRegion, copied.name, copied.tags);
  }

  async function optionGroupOf(backup: FoundBackup): Promise<string | undefined> {
    const key = `${backup.region}:${backup.id}`;
    if (!optionGroups.has(key)) await describeBackups(backup.region, [backup.id]);
    return optionGroups.get(key);
  }

  async function describeBackups(
    region: Region,
    ids: readonly BackupId[],
  ): Promise<ReadonlyMap<BackupId, FoundBackup>> {
    const found = new Map<BackupId, FoundBackup>();
    for (const Values of inGroups([...new Set<string>(ids)], IDS_PER_DESCRIBE)) {
      const group = await snapshots(region, { SnapshotType: 'manual', Filters: [{ Name: 'db-snapshot-id', Values }] });
      for (const backup of group.flatMap((snapshot) => toFound(snapshot, region))) found.set(backup.id, backup);
    }
    return found;
  }

  return {
    type: 'rds',
    resourceNoun: 'RDS instance',
    rules: RULES,
    faults: FAULTS,

    listResources: async () => (await instances()).filter((resource) => isMarked(resource.tags, prefix)),

    // From the list of all, which leaves out instances that are gone and has no more pages than a list by names. What
    // AWS answers by names for instances that are gone is not documented.
    async findResources(ids) {
      if (ids.length === 0) return new Map();
      const wanted = new Set(ids);
      return new Map((await instances()).filter(({ id }) => wanted.has(id)).map((resource) => [resource.id, resource]));
    },

    listBackups: (region) => manual(region, (tags) => isOurs(tags, prefix)),

    describeBackups,

    // DescribeDBSnapshots has no filter for tags.
    async findByTags(region, key, values) {
      if (values.length === 0) return [];
      return manual(region, (tags) => tags[key] !== undefined && values.includes(tags[key]));
    },

    async createBackup(planned): Promise<CreatedBackup> {
      if (planned.config.values.shelvery_rds_backup_mode === 'RDS_CREATE_SNAPSHOT')
        return { found: await create(planned) };
      const { id } = planned.resource;
      return copyOrMake({
        of: id,
        newest: newestAvailable(await automated(), id, resourceIds.get(id)),
        goneFault: 'DBSnapshotNotFoundFault',
        make: () => create(planned),
        copy({ id: from, time }) {
          const tags = { ...planned.tags, [tagKey(prefix, TAG.snapshotTime)]: formatDateCreated(time) };
          return copy(home.region, { from, name: planned.name, tags });
        },
      });
    },

    async deleteBackup({ id, region }) {
      try {
        await client(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }));
      } catch (error) {
        if (faultName(error) !== 'DBSnapshotNotFoundFault') throw error;
      }
    },

    async copyToRegion({ source, toRegion, name, tags, kmsKeyId, encrypt }) {
      return copy(toRegion, {
        from: arn(source.region, source.id),
        name,
        tags,
        // Only for an encrypted snapshot: for another one a key would encrypt the copy.
        kmsKeyId: source.found.encrypted || encrypt ? kmsKeyId : undefined,
        optionGroup: await optionGroupOf(source.found),
      });
    },

    async share({ id, region }, account) {
      await client(region).send(
        new ModifyDBSnapshotAttributeCommand({
          DBSnapshotIdentifier: id,
          AttributeName: 'restore',
          ValuesToAdd: [account],
        }),
      );
    },

    async findShared(sources) {
      if (sources.length === 0) return [];
      const byArn = new Map(
        (await snapshots(home.region, { SnapshotType: 'shared' })).map((snapshot) => [
          snapshot.DBSnapshotArn,
          snapshot,
        ]),
      );
      return sources.flatMap((source) => {
        const found = byArn.get(arn(home.region, source.id, source.account));
        return found === undefined ? [] : [{ ...source, ownerId: source.account, encrypted: found.Encrypted === true }];
      });
    },

    async copyShared({ sourceAccount, sourceRegion, sourceId, name, tags, kmsKeyId, encrypt }) {
      const from = arn(sourceRegion, sourceId, sourceAccount);
      const { DBSnapshots } = await client(sourceRegion).send(
        new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: from, IncludeShared: true }),
      );
      const [shared] = DBSnapshots ?? [];
      return copy(home.region, {
        from,
        name,
        tags,
        kmsKeyId: shared?.Encrypted === true || encrypt ? kmsKeyId : undefined,
        optionGroup: shared?.OptionGroupName,
      });
    },

    reencrypt: ({ source, name, tags, kmsKeyId }) => copy(source.region, { from: source.id, name, tags, kmsKeyId }),

    async tagBackup({ id, region }, tags) {
      await client(region).send(new AddTagsToResourceCommand({ ResourceName: arn(region, id), Tags: toTagList(tags) }));
    },
  };
}
