import { createHash } from 'node:crypto';
import type { AccountId, BackupType } from '../values.js';

/**
 * The keys of metadata files in a data bucket, the same as the original's. Names are `[A-Za-z0-9-]` by then, so that no
 * name leads out of its folder.
 */
export const DATA_PREFIX = 'backups/';

/**
 * The lease of an event that a type's function works on. Every event has a key of its own, made of whatever tells it
 * from others; so has the same event of a stack with another tag prefix, which may have the data bucket in common.
 */
export function eventLeaseKey(type: BackupType, prefix: string, event: string): string {
  return `leases/${type}/${createHash('sha256').update(`${prefix} ${event}`).digest('hex').slice(0, 32)}.json`;
}

/**
 * Work of a type that is done by one at a time, whatever event asks for it: its pulls, in a terminal, too, and where events are
 * on all that makes copies.
 */
export const MAKING_COPIES = 'what makes copies';

/** The same of waiting for places of copies. */
export const WAITING_IN_LINE = 'who waits in line';

/** The lease of whoever writes the policy of a bucket. */
export const POLICY_LEASE_KEY = 'leases/bucket-policy.json';

/** The folder of a type's backups. */
export function backupsPrefix(type: BackupType): string {
  return `${DATA_PREFIX}${type}/`;
}

export function backupKey(type: BackupType, name: string): string {
  return `${backupsPrefix(type)}${name}.yaml`;
}

export function removedKey(type: BackupType, name: string): string {
  return `${backupsPrefix(type)}removed/${name}.yaml`;
}

/** Where an answer goes that is too long for Lambda. */
export function answerKey(type: BackupType, action: string, runId: string): string {
  return `${DATA_PREFIX}answers/${type}/${action}-${runId}.json`;
}

/** The folder of what is shared with one account, all types. */
export function sharedAccountPrefix(account: AccountId): string {
  return `${DATA_PREFIX}shared/${account}/`;
}

/**
 * The states of a shared file: waiting to be pulled; pulled; one that can never be pulled; moved because the source is
 * in the archive tier.
 */
export type SharedState = 'waiting' | 'processed' | 'failed' | 'ebs-archived';

export function sharedPrefix(account: AccountId, type: BackupType, state: SharedState = 'waiting'): string {
  const folder = state === 'waiting' ? type : state === 'ebs-archived' ? 'ebs-archived' : `${type}-${state}`;
  return `${sharedAccountPrefix(account)}${folder}/`;
}

export function sharedKey(account: AccountId, type: BackupType, name: string, state: SharedState = 'waiting'): string {
  return `${sharedPrefix(account, type, state)}${name}.yaml`;
}

/** The name that a key under a prefix stands for; `undefined` where it is no metadata file. */
export function nameOfKey(key: string, prefix: string): string | undefined {
  const rest = key.startsWith(prefix) ? key.slice(prefix.length) : '';
  return /^[A-Za-z0-9-]{1,255}\.yaml$/.test(rest) ? rest.slice(0, -'.yaml'.length) : undefined;
}
