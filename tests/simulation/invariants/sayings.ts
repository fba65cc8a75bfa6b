import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import type { StatusReport } from '../../../layers/engine/src/domain/telling/status-report.js';
import type { ListedBackup } from '../../../layers/engine/src/operations/regions/listed-backup.js';
import type { PlanLine } from '../../../layers/engine/src/operations/context.js';
import type { Process } from '../conductor/process.js';
import { accountOfSharedKey, bucketNameOf } from '../world/storage.js';
import { backupPlace, existing, stateAt, viewOf } from '../world/world.js';
import type { HeldBackup } from '../world/held.js';
import type { Bucket, World } from '../world/world.js';
import { hasName, isReadable, isTooShort, tagOf } from './terms.js';

/** What is said to people, and the files that others read: whether it can be read, and whether it is so. */

/** What has to be known of what an operation has done. */
const FACTS: Readonly<Record<Outcome['operation'], readonly (keyof Outcome)[]>> = {
  CreateBackup: ['backupId', 'backupName', 'entityId', 'retentionType', 'region'],
  CopyBackupToRegion: ['backupId', 'backupName', 'entityId', 'region', 'destinationRegion', 'message'],
  ShareBackup: ['backupId', 'backupName', 'entityId', 'region', 'destinationAccount', 'bucket', 'backupS3Location'],
  ShareRegionalBackupCopy: [
    ...(['backupId', 'backupName', 'entityId', 'region', 'destinationAccount'] as const),
    ...(['destinationRegion', 'bucket', 'backupS3Location'] as const),
  ],
  DeleteBackup: ['backupId', 'region', 'message'],
  DeleteReencryptedBackup: ['backupId', 'backupName', 'region', 'message'],
  PullSharedBackup: ['sourceAccount'],
  PullSharedBackupsFromAccount: ['sourceAccount'],
  StoreBackupData: ['backupId', 'backupName', 'entityId', 'region'],
  ArchiveBackup: ['backupId', 'backupName', 'region'],
  CreateDataBucket: ['bucket', 'region'],
  ListBackups: [],
};
const STATUSES: readonly string[] = ['ok', 'ignored', 'failed'] satisfies readonly Outcome['status'][];

/** What nobody says: parts of a sentence that are missing, and words of a program that has broken. */
const BROKEN: readonly RegExp[] = [
  /^\s*$/,
  /^\s|[\s:,(]$/,
  / {2}|\(\)|''|""/,
  / [.,;:)]|[(] /,
  /\b(undefined|NaN|null)\b|\[object/,
  /\bTypeError\b|\bRangeError\b|\bReferenceError\b|is not a function/,
];

/** Why a sentence cannot be read; nothing where it can. */
function whyUnreadable(text: string): string | undefined {
  return BROKEN.some((pattern) => pattern.test(text)) ? `"${text}"` : undefined;
}

/** Why a line of the log is none; nothing where it is one. */
export function whyNoLine(code: string, message: string): string | undefined {
  return /^SHELVERY(_[A-Z]+)+$/.test(code) ? whyUnreadable(message) : `with the code "${code}"`;
}

/** Why an outcome cannot be understood, or speaks of something that is not so; nothing where neither is. */
export function whyBadlyTold(world: World, process: Process, outcome: Outcome): string | undefined {
  const { operation, status } = outcome;
  if (!Object.hasOwn(FACTS, operation) || !STATUSES.includes(status)) return `"${operation}" is "${status}"`;
  const missing = status === 'ok' ? FACTS[operation].filter((fact) => (outcome[fact] ?? '') === '') : [];
  if (missing.length > 0) return `${missing.join(', ')} is missing`;
  for (const text of textsOf(outcome)) {
    const why = whyUnreadable(text);
    if (why !== undefined) return why;
  }
  if (status === 'failed' && !/^[A-Z][A-Za-z]+$/.test(outcome.error.code))
    return `with the code "${outcome.error.code}"`;
  if (status === 'failed' && outcome.error.code === 'Unexpected') return outcome.error.message;
  return whyNotThatBackup(world, process, outcome) ?? whyNotThere(world, process, outcome);
}

function textsOf(outcome: Outcome): readonly string[] {
  const { message } = outcome;
  const said = message === undefined ? [] : [message];
  switch (outcome.status) {
    case 'ok':
      return said;
    case 'ignored':
      return [...said, outcome.reason];
    case 'failed':
      return [...said, outcome.error.message];
  }
}

/** What is said of a backup is what its tags say, where Shelvery made it. */
function whyNotThatBackup(world: World, { installation }: Process, outcome: Outcome): string | undefined {
  const { backupId, backupName, entityId, retentionType } = outcome;
  const { home, type, prefix } = installation;
  const made = world.everMade.filter(
    ({ backup }) => backup.id === backupId && backup.type === type && backup.account === home.accountId,
  );
  if (made.length === 0) return undefined;
  const says = (tag: string, text: string | undefined): boolean =>
    text === undefined || made.some(({ backup }) => tagOf(backup, prefix, tag) === text) || isRetagged(backupId);
  const isRetagged = (id: string | undefined): boolean =>
    existing([...world.backups.values()]).some(
      (held) => held.id === id && made.every(({ backup }) => backup.tags !== held.tags),
    );
  // A database may have been renamed since.
  const isRenamed = [...world.resources.values()].some(
    ({ id, uid }) => id === entityId && made.some(({ backup }) => backup.ofUid === uid),
  );
  if (!says('entity_id', entityId) && !isRenamed) return `it is of no ${entityId ?? ''}`;
  const isNamed = backupName === undefined || made.some(({ backup }) => hasName(backup, prefix, backupName));
  if (!isNamed && !isRetagged(backupId)) return `it has not the name ${backupName}`;
  if (!says('retention_type', retentionType)) return `it is not ${retentionType ?? ''}`;
  return undefined;
}

/** Files that an outcome names are there. */
function whyNotThere(world: World, process: Process, outcome: Outcome): string | undefined {
  const { bucket: name, backupS3Location: from, newS3Location: to, status, operation } = outcome;
  if (name === undefined || operation === 'CreateDataBucket') return undefined;
  const bucket = [...world.buckets.values()].find((each) => each.name === name);
  if (bucket === undefined) return status === 'ok' ? `there is no bucket ${name}` : undefined;
  if (to !== undefined && !bucket.objects.has(to)) return `there is no ${to}`;
  const isWritten = status === 'ok' && to === undefined && from !== undefined && process.refused === 0;
  if (isWritten && operation === 'StoreBackupData' && !bucket.objects.has(from)) return `there is no ${from}`;
  return undefined;
}

/** Why a line of a plan cannot be understood, or plans for nothing that is there; nothing where it is right. */
export function whyBadlyPlanned(world: World, { installation, views }: Process, line: PlanLine): string | undefined {
  const { what, subject, reason, region, of } = line;
  if (what.length === 0 || subject.length === 0 || region.length === 0) return JSON.stringify(line);
  const why = whyUnreadable(reason);
  if (why !== undefined || of !== undefined) return why;
  const seen = [...views, viewOf(world)];
  const isBackup = seen.some(({ backups, gone }) => [...backups, ...gone].some(({ id }) => id === subject));
  if (what === 'remove')
    return isBackup || subject === installation.home.accountId || !/^\S+$/.test(subject) ? undefined : `no ${subject}`;
  if (what === 'create') {
    const isResource = seen.some(({ resources }) => resources.some(({ id }) => id === subject));
    return isResource ? undefined : `there is no ${subject}`;
  }
  return undefined;
}

/** Why a row of a list is not right; nothing where it is. */
export function whyBadlyListed(world: World, process: Process, row: ListedBackup): string | undefined {
  const { id, region, state, fate, metadata, resource, name, retention_type: retentionType, reason } = row;
  const { installation, views, startedAt } = process;
  const { home, prefix, type } = installation;
  if (whyUnreadable(fate) !== undefined) return `its fate is ${fate}`;
  if (state === 'missing') return id === '' ? undefined : 'it is missing, and has an id';
  const bucket = world.buckets.get(bucketNameOf(home.accountId, region));
  const looks = [...views, viewOf(world)];
  const seen = looks.flatMap(({ at, backups }) =>
    backups.flatMap((backup) =>
      backup.id === id && backup.type === type && backup.account === home.accountId && backup.region === region
        ? [{ backup, at }]
        : [],
    ),
  );
  // Lists show for a while what is gone.
  const was = world.everMade.some(({ backup }) => backup.id === id && backup.account === home.accountId);
  if (seen.length === 0) return was ? undefined : 'there is no such backup';
  const isIn = (at: number, backup: HeldBackup): string => (backup.archived ? 'archived' : stateAt(backup, at));
  const states = new Set([...seen.map(({ at, backup }) => isIn(at, backup))]);
  if (states.size === 1 && !states.has(state)) return `it is ${[...states].join()}, and not ${state}`;
  if (['somebodys', 'unreadable'].includes(reason)) return undefined;
  const says = (tag: string, text: string): boolean =>
    text === '' || seen.some(({ backup }) => tagOf(backup, prefix, tag) === text);
  if (!says('entity_id', resource)) return `it is of no ${resource}`;
  if (name !== '' && !seen.some(({ backup }) => hasName(backup, prefix, name))) return `it has not the name ${name}`;
  if (!says('retention_type', retentionType)) return `it is not ${retentionType}`;
  if (name === '' || resource === '')
    return seen.some(({ backup }) => !isReadable(backup, prefix)) ? undefined : 'it is of nothing';
  const record = bucket?.objects.get(`backups/${type}/${name}.yaml`);
  // A record that was written before the backup was begun is another's.
  const isItsOwn = record !== undefined && seen.some(({ backup }) => record.lastModified >= backup.createdAt - 1_000);
  const isOnRecord = isItsOwn && !isTooShort(record) && record.lastModified < startedAt && process.refused === 0;
  if (isOnRecord && metadata !== 'present') return `its record is ${metadata}`;
  if (row.shared_with === undefined || process.refused > 0) return undefined;
  const { shared_with: accounts } = row;
  const unsaid = [...(bucket?.objects ?? [])].find(([key, { lastModified }]) => {
    const account = accountOfSharedKey(key);
    const isWaiting = key === `backups/shared/${account ?? ''}/${type}/${name}.yaml`;
    return account !== undefined && isWaiting && lastModified < startedAt && !accounts.includes(account);
  });
  return unsaid === undefined ? undefined : `it does not say of ${unsaid[0]}`;
}

const MADE_BY: Readonly<Record<string, Outcome['operation']>> = {
  create_backups: 'CreateBackup',
  clean_backups: 'DeleteBackup',
  archive_pending_backups: 'ArchiveBackup',
};

/** Why what a run reports in the end is not what it has told; nothing where it is. */
export function whyBadlyReported(
  { action, status, summary }: StatusReport,
  told: readonly Outcome[],
): string | undefined {
  const { collected, failed } = summary;
  if (Object.values(summary).some((count) => !Number.isInteger(count) || count < 0)) return JSON.stringify(summary);
  const failures = told.filter((outcome) => outcome.status === 'failed').length;
  // What a run that broke off has begun beside may fail after its report.
  if (failed < failures && status !== 'FAILED') return `${String(failures)} failed, and not ${String(failed)}`;
  if (status === 'OK' && failures > 0) return 'it went well, though something failed';
  const operation = MADE_BY[action];
  const done = new Set(
    told.flatMap((outcome) =>
      outcome.operation === operation && outcome.status === 'ok'
        ? [`${outcome.region ?? ''} ${outcome.backupId ?? ''}`]
        : [],
    ),
  );
  return done.size > collected ? `of ${String(collected)}, ${String(done.size)} were done` : undefined;
}

const NAME = '[A-Za-z0-9-]{1,255}\\.yaml';

/** Why a file must not be where it is put; nothing where it may be. */
export function whyMisplaced(
  world: World,
  process: Process,
  {
    bucket,
    key,
    body,
    id,
  }: { readonly bucket: Bucket; readonly key: string; readonly body: string; readonly id: string | undefined },
): string | undefined {
  const { type } = process.installation;
  if (/^leases\/|^backups\/answers\//.test(key)) return undefined;
  const known = new RegExp(
    `^backups/(${type}/(removed/)?|shared/\\d{12}/(${type}(-processed|-failed)?|ebs-archived)/)${NAME}$`,
  );
  if (!known.test(key)) return 'which is no place for a file';
  const isOfAnother = accountOfSharedKey(key) === process.installation.home.accountId;
  if (isOfAnother) return undefined;
  if (!/^backup_id: \S/m.test(body)) return 'and it tells of no backup';
  if (!key.includes('/removed/')) return undefined;
  if (!/^date_deleted: \S/m.test(body)) return 'and it does not tell when';
  return knownBackup(world, process, bucket, id) === undefined ? undefined : 'and its backup is still there';
}

/** Lists show what was made after at most so long. */
const SEEN_AFTER_MS = 6_000;

/** The backup that a file tells of, where a process could know it: a name may be given again while it is at work. */
function knownBackup(
  world: World,
  { installation: { type }, startedAt }: Process,
  { account, region }: Bucket,
  id: string | undefined,
): HeldBackup | undefined {
  return existing([...world.backups.values()]).find(
    (backup) =>
      backup.id === id &&
      backup.type === type &&
      backup.account === account &&
      backup.region === region &&
      startedAt - backup.createdAt > SEEN_AFTER_MS,
  );
}

/** Why a file must not be deleted; nothing where it may be. */
export function whyNotErased(
  world: World,
  process: Process,
  bucket: Bucket,
  key: string,
  idIn: (body: string) => string | undefined,
): string | undefined {
  const { type, home } = process.installation;
  const body = bucket.objects.get(key)?.body;
  if (body === undefined) return undefined;
  const id = idIn(body);
  const [, folder, name] = new RegExp(`^(backups/shared/\\d{12}/)${type}/(${NAME})$`).exec(key) ?? [];
  if (folder !== undefined && name !== undefined && bucket.account !== home.accountId) {
    const isMoved = ['processed', 'failed'].some((state) => bucket.objects.has(`${folder}${type}-${state}/${name}`));
    return isMoved ? undefined : 'which it has moved nowhere';
  }
  const isRecord = new RegExp(`^backups/${type}/${NAME}$`).test(key);
  if (!isRecord && folder === undefined) return undefined;
  if (isRecord && !bucket.objects.has(key.replace(`backups/${type}/`, `backups/${type}/removed/`)))
    return 'and nothing tells that its backup was removed';
  const isArchived = folder !== undefined && bucket.objects.has(`${folder}ebs-archived/${name ?? ''}`);
  const told = knownBackup(world, process, bucket, id);
  return told === undefined || isArchived ? undefined : `which tells of ${backupPlace(told)}`;
}
