import { accountOfSharedKey, bucketNameOf } from '../world/storage.js';
import { backupPlace, counted, existing, stateAt, violated } from '../world/world.js';
import type { HeldBackup } from '../world/held.js';
import type { Told, World } from '../world/world.js';
import type { Estate } from '../workload/estate.js';
import type { Installation } from '../world/installation.js';
import { idIn } from './at-any-time.js';
import {
  backupsOf,
  can,
  dateOf,
  expiresAt,
  hasName,
  isAmongLast,
  isHeldByTag,
  isReadable,
  isTooShort,
  listOf,
  numberOf,
  ownTimeOf,
  placeOf,
  prefixOfBackup,
  sourceTagOf,
  tagOf,
} from './terms.js';
import type { Whose } from './terms.js';

const HOUR_MS = 3_600_000;
/** The last cleaning was so long ago: a clock may be off by a minute, and the run's time is cut to the minute. */
const SETTLED_MS = 12 * HOUR_MS;
/** Daily and weekly backups are kept for less, unless somebody says otherwise. */
const LONGEST_DEFAULT_MS = 100 * 24 * HOUR_MS;

/** What must be so once all is at rest: faults over, queues empty, every action run once more. See docs/invariants.md. */
export function checkAtRest(estate: Estate): void {
  const { world, installations, functions } = estate;
  for (const [installation, stack] of functions)
    if (!stack.isIdle()) violated(world, `at rest something still waits for ${installation.name}`);
  for (const installation of installations) {
    const whose = whoseNow(installation);
    const own = backupsOf(whose, installation.type, existing([...world.backups.values()]));
    const at = { world, installation, whose, own };
    checkDoubles(at);
    counted(world, 'checkDoubles');
    checkRecords(at);
    counted(world, 'checkRecords');
    checkRemoved(at);
    counted(world, 'checkRemoved');
    checkUnclear(at);
    counted(world, 'checkUnclear');
    checkOrphans(at);
    counted(world, 'checkOrphans');
    checkPolicy(at);
    counted(world, 'checkPolicy');
    checkFollowed(at);
    counted(world, 'checkFollowed');
    checkSharedFiles(at);
    counted(world, 'checkSharedFiles');
  }
  checkAsked(estate);
  for (const check of ['checkAsked', 'checkAtRest']) counted(world, check);
}

/** The same, where time has gone on since, and everything was cleaned. */
export function checkCleaned(estate: Estate): void {
  for (const installation of estate.installations) {
    const { world } = estate;
    counted(world, 'checkCleaned');
    const whose = whoseNow(installation);
    const all = existing([...world.backups.values()]);
    const own = backupsOf(whose, installation.type, all);
    const seen = { backups: all, resources: [...world.resources.values()] };
    const now = world.conductor.now();
    // A hostile account writes files by hand.
    if (installation.name !== 'hostile') checkOffers(world, installation, whose);
    for (const backup of own) {
      if (isHeldByTag(backup, whose.prefix) || !isReadable(backup, whose.prefix)) continue;
      if (stateAt(backup, now) !== 'available' || isMistrusted(backup, whose)) continue;
      const then = now - SETTLED_MS;
      const expires =
        placeOf(backup, whose.prefix) === 'temporary'
          ? backup.createdAt + numberOf(whose.settings, 'shelvery_reencrypt_backup_cleanup_hours', 72) * HOUR_MS
          : expiresAt(backup, whose, seen.resources);
      if (expires === undefined || then < expires || isYoung(backup, whose, then)) continue;
      if (isAmongLast(backup, whose, seen, now)) continue;
      violated(
        world,
        `at rest ${backup.id} in ${backup.region} of ${installation.name} is still there, though it expired at ${new Date(expires).toISOString()}`,
      );
    }
  }
}

/** No file offers a backup that is gone. */
function checkOffers(world: World, { name, type, prefix }: Installation, { account }: Whose): void {
  const all = existing([...world.backups.values()]);
  for (const bucket of world.buckets.values()) {
    if (bucket.account !== account) continue;
    for (const [key, { body }] of bucket.objects) {
      if (!new RegExp(`^backups/shared/\\d{12}/${type}/`).test(key) || !body.includes(`${prefix}:name`)) continue;
      const id = idIn(body);
      if (all.some((backup) => backup.id === id && backup.account === account && backup.region === bucket.region))
        continue;
      if (isLeftByHand(world, prefix, id, all)) continue;
      // What belongs to a record that a person wrote over goes with it, once somebody has looked at it.
      const record = bucket.objects.get(recordKey(type, key.replace(/^.*\/|\.yaml$/g, '')));
      if (record !== undefined && world.brokenByHand.has(record)) continue;
      violated(world, `at rest ${key} of ${name} in ${bucket.region} offers ${id ?? 'nothing'}, which is gone`);
    }
  }
}

/** Whether a backup is younger than everything is kept. */
function isYoung(backup: HeldBackup, { prefix, settings }: Whose, then: number): boolean {
  const young = numberOf(settings, 'shelvery_min_retention_days', 0) * 24 * HOUR_MS;
  return then < Math.max(backup.createdAt, ownTimeOf(backup, prefix)) + young;
}

interface Checked {
  readonly world: World;
  readonly installation: Installation;
  readonly whose: Whose;
  /** What Shelvery or the original made for the installation, and still is. */
  readonly own: readonly HeldBackup[];
}

function whoseNow({ home, prefix, environment }: Installation): Whose {
  return { account: home.accountId, region: home.region, prefix, settings: environment };
}

/** A snapshot whose tags a person changed may count as somebody's. */
function isMistrusted(backup: HeldBackup, { prefix }: Whose): boolean {
  return !isReadable(backup, prefix);
}

/** What was told of a backup, a resource or a run that did not succeed. */
function toldOf(world: World, matches: (told: Told) => boolean): boolean {
  return world.told.some((told) => told.outcome.status !== 'ok' && matches(told));
}

/** One backup per resource and minute; one copy per place. */
function checkDoubles({ world, installation, whose, own }: Checked): void {
  const { prefix } = whose;
  const now = world.conductor.now();
  const resources = [...world.resources.values()];
  const groups = Map.groupBy(
    own.filter((backup) => stateAt(backup, now) === 'available' && isReadable(backup, prefix)),
    (backup) =>
      placeOf(backup, prefix) === 'local'
        ? `${backup.region} original ${backup.ofUid} ${tagOf(backup, prefix, 'date_created')} ${tagOf(backup, prefix, 'retention_type')}`
        : `${backup.region} copy ${sourceTagOf(backup, prefix)}`,
  );
  for (const [what, group] of groups) {
    const [first, ...others] = group;
    if (first === undefined || others.length === 0) continue;
    // What is held, and what is younger than all is kept, stays for a while.
    const stays = (each: HeldBackup): boolean =>
      isHeldByTag(each, prefix) || (placeOf(each, prefix) !== 'local' && isYoung(each, whose, now - SETTLED_MS));
    const isHeld = group.filter(stays).length >= others.length;
    const isTold = toldOf(
      world,
      ({ outcome }) => group.some(({ id }) => outcome.backupId === id) && outcome.operation === 'DeleteBackup',
    );
    if (isHeld || (placeOf(first, prefix) === 'local' && isTold)) continue;
    // Settings that are not understood keep everything of a resource.
    if (placeOf(first, prefix) !== 'local' && expiresAt(first, whose, resources) === undefined) continue;
    violated(
      world,
      `at rest ${installation.name} has ${what} ${String(group.length)} times: ${group.map(({ id }) => id).join(', ')}`,
    );
  }
}

const recordKey = (type: string, name: string): string => `backups/${type}/${name}.yaml`;

/**
 * Whether a file may go on naming what is gone: a person deleted the one of two backups of a name that the file was of, before any
 * cleaning had removed the other. Nobody looks into each file to find that.
 */
function isLeftByHand(world: World, prefix: string, id: string | undefined, all: readonly HeldBackup[]): boolean {
  return world.deletedByHand.some(
    (gone) =>
      gone.id === id &&
      all.some(
        (twin) =>
          twin.id !== id &&
          twin.account === gone.account &&
          twin.region === gone.region &&
          hasName(twin, prefix, tagOf(gone, prefix, 'name')),
      ),
  );
}

/** Every available backup has its record, which names it. */
function checkRecords({ world, installation, whose, own }: Checked): void {
  const now = world.conductor.now();
  for (const backup of own) {
    if (stateAt(backup, now) !== 'available' || !isReadable(backup, whose.prefix)) continue;
    const key = recordKey(backup.type, tagOf(backup, whose.prefix, 'name'));
    const record = world.buckets.get(bucketNameOf(backup.account, backup.region))?.objects.get(key);
    const id = record === undefined ? undefined : idIn(record.body);
    const isTwin = own.some(
      (other) => other.id === id && tagOf(other, whose.prefix, 'name') === tagOf(backup, whose.prefix, 'name'),
    );
    if (id === backup.id || isTwin || isLeftByHand(world, whose.prefix, id, own)) continue;
    // Nobody looks into each file to find what a person wrote over it; a list shows what is too short.
    if (record !== undefined && world.brokenByHand.has(record) && !isTooShort(record)) continue;
    violated(
      world,
      `at rest the record ${key} of ${installation.name} in ${backup.region} ${id === undefined ? 'is missing' : `names ${id}, not ${backup.id}`}`,
    );
  }
}

/** Somebody was told of each backup that cannot be judged: it is kept for ever. */
function checkUnclear({ world, installation, whose, own }: Checked): void {
  const resources = [...world.resources.values()];
  for (const backup of own) {
    if (stateAt(backup, world.conductor.now()) !== 'available' || isHeldByTag(backup, whose.prefix)) continue;
    if (placeOf(backup, whose.prefix) === 'temporary') continue;
    if (isReadable(backup, whose.prefix) && expiresAt(backup, whose, resources) !== undefined) continue;
    // A setting that is not understood is told of once its default has gone by.
    const age = world.conductor.now() - backup.createdAt;
    const isYoung = age < LONGEST_DEFAULT_MS || !/^(daily|weekly)$/.test(tagOf(backup, whose.prefix, 'retention_type'));
    if (isReadable(backup, whose.prefix) && isYoung) continue;
    const told = world.told.some(
      ({ outcome }) =>
        outcome.backupId === backup.id && outcome.operation === 'DeleteBackup' && outcome.status !== 'ok',
    );
    if (!told) violated(world, `at rest ${backup.id} of ${installation.name} cannot be judged, and nobody was told`);
  }
}

/** Every backup that was removed has its record among the removed, or its name is another's. */
function checkRemoved({ world, installation, whose }: Checked): void {
  for (const { process, outcome } of world.told) {
    const { operation, status, backupName, backupId, region } = outcome;
    if (process.installation !== installation || status !== 'ok' || backupName === undefined) continue;
    if (operation !== 'DeleteBackup' && operation !== 'DeleteReencryptedBackup') continue;
    const objects = world.buckets.get(bucketNameOf(whose.account, region ?? ''))?.objects;
    const isRecorded = [...(objects ?? [])].some(
      ([key, object]) =>
        key.startsWith(`backups/${installation.type}/removed/`) &&
        (idIn(object.body) === backupId || world.brokenByHand.has(object)),
    );
    if (isRecorded) continue;
    const isNameOfAnother = world.everMade.filter(({ backup }) => hasName(backup, whose.prefix, backupName));
    if (isNameOfAnother.length > 1) continue;
    if (process.killed || process.refused > 0) continue;
    violated(
      world,
      `at rest nothing in ${region ?? ''} tells that ${backupId ?? ''} of ${installation.name} was removed`,
    );
  }
}

/** Every record has its backup. */
function checkOrphans({ world, installation, whose }: Checked): void {
  const all = existing([...world.backups.values()]);
  for (const bucket of world.buckets.values()) {
    if (bucket.account !== whose.account) continue;
    for (const [key, object] of bucket.objects) {
      const { body } = object;
      const [, name] = new RegExp(`^backups/${installation.type}/([^/]+)\\.yaml$`).exec(key) ?? [];
      const isBroken = world.brokenByHand.has(object);
      if (name === undefined || !(isBroken || body.includes(`${whose.prefix}:name`))) continue;
      const id = idIn(body);
      const isOf = (backup: HeldBackup): boolean =>
        isBroken ? hasName(backup, prefixOfBackup(backup), name) : backup.id === id;
      if (all.some((backup) => isOf(backup) && backup.account === bucket.account && backup.region === bucket.region))
        continue;
      if (isLeftByHand(world, whose.prefix, id, all)) continue;
      const isReported = toldOf(
        world,
        ({ outcome }) =>
          outcome.operation === 'StoreBackupData' &&
          outcome.status === 'failed' &&
          outcome.error.message.includes(name),
      );
      if (!isReported)
        violated(
          world,
          `at rest ${key} of ${installation.name} in ${bucket.region} tells of ${id ?? 'nothing'}, which is gone`,
        );
    }
  }
}

/** Every account that backups are shared with is let in. */
function checkPolicy({ world, installation, whose }: Checked): void {
  if (!installation.inStack) return;
  const bucket = world.buckets.get(bucketNameOf(whose.account, whose.region));
  for (const account of listOf(whose.settings, 'shelvery_share_aws_account_ids'))
    if (bucket?.policy?.includes(`arn:aws:iam::${account}:root`) !== true)
      violated(world, `at rest ${account} is not let into the bucket of ${installation.name}`);
}

/** What should follow a backup has followed, or somebody was told why not. */
function checkFollowed({ world, installation, whose, own }: Checked): void {
  const { prefix } = whose;
  const now = world.conductor.now();
  const all = existing([...world.backups.values()]);
  for (const backup of own) {
    if (placeOf(backup, prefix) !== 'local' || backup.madeBy.by !== 'shelvery') continue;
    if (stateAt(backup, now) !== 'available' || !isReadable(backup, prefix)) continue;
    if (isLeftBehind(world, installation, whose, backup)) continue;
    const everCopied = world.everCopied.get(backupPlace(backup)) ?? new Set();
    for (const region of listOf({ regions: tagOf(backup, prefix, 'dr_regions') }, 'regions')) {
      if (!can(backup.type, 'copyToRegion') || everCopied.has(`${backup.account} ${region}`)) continue;
      if (isGivenUp(world, whose, backup, region)) continue;
      const told = toldOf(
        world,
        ({ outcome }) => outcome.operation === 'CopyBackupToRegion' && outcome.backupId === backup.id,
      );
      if (!told && !isDead(world, backup.id))
        violated(
          world,
          `at rest ${backup.id} of ${installation.name} was never copied to ${region}, and nobody was told`,
        );
    }
    // Sharing ends where a snapshot is archived.
    if (!can(backup.type, 'share') || backup.archived) continue;
    const sharable = [
      backup,
      ...all.filter(
        (each) =>
          each.copyOf === backupPlace(backup) &&
          each.account === backup.account &&
          placeOf(each, prefix) === 'temporary',
      ),
    ];
    for (const account of listOf(whose.settings, 'shelvery_share_aws_account_ids')) {
      if (sharable.some(({ sharedWith }) => sharedWith.includes(account))) continue;
      const told = toldOf(
        world,
        ({ outcome }) => outcome.operation === 'ShareBackup' && outcome.backupId === backup.id,
      );
      const everReencrypted = everCopied.has(`${backup.account} ${backup.region}`);
      if (!told && !everReencrypted && !isDead(world, backup.id))
        violated(
          world,
          `at rest ${backup.id} of ${installation.name} is not shared with ${account}, and nobody was told`,
        );
    }
  }
}

/**
 * Whether nothing goes on with a backup, as somebody knows: its making was told of as failed, though it had been done; or its
 * run was killed, and the repeat found no mark any more.
 */
function isLeftBehind(world: World, installation: Installation, { prefix }: Whose, backup: HeldBackup): boolean {
  const made = dateOf(backup, prefix) ?? 0;
  const isToldAsFailed = toldOf(
    world,
    ({ at, process, outcome }) =>
      at >= made &&
      process.installation === installation &&
      outcome.operation === 'CreateBackup' &&
      outcome.backupName === tagOf(backup, prefix, 'name'),
  );
  if (isToldAsFailed) return true;
  // What was made again under its name is another; what was renamed is not.
  const resource = [...world.resources.values()].find(({ uid }) => uid === backup.ofUid);
  const isMarked = resource?.tags[`${prefix}:create_backup`] === 'true';
  return !isMarked && isOfKilled(world, backup);
}

function isOfKilled({ everMade }: World, backup: HeldBackup): boolean {
  return everMade.some((made) => backupPlace(made.backup) === backupPlace(backup) && made.by?.killed === true);
}

/** Whether no setting names a region any more, where the process that made the backup was killed: whoever went on went by the new ones. */
function isGivenUp(world: World, { settings }: Whose, backup: HeldBackup, region: string): boolean {
  return !listOf(settings, 'shelvery_dr_regions').includes(region) && isOfKilled(world, backup);
}

function isDead({ deadLetters, unfinished }: World, id: string): boolean {
  return (
    deadLetters.some(({ payload }) => [id, 'create_backups'].some((word) => JSON.stringify(payload).includes(word))) ||
    unfinished.some(({ operation }) => operation.backupId === id)
  );
}

/** The last cleaning has begun since: what it offers anew waits for the next pull. */
const LAST_ROUND_MS = 7 * HOUR_MS;

/** Nothing waits to be pulled that could be. */
function checkSharedFiles({ world, installation, whose }: Checked): void {
  const sources = listOf(whose.settings, 'shelvery_source_aws_account_ids');
  if (!can(installation.type, 'copyShared')) return;
  for (const source of sources) {
    const bucket = world.buckets.get(bucketNameOf(source, whose.region));
    for (const [key, { body, lastModified }] of bucket?.objects ?? []) {
      if (accountOfSharedKey(key) !== whose.account || !key.includes(`/${installation.type}/`)) continue;
      if (world.conductor.now() - lastModified < LAST_ROUND_MS) continue;
      const told = toldOf(
        world,
        // Its file moves after all that follows a copy: where that cannot be done for long, this is told of that.
        ({ at, process, outcome }) =>
          at > lastModified &&
          (outcome.operation === 'PullSharedBackup'
            ? outcome.sourceAccount === source
            : process.installation === installation &&
              outcome.status === 'failed' &&
              (outcome.operation === 'StoreBackupData' || outcome.operation === 'ArchiveBackup')),
      );
      if (!told)
        violated(world, `at rest ${key} of ${source} (${idIn(body) ?? ''}) waits to be pulled, and nobody was told`);
    }
  }
}

/** Every backup that was asked for was made, or somebody was told why not. */
function checkAsked({ world, asked }: Estate): void {
  for (const { installation, time, resources } of asked) {
    const { prefix, name, home } = installation;
    for (const { id } of resources) {
      const made = world.everMade.some(
        ({ backup }) =>
          backup.account === home.accountId &&
          tagOf(backup, prefix, 'entity_id') === id &&
          dateOf(backup, prefix) === time,
      );
      const told =
        world.told.some(
          ({ at, process, outcome }) =>
            at >= time &&
            process.installation === installation &&
            outcome.operation === 'CreateBackup' &&
            outcome.status !== 'ok' &&
            (outcome.entityId ?? id) === id,
        ) ||
        world.deadLetters.some(({ payload }) => JSON.stringify(payload).includes('create_backups')) ||
        (installation.name === 'second' &&
          world.told.some(({ process, outcome }) => process.installation === installation && outcome.status !== 'ok'));
      // Whoever repeats a run that was killed finds nothing to back up where the mark was taken off meanwhile.
      const isMarked =
        world.resources.get(`${installation.type} ${home.accountId} ${home.region} ${id}`)?.tags[
          `${prefix}:create_backup`
        ] === 'true';
      if (!made && !told && isMarked)
        violated(
          world,
          `at rest ${name} has made no backup of ${id} for ${new Date(time).toISOString()}, and nobody was told`,
        );
    }
  }
}
