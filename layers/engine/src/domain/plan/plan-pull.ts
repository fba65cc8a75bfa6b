import { addHours } from 'date-fns';
import { present } from '../present.js';
import type { Backup, ServiceRules } from '../backup/backup.js';
import { sourceOf } from '../backup/copy-source.js';
import { wantsEncryption } from '../backup/copy-tags.js';
import type { BackupMetadata } from '../files/metadata.js';
import { derivedName, legalName } from '../backup/naming.js';
import { planEncryption } from './plan-encryption.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { AccountId, BackupId, Region } from '../values.js';

/** A shared file that was read and verified. */
export interface SharedFile {
  readonly account: AccountId;
  readonly key: string;
  readonly lastModified: Date;
  readonly id: BackupId;
  /** Its text, which it keeps where it is moved to. */
  readonly text: string;
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
  /** It can never be copied: the file goes to `-failed`. */
  | { readonly kind: 'hopeless'; readonly file: SharedFile; readonly reason: string };

/** Everything that decides what is pulled. */
export interface PullInput {
  readonly files: readonly SharedFile[];
  /** Backups of this account in the region that a file's source or name points to. */
  readonly present: readonly Backup[];
  /** What the source accounts share with this one, by account and id. */
  readonly shared: ReadonlyMap<string, { readonly ownerId: AccountId; readonly encrypted: boolean }>;
  readonly config: ConfigValues;
  readonly rules: ServiceRules;
  readonly region: Region;
  readonly now: Date;
}

/** The key of `PullInput.shared`. */
export function sharedBackupKey(account: AccountId, id: BackupId): string {
  return `${account} ${id}`;
}

/** Decides about every file, in the order of accounts and keys, so that names come out the same in every run. */
export function planPull(input: PullInput): readonly PullDecision[] {
  const taken = new Map(input.present.map((backup) => [backup.name, backup]));
  const given = new Set<string>();
  const inOrder = [...input.files].sort((a, b) => (`${a.account} ${a.key}` < `${b.account} ${b.key}` ? -1 : 1));
  return inOrder.map((file) => {
    const decision = decide(file, input);
    if (decision.kind !== 'copy') return decision;
    const free = !taken.has(decision.name) && !given.has(decision.name);
    const name = free ? decision.name : nameApart(file, input.rules);
    given.add(name);
    return { ...decision, name };
  });
}

/** Another name for a file whose backup's name is taken. */
export function nameApart(file: SharedFile, rules: ServiceRules): string {
  return derivedName(file.document.name, '', rules, `${file.account} ${sourceOf(file.document.region, file.id)}`);
}

function decide(file: SharedFile, input: PullInput): PullDecision {
  // A failed one on hold stays, and does not count as a copy.
  const copies = input.present.filter(
    (backup) => isCopyOf(backup, file) && !(backup.held && backup.found.state === 'failed'),
  );
  const available = copies.find((copy) => copy.found.state === 'available');
  if (available !== undefined) return { kind: 'finish', file, copy: available };
  const pending = copies.find((copy) => copy.found.state === 'pending');
  if (pending !== undefined) return { kind: 'wait', file, copy: pending };
  const [failed] = copies;
  if (failed !== undefined) return { kind: 'failed', file, copy: failed };

  const shared = input.shared.get(sharedBackupKey(file.account, file.id));
  if (shared === undefined) {
    const reason = `${file.account} does not share ${file.id} with this account, or it is gone`;
    const hopelessFrom = addHours(file.lastModified, input.config.shelvery_wait_deadline_hours);
    return input.now >= hopelessFrom ? { kind: 'hopeless', file, reason } : { kind: 'later', file, reason };
  }
  if (shared.ownerId !== file.account) {
    return { kind: 'hopeless', file, reason: `${file.id} belongs to ${shared.ownerId}, not to ${file.account}` };
  }
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
  };
}

/** Whether a backup is the copy of a file. Copies of the original do not name their source: account and name decide. */
export function isCopyOf(backup: Backup, file: SharedFile): boolean {
  if (backup.place !== 'pulled' || backup.srcAccount !== file.account) return false;
  if (backup.source !== undefined) return backup.source === sourceOf(file.document.region, file.id);
  return backup.name === file.document.name;
}
