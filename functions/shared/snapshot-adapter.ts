import {
  BackupId,
  ShelveryError,
  TAG,
  faultName,
  formatDateCreated,
  isOurs,
  present,
  seemsMarked,
  tagKey,
} from '@shelvery/engine';
import type {
  AccountId,
  AwsAccess,
  BackupAdapter,
  BackupType,
  ConfigValues,
  CreatedBackup,
  FoundBackup,
  PlannedBackup,
  Region,
  ServiceFaults,
  ServiceRules,
  Tags,
} from '@shelvery/engine';
import { copyOrMake, newestAvailable, wayInWords, wayOf } from './automated-snapshots.js';
import type { Way } from './automated-snapshots.js';
import { databaseResource, foundSnapshot } from './database-snapshots.js';
import type { Database, DatabaseSnapshot } from './database-snapshots.js';
import { fetchedOnce } from './fetched-once.js';
import { IDS_PER_DESCRIBE, inGroups } from './in-groups.js';

/** Which snapshots are listed. */
export interface SnapshotList {
  readonly kind: 'manual' | 'automated' | 'shared';
  readonly ids?: readonly string[];
}

/** What is to be copied, and how. */
export interface SnapshotCopy {
  /** Name, or ARN where it is in another region or account. */
  readonly from: string;
  readonly name: string;
  readonly tags: Tags;
  readonly kmsKeyId?: string | undefined;
  /** Option group of the source, where the copy leaves its region or account. */
  readonly sourceGroup?: string | undefined;
  /** What the configuration has in its place. */
  readonly targetGroup?: string | undefined;
}

/** What a copy came to. */
export interface CopiedSnapshot {
  readonly snapshot: DatabaseSnapshot | undefined;
  /** What is to be said of how it was made. */
  readonly note?: string;
}

/** Ways of copying that a service does not have for snapshots of some databases. */
export interface Uncopied {
  /** What they are snapshots of. @example 'a Multi-AZ cluster' */
  readonly source: string;
  readonly inRegion: boolean;
  readonly toRegion: boolean;
  readonly toAccount: boolean;
}

type CopyWay = Exclude<keyof Uncopied, 'source'>;

const WAYS: Readonly<Record<CopyWay, string>> = {
  inRegion: 'within their region',
  toRegion: 'to another region',
  toAccount: 'to another account',
};

/** What sets services of databases apart whose snapshots are made, copied and shared alike. */
export interface SnapshotService {
  readonly type: BackupType;
  readonly resourceNoun: string;
  readonly rules: ServiceRules;
  readonly faults: ServiceFaults;
  /** What the service calls a snapshot that does not exist. */
  readonly goneFault: string;
  /** What snapshots are called in ARNs. */
  readonly arnNoun: 'snapshot' | 'cluster-snapshot';
  /** Whether snapshots of another account in another region can be copied in one step. */
  readonly pullsAcrossRegions: boolean;
  /** Whether the newest automated snapshot is to be copied. */
  copiesAutomated(values: ConfigValues): boolean;
  /** What the service does not copy of an engine; nothing where this is left out. */
  uncopied?(engine: string): Uncopied | undefined;
  /** The databases of the home region that are this type's, marked or not, on every page. */
  databases(): Promise<readonly Database[]>;
  /** One of them, where what it is decides how it is backed up. */
  database?(id: string): Promise<Database | undefined>;
  /** Snapshots that are this type's, on every page. */
  snapshots(region: Region, list: SnapshotList): Promise<readonly DatabaseSnapshot[]>;
  /** One that another account shares with ours. */
  sharedSnapshot(region: Region, arn: string): Promise<DatabaseSnapshot | undefined>;
  /** Makes one; like `copy` it answers with the tags that were given, which the service's answer may not have yet. */
  create(region: Region, made: { name: string; of: string; tags: Tags }): Promise<DatabaseSnapshot | undefined>;
  copy(region: Region, copy: SnapshotCopy): Promise<CopiedSnapshot>;
  remove(region: Region, id: string): Promise<unknown>;
  share(region: Region, id: string, accounts: readonly AccountId[]): Promise<unknown>;
  tag(region: Region, arn: string, tags: Tags): Promise<unknown>;
}

/** Backups of RDS instances, and of clusters of RDS and DocumentDB. */
export function createSnapshotAdapter(
  { access, prefix }: { readonly access: AwsAccess; readonly prefix: string },
  service: SnapshotService,
): BackupAdapter {
  const { home } = access;
  const { type, resourceNoun, rules, faults } = service;
  /** Of the home region, by name. */
  const seenDatabases = new Map<string, Database>();
  /** By ARN. */
  const seenSnapshots = new Map<string, DatabaseSnapshot>();

  const arn = (region: Region, id: string, account: string = home.accountId): string =>
    `arn:${access.partition}:rds:${region}:${account}:${service.arnNoun}:${id}`;

  async function databases(): Promise<readonly Database[]> {
    const all = await service.databases();
    for (const database of all) seenDatabases.set(database.id, database);
    return all;
  }

  async function databaseOf(id: string): Promise<Database | undefined> {
    return seenDatabases.get(id) ?? (await service.database?.(id));
  }

  async function list(region: Region, of: SnapshotList): Promise<FoundBackup[]> {
    return (await service.snapshots(region, of)).flatMap((snapshot) => found(snapshot, region));
  }

  /**
   * Manual snapshots by their names, without those that are gone. RDS answers for a name that is gone by an error (page
   * "DescribeDBSnapshots"), and no page says whether for one in a filter, too: then all are listed, so that one which is
   * gone keeps no other from being found.
   */
  async function listNamed(region: Region, ids: readonly string[]): Promise<FoundBackup[]> {
    try {
      return await list(region, { kind: 'manual', ids });
    } catch (error) {
      if (faultName(error) !== service.goneFault) throw error;
    }
    return (await list(region, { kind: 'manual' })).filter(({ id }) => ids.includes(id));
  }

  function found(snapshot: DatabaseSnapshot, region: Region): readonly FoundBackup[] {
    if (snapshot.id !== undefined) seenSnapshots.set(arn(region, snapshot.id), snapshot);
    const backups = foundSnapshot(snapshot, region);
    const isCopied = uncopied(snapshot.engine, 'toRegion') === undefined;
    return isCopied ? backups : backups.map((backup) => ({ ...backup, uncopyable: true }));
  }

  async function wayFor(planned: PlannedBackup): Promise<Way> {
    if (!service.copiesAutomated(planned.config.values)) return { kind: 'make' };
    const { id } = planned.resource;
    const database = await databaseOf(id);
    const source = uncopied(database?.engine, 'inRegion');
    return source === undefined
      ? wayOf(id, newestAvailable(await automated(), id, database?.uid), planned)
      : { kind: 'make', why: `${id} is ${source}, whose automated snapshots cannot be copied`, ofKind: true };
  }

  let isKindSaid = false;

  /** The way without a reason that was said before. */
  function withNews(way: Way): Way {
    if (way.kind !== 'make' || way.ofKind !== true) return way;
    if (isKindSaid) return { kind: 'make' };
    isKindSaid = true;
    return way;
  }

  /** What a call that made a snapshot says of it. */
  function made(snapshot: DatabaseSnapshot | undefined, region: Region, name: string, tags: Tags): FoundBackup {
    const [backup] = snapshot === undefined ? [] : found(snapshot, region);
    return backup ?? { id: BackupId.parse(name), region, state: 'pending', encrypted: false, tags };
  }

  const automated = fetchedOnce(() => service.snapshots(home.region, { kind: 'automated' }));

  async function create({ name, resource, tags }: PlannedBackup): Promise<FoundBackup> {
    return made(await service.create(home.region, { name, of: resource.id, tags }), home.region, name, tags);
  }

  async function copy(region: Region, given: SnapshotCopy): Promise<CreatedBackup> {
    const { snapshot, note } = await service.copy(region, given);
    return { found: made(snapshot, region, given.name, given.tags), ...present({ note }) };
  }

  /** What copying depends on. */
  async function factsOf({ region, id }: FoundBackup): Promise<DatabaseSnapshot | undefined> {
    if (!seenSnapshots.has(arn(region, id))) await listNamed(region, [id]);
    return seenSnapshots.get(arn(region, id));
  }

  /** What stands in the way of a copy: what snapshots of the engine are of. */
  function uncopied(engine: string | undefined, way: CopyWay): string | undefined {
    const known = engine === undefined ? undefined : service.uncopied?.(engine);
    return known?.[way] === true ? known.source : undefined;
  }

  function refuseUncopiable(snapshot: DatabaseSnapshot | undefined, id: string, way: CopyWay): void {
    const source = uncopied(snapshot?.engine, way);
    if (source === undefined) return;
    throw new ShelveryError(
      'Unsupported',
      `${id} is a snapshot of ${source} (${snapshot?.engine ?? ''}). AWS does not copy these ${WAYS[way]}.`,
    );
  }

  /** Given for a snapshot that is not encrypted, a key would encrypt the copy, or is refused. */
  const keyFor = (isEncrypted: boolean, encrypt: boolean, kmsKeyId: string | undefined): string | undefined =>
    isEncrypted || (rules.copyMayEncrypt && encrypt) ? kmsKeyId : undefined;

  return {
    type,
    resourceNoun,
    rules,
    faults,

    listResources: async () =>
      (await databases())
        .filter(({ tags }) => seemsMarked(tags, prefix))
        .map((database) => databaseResource(database, home.region)),

    // From the list: it is known what that answers for databases that are gone, and it has as many pages.
    async findResources(ids) {
      if (ids.length === 0) return new Map();
      const wanted = new Set<string>(ids);
      const resources = (await databases())
        .filter(({ id }) => wanted.has(id))
        .map((database) => databaseResource(database, home.region));
      return new Map(resources.map((resource) => [resource.id, resource]));
    },

    listBackups: async (region) => (await list(region, { kind: 'manual' })).filter(({ tags }) => isOurs(tags, prefix)),

    async describeBackups(region, ids) {
      const described: FoundBackup[] = [];
      for (const group of inGroups([...new Set(ids)], IDS_PER_DESCRIBE))
        described.push(...(await listNamed(region, group)));
      return new Map(described.map((backup) => [backup.id, backup]));
    },

    // The services list snapshots by no tag.
    async findByTags(region, key, values) {
      if (values.length === 0) return [];
      const all = await list(region, { kind: 'manual' });
      return all.filter(({ tags }) => tags[key] !== undefined && values.includes(tags[key]));
    },

    async foretell(planned) {
      const engine = (await databaseOf(planned.resource.id))?.engine;
      const source = uncopied(engine, 'toRegion');
      return present({
        how: wayInWords(await wayFor(planned)),
        notCopied: source === undefined ? undefined : `it is ${source}`,
      });
    },

    async createBackup(planned): Promise<CreatedBackup> {
      const { id } = planned.resource;
      return copyOrMake({
        of: id,
        way: withNews(await wayFor(planned)),
        goneFault: service.goneFault,
        make: () => create(planned),
        async copy({ id: from, time }) {
          const tags = { ...planned.tags, [tagKey(prefix, TAG.snapshotTime)]: formatDateCreated(time) };
          return (await copy(home.region, { from, name: planned.name, tags })).found;
        },
      });
    },

    async deleteBackup({ id, region }) {
      try {
        await service.remove(region, id);
      } catch (error) {
        if (faultName(error) !== service.goneFault) throw error;
      }
    },

    async copyToRegion({ source, toRegion, name, tags, kmsKeyId, encrypt, optionGroup: targetGroup }) {
      const facts = await factsOf(source.found);
      refuseUncopiable(facts, source.id, 'toRegion');
      return copy(toRegion, {
        from: arn(source.region, source.id),
        name,
        tags,
        kmsKeyId: keyFor(source.found.encrypted, encrypt, kmsKeyId),
        sourceGroup: facts?.optionGroup,
        targetGroup,
      });
    },

    async share({ id, region }, accounts) {
      await service.share(region, id, accounts);
    },

    async findShared(sources) {
      if (sources.length === 0) return [];
      const shared = await service.snapshots(home.region, { kind: 'shared' });
      const byArn = new Map(shared.map((snapshot) => [snapshot.arn, snapshot]));
      return sources.flatMap((source) => {
        const snapshot = byArn.get(arn(home.region, source.id, source.account));
        return snapshot === undefined
          ? []
          : [
              {
                ...source,
                ownerId: source.account,
                encrypted: snapshot.encrypted === true,
                ...present({ underOwnedKey: snapshot.underOwnedKey }),
              },
            ];
      });
    },

    async copyShared({
      sourceAccount,
      sourceRegion,
      sourceId,
      name,
      tags,
      kmsKeyId,
      encrypt,
      optionGroup: targetGroup,
    }) {
      if (sourceRegion !== home.region && !service.pullsAcrossRegions) {
        throw new ShelveryError(
          'Unsupported',
          `${sourceId} is in ${sourceRegion}: ${resourceNoun} snapshots of another account can only be copied within their region.`,
        );
      }
      const from = arn(sourceRegion, sourceId, sourceAccount);
      const shared = await service.sharedSnapshot(sourceRegion, from);
      refuseUncopiable(shared, sourceId, 'toAccount');
      return copy(home.region, {
        from,
        name,
        tags,
        kmsKeyId: keyFor(shared?.encrypted === true, encrypt, kmsKeyId),
        sourceGroup: shared?.optionGroup,
        targetGroup,
      });
    },

    async reencrypt({ source, name, tags, kmsKeyId }) {
      if (service.uncopied !== undefined) refuseUncopiable(await factsOf(source.found), source.id, 'inRegion');
      return (await copy(source.region, { from: source.id, name, tags, kmsKeyId })).found;
    },

    async tagBackup({ id, region }, tags) {
      await service.tag(region, arn(region, id), tags);
    },
  };
}
