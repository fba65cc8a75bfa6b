import {
  AuthorizeSnapshotAccessCommand,
  BatchDeleteClusterSnapshotsCommand,
  CopyClusterSnapshotCommand,
  CreateClusterSnapshotCommand,
  CreateTagsCommand,
  DeleteClusterSnapshotCommand,
  DescribeClusterSnapshotsCommand,
  RedshiftClient,
  RevokeSnapshotAccessCommand,
  paginateDescribeClusterSnapshots,
  paginateDescribeClusters,
} from '@aws-sdk/client-redshift';
import type { Cluster, DescribeClusterSnapshotsMessage, Snapshot } from '@aws-sdk/client-redshift';
import {
  BackupId,
  TAG,
  factsFrom,
  faultName,
  formatDateCreated,
  isNotBegun,
  isOurs,
  isPassing,
  isUncertain,
  clientPerRegion,
  present,
  seemsMarked,
  sourceOf,
  tagKey,
} from '@shelvery/engine';
import type {
  AccountId,
  AwsAccess,
  BackupAdapter,
  CreatedBackup,
  FoundBackup,
  MendedItem,
  PlannedBackup,
  Region,
  Resource,
  ResourceFacts,
  ServiceFaults,
  Tags,
  ToldFacts,
} from '@shelvery/engine';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import { copyOrMake, newestAvailable, wayInWords, wayOf } from '../shared/automated-snapshots.js';
import type { CopiableSnapshot, Way } from '../shared/automated-snapshots.js';
import { fetchedOnce } from '../shared/fetched-once.js';
import { begunAt, databaseResource, foundSnapshot } from '../shared/database-snapshots.js';
import type { DatabaseSnapshot } from '../shared/database-snapshots.js';
import { inGroups } from '../shared/in-groups.js';
import { someOf } from '../shared/some-of.js';
import { fromTagList, toTagList } from '../shared/tag-list.js';
import { wholeList } from '../shared/whole-list.js';
import { REDSHIFT_RULES } from './rules.js';
import { isUntagged, leftUntagged, tagsFromName } from './untagged-copies.js';

const FAULTS: ServiceFaults = {
  invalidState: ['InvalidClusterStateFault', 'InvalidClusterSnapshotStateFault'],
  gone: ['ClusterNotFoundFault', 'ClusterSnapshotNotFoundFault', 'ResourceNotFoundFault'],
  alreadyExists: ['ClusterSnapshotAlreadyExistsFault'],
  quota: {
    ClusterSnapshotQuotaExceededFault: 'manual cluster snapshots of the region (700 unless raised)',
    AuthorizationQuotaExceededFault: 'accounts that one snapshot is shared with (20)',
    LimitExceededFault: "grants of the snapshot's KMS key",
  },
  notYet: ['DependentServiceRequestThrottlingFault'],
};

/** Kept until it is deleted, whatever the cluster sets for its own manual snapshots. */
const KEPT_FOR_EVER = -1;

/** Values in one list by tags; the service states no limit. */
const VALUES_PER_LIST = 100;

/** Megabytes in GiB, to a tenth. */
function gibOf(megabytes: number | undefined): number | undefined {
  return megabytes === undefined ? undefined : Math.round((megabytes / 1024) * 10) / 10;
}

/** What a restore has to know of a cluster. */
function clusterFacts(cluster: Cluster): ResourceFacts | undefined {
  const { VpcSecurityGroups: groups = [], ClusterParameterGroups: parameters = [], IamRoles: roles = [] } = cluster;
  return factsFrom({
    node_type: cluster.NodeType,
    node_count: cluster.NumberOfNodes,
    engine_version: cluster.ClusterVersion,
    availability_zone: cluster.AvailabilityZone,
    multi_az: cluster.MultiAZ === undefined ? undefined : cluster.MultiAZ.toLowerCase() === 'enabled',
    vpc_id: cluster.VpcId,
    subnet_group: cluster.ClusterSubnetGroupName,
    parameter_group: parameters[0]?.ParameterGroupName,
    security_group_ids: someOf(groups.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [])),
    iam_roles: someOf(roles.flatMap(({ IamRoleArn }) => IamRoleArn ?? [])),
    port: cluster.Endpoint?.Port,
    publicly_accessible: cluster.PubliclyAccessible,
    enhanced_vpc_routing: cluster.EnhancedVpcRouting,
    encrypted: cluster.Encrypted,
    kms_key_id: cluster.KmsKeyId,
    backup_retention_days: cluster.AutomatedSnapshotRetentionPeriod,
    maintenance_window: cluster.PreferredMaintenanceWindow,
  } satisfies ToldFacts);
}

/** Page "BatchDeleteClusterSnapshots" (BatchDeleteRequestSizeExceeded). */
const DELETED_PER_CALL = 100;

/**
 * What is done to each snapshot of such calls by itself goes on beside each other for all of them together: no page states at what
 * rate the service takes calls, and a hundred for each of many are refused.
 */
const WITHIN_CALLS_AT_A_TIME = 20;

/** What the service demands to know of a snapshot in later calls. */
interface Facts {
  readonly cluster: string;
  /** Accounts that may restore it. */
  readonly accounts: readonly string[];
}

/**
 * Backups of Redshift clusters. The service copies a snapshot neither to another region on demand, nor to another
 * account, nor under another key: `copyToRegion`, `copyShared` and `reencrypt` are left out.
 */
export function createRedshiftAdapter({
  access,
  prefix,
}: {
  readonly access: AwsAccess;
  readonly prefix: string;
}): BackupAdapter {
  const { home } = access;
  const client = clientPerRegion(access, (region) => new RedshiftClient(access.config(region)));
  /**
   * For calls that make something: if the SDK repeated one, the name that the first try took would seem somebody
   * else's.
   */
  const making = clientPerRegion(access, (region) => new RedshiftClient(access.config(region, 'refused-only')));
  /** Of the snapshots seen, by `<region>:<id>`. */
  const seen = new Map<string, Facts>();
  const inTurn = pLimit(WITHIN_CALLS_AT_A_TIME);

  async function clusters(tagKeys: string[]): Promise<Resource[]> {
    const narrowed = tagKeys.length === 0 ? {} : { TagKeys: tagKeys };
    const all = await wholeList(
      paginateDescribeClusters,
      { client: client(home.region) },
      narrowed,
      ({ Clusters }) => Clusters,
    );
    return all.flatMap((cluster) => {
      const { ClusterIdentifier: id, ClusterCreateTime: createdAt, ClusterStatus: status, Tags } = cluster;
      // `arn:…:namespace:<id>`; snapshots do not tell theirs (pages "Cluster", "Snapshot").
      const uid = cluster.ClusterNamespaceArn?.split(':').at(-1);
      return id === undefined
        ? []
        : [
            databaseResource(
              { id, uid, createdAt, status, facts: clusterFacts(cluster), tags: fromTagList(Tags) },
              home.region,
            ),
          ];
    });
  }

  const marked = async (): Promise<Resource[]> =>
    (await clusters([tagKey(prefix, TAG.createBackup)])).filter((resource) => seemsMarked(resource.tags, prefix));

  const snapshots = (region: Region, of: DescribeClusterSnapshotsMessage): Promise<readonly Snapshot[]> =>
    wholeList(paginateDescribeClusterSnapshots, { client: client(region) }, of, ({ Snapshots }) => Snapshots);

  async function manual(
    region: Region,
    narrowed: DescribeClusterSnapshotsMessage,
    keep: (tags: Tags) => boolean,
  ): Promise<FoundBackup[]> {
    const all = await snapshots(region, { SnapshotType: 'manual', ...narrowed });
    return all.flatMap((snapshot) => toFound(snapshot, region)).filter((found) => keep(found.tags));
  }

  /** @param given the tags of a snapshot that was just made, whose answer does not have them. */
  function read(snapshot: Snapshot, given?: Tags): DatabaseSnapshot {
    const tags = given ?? fromTagList(snapshot.Tags);
    return {
      id: snapshot.SnapshotIdentifier,
      of: snapshot.ClusterIdentifier,
      status: snapshot.Status,
      time: snapshot.SnapshotCreateTime,
      startedAt: begunAt(snapshot.SnapshotCreateTime, tags, prefix),
      sizeGib: gibOf(snapshot.TotalBackupSizeInMegaBytes),
      encrypted: snapshot.Encrypted,
      kmsKeyId: snapshot.KmsKeyId,
      tags,
    };
  }

  function toFound(snapshot: Snapshot, region: Region, given?: Tags): readonly FoundBackup[] {
    const { SnapshotIdentifier: id, ClusterIdentifier: cluster = '', AccountsWithRestoreAccess = [] } = snapshot;
    if (id !== undefined) {
      const accounts = AccountsWithRestoreAccess.flatMap(
        ({ AccountId, AccountAlias }) => AccountId ?? AccountAlias ?? [],
      );
      seen.set(sourceOf(region, BackupId.parse(id)), { cluster, accounts });
    }
    return foundSnapshot(read(snapshot, given), region);
  }

  function made(snapshot: Snapshot | undefined, name: string, tags: Tags): FoundBackup {
    const [found] = toFound(snapshot ?? {}, home.region, tags);
    return found ?? { id: BackupId.parse(name), region: home.region, state: 'pending', encrypted: false, tags };
  }

  async function snapshotOf(region: Region, id: string): Promise<Snapshot | undefined> {
    try {
      const { Snapshots } = await client(region).send(new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: id }));
      return Snapshots?.[0];
    } catch (error) {
      if (faultName(error) !== 'ClusterSnapshotNotFoundFault') throw error;
      return undefined;
    }
  }

  async function factsOf({ region, id }: Pick<FoundBackup, 'region' | 'id'>): Promise<Facts> {
    const key = sourceOf(region, id);
    if (!seen.has(key)) {
      const snapshot = await snapshotOf(region, id);
      if (snapshot !== undefined) toFound(snapshot, region);
    }
    return seen.get(key) ?? { cluster: '', accounts: [] };
  }

  /**
   * How calls name a snapshot that they change: with its cluster. Without it IAM would check for a snapshot of any
   * cluster (page "DeleteClusterSnapshot", SnapshotClusterIdentifier), not for the one whose tags the function's role
   * requires.
   */
  function named(id: string, { cluster }: Facts): { SnapshotIdentifier: string; SnapshotClusterIdentifier?: string } {
    return { SnapshotIdentifier: id, ...(cluster === '' ? {} : { SnapshotClusterIdentifier: cluster }) };
  }

  /** Page "Resource types defined by Amazon Redshift": a snapshot's ARN names its cluster, too. */
  async function setTags(region: Region, cluster: string, id: string, tags: Tags): Promise<void> {
    const ResourceName = `arn:${access.partition}:redshift:${region}:${home.accountId}:snapshot:${cluster}/${id}`;
    await client(region).send(new CreateTagsCommand({ ResourceName, Tags: toTagList(tags) }));
  }

  const automated = fetchedOnce(async () => {
    const all = await snapshots(home.region, { SnapshotType: 'automated' });
    // Those that the service copied here from another region are of clusters there.
    const here = all.filter(({ SourceRegion }) => (SourceRegion ?? home.region) === home.region);
    return here.map((snapshot) => read(snapshot));
  });

  async function create({ name, resource, tags }: PlannedBackup): Promise<FoundBackup> {
    const { Snapshot } = await making(home.region).send(
      new CreateClusterSnapshotCommand({
        SnapshotIdentifier: name,
        ClusterIdentifier: resource.id,
        ManualSnapshotRetentionPeriod: KEPT_FOR_EVER,
        Tags: toTagList(tags),
      }),
    );
    return made(Snapshot, name, tags);
  }

  /**
   * Copies, and tags the copy. Where an earlier call made the copy for this very backup, but ended before it could tag
   * it, that copy is tagged.
   */
  async function copy(planned: PlannedBackup, from: CopiableSnapshot): Promise<FoundBackup> {
    const { name, resource, tags } = planned;
    let copied: Snapshot | undefined;
    let { time } = from;
    try {
      const answer = await making(home.region).send(
        new CopyClusterSnapshotCommand({
          SourceSnapshotIdentifier: from.id,
          SourceSnapshotClusterIdentifier: resource.id,
          TargetSnapshotIdentifier: name,
          ManualSnapshotRetentionPeriod: KEPT_FOR_EVER,
        }),
      );
      copied = answer.Snapshot;
    } catch (error) {
      if (faultName(error) !== 'ClusterSnapshotAlreadyExistsFault') throw error;
      copied = await snapshotOf(home.region, name);
      if (copied?.ClusterIdentifier !== resource.id || !isUntagged(fromTagList(copied.Tags))) throw error;
      time = copied.SnapshotCreateTime ?? time;
    }
    const all = { ...tags, [tagKey(prefix, TAG.snapshotTime)]: formatDateCreated(time) };
    try {
      await setTags(home.region, resource.id, name, all);
    } catch (error) {
      // By these the making is repeated, or left to the next invocation: either finds the copy, and tags it.
      if (isNotBegun(error) || isUncertain(error)) throw error;
      throw leftUntagged(planned, error, {
        prefix,
        accountId: home.accountId,
        rules: REDSHIFT_RULES,
        faults: FAULTS,
      });
    }
    return made(copied, name, all);
  }

  async function wayFor(planned: PlannedBackup): Promise<Way> {
    if (planned.config.values.shelvery_redshift_backup_mode === 'REDSHIFT_CREATE_SNAPSHOT') return { kind: 'make' };
    const { id } = planned.resource;
    return wayOf(id, newestAvailable(await automated(), id), planned);
  }

  return {
    type: 'redshift',
    resourceNoun: 'Redshift cluster',
    rules: REDSHIFT_RULES,
    faults: FAULTS,

    listResources: marked,

    async findResources(ids) {
      if (ids.length === 0) return new Map();
      const wanted = new Set(ids);
      return new Map(
        (await clusters([])).filter(({ id }) => wanted.has(id)).map((resource) => [resource.id, resource]),
      );
    },

    listBackups: (region) => manual(region, { TagKeys: [tagKey(prefix, TAG.backup)] }, (tags) => isOurs(tags, prefix)),

    /**
     * The service describes one snapshot by id, or lists: several are looked for among all manual ones, whatever their
     * tags, which somebody may have taken off.
     */
    async describeBackups(region, ids) {
      const wanted = new Set(ids);
      const [only, ...others] = wanted;
      if (only === undefined) return new Map();
      if (others.length === 0) {
        const snapshot = await snapshotOf(region, only);
        return new Map((snapshot === undefined ? [] : toFound(snapshot, region)).map((found) => [found.id, found]));
      }
      const all = await manual(region, {}, () => true);
      return new Map(all.filter(({ id }) => wanted.has(id)).map((found) => [found.id, found]));
    },

    // The service answers for every combination of keys and values; only those of one key are wanted.
    async findByTags(region, key, values) {
      const found: FoundBackup[] = [];
      for (const TagValues of inGroups([...new Set(values)], VALUES_PER_LIST)) {
        found.push(
          ...(await manual(region, { TagKeys: [key], TagValues }, (tags) => TagValues.includes(tags[key] ?? ''))),
        );
      }
      return found;
    },

    foretell: async (planned) => present({ how: wayInWords(await wayFor(planned)) }),

    async createBackup(planned): Promise<CreatedBackup> {
      return copyOrMake({
        of: planned.resource.id,
        way: await wayFor(planned),
        goneFault: 'ClusterSnapshotNotFoundFault',
        make: () => create(planned),
        copy: (newest) => copy(planned, newest),
      });
    },

    deleteBackup: async (backup) => {
      if (await revokeAll(backup)) await deleteOne(backup);
    },

    deleteTogether: {
      most: DELETED_PER_CALL,
      run: async (backups) => {
        const refused = new Map<BackupId, unknown>();
        const revoked: FoundBackup[] = [];
        await eachWithin(inTurn, refused, backups, async (backup) => {
          if (await revokeAll(backup)) revoked.push(backup);
        });
        await eachWithin(inTurn, refused, await leftOf(revoked), deleteOne);
        return refused;
      },
    },

    async mend(region, { dryRun, covers, retentionTypes, untaggedSince }) {
      if (region !== home.region) return [];
      const resources = new Map((await marked()).map((resource) => [String(resource.id), resource]));
      if (resources.size === 0) return [];
      const mended: MendedItem[] = [];
      for (const snapshot of await snapshots(region, { SnapshotType: 'manual' })) {
        const { SnapshotIdentifier: id, ClusterIdentifier, SnapshotCreateTime } = snapshot;
        const resource = resources.get(ClusterIdentifier ?? '');
        if (id === undefined || resource === undefined || !isUntagged(fromTagList(snapshot.Tags))) continue;
        const tags = tagsFromName(id, resource, {
          prefix,
          accountId: home.accountId,
          rules: REDSHIFT_RULES,
          snapshotTime: SnapshotCreateTime,
          retentionTypes,
          since: untaggedSince,
        });
        if (tags === undefined || !covers(tags)) continue;
        const item = {
          id: BackupId.parse(id),
          what: `a copy of a snapshot of ${resource.id} that was left without its tags`,
        };
        try {
          if (!dryRun) await setTags(region, resource.id, id, tags);
          mended.push({ ...item, fate: 'tagged' });
        } catch (error) {
          // The others get their tags all the same.
          mended.push({ ...item, fate: 'not-tagged', error });
        }
      }
      return mended;
    },

    // The service takes one account in a call.
    async share({ id, region }, accounts) {
      for (const account of accounts) await authorize({ id, region }, account);
    },

    async tagBackup(backup, tags) {
      await setTags(backup.region, (await factsOf(backup)).cluster, backup.id, tags);
    },
  };

  async function authorize({ id, region }: Pick<FoundBackup, 'region' | 'id'>, account: AccountId): Promise<void> {
    const facts = await factsOf({ id, region });
    if (facts.accounts.includes(account)) return;
    try {
      await client(region).send(
        new AuthorizeSnapshotAccessCommand({ ...named(id, facts), AccountWithRestoreAccess: account }),
      );
    } catch (error) {
      if (faultName(error) !== 'AuthorizationAlreadyExistsFault') throw error;
    }
    seen.set(sourceOf(region, id), { ...facts, accounts: [...facts.accounts, account] });
  }

  /** Takes access from other accounts, without which the service deletes nothing. @returns whether the snapshot is there. */
  async function revokeAll(backup: FoundBackup): Promise<boolean> {
    try {
      const facts = await factsOf(backup);
      for (const account of facts.accounts) await revoke(backup.region, named(backup.id, facts), account);
      return true;
    } catch (error) {
      if (faultName(error) !== 'ClusterSnapshotNotFoundFault') throw error;
      return false;
    }
  }

  async function deleteOne(backup: FoundBackup): Promise<void> {
    try {
      await client(backup.region).send(new DeleteClusterSnapshotCommand(named(backup.id, await factsOf(backup))));
    } catch (error) {
      if (faultName(error) !== 'ClusterSnapshotNotFoundFault') throw error;
    }
  }

  /**
   * Deletes snapshots of one region in one call. Gives those that this did not delete, or did not say so of: they are then
   * deleted one by one, as the errors of that call are documented, and the codes in the answer of this one are not. A role
   * that lacks the permission, or has it for some of them only, costs calls, and nothing else. Throws what passes.
   */
  async function leftOf(backups: readonly FoundBackup[]): Promise<readonly FoundBackup[]> {
    const [first, second] = backups;
    if (first === undefined || second === undefined) return backups;
    try {
      const Identifiers = await Promise.all(backups.map(async (backup) => named(backup.id, await factsOf(backup))));
      const { Resources: deleted = [] } = await client(first.region).send(
        new BatchDeleteClusterSnapshotsCommand({ Identifiers }),
      );
      return backups.filter(({ id }) => !deleted.includes(id));
    } catch (error) {
      if (isPassing(error)) throw error;
      return backups;
    }
  }

  async function revoke(region: Region, snapshot: ReturnType<typeof named>, account: string): Promise<void> {
    try {
      await client(region).send(new RevokeSnapshotAccessCommand({ ...snapshot, AccountWithRestoreAccess: account }));
    } catch (error) {
      if (faultName(error) !== 'AuthorizationNotFoundFault') throw error;
    }
  }
}

/** Does something to each of some backups, and notes by id what failed. */
async function eachWithin(
  limit: LimitFunction,
  failures: Map<BackupId, unknown>,
  backups: readonly FoundBackup[],
  act: (backup: FoundBackup) => Promise<void>,
): Promise<void> {
  await limit.map(backups, async (backup) => {
    try {
      await act(backup);
    } catch (error) {
      failures.set(backup.id, error);
    }
  });
}
