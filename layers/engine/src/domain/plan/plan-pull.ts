import { addHours } from 'date-fns';
import { formatDateCreated, formatDay, toMinute } from '../calendar.js';
import { present } from '../present.js';
import type { Backup, FoundBackup, ServiceRules } from '../backup/backup.js';
import { sourceOf } from '../backup/copy-source.js';
import { originOf, wantsEncryption } from '../backup/copy-tags.js';
import type { BackupMetadata } from '../files/metadata.js';
import { derivedName, legalName } from '../backup/naming.js';
import { expiryOf } from '../backup/retention.js';
import { planEncryption } from './plan-encryption.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { AccountId, BackupId, Region } from '../values.js';

/** A shared file that was read and verified. */
export interface SharedFile {
  readonly account: AccountId;
  readonly key: string;
  readonly lastModified: Date;
  readonly id: BackupId;
  readonly document: BackupMetadata;
  readonly prefix: string;
  readonly createdAt: Date;
}

/** What pulling does with one file. */
export type PullDecision =
  | {
      readonly kind: 'copy';
      readonly file: SharedFile;
      readonly name: string;
      readonly encrypt: boolean;
      readonly kmsKeyId?: string;
      readonly warning?: string;
      /** Copies of it that failed, and stay. */
      readonly beside?: readonly Backup[];
    }
  /** Already copied, and available: the copy is stored, and the file moved. */
  | { readonly kind: 'finish'; readonly file: SharedFile; readonly copy: Backup }
  /** Its copy is being made. */
  | { readonly kind: 'wait'; readonly file: SharedFile; readonly copy: Backup }
  /** Its copy failed: deleted now, made again by the next pull. */
  | { readonly kind: 'failed'; readonly file: SharedFile; readonly copy: Backup }
  /** It cannot be copied now; the file stays for a later run. */
  | { readonly kind: 'later'; readonly file: SharedFile; readonly reason: string }
  /** It cannot be copied until somebody corrects the configuration; the file stays. */
  | { readonly kind: 'misconfigured'; readonly file: SharedFile; readonly reason: string }
  /** No account but its own can copy it, which is nobody's fault: the file goes to `-failed`. */
  | { readonly kind: 'unsupported'; readonly file: SharedFile; readonly reason: string }
  /** A copy would have expired already: the file goes to `-failed`. */
  | { readonly kind: 'expired'; readonly file: SharedFile; readonly reason: string }
  /** Its account has had as many copies as a run makes: the file stays for the next. */
  | { readonly kind: 'capped'; readonly file: SharedFile }
  /** It can never be copied: the file goes to `-failed`. */
  | { readonly kind: 'hopeless'; readonly file: SharedFile; readonly reason: string };

/** Everything that decides what is pulled. */
export interface PullInput {
  readonly files: readonly SharedFile[];
  /** Backups of this account in the region that a file's source or name points to. */
  readonly present: readonly Backup[];
  /** Of the resources of `expiredFiles` the copies that this account has pulled; needed where there are such files. */
  readonly others?: readonly Backup[];
  /** What the source accounts share with this one, by account and id. */
  readonly shared: ReadonlyMap<
    string,
    { readonly ownerId: AccountId } & Pick<FoundBackup, 'encrypted' | 'notForOthers' | 'underOwnedKey'>
  >;
  /** Why backups of an account may be shared and yet not be in `shared`, by a setting of this account. */
  readonly hidden: ReadonlyMap<AccountId, string>;
  readonly config: ConfigValues;
  readonly rules: ServiceRules;
  readonly region: Region;
  readonly now: Date;
  /** The run's time, which cleaning goes by. */
  readonly time: Date;
  /** What this run has decided before, of other files. */
  readonly before: PulledBefore;
}

/** What a run has decided so far. The next decisions are added to it. */
export interface PulledBefore {
  /** The file that each source was first named by. */
  readonly named: Map<string, SharedFile>;
  /** Names given to copies, each with what it is the copy of. */
  readonly names: Map<string, string>;
  /** How many copies each account has had, and of which sources. */
  readonly copies: Map<AccountId, number>;
  readonly counted: Set<string>;
  /** Copies that failed, and that the service does not delete: others are made beside them. */
  readonly staying: Set<BackupId>;
}

/**
 * For the first decisions of an invocation.
 *
 * @param copies how many copies of each account earlier invocations of the run have begun.
 */
export function nothingPulled(copies: ReadonlyMap<AccountId, number> = new Map()): PulledBefore {
  return { named: new Map(), names: new Map(), copies: new Map(copies), counted: new Set(), staying: new Set() };
}

/** The key of `PullInput.shared`. */
export function sharedBackupKey(account: AccountId, id: BackupId): string {
  return `${account} ${id}`;
}

/**
 * Decides about every file, in the order of accounts, ages and keys, so that the oldest of several that name one source
 * is the one that counts, and names come out the same in every run.
 */
export function planPull(input: PullInput): readonly PullDecision[] {
  const { before, config, rules } = input;
  const taken = new Set(input.present.map((backup) => backup.name));
  return [...input.files].sort(byAccountAndAge).map((file) => {
    const source = sourceKey(file, rules);
    const first = before.named.get(source);
    // One whose copy found no place, or failed and stays, is decided about once more.
    const again = first?.account === file.account && first.key === file.key;
    if (first !== undefined && !again)
      return { kind: 'hopeless', file, reason: `${first.key} names ${file.id}, too; one copy is made` };
    const decision = decide(file, input);
    // Another file that names the same may be right where this one is wrong.
    if (decision.kind === 'hopeless') return decision;
    before.named.set(source, file);
    if (decision.kind !== 'copy') return decision;
    const copies = before.copies.get(file.account) ?? 0;
    if (!before.counted.has(source)) {
      if (copies >= config.shelvery_pull_max_backups) return { kind: 'capped', file };
      before.counted.add(source);
      before.copies.set(file.account, copies + 1);
    }
    const [own, apart, unforeseen] = namesFor(file, rules, input.now);
    const isFree = (name: string): boolean => !taken.has(name) && (before.names.get(name) ?? source) === source;
    const name = [own, apart].find(isFree) ?? unforeseen;
    before.names.set(name, source);
    return { ...decision, name };
  });
}

function byAccountAndAge(a: SharedFile, b: SharedFile): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  const age = a.lastModified.getTime() - b.lastModified.getTime();
  return age === 0 ? (a.key < b.key ? -1 : 1) : age;
}

/**
 * What a copy is the copy of: a backup of an account, and where names of backups may be used again, the time of it. Names
 * of database snapshots can be foreseen: a copy made under tomorrow's name is none of tomorrow's backup.
 */
function sourceKey(file: SharedFile, rules: ServiceRules): string {
  const time = rules.knownByName ? formatDateCreated(file.createdAt) : '';
  return `${file.account} ${sourceOf(file.document.region, file.id)} ${time}`;
}

/**
 * The names that a copy may get, the first that is free: the backup's own, one apart, and, as any account may have given
 * a backup that name, one that nobody can foresee.
 */
export function namesFor(file: SharedFile, rules: ServiceRules, now: Date): readonly [string, string, string] {
  const { name } = file.document;
  const apart = (more: string): string => derivedName(name, '', rules, `${sourceKey(file, rules)}${more}`);
  return [legalName(name, rules), apart(''), apart(` ${now.toISOString()}`)];
}

/** So many copies of a backup that failed, and cannot be deleted, are enough: they count against the quota of snapshots. */
const MOST_FAILED = 3;

function decide(file: SharedFile, input: PullInput): PullDecision {
  const all = input.present.filter((backup) => isCopyOf(backup, file, input.rules));
  const staying = all.filter(({ id, found }) => found.state === 'failed' && input.before.staying.has(id));
  // A failed one that stays, as it is on hold or cannot be deleted, does not count as a copy.
  const copies = all.filter((copy) => !(copy.held && copy.found.state === 'failed') && !staying.includes(copy));
  const [other] = copies.filter((copy) => !agrees(copy, file));
  if (other !== undefined) {
    return {
      kind: 'hopeless',
      file,
      reason: `${file.id} has been copied as another backup, ${other.name} (${other.id})`,
    };
  }
  const available = copies.find((copy) => copy.found.state === 'available');
  if (available !== undefined) return { kind: 'finish', file, copy: available };
  const pending = copies.find((copy) => copy.found.state === 'pending');
  if (pending !== undefined) return { kind: 'wait', file, copy: pending };
  const [failed] = copies;
  if (failed !== undefined) return { kind: 'failed', file, copy: failed };
  if (staying.length >= MOST_FAILED) {
    const ids = staying.map(({ id }) => id).join(', ');
    const reason = `${String(staying.length)} copies of it failed, and the service deletes none of them (${ids}). Look why, and have AWS Support delete them`;
    return { kind: 'misconfigured', file, reason };
  }
  const expires = removedAtOnceSince(file, input);
  if (expires !== undefined) {
    const kept = input.config.shelvery_keep_last_backups;
    const why = `${kept === 0 ? '' : 'newer ones are the last, by '}shelvery_keep_last_backups=${String(kept)}`;
    const reason = `a copy of it would be removed at once: it expired here ${formatDay(expires)}, and ${why}`;
    return { kind: 'expired', file, reason };
  }

  const shared = input.shared.get(sharedBackupKey(file.account, file.id));
  if (shared === undefined) {
    const reason = `${file.account} does not share ${file.id} with this account, or it is gone`;
    const hidden = input.hidden.get(file.account);
    if (hidden !== undefined) return { kind: 'misconfigured', file, reason: `${reason}; or ${hidden}` };
    const hopelessFrom = addHours(file.lastModified, input.config.shelvery_wait_deadline_hours);
    return input.now >= hopelessFrom ? { kind: 'hopeless', file, reason } : { kind: 'later', file, reason };
  }
  if (shared.ownerId !== file.account) {
    return { kind: 'hopeless', file, reason: `${file.id} belongs to ${shared.ownerId}, not to ${file.account}` };
  }
  if (shared.notForOthers !== undefined)
    return { kind: 'unsupported', file, reason: `${file.id}: ${shared.notForOthers}` };
  const encryption = planEncryption({
    source: shared,
    toRegion: input.region,
    config: input.config,
    rules: input.rules,
    willBeShared: false,
    encryptionWanted: wantsEncryption(file.document.tags, file.prefix),
  });
  if (encryption.kind === 'refused') return { kind: 'misconfigured', file, reason: encryption.why };
  const { encrypt, kmsKeyId, warning } = encryption;
  return {
    kind: 'copy',
    file,
    name: legalName(file.document.name, input.rules),
    encrypt,
    ...present({ kmsKeyId, warning }),
    ...(staying.length === 0 ? {} : { beside: staying }),
  };
}

/** Of some files those whose backups have expired by the settings of the account that pulls. */
export function expiredFiles(
  files: readonly SharedFile[],
  { config, time }: Pick<PullInput, 'config' | 'time'>,
): readonly SharedFile[] {
  return files.filter((file) => expiredHere(file, { config, time }) !== undefined);
}

/** When that was; `undefined` where it is still to come, or no backup is removed so young. */
function expiredHere(
  { createdAt, document }: SharedFile,
  { config, time }: Pick<PullInput, 'config' | 'time'>,
): Date | undefined {
  if (config.shelvery_min_retention_days > 0) return undefined;
  const expires = expiryOf(toMinute(createdAt), document.retention_type, config, 'pulled');
  return expires !== undefined && time > expires ? expires : undefined;
}

/**
 * When a backup has expired by the settings of the account that pulls; `undefined` where cleaning would leave a copy of it
 * for a while. Such a copy could be cleaned before its file is moved, and would be made anew by every pull.
 */
function removedAtOnceSince(file: SharedFile, input: PullInput): Date | undefined {
  const expires = expiredHere(file, input);
  if (expires === undefined) return undefined;
  const { document, prefix } = file;
  const origin = originOf(document.tags, prefix, document.region);
  const newer = (input.others ?? []).filter(
    (other) =>
      other.place === 'pulled' &&
      other.found.state === 'available' &&
      other.srcAccount === file.account &&
      other.entityId === document.entity_id &&
      other.originRegion === origin &&
      other.createdAt > toMinute(file.createdAt),
  );
  const minutes = new Set(newer.map(({ createdAt }) => createdAt.getTime()));
  return minutes.size < input.config.shelvery_keep_last_backups ? undefined : expires;
}

/** What says which backup a file is of. */
type NamedByFile = Pick<SharedFile, 'account' | 'createdAt' | 'document' | 'id'>;

/** Whether a copy is of what a file names, and says the same of it. */
export function isMadeFrom(copy: Backup, file: NamedByFile, rules: Pick<ServiceRules, 'knownByName'>): boolean {
  return isCopyOf(copy, file, rules) && agrees(copy, file);
}

/**
 * Whether a backup is the copy of what a file names: of its source, and where names of backups may be used again, of its
 * time. Copies of the original do not name their source: account and name decide.
 */
export function isCopyOf(backup: Backup, file: NamedByFile, rules: Pick<ServiceRules, 'knownByName'>): boolean {
  if (backup.place !== 'pulled' || backup.srcAccount !== file.account) return false;
  if (backup.source === undefined) return backup.name === file.document.name;
  if (backup.source !== sourceOf(file.document.region, file.id)) return false;
  return !rules.knownByName || isOfTime(backup, file);
}

/** Whether a copy says of its source what a file says; those of the original are known by their name alone. */
function agrees(copy: Backup, file: NamedByFile): boolean {
  if (copy.source === undefined) return true;
  const { entity_id: entity, retention_type: retention } = file.document;
  return copy.entityId === entity && copy.retentionType === retention && isOfTime(copy, file);
}

function isOfTime(backup: Backup, file: NamedByFile): boolean {
  return backup.createdAt.getTime() === toMinute(file.createdAt).getTime();
}
