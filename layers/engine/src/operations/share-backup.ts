import { TAG, tagKey } from '../domain/backup-tags.js';
import type { Backup, FoundBackup } from '../domain/backup.js';
import { reencryptedTags, sourceOf } from '../domain/copy-tags.js';
import type { DelayedOperation } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { faultName, toShelveryError } from '../domain/faults.js';
import { backupKey, sharedKey } from '../domain/keys.js';
import { formatMetadata, metadataOf } from '../domain/metadata.js';
import { REENCRYPTED_ENDING, derivedName } from '../domain/naming.js';
import type { OutcomeSubject } from '../domain/outcome.js';
import { planReencryption } from '../domain/plan-encryption.js';
import { recordName } from '../domain/read-backup.js';
import type { AccountId } from '../domain/values.js';
import type { RunContext } from './context.js';
import { configOfBackup, judgeCopyFailure } from './copy-backup.js';
import { DONE } from './delayed-work.js';
import type { DelayedItem, WorkResult } from './delayed-work.js';
import { prefixOf, readFound, subjectOf } from './identify.js';
import { makeOnce } from './make-once.js';
import { aboutKeys, refusedCopy } from './refusals.js';

type ShareOperation = Extract<DelayedOperation, { action: 'do_share_backup' }>;
export type ShareItem = DelayedItem<ShareOperation>;

/**
 * Shares one backup with accounts, re-encrypted first where so configured, and writes the file that lets each account find it. All
 * accounts of one backup come together, so that it is re-encrypted once.
 */
export async function shareBackup(context: RunContext, items: readonly ShareItem[]): Promise<ReadonlyMap<ShareItem, WorkResult>> {
  const results = new Map<ShareItem, WorkResult>();
  const [first] = items;
  if (first === undefined) return results;
  const { backup } = first;
  let shared: Backup | undefined;
  try {
    if (backup.found.archived === true) {
      throw new ShelveryError('Unsupported', `${backup.id} is in the archive tier and cannot be shared; restore it to the standard tier first.`);
    }
    shared = await toBeShared(context, backup);
  } catch (error) {
    for (const item of items) results.set(item, judgeCopyFailure(context, error, subjectFor(item), `re-encrypting ${backup.id} before it is shared`));
    return results;
  }
  for (const item of items) {
    results.set(item, shared === undefined ? { kind: 'not-yet', why: 'its re-encrypted snapshot is not available yet' } : await shareOne(context, item, shared));
  }
  return results;
}

function subjectFor(item: ShareItem): OutcomeSubject {
  const operation = item.backup.place === 'dr' ? 'ShareRegionalBackupCopy' : 'ShareBackup';
  return {
    ...subjectOf(operation, item.backup),
    destinationAccount: item.operation.account,
    ...(item.backup.place === 'dr' ? { destinationRegion: item.backup.region } : {}),
  };
}

async function shareOne(context: RunContext, item: ShareItem, shared: Backup): Promise<WorkResult> {
  const { account } = item.operation;
  const subject = subjectFor(item);
  const doing = `sharing ${shared.id} with ${account}`;
  try {
    if (context.adapter.share === undefined) {
      context.report({ ...subject, status: 'ignored', reason: `${context.adapter.resourceNoun} backups cannot be shared` });
      return DONE;
    }
    await context.adapter.share(shared, account);
    const key = await writeSharedFile(context, shared, account);
    context.report({ ...subject, backupS3Location: key, bucket: context.store.bucketName(shared.region), status: 'ok' });
    return DONE;
  } catch (error) {
    if (context.adapter.faults.notShareable.includes(faultName(error))) {
      const failure = toShelveryError(error, doing);
      context.report({
        ...subject,
        status: 'failed',
        error: new ShelveryError(
          'AwsError',
          `${failure.message} A backup under an AWS-managed key cannot be shared: set shelvery_reencrypt_kms_key_id to a key of your own that ${account} may use.`,
          { cause: error, ...(failure.aws === undefined ? {} : { aws: failure.aws }) },
        ),
      });
      return DONE;
    }
    return judgeCopyFailure(context, error, subject, doing);
  }
}

/** A file that the account has pulled already is not put again, or it would be pulled twice; one that it refused is offered again. */
async function writeSharedFile(context: RunContext, shared: Backup, account: AccountId): Promise<string> {
  const { type } = context.adapter;
  const name = recordName(shared);
  const key = sharedKey(account, type, name);
  for (const state of ['processed', 'ebs-archived'] as const) {
    const done = sharedKey(account, type, name, state);
    if ((await context.store.list(shared.region, done)).some((file) => file.key === done)) return done;
  }
  await context.store.put(shared.region, key, formatMetadata(metadataOf(shared, type)));
  return key;
}

/** The backup itself, or its re-encrypted snapshot once that is available; `undefined` while it is being made. */
async function toBeShared(context: RunContext, backup: Backup): Promise<Backup | undefined> {
  const { adapter } = context;
  const config = configOfBackup(context, backup);
  const plan = planReencryption({ sourceEncrypted: backup.found.encrypted, toRegion: backup.region, config, rules: adapter.rules });
  if (plan === undefined || adapter.reencrypt === undefined) return backup;
  if (plan.kind === 'problem') throw new ShelveryError('ConfigurationError', `${backup.id} was not shared: ${plan.problem}.`);
  const key = tagKey(prefixOf(context), TAG.srcBackup);
  const find = async (): Promise<readonly FoundBackup[]> =>
    (await adapter.findByTags(backup.region, key, [sourceOf(backup.region, backup.id)])).filter((found) => isTemporary(context, found));
  let there = await find();
  for (const failed of there.filter((found) => found.state === 'failed')) {
    const why = failed.stateReason ?? 'no reason given';
    await adapter.deleteBackup(failed);
    context.report({
      ...subjectOf('ShareBackup', backup),
      status: 'failed',
      error: new ShelveryError(
        'BackupFailed',
        `The re-encrypted snapshot ${failed.id} failed (key ${failed.kmsKeyId ?? plan.kmsKeyId ?? ''}): ${why}. It was deleted and is made again.` +
          aboutKeys(context, [failed.kmsKeyId ?? plan.kmsKeyId, backup.found.kmsKeyId]),
      ),
    });
  }
  there = there.filter((found) => found.state !== 'failed');
  if (there.length === 0) {
    const name = derivedName(backup.name, REENCRYPTED_ENDING, adapter.rules);
    const reencrypt = adapter.reencrypt.bind(adapter);
    const made = await makeOnce({
      adapter,
      clock: context.clock,
      find: async () => (await find()).find((found) => found.state !== 'failed'),
      make: () =>
        reencrypt({ source: backup, name, tags: reencryptedTags(backup, name, prefixOf(context), adapter.rules), kmsKeyId: plan.kmsKeyId ?? '' }),
    }).catch((error: unknown) => {
      throw refusedCopy(context, error, [plan.kmsKeyId, backup.found.kmsKeyId], `re-encrypting ${backup.id} before it is shared`);
    });
    there = [made.kind === 'made' ? made.value : made.found];
  }
  const available = there.find((found) => found.state === 'available');
  if (available === undefined) return undefined;
  const read = readFound(available, context);
  if (read.kind === 'unreadable') throw new ShelveryError('BackupUnreadable', `the re-encrypted snapshot ${available.id}: ${read.problem}`);
  await context.store.put(backup.region, backupKey(adapter.type, recordName(read.backup)), formatMetadata(metadataOf(read.backup, adapter.type)));
  return read.backup;
}

function isTemporary(context: RunContext, found: FoundBackup): boolean {
  const read = readFound(found, context);
  return read.kind === 'backup' && read.backup.temporary;
}
