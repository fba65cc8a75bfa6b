import type { Action } from '../../../layers/engine/src/domain/actions.js';
import type { PlanLine } from '../../../layers/engine/src/operations/context.js';
import type { Process } from '../conductor/process.js';
import { accountOfSharedKey, bucketNameOf } from '../world/storage.js';
import { backupAt, backupPlace, counted, existing, stateAt, viewOf, violated } from '../world/world.js';
import type { HeldBackup, View } from '../world/held.js';
import type { Bucket, Witness, World } from '../world/world.js';
import {
  backupsOf,
  dateOf,
  expiresAt,
  hasOlderTwin,
  isAmongLast,
  isHeldByTag,
  isMadeFor,
  isReadable,
  listOf,
  numberOf,
  ownTimeOf,
  placeOf,
  prefixOfBackup,
  tagOf,
} from './terms.js';
import type { Whose } from './terms.js';
import {
  whyBadlyListed,
  whyBadlyPlanned,
  whyBadlyReported,
  whyBadlyTold,
  whyMisplaced,
  whyNoLine,
  whyNotErased,
} from './sayings.js';

const HOUR_MS = 3_600_000;
/** A clock that is corrected may still be so far from AWS's. */
const CLOCK_MS = 60_000;

/** What a process has changed, and what it has said. */
interface Heard {
  readonly changed: { readonly what: string; readonly id: string }[];
  readonly texts: string[];
}

/** Whom a process works for. */
function whoseOf({ installation, environment }: Process): Whose {
  const { home, prefix } = installation;
  return { account: home.accountId, region: home.region, prefix, settings: environment };
}

/** What must be so at any time, checked at each thing that a process does. See docs/invariants.md. */
export function invariantsAtAnyTime(world: World): Witness {
  const report = (process: Process, what: string): void => {
    violated(world, `${process.id}: ${what}`);
  };
  /** Files that their own account's engine wrote, as it wrote them. */
  const honestFiles = new WeakMap<Bucket, Map<string, string>>();
  const heard = new WeakMap<Process, Heard>();
  const heardOf = (process: Process): Heard => {
    const known = heard.get(process) ?? { changed: [], texts: [] };
    heard.set(process, known);
    return known;
  };
  /** What was made or removed, and what was looked at, is told of. */
  const checkSaid = (process: Process): void => {
    if (process.killed) return;
    counted(world, 'said');
    const { changed, texts } = heardOf(process);
    // Of what it did not get the answer of it knows nothing.
    for (const { what, id } of process.refused > 0 ? [] : changed)
      if (!texts.some((text) => text.includes(id))) report(process, `${what} ${id}, and did not tell`);
  };
  return {
    removing(process, backup) {
      counted(world, 'removing');
      // What failed is told of by what is made in its place.
      if (stateAt(backup, world.conductor.now()) !== 'failed')
        heardOf(process).changed.push({ what: 'removed', id: backup.id });
      const why = whyNotRemoved(world, process, backup);
      if (why !== undefined) report(process, `removed ${backup.id} in ${backup.region}, ${why}`);
    },
    making(process, made, source) {
      counted(world, 'making');
      // What is pulled is told of once it is complete.
      if (source?.region !== made.region) heardOf(process).changed.push({ what: 'made', id: made.id });
      const why = source === undefined ? undefined : whyNotCopied(world, process, made, source);
      if (why !== undefined) report(process, `copied ${source?.id ?? ''} to ${made.region}, ${why}`);
      if (source === undefined && isTooOld(made, whoseOf(process)))
        report(process, `made ${made.id} of data of ${new Date(made.dataTime).toISOString()}, which is too old`);
      const twin = twinOf(world, process, made);
      if (twin !== undefined) report(process, `made ${made.id} in ${made.region}, which was there as ${twin.id}`);
    },
    archiving(process, backup) {
      counted(world, 'archiving');
      const why = whyNotArchived(world, process, backup);
      if (why !== undefined) report(process, `moved ${backup.id} to the archive tier, ${why}`);
    },
    sharing(process, backup, account) {
      counted(world, 'sharing');
      const { settings, prefix } = whoseOf(process);
      const allowed = ['shelvery_share_aws_account_ids', 'shelvery_allowed_share_aws_account_ids'].flatMap((key) =>
        listOf(settings, key),
      );
      if (!allowed.includes(account)) report(process, `shared ${backup.id} with ${account}, which no setting names`);
      if (placeOf(backup, prefix) === 'pulled')
        report(process, `shared ${backup.id}, which was pulled from another account`);
      if (!isMadeFor(backup, whoseOf(process))) report(process, `shared ${backup.id}, which it did not make`);
    },
    putting(process, bucket, key, body) {
      counted(world, 'putting');
      const misplaced = whyMisplaced(world, process, { bucket, key, body, id: idIn(body) });
      if (misplaced !== undefined) report(process, `wrote ${key}, ${misplaced}`);
      const honest = honestFiles.get(bucket) ?? new Map<string, string>();
      honestFiles.set(bucket, honest);
      if (bucket.account === process.installation.home.accountId) honest.set(key, body);
      const refused = whyNotSetAside(world, process, { bucket, key, honest });
      if (refused !== undefined) report(process, `wrote ${key}, ${refused}`);
      const account = accountOfSharedKey(key);
      if (account === undefined || bucket.account !== process.installation.home.accountId) return;
      const id = idIn(body);
      const shared = existing([...world.backups.values()]).some(
        (backup) =>
          backup.id === id &&
          backup.account === bucket.account &&
          backup.region === bucket.region &&
          backup.sharedWith.includes(account),
      );
      const isWaiting = new RegExp(`^backups/shared/\\d{12}/${process.installation.type}/`).test(key);
      // Somebody may remove it while its file is being written: the next cleaning takes that away.
      const isIt = (each: HeldBackup): boolean => each.id === id && each.region === bucket.region;
      if (isWaiting && !shared && !isGoneSinceSeen(world, process, isIt))
        report(process, `wrote ${key}, and ${id ?? 'nothing'} is not shared with ${account}`);
    },
    erasing(process, bucket, key) {
      counted(world, 'erasing');
      const why = whyNotErased(world, process, bucket, key, idIn);
      if (why !== undefined) report(process, `deleted ${key}, ${why}`);
    },
    calling(process, { action, changes }) {
      if (process.dryRun !== true) return;
      counted(world, 'dryRun');
      if (changes) report(process, `called ${action} in a dry run`);
    },
    planning(process, action, plan) {
      counted(world, 'planning');
      for (const line of plan) {
        const why = whyBadlyPlanned(world, process, line) ?? whyNotPlanned(world, process, line);
        if (why !== undefined) report(process, `planned to ${line.what} ${line.subject}: ${why}`);
      }
      for (const left of leftOut(world, process, action, plan)) report(process, `planned nothing for ${left}`);
    },
    listing(process, listed) {
      counted(world, 'listing');
      for (const row of listed) {
        const why = whyBadlyListed(world, process, row);
        if (why !== undefined) report(process, `listed ${row.id}: ${why}`);
      }
      const ids = new Set(listed.map(({ id }) => id));
      for (const id of seenThroughout(world, process).filter((each) => !ids.has(each)))
        report(process, `did not list ${id}`);
    },
    reporting(process, told, outcomes) {
      counted(world, 'reporting');
      const why = whyBadlyReported(told, outcomes);
      if (why !== undefined) report(process, `reported on ${told.action}: ${why}`);
      if (process.endsAt === Infinity) checkSaid(process);
      if (told.action !== 'clean_backups' || told.status !== 'OK') return;
      const { texts } = heardOf(process);
      const said = (id: string): boolean => texts.some((text) => text.includes(id));
      for (const id of seenThroughout(world, process).filter((each) => !said(each)))
        report(process, `cleaned, and did not tell what becomes of ${id}`);
    },
    saying(process, code, message) {
      counted(world, 'saying');
      heardOf(process).texts.push(message);
      const why = whyNoLine(code, message);
      if (why !== undefined) report(process, `said ${code}: ${why}`);
    },
    threw(process, error) {
      if (error instanceof TypeError || error instanceof RangeError) report(process, `broke off: ${String(error)}`);
    },
    ended(process) {
      counted(world, 'ended');
      checkSaid(process);
      if (process.refused > 0) return;
      const bucket = world.buckets.get(
        bucketNameOf(process.installation.home.accountId, process.installation.home.region),
      );
      // Somebody else may have it by now.
      for (const { key, holder } of process.leases)
        if (bucket?.objects.get(key)?.body.includes(holder) === true) report(process, `ended, and left ${key}`);
    },
    puttingPolicy(process, bucket, policy) {
      counted(world, 'puttingPolicy');
      const named = [...policy.matchAll(/arn:aws:iam::(\d{12}):root/g)].map(([, account]) => account ?? '');
      const allowed = new Set(listOf(whoseOf(process).settings, 'shelvery_share_aws_account_ids'));
      const before = bucket.policy ?? '';
      for (const account of new Set(named))
        if (!allowed.has(account) && !before.includes(account))
          report(process, `lets ${account} into ${bucket.name}, which no setting names`);
      for (const { installation } of world.processes) {
        const { home, environment, name } = installation;
        if (home.accountId !== bucket.account || home.region !== bucket.region || name === process.installation.name)
          continue;
        for (const account of listOf(environment, 'shelvery_share_aws_account_ids'))
          if (before.includes(`iam::${account}:root`) && !named.includes(account))
            report(process, `takes ${account} out of ${bucket.name}, which ${name} names`);
      }
    },
    telling(process, outcome) {
      counted(world, 'telling');
      const why =
        whyBadlyTold(world, process, outcome) ??
        (outcome.status === 'ok' ? whyNotSo(world, process, outcome) : undefined);
      if (why !== undefined) report(process, `told ${outcome.operation} of ${outcome.backupId ?? ''}: ${why}`);
    },
  };
}

/** The backup that a record names. */
export function idIn(body: string): string | undefined {
  return /^backup_id: ["']?([^"'\n]+)/m.exec(body)?.[1];
}

/**
 * Whether one of the looks that a process has had, or one now, allows something; `at` is when its backups were listed. A list
 * may have shown what was gone by then: so the look is tried with that, too.
 */
function isAllowedBySomeLook(world: World, process: Process, allows: (seen: View) => boolean): boolean {
  const now = viewOf(world);
  const looks = [...process.views, now];
  const lists = looks.flatMap((look) =>
    look.gone.length === 0 ? [look] : [look, { ...look, backups: [...look.backups, ...look.gone] }],
  );
  return lists.some((backups) => looks.some((resources) => allows({ ...backups, resources: resources.resources })));
}

/** Why a backup must not be removed; nothing where it may be. */
function whyNotRemoved(world: World, process: Process, removed: HeldBackup): string | undefined {
  const now = world.conductor.now();
  const whose = whoseOf(process);
  if (!isMadeFor(removed, whose)) return 'which it did not make';
  let why: string | undefined;
  const allowed = isAllowedBySomeLook(world, process, (seen) => {
    // Its tags as they were when the process looked: a person may have changed them since.
    const backup = seen.backups.find((each) => backupPlace(each) === backupPlace(removed)) ?? removed;
    why = whyKept(backup, whose, seen, now);
    return why === undefined;
  });
  return allowed ? undefined : why;
}

/** Why a file must not be given up: its backup is there, can be pulled, and nobody has changed the file. */
function whyNotSetAside(
  world: World,
  process: Process,
  {
    bucket,
    key,
    honest,
  }: { readonly bucket: Bucket; readonly key: string; readonly honest: ReadonlyMap<string, string> },
): string | undefined {
  const { home, type } = process.installation;
  if (bucket.account === home.accountId || !key.includes(`/${type}-failed/`)) return undefined;
  const from = key.replace(`/${type}-failed/`, `/${type}/`);
  const body = bucket.objects.get(from)?.body;
  if (body === undefined || body !== honest.get(from)) return undefined;
  const id = idIn(body);
  const offered = existing([...world.backups.values()]).find(
    (backup) => backup.id === id && backup.account === bucket.account && backup.region === bucket.region,
  );
  // What has expired where it would be copied to is not copied, unless it would be among the last there.
  if (offered !== undefined && wouldGoAtOnce(world, process, offered, body)) return undefined;
  const isOffered =
    offered?.sharedWith.includes(home.accountId) === true && stateAt(offered, world.conductor.now()) === 'available';
  return isOffered ? `though ${offered.id} can be pulled` : undefined;
}

/** Whether a copy of an honest account's backup would be cleaned at once by whoever pulls it, as its file tells of it. */
function wouldGoAtOnce(world: World, process: Process, offered: HeldBackup, body: string): boolean {
  const whose = whoseOf(process);
  // The copy would be judged by the settings of whoever pulls it, and by no tag.
  const source = prefixOfBackup(offered);
  const tags = {
    [`${whose.prefix}:date_created`]: tagOf(offered, source, 'date_created'),
    [`${whose.prefix}:retention_type`]: /^retention_type: ["']?([^"'\n]+)/m.exec(body)?.[1] ?? '',
    [`${whose.prefix}:cross_account_copy`]: 'true',
  };
  const expires = expiresAt({ ...offered, tags }, whose, []);
  if (expires === undefined || world.conductor.now() <= expires) return false;
  const newer = [...process.views, viewOf(world)].map(
    ({ backups }) =>
      new Set(
        backups.flatMap((each) =>
          each.account === process.installation.home.accountId &&
          each.of === offered.of &&
          placeOf(each, whose.prefix) === 'pulled' &&
          (dateOf(each, whose.prefix) ?? 0) > (dateOf(offered, source) ?? 0)
            ? [dateOf(each, whose.prefix)]
            : [],
        ),
      ).size,
  );
  return Math.max(...newer) >= numberOf(process.environment, 'shelvery_keep_last_backups', 1);
}

/** Why a line of a plan would do what must not be done; nothing where it would not. */
function whyNotPlanned(world: World, process: Process, { what, subject, region, of }: PlanLine): string | undefined {
  if (what !== 'remove' || of !== undefined) return undefined;
  const { home, type } = process.installation;
  const planned = [...process.views, viewOf(world)]
    .flatMap(({ backups, gone }) => [...backups, ...gone])
    .find(
      (each) => each.id === subject && each.type === type && each.account === home.accountId && each.region === region,
    );
  return planned === undefined ? undefined : whyNotRemoved(world, process, planned);
}

/** What a plan says nothing of, though it was there whenever the process looked. */
function leftOut(world: World, process: Process, action: Action, plan: readonly PlanLine[]): readonly string[] {
  const { home, type } = process.installation;
  const whose = whoseOf(process);
  const looks = [...process.views, viewOf(world)];
  const [first] = looks;
  const subjects = new Set(plan.map(({ subject }) => subject));
  if (first === undefined || process.refused > 0) return [];
  if (action === 'create_backups')
    return first.resources.flatMap((resource) => {
      const isMarked = looks.every(({ resources }) =>
        resources.some((each) => each.id === resource.id && each.tags[`${whose.prefix}:create_backup`] === 'true'),
      );
      const isOurs = resource.account === home.accountId && resource.type === type && resource.region === home.region;
      return isOurs && isMarked && !subjects.has(resource.id) ? [resource.id] : [];
    });
  return action === 'clean_backups' ? seenThroughout(world, process).filter((id) => !subjects.has(id)) : [];
}

/** Own backups of the local region that were there whenever a process looked. */
function seenThroughout(world: World, process: Process): readonly string[] {
  const { home, type } = process.installation;
  const now = viewOf(world);
  if (process.refused > 0) return [];
  return backupsOf(whoseOf(process), type, now.backups).flatMap((backup) => {
    const isThere = [...process.views, now].every(({ at, backups }) =>
      backups.some((each) => backupPlace(each) === backupPlace(backup) && each.listedFrom <= at),
    );
    return isThere && backup.region === home.region ? [backup.id] : [];
  });
}

function whyKept(backup: HeldBackup, whose: Whose, seen: View, now: number): string | undefined {
  const { prefix, settings } = whose;
  if (isHeldByTag(backup, prefix)) return 'which is held';
  const state = stateAt(backup, now);
  // What failed is made anew, at once.
  if (state === 'failed') return undefined;
  if (state === 'pending') return 'which is still being made';
  const place = placeOf(backup, prefix);
  // No list showed a copy that had only just begun: nobody could know of it.
  const copying = seen.backups.find(
    (each) =>
      each.copyOf === backupPlace(backup) &&
      each.account === backup.account &&
      each.listedFrom <= seen.at &&
      now < each.readyAt,
  );
  if (copying !== undefined) return `of which ${copying.id} is still being copied`;
  const young = numberOf(settings, 'shelvery_min_retention_days', 0) * 24 * HOUR_MS;
  if (now + CLOCK_MS < ownTimeOf(backup, prefix) + young) return 'which is younger than shelvery_min_retention_days';
  if (place === 'temporary') {
    const hours = numberOf(settings, 'shelvery_reencrypt_backup_cleanup_hours', 72);
    return now + CLOCK_MS < backup.createdAt + hours * HOUR_MS ? 'which is temporary, and not over' : undefined;
  }
  if (!isReadable(backup, prefix)) return 'whose tags say too little';
  if (hasOlderTwin(backup, whose, seen.backups, now)) return undefined;
  const expires = expiresAt(backup, whose, seen.resources);
  if (expires === undefined) return 'whose expiry cannot be told';
  if (now + CLOCK_MS < expires) return `which expires only at ${new Date(expires).toISOString()}`;
  return isAmongLast(backup, whose, seen, now) ? 'which is among the last' : undefined;
}

/** Why a copy must not be made; nothing where it may be. */
function whyNotCopied(world: World, process: Process, made: HeldBackup, source: HeldBackup): string | undefined {
  const whose = whoseOf(process);
  const { prefix, settings, account } = whose;
  if (source.account !== account) {
    if (!listOf(settings, 'shelvery_source_aws_account_ids').includes(source.account))
      return `of ${source.account}, which no setting names`;
    return made.tags[`${prefix}:src_account`] === source.account ? undefined : 'and its tags tell of another account';
  }
  if (made.region === source.region) return placeOf(made, prefix) === 'temporary' ? undefined : 'beside the original';
  if (placeOf(source, prefix) !== 'local') return 'though it is a copy itself';
  if (!isMadeFor(source, whose)) return 'though it did not make it';
  const named = isAllowedBySomeLook(world, process, (seen) => {
    const resource = seen.resources.find(({ id }) => id === tagOf(source, prefix, 'entity_id'));
    const tags = [
      resource?.tags[`${prefix}:config:shelvery_dr_regions`],
      tagOf(source, prefix, 'config:shelvery_dr_regions'),
      tagOf(source, prefix, 'dr_regions'),
    ];
    return [settings['shelvery_dr_regions'], ...tags].some((text) => text?.includes(made.region) === true);
  });
  return named ? undefined : 'which neither a setting nor a tag names';
}

/** Whether the data of a new backup is older than a backup's may be. */
function isTooOld(made: HeldBackup, { prefix, settings }: Whose): boolean {
  const hours = numberOf(settings, 'shelvery_automated_snapshot_max_age_hours', 30);
  return made.dataTime < (dateOf(made, prefix) ?? Infinity) - hours * HOUR_MS - CLOCK_MS;
}

/** The archive tier charges for so many days; the run's time, by which the engine goes, may be some days ago. */
const LEAST_ARCHIVED_MS = (90 - 5) * 24 * HOUR_MS;

/** Why a backup must not be moved to the archive tier; nothing where it may be. */
function whyNotArchived(world: World, process: Process, backup: HeldBackup): string | undefined {
  const whose = whoseOf(process);
  const { prefix, settings } = whose;
  const now = world.conductor.now();
  const retention = tagOf(backup, prefix, 'retention_type');
  if (!isMadeFor(backup, whose)) return 'which it did not make';
  if (retention !== 'monthly' && retention !== 'yearly') return `which is ${retention}`;
  const place = placeOf(backup, prefix);
  const key = place === 'pulled' ? 'shelvery_enable_ebs_archive_pulled' : 'shelvery_enable_ebs_archive';
  if (settings[key] !== 'true') return `though ${key} is not set`;
  const isLong = isAllowedBySomeLook(
    world,
    process,
    ({ resources }) => (expiresAt(backup, whose, resources) ?? Infinity) >= now + LEAST_ARCHIVED_MS,
  );
  if (!isLong) return 'which expires soon';
  const running = existing([...world.backups.values()]).find(
    // What a person copies by hand is in lists, which are looked at once for all that is archived.
    (each) => each.copyOf === backupPlace(backup) && now < each.readyAt && each.madeBy.by !== 'person',
  );
  if (running !== undefined) return `of which ${running.id} is still being copied`;
  if (place === 'pulled') return undefined;
  const copied = world.everCopied.get(backupPlace(backup)) ?? new Set();
  const regions = listOf({ regions: tagOf(backup, prefix, 'dr_regions') }, 'regions');
  const missing = regions.find((region) => region !== backup.region && !copied.has(`${backup.account} ${region}`));
  if (missing !== undefined) return `which was never copied to ${missing}`;
  const bucket = world.buckets.get(bucketNameOf(backup.account, backup.region));
  const waiting = [...(bucket?.objects ?? [])].find(
    ([file, { body }]) => /^backups\/shared\/\d{12}\/ebs\//.test(file) && idIn(body) === backup.id,
  );
  return waiting === undefined ? undefined : `while ${waiting[0]} waits to be pulled`;
}

/** Lists lag behind for less than this, and whoever made something looks for it so long before it makes it again. */
const SEEN_AFTER_MS = 6_000;

/**
 * The same backup or copy, which was there already when another was made: by the same process, or before it was started, or
 * before no other could copy any more. Of two who are each sure to be alone none copies after the other began to be.
 * Names keep databases from it.
 */
function twinOf(world: World, process: Process, made: HeldBackup): HeldBackup | undefined {
  const { prefix } = whoseOf(process);
  const now = world.conductor.now();
  const what = (each: HeldBackup): string =>
    each.copyOf === undefined
      ? `${each.ofUid} ${tagOf(each, prefix, 'date_created')} ${tagOf(each, prefix, 'retention_type')}`
      : `${each.copyOf} ${placeOf(each, prefix)}`;
  const alone = process.alone?.isSure() === true && placeOf(made, prefix) === 'pulled' ? process.alone : undefined;
  const looksFrom = alone?.since ?? process.startedAt;
  return world.everMade.find(
    ({ at, backup, by, alone: wasAlone }) =>
      backup.type === made.type &&
      backup.account === made.account &&
      backup.region === made.region &&
      backupPlace(backup) !== backupPlace(made) &&
      isMadeFor(backup, whoseOf(process)) &&
      what(backup) === what(made) &&
      ((now - at > SEEN_AFTER_MS && (by === process || looksFrom - at > SEEN_AFTER_MS)) ||
        (by !== process && alone !== undefined && wasAlone && at >= alone.since)) &&
      isThere(world, backup, prefix),
  )?.backup;
}

/** Whether a backup that was made can still be known as what it is. */
function isThere(world: World, made: HeldBackup, prefix: string): boolean {
  const held = backupAt(world, made);
  return held !== undefined && stateAt(held, world.conductor.now()) !== 'failed' && isReadable(held, prefix);
}

/** The files in a bucket that let an account find a backup, in whatever state, or the record of it. */
function hasFile(world: World, account: string, region: string, id: string, below: string): boolean {
  const bucket = world.buckets.get(bucketNameOf(account, region));
  return [...(bucket?.objects ?? [])].some(([key, { body }]) => key.startsWith(below) && idIn(body) === id);
}

/** Why an account does not find what was shared with it. */
function whyNotFound(
  world: World,
  { installation, views }: Process,
  { backupId, region, destinationAccount }: OkOutcome,
): string | undefined {
  const { home } = installation;
  // A file that was dealt with may tell of a re-encrypted snapshot that is gone since.
  const ever = world.everMade.map(({ backup }) => backup);
  const ids = [...views, viewOf(world), { backups: ever }].flatMap(({ backups }) =>
    backups.flatMap(({ id, copyOf }) =>
      id === backupId || copyOf?.endsWith(` ${backupId ?? ''}`) === true ? [id] : [],
    ),
  );
  const below = `backups/shared/${destinationAccount ?? ''}/`;
  return ids.some((id) => hasFile(world, home.accountId, region ?? home.region, id, below))
    ? undefined
    : 'no file tells of it';
}

/** Nothing, where what was to be shared was removed by somebody since the process looked. */
function whyNotShared(world: World, process: Process, id: string | undefined): string | undefined {
  const { accountId } = process.installation.home;
  const isOfIt = (each: HeldBackup): boolean =>
    each.account === accountId && (each.id === id || each.copyOf?.endsWith(` ${id ?? ''}`) === true);
  return isGoneSinceSeen(world, process, isOfIt) ? undefined : 'it is not shared';
}

/** Whether a process has seen a backup that is gone by now. */
function isGoneSinceSeen(world: World, { views }: Process, isIt: (backup: HeldBackup) => boolean): boolean {
  return views.some(({ backups }) => backups.some((each) => isIt(each) && backupAt(world, each) === undefined));
}

type OkOutcome = Parameters<NonNullable<Witness['telling']>>[1];

/** Why what is told is not so; nothing where it is. */
function whyNotSo(world: World, process: Process, outcome: OkOutcome): string | undefined {
  const { home, type } = process.installation;
  const { backupId, region, destinationRegion, destinationAccount } = outcome;
  // A hand may have taken it since; then it is in none of the looks.
  const looks = [...process.views, viewOf(world)];
  const find = (id: string | undefined, at: string | undefined): readonly HeldBackup[] =>
    looks.flatMap(({ backups, gone }) =>
      [...backups, ...gone].filter(
        (each) =>
          each.id === id &&
          each.type === type &&
          each.account === home.accountId &&
          (at === undefined || each.region === at),
      ),
    );
  switch (outcome.operation) {
    case 'CreateBackup':
      return find(backupId, region).length > 0 ? undefined : 'there is no such backup';
    case 'DeleteBackup':
    case 'DeleteReencryptedBackup':
      return existing([...world.backups.values()]).some(
        (each) => each.id === backupId && each.account === home.accountId && each.region === region,
      )
        ? 'it is still there'
        : undefined;
    case 'ShareBackup':
    case 'ShareRegionalBackupCopy':
      return looks.some(({ backups }) =>
        backups.some(
          (each) =>
            each.account === home.accountId &&
            each.sharedWith.includes(destinationAccount ?? '') &&
            (each.id === backupId || each.copyOf?.endsWith(` ${backupId ?? ''}`) === true),
        ),
      )
        ? whyNotFound(world, process, outcome)
        : whyNotShared(world, process, backupId);
    case 'CopyBackupToRegion':
      return looks.some(({ backups }) =>
        backups.some(
          (each) => each.region === destinationRegion && each.copyOf?.endsWith(` ${backupId ?? ''}`) === true,
        ),
      )
        ? undefined
        : 'there is no copy';
    case 'PullSharedBackup':
      return find(backupId, home.region).some((each) => stateAt(each, world.conductor.now()) === 'available')
        ? undefined
        : 'there is no such copy';
    case 'StoreBackupData':
      return backupId === undefined ||
        region === undefined ||
        hasFile(world, home.accountId, region, backupId, `backups/${type}/`) ||
        // The older of two of one name has the record.
        process.refused > 0 ||
        find(backupId, region).length === 0
        ? undefined
        : 'there is no record of it';
    case 'ArchiveBackup': {
      const held = existing([...world.backups.values()]).find(
        ({ id, account }) => id === backupId && account === home.accountId,
      );
      return held === undefined || held.archived ? undefined : 'it is not in the archive tier';
    }
    case 'CreateDataBucket':
    case 'ListBackups':
    case 'PullSharedBackupsFromAccount':
      return undefined;
  }
}
