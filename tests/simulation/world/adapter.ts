import { isOurs, seemsMarked } from '../../../layers/engine/src/domain/backup/backup-tags.js';
import type { FoundBackup, Resource } from '../../../layers/engine/src/domain/backup/backup.js';
import { describeCopy, describeNew, describeNewSet } from '../../../layers/engine/src/domain/backup/descriptions.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { wayOf } from '../../../functions/shared/automated-snapshots.js';
import type { CopiableSnapshot } from '../../../functions/shared/automated-snapshots.js';
import { AccountId, BackupId, ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { BackupType, Region, Tags } from '../../../layers/engine/src/domain/values.js';
import type { BackupAdapter, SharedBackup } from '../../../layers/engine/src/ports.js';
import type { Process } from '../conductor/process.js';
import { awsError } from './aws-error.js';
import { serviceOf } from './services.js';
import type { ServiceTraits } from './services.js';
import { backupAt, backupPlace, resourcePlace, stateAt, stillSo, takeAway, viewOf } from './world.js';
import type { HeldBackup, HeldResource } from './held.js';
import type { World } from './world.js';

/** What a new backup is made of. */
interface Making {
  readonly account: string;
  readonly region: Region;
  readonly name: string;
  readonly tags: Tags;
  readonly of: Pick<HeldBackup, 'of' | 'ofUid'>;
  readonly dataTime: number;
  readonly source?: HeldBackup;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly description: string;
  /** It is begun, and cannot be completed. */
  readonly fails?: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** When automated snapshots are made, after midnight. */
const NIGHT_MS = 90 * MINUTE_MS;
/** Of the real adapter: page "InstanceSpecification" of the Amazon EC2 API. */
const LEFT_OUT_OF_A_SET = 40;
/** Page "BatchDeleteClusterSnapshots" of Amazon Redshift. */
const DELETED_TOGETHER = 100;
/** How long moving to the archive tier takes. */
const ARCHIVING_MS = 20 * MINUTE_MS;

/**
 * The adapter of a type over the AWS in memory. Names of errors, rules and abilities are those of the real adapter; what
 * its service cannot do is left out here, too. An image is one thing with its snapshots.
 */
export function createMemoryAdapter(world: World, process: Process): BackupAdapter {
  const { conductor } = world;
  const { installation } = process;
  const { home, type, prefix } = installation;
  const traits = serviceOf(type);
  const real = traits.adapter;

  const call = <T>(action: string, region: string, changes: boolean, work: () => T, target?: string): Promise<T> =>
    conductor.call(process, { action: `${type}:${action}`, region, changes, ...present({ target }) }, work);

  const resourcesHere = (): readonly HeldResource[] =>
    [...world.resources.values()].filter(
      (each) => each.type === type && each.account === home.accountId && each.region === home.region,
    );
  const look = (): void => {
    process.views.push(viewOf(world));
  };
  const listed = (region: Region, keep: (backup: HeldBackup) => boolean): readonly FoundBackup[] => {
    const now = conductor.now();
    look();
    return [...world.backups.values()]
      .filter((backup) => backup.type === type && backup.account === home.accountId && backup.region === region)
      .filter(({ listedFrom, goneButListedUntil = Infinity }) => listedFrom <= now && now < goneButListedUntil)
      .filter(keep)
      .map((backup) => foundOf(backup, now));
  };
  const own = (region: Region, id: BackupId, gone = traits.gone.backup): HeldBackup => {
    const backup = backupAt(world, { account: home.accountId, region, type, id });
    if (backup === undefined) throw refusal(gone);
    return backup;
  };
  const refuseUnavailable = (backup: HeldBackup, deed: keyof ServiceTraits['unavailable']): void => {
    const name = traits.unavailable[deed];
    const state = stateAt(backup, conductor.now());
    if (name === undefined || state === 'available') return;
    if (deed === 'remove' && state === 'failed' && !traits.failedStay) return;
    throw refusal(name);
  };
  const remove = (backup: FoundBackup): void => {
    const held = backupAt(world, { account: home.accountId, region: backup.region, type, id: backup.id });
    if (held === undefined) return;
    refuseUnavailable(held, 'remove');
    for (const witness of world.witnesses) witness.removing?.(process, held);
    takeAway(world, held);
  };
  const make = (making: Making): FoundBackup => {
    if (stillSo(world.fullUntil, making, conductor.now())) {
      conductor.strike('quota-full');
      throw refusal(fullQuotaOf(traits));
    }
    const made = begin(world, type, making, { by: 'shelvery', prefix }, process);
    for (const witness of world.witnesses) witness.making?.(process, made, making.source);
    const { startedAt, dataTime, ...found } = foundOf(made, conductor.now());
    const told = traits.timesAtOnce[making.source === undefined ? 'creation' : 'copying'];
    return {
      ...found,
      ...(told.includes('startedAt') ? present({ startedAt }) : {}),
      ...(told.includes('dataTime') ? present({ dataTime }) : {}),
    };
  };
  const copy = (
    source: HeldBackup,
    copied: Omit<Making, 'account' | 'of' | 'dataTime' | 'source' | 'description'>,
  ): FoundBackup => {
    refuseUnavailable(source, 'copy');
    if (source.archived) throw refusal(traits.archived);
    const now = conductor.now();
    const running = [...world.backups.values()].filter(
      (each) =>
        each.type === type &&
        each.account === home.accountId &&
        each.region === copied.region &&
        each.copyOf !== undefined &&
        now < each.readyAt,
    );
    if (running.length >= world.copiesAtATime) throw refusal(traits.tooManyCopies);
    const keyIsRefused =
      copied.kmsKeyId !== undefined &&
      stillSo(world.keysRefusedUntil, { account: home.accountId, region: copied.region }, now);
    if (keyIsRefused) conductor.strike('key-refused');
    if (keyIsRefused && traits.refusedKey !== undefined) throw refusal(traits.refusedKey);
    return make({
      ...copied,
      fails: keyIsRefused,
      account: home.accountId,
      of: source,
      dataTime: source.dataTime,
      source,
      encrypted: copied.encrypted || source.encrypted,
      kmsKeyId: copied.kmsKeyId ?? (copied.region === source.region ? source.kmsKeyId : undefined),
      description: describeCopy(BackupId.parse(source.id), source.region),
    });
  };

  const whole = {
    type,
    resourceNoun: real.resourceNoun,
    rules: real.rules,
    faults: real.faults,
    listResources: () =>
      call('listResources', home.region, false, () => {
        look();
        return resourcesHere()
          .filter(({ tags }) => seemsMarked(tags, prefix))
          .map(resourceFrom);
      }),
    findResources: async (ids) => {
      if (ids.length === 0) return new Map();
      return await call('findResources', home.region, false, () => {
        look();
        const found = resourcesHere().filter(({ id }) => ids.some((wanted) => wanted === id));
        return new Map(found.map(resourceFrom).map((resource) => [resource.id, resource]));
      });
    },
    listBackups: (region) =>
      call('listBackups', region, false, () => listed(region, ({ tags }) => isOurs(tags, prefix))),
    describeBackups: async (region, ids) => {
      if (ids.length === 0) return new Map();
      return await call('describeBackups', region, false, () => {
        const found = listed(region, ({ id }) => ids.some((wanted) => wanted === id));
        return new Map(found.map((each) => [each.id, each]));
      });
    },
    findByTags: async (region, key, values) => {
      if (values.length === 0) return [];
      return await call('findByTags', region, false, () =>
        listed(region, ({ tags }) => values.includes(tags[key] ?? '')),
      );
    },
    createBackup: ({ resource, name, tags, retentionType, createdAt, config }) =>
      call(
        'createBackup',
        home.region,
        true,
        () => {
          const of = world.resources.get(
            resourcePlace({ account: home.accountId, region: home.region, type, id: resource.id }),
          );
          if (of === undefined) throw refusal(traits.gone.resource);
          const way = traits.copiesAutomated(config.values)
            ? wayOf(of.id, newestAutomated(world, of), { createdAt, config })
            : ({ kind: 'make' } as const);
          const found = make({
            account: home.accountId,
            region: home.region,
            name,
            tags,
            of: { of: of.id, ofUid: of.uid },
            dataTime: way.kind === 'copy' ? way.newest.time.getTime() : conductor.now(),
            encrypted: of.tags['encrypted'] === 'yes',
            kmsKeyId: of.tags['encrypted'] === 'yes' ? `alias/of-${home.region}` : undefined,
            description: describeNew(retentionType, resource.id),
          });
          return { found, ...present({ note: way.kind === 'make' ? way.why : undefined }) };
        },
        name,
      ),
    sets: {
      mostLeftOut: LEFT_OUT_OF_A_SET,
      list: async (resources) => {
        const wanted = new Set(resources.flatMap(({ facts }) => facts?.attached_to ?? []));
        if (wanted.size === 0) return [];
        return await call('listSets', home.region, false, () => {
          const attached = resourcesHere().filter(({ attachedTo = '' }) => wanted.has(attachedTo));
          return [...Map.groupBy(attached, ({ attachedTo = '' }) => attachedTo)].map(([id, members]) => ({
            id: ResourceId.parse(id),
            members: members.map((each) => ResourceId.parse(each.id)),
            unsettled: [],
          }));
        });
      },
      create: ({ of, leftOut, retentionType, tags }) =>
        call(
          'createSet',
          home.region,
          true,
          () => {
            const members = resourcesHere().filter(
              ({ id, attachedTo }) => attachedTo === of.id && !leftOut.some((each) => each === id),
            );
            if (members.length === 0) throw refusal('InvalidParameterValue');
            return members.map((each) =>
              make({
                account: home.accountId,
                region: home.region,
                name: '',
                tags,
                of: { of: each.id, ofUid: each.uid },
                dataTime: conductor.now(),
                encrypted: each.tags['encrypted'] === 'yes',
                kmsKeyId: each.tags['encrypted'] === 'yes' ? `alias/of-${home.region}` : undefined,
                description: describeNewSet(retentionType, of.id),
              }),
            );
          },
          of.id,
        ),
    },
    deleteBackup: (backup) =>
      call(
        'deleteBackup',
        backup.region,
        true,
        () => {
          remove(backup);
        },
        backup.id,
      ),
    deleteTogether: {
      most: DELETED_TOGETHER,
      run: (backups) => {
        const [first] = backups;
        if (first === undefined) return Promise.resolve(new Map());
        return call(
          'deleteTogether',
          first.region,
          true,
          () => new Map(backups.flatMap((backup) => refusalOf(backup, remove))),
          backups.map(({ id }) => id).join(' '),
        );
      },
    },
    copyToRegion: ({ source, toRegion, name, tags, encrypt, kmsKeyId }) =>
      call(
        'copyToRegion',
        toRegion,
        true,
        () => ({
          found: copy(own(source.region, source.id), { region: toRegion, name, tags, encrypted: encrypt, kmsKeyId }),
        }),
        source.id,
      ),
    share: (backup, accounts) =>
      call(
        'share',
        backup.region,
        true,
        () => {
          const held = backupAt(world, { account: home.accountId, region: backup.region, type, id: backup.id });
          if (held === undefined) throw traits.shareOfGone ?? refusal(traits.gone.backup);
          refuseUnavailable(held, 'share');
          if (held.archived) throw refusal(traits.archived);
          for (const account of accounts)
            for (const witness of world.witnesses) witness.sharing?.(process, held, account);
          const sharedWith = [...new Set<string>([...held.sharedWith, ...accounts])];
          world.backups.set(backupPlace(held), { ...held, sharedWith });
        },
        `${backup.id} ${accounts.join(' ')}`,
      ),
    findShared: async (sources) => {
      if (sources.length === 0) return [];
      return await call('findShared', home.region, false, () =>
        sources.flatMap((source): readonly SharedBackup[] => {
          // An id of EC2's does not say whose it is.
          const held = [...world.backups.values()].find(
            ({ id, type: of, region, account, sharedWith }) =>
              id === source.id &&
              of === type &&
              region === home.region &&
              (!traits.idIsName || account === source.account) &&
              sharedWith.includes(home.accountId),
          );
          return held?.goneButListedUntil !== undefined || held === undefined
            ? []
            : [{ ...source, ownerId: AccountId.parse(held.account), encrypted: held.encrypted }];
        }),
      );
    },
    copyShared: ({ sourceAccount, sourceRegion, sourceId, name, tags, encrypt, kmsKeyId }) =>
      call(
        'copyShared',
        home.region,
        true,
        () => {
          const source = [...world.backups.values()].find(
            (each) =>
              each.id === sourceId &&
              each.type === type &&
              each.region === sourceRegion &&
              (!traits.idIsName || each.account === sourceAccount) &&
              each.goneButListedUntil === undefined,
          );
          if (source?.sharedWith.includes(home.accountId) !== true) throw refusal(traits.gone.backup);
          return { found: copy(source, { region: home.region, name, tags, encrypted: encrypt, kmsKeyId }) };
        },
        sourceId,
      ),
    reencrypt: ({ source, name, tags, kmsKeyId }) =>
      call(
        'reencrypt',
        source.region,
        true,
        () => copy(own(source.region, source.id), { region: source.region, name, tags, encrypted: true, kmsKeyId }),
        source.id,
      ),
    archive: (backup) =>
      call(
        'archive',
        backup.region,
        true,
        () => {
          const held = own(backup.region, backup.id);
          refuseUnavailable(held, 'archive');
          if (held.archived) return;
          const now = conductor.now();
          const running = [...world.backups.values()].filter(
            ({ account, region, archivedAt = -Infinity }) =>
              account === home.accountId && region === backup.region && now - archivedAt < ARCHIVING_MS,
          );
          if (running.length >= world.copiesAtATime) throw refusal('ResourceLimitExceeded');
          for (const witness of world.witnesses) witness.archiving?.(process, held);
          // Page "Archive an Amazon EBS snapshot": sharing ends.
          world.backups.set(backupPlace(held), { ...held, archived: true, archivedAt: now, sharedWith: [] });
        },
        backup.id,
      ),
    tagBackup: (backup, tags) =>
      call(
        'tagBackup',
        backup.region,
        true,
        () => {
          const held = own(backup.region, backup.id, traits.gone.tagged);
          world.backups.set(backupPlace(held), { ...held, tags: { ...held.tags, ...tags } });
        },
        backup.id,
      ),
  } satisfies BackupAdapter;
  const { copyToRegion, share, findShared, copyShared, reencrypt, archive, sets, deleteTogether, ...always } = whole;
  return {
    ...always,
    ...(real.copyToRegion === undefined ? {} : present({ copyToRegion })),
    ...(real.share === undefined ? {} : present({ share })),
    ...(real.findShared === undefined ? {} : present({ findShared })),
    ...(real.copyShared === undefined ? {} : present({ copyShared })),
    ...(real.reencrypt === undefined ? {} : present({ reencrypt })),
    ...(real.archive === undefined ? {} : present({ archive })),
    ...(real.sets === undefined ? {} : { sets }),
    ...(real.deleteTogether === undefined ? {} : { deleteTogether }),
  };

  function foundOf(backup: HeldBackup, now: number): FoundBackup {
    const isCopy = backup.copyOf !== undefined;
    const dataTime = traits.idIsName || !isCopy ? backup.dataTime : backup.createdAt;
    const startedAt = traits.copiesTellDataTime ? backup.dataTime : backup.createdAt;
    const state = stateAt(backup, now);
    return {
      id: BackupId.parse(backup.id),
      region: backup.region,
      state,
      encrypted: backup.encrypted,
      tags: backup.tags,
      startedAt: new Date(startedAt),
      dataTime: new Date(dataTime),
      ...(state === 'failed' ? { stateReason: 'Internal error' } : {}),
      ...(traits.hasDescription
        ? { description: backup.description, volumeId: isCopy ? 'vol-ffffffff' : backup.of }
        : {}),
      ...(backup.archived ? { archived: true } : {}),
      ...present({
        serviceName: backup.serviceName,
        kmsKeyId: backup.kmsKeyId,
        entityUid: traits.snapshotsTellUid ? backup.ofUid : undefined,
      }),
    };
  }

  function resourceFrom(held: HeldResource): Resource {
    return {
      id: ResourceId.parse(held.id),
      region: held.region,
      tags: held.tags,
      createdAt: new Date(held.createdAt),
      ...(traits.idIsName ? { uid: held.uid } : {}),
      ...(held.attachedTo === undefined ? {} : { facts: { attached_to: held.attachedTo } }),
    };
  }
}

/** The newest automated snapshot of a database. The service makes one each night, as long as it makes any. */
function newestAutomated({ automated, conductor }: World, of: HeldResource): CopiableSnapshot | undefined {
  const nightOf = (time: number): number => Math.floor((time - NIGHT_MS) / DAY_MS) * DAY_MS + NIGHT_MS;
  const time = nightOf(automated === 'stopped' ? of.createdAt + DAY_MS : conductor.now());
  const isThere = automated !== 'none' && time >= of.createdAt && time <= conductor.now();
  return isThere ? { id: `rds:${of.id}`, time: new Date(time) } : undefined;
}

/** Begins a backup in its service. What begins it may be a person, too. */
export function begin(
  world: World,
  type: BackupType,
  making: Making,
  madeBy: HeldBackup['madeBy'],
  by?: Process,
): HeldBackup {
  const { conductor } = world;
  const { chance, conditions } = conductor;
  const traits = serviceOf(type);
  const { account, region, name } = making;
  const id = traits.idIsName ? name.toLowerCase() : traits.backupId(chance.hex(17));
  const isTaken = [...world.backups.values()].some(
    (each) =>
      each.type === type &&
      each.account === account &&
      each.region === region &&
      each.goneButListedUntil === undefined &&
      (each.id === id || (traits.uniqueServiceName && making.source === undefined && each.serviceName === name)),
  );
  const [alreadyExists] = traits.adapter.faults.alreadyExists;
  if (isTaken && alreadyExists !== undefined) throw refusal(alreadyExists);
  const now = conductor.now();
  // Most are done soon; some take hours.
  const isCopy = making.source !== undefined;
  const isSlow = chance.happens(isCopy && world.copiesAreSlow ? 500 : 50);
  const minutes = isSlow ? chance.int(20, 75) : chance.pick([0, 0, 0.2, 1]);
  const made: HeldBackup = {
    account,
    region,
    type,
    id,
    tags: making.tags,
    sharedWith: [],
    createdAt: now,
    readyAt: now + minutes * MINUTE_MS,
    outcome: chance.happens(conditions.weather.failing) || making.fails === true ? 'failed' : 'available',
    dataTime: making.dataTime,
    encrypted: making.encrypted,
    archived: false,
    description: making.description,
    of: making.of.of,
    ofUid: making.of.ofUid,
    madeBy,
    listedFrom: now + chance.int(0, conditions.weather.lag),
    ...present({
      serviceName: traits.uniqueServiceName ? name : undefined,
      kmsKeyId: making.kmsKeyId,
      copyOf: isCopy ? backupPlace(making.source) : undefined,
    }),
  };
  if (made.outcome === 'failed') conductor.strike('backup-failed');
  world.backups.set(backupPlace(made), made);
  world.everMade.push({ at: now, backup: made, alone: by?.alone?.isSure() === true, ...present({ by }) });
  if (made.copyOf !== undefined) {
    const places = world.everCopied.get(made.copyOf) ?? new Set();
    world.everCopied.set(made.copyOf, places.add(`${made.account} ${made.region}`));
  }
  return made;
}

/** What refuses a snapshot where there are as many as there may be. */
function fullQuotaOf({ adapter }: ServiceTraits): string {
  const [quota] = Object.keys(adapter.faults.quota);
  return quota ?? 'none';
}

/** What refuses a deed on one of several backups, by its id. */
function refusalOf(
  backup: FoundBackup,
  deed: (backup: FoundBackup) => void,
): readonly (readonly [BackupId, unknown])[] {
  try {
    deed(backup);
    return [];
  } catch (error) {
    return [[backup.id, error]];
  }
}

/** What a service refuses, by its name. */
function refusal(name: string): Error {
  return awsError(name, { status: 400 });
}
