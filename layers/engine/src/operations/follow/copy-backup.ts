import pLimit from 'p-limit';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import { isDrCopyOf, sourceOf } from '../../domain/backup/copy-source.js';
import { drCopyTags, withDrCopies } from '../../domain/backup/copy-tags.js';
import type { DelayedOperation } from '../../domain/delayed.js';
import { ShelveryError, isShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { faultName, isPassing, toShelveryError } from '../../domain/telling/faults.js';
import { derivedName } from '../../domain/backup/naming.js';
import { isOfNoRegion, toRegionError } from '../region-fault.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import { dependsOnDefaultKey, planEncryption } from '../../domain/plan/plan-encryption.js';
import type { EncryptionPlan } from '../../domain/plan/plan-encryption.js';
import type { Region } from '../../domain/values.js';
import type { CreatedBackup } from '../../ports.js';
import type { RunContext } from '../context.js';
import { DONE, NOT_BEGUN, freshWaiting } from './delayed-work.js';
import type { DelayedItem, FollowingOperation, WorkResult } from './delayed-work.js';
import { deleteFailed, fateInWords } from '../delete-failed.js';
import { backupsAmong, failureOf, prefixOf, readMade, subjectOf } from '../identify.js';
import { makeOnce, setApart, underFreeName } from '../make-once.js';
import { tellUnshared } from './made-again.js';
import { isFullRefusal, refusedCopy } from './refusals.js';
import { whatFollows } from '../what-follows.js';

/** What an operation of this file needs of a run. */
type Copying = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'home' | 'inStack' | 'limit' | 'log' | 'mayStart' | 'report'
>;

type CopyOperation = Extract<DelayedOperation, { action: 'do_copy_backup' }>;
export type CopyItem = DelayedItem<CopyOperation>;

/** What became of copying, and the copy, `<region>:<id>`, where there is one. */
export type CopyResult = WorkResult & { readonly copy?: string };

/**
 * Copies backups to a DR region, each once: one list for all of them shows which copies exist already. Once a copy is
 * available, delayed operations store it and share it with the same accounts.
 */
export async function copyBackups(
  context: Copying,
  toRegion: Region,
  items: readonly CopyItem[],
): Promise<ReadonlyMap<CopyItem, CopyResult>> {
  const sources = items.map((item) => sourceOf(item.backup.region, item.backup.id));
  let found: readonly FoundBackup[];
  try {
    const key = tagKey(prefixOf(context), TAG.drSourceBackup);
    found = await context.adapter.findByTags(toRegion, key, [...new Set(sources)]);
  } catch (error) {
    if (!isOfNoRegion(error, toRegion)) throw error;
    // Waiting would not make the region.
    return new Map(items.map((item) => [item, notCopied(context, item, error)]));
  }
  const copies = backupsAmong(found, context);
  const results = new Map<CopyItem, CopyResult>();
  // The service runs so many copies at a time and refuses the rest. Were several asked for together, all of them would be
  // refused where one is; a copy takes minutes, and asking for it part of a second.
  const inTurn = pLimit(1);
  let full: string | undefined;
  await Promise.all(
    items.map(async (item) => {
      const source = sourceOf(item.backup.region, item.backup.id);
      const there = copies.filter((copy) => isDrCopyOf(copy, source));
      const copy = (): Promise<CopyResult> =>
        context.limit(async () => (context.mayStart() ? await copyOne(context, item, there) : NOT_BEGUN));
      if (there.length > 0) {
        results.set(item, await copy());
        return;
      }
      await inTurn(async () => {
        const result: CopyResult = full === undefined ? await copy() : { kind: 'not-yet', why: full, isFull: true };
        if (result.kind === 'not-yet' && result.isFull === true) full = result.why;
        results.set(item, result);
      });
    }),
  );
  return results;
}

/** Tells that there is no such region. */
function notCopied(
  context: Pick<RunContext, 'config' | 'home' | 'report'>,
  { backup, message, operation }: CopyItem,
  error: unknown,
): CopyResult {
  const { toRegion } = operation;
  context.report({
    ...subjectOf('CopyBackupToRegion', backup),
    destinationRegion: toRegion,
    status: 'failed',
    error: toRegionError(error, toRegion, `copying ${backup.id} to ${toRegion}`, [backup.id]),
  });
  tellUnshared(context, operation, message.waiting, backup);
  return DONE;
}

async function copyOne(context: Copying, item: CopyItem, there: readonly Backup[]): Promise<CopyResult> {
  const { backup, operation } = item;
  const { toRegion } = operation;
  const subject: OutcomeSubject = { ...subjectOf('CopyBackupToRegion', backup), destinationRegion: toRegion };
  try {
    // Nobody cleans the copy of a copy. Messages may come from anybody who may send them.
    if (backup.place !== 'local' || backup.temporary)
      throw new ShelveryError(
        'ConfigurationError',
        `${backup.id} is a copy itself, and copies are not copied further.`,
      );
    const made = there.find((copy) => copy.found.state !== 'failed');
    if (made !== undefined)
      return follow(context, item, made, { already: true, note: 'already made by an earlier run' });
    for (const failed of there.filter((copy) => !copy.held)) {
      const fate = fateInWords(await deleteFailed(context, failed));
      // What becomes of the copy is told when that is known: here it is made again.
      context.log.info(
        'SHELVERY_COPY_MADE_AGAIN',
        `The copy ${failed.id} of ${backup.id} in ${toRegion} ${failureOf(failed)}. ${fate}. The copy is made again.`,
        { backupId: backup.id, region: toRegion },
      );
    }
    return await copyAnew(context, item, subject, there.length);
  } catch (error) {
    const result = resultOfFailure(context, error, subject, `copying ${backup.id} to ${toRegion}`);
    if (result.kind === 'done') tellUnshared(context, operation, item.message.waiting, backup);
    return result;
  }
}

/** @param failed how many copies failed before; some of them may not have been deletable. */
async function copyAnew(
  context: Copying,
  item: CopyItem,
  subject: OutcomeSubject,
  failed: number,
): Promise<CopyResult> {
  const { adapter } = context;
  const { backup, operation } = item;
  const { toRegion } = operation;
  if (adapter.copyToRegion === undefined) {
    context.report({
      ...subject,
      status: 'ignored',
      reason: `${adapter.resourceNoun} backups cannot be copied to another region`,
    });
    return DONE;
  }
  if (backup.found.archived === true) {
    throw new ShelveryError(
      'Unsupported',
      `${backup.id} is in the archive tier and cannot be copied; restore it to the standard tier first.`,
    );
  }
  const encryption = await encryptionOf(context, backup, toRegion);
  if (encryption.kind === 'refused')
    throw new ShelveryError('ConfigurationError', `${backup.id} was not copied: ${encryption.why}.`);
  if (encryption.warning !== undefined)
    context.log.warn('SHELVERY_CONFIG_WARNING', `${backup.id}: ${encryption.warning}`);
  const copy = adapter.copyToRegion.bind(adapter);
  const optionGroup = backup.config.values.shelvery_copy_option_groups.get(toRegion);
  const { copied, note } = await copyUnderFreeName(context, backup, toRegion, failed, (name) =>
    copy({
      source: backup,
      toRegion,
      name,
      tags: drCopyTags(backup, toRegion, name, prefixOf(context), adapter.rules),
      encrypt: encryption.encrypt,
      ...present({ kmsKeyId: encryption.kmsKeyId, optionGroup }),
    }),
  ).catch((error: unknown) => {
    throw refusedCopy(
      context,
      error,
      [encryption.kmsKeyId, backup.found.kmsKeyId],
      `copying ${backup.id} to ${toRegion}`,
    );
  });
  if (note === undefined) return follow(context, item, copied, undefined);
  context.log.warn('SHELVERY_COPY_DIFFERS', `The copy ${copied.id} of ${backup.id} in ${toRegion}: ${note}`, {
    backupId: copied.id,
    backupName: backup.name,
    region: toRegion,
  });
  return follow(context, item, copied, { note });
}

/** How the copy is encrypted. The region's default key is asked for only where it decides. */
async function encryptionOf(
  { adapter }: Pick<RunContext, 'adapter'>,
  backup: Backup,
  toRegion: Region,
): Promise<EncryptionPlan> {
  const input = {
    source: backup.found,
    toRegion,
    config: backup.config.values,
    rules: adapter.rules,
    willBeShared: backup.targets.shareAccounts.length > 0,
  };
  const ownDefaultKey = dependsOnDefaultKey(input) ? await adapter.ownDefaultKey?.(toRegion) : undefined;
  return planEncryption({ ...input, ...present({ ownDefaultKey }) });
}

/**
 * Copies under the source's name. Where another backup has that name in the region, under one with a hash of the
 * source.
 */
async function copyUnderFreeName(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'home'>,
  source: Backup,
  toRegion: Region,
  failed: number,
  make: (name: string) => Promise<CreatedBackup>,
): Promise<{ readonly copied: Backup; readonly note?: string }> {
  const { adapter, clock } = context;
  const from = sourceOf(source.region, source.id);
  const find = async (): Promise<Backup['found'] | undefined> =>
    backupsAmong(
      await adapter.findByTags(toRegion, tagKey(prefixOf(context), TAG.drSourceBackup), [from]),
      context,
    ).find((copy) => copy.found.state !== 'failed' && isDrCopyOf(copy, from))?.found;
  const once = async (name: string): ReturnType<typeof copyUnderFreeName> => {
    const made = await makeOnce({ adapter, clock, name, find, make: () => make(name) });
    const { found, note } = made.kind === 'made' ? made.value : { found: made.found };
    const tags = drCopyTags(source, toRegion, name, prefixOf(context), adapter.rules);
    return { copied: readMade(found, tags, context, 'the new copy'), ...present({ note }) };
  };
  const apart = (): string =>
    derivedName(source.name, '', adapter.rules, setApart(`${source.srcAccount} ${from}`, failed));
  return await underFreeName(source.name, apart, once);
}

function follow(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'report'>,
  item: CopyItem,
  copy: Backup,
  said: { readonly note: string; readonly already?: true } | undefined,
): CopyResult {
  const { backup, operation } = item;
  context.report({
    ...subjectOf('CopyBackupToRegion', backup),
    destinationRegion: operation.toRegion,
    status: 'ok',
    message: said === undefined ? copy.id : `${copy.id}, ${said.note}`,
    ...present({ already: said?.already }),
  });
  const copyOf = sourceOf(backup.region, backup.id);
  const waiting = { ...freshWaiting(context, item.message.waiting.remakes), copyOf };
  const next = whatFollows(context, { ...copy, ...present({ facts: backup.facts }) }, backup.targets).map(
    (each): FollowingOperation => ({
      operation: each,
      waiting,
    }),
  );
  return { kind: 'done', next, copy: sourceOf(copy.region, copy.id) };
}

/**
 * Lists a backup's copies in its tag `dr_copies`: those of all regions at once, because each write replaces the one
 * before. The tag only informs. Where it cannot be written, a warning says so, and the run goes on.
 */
export async function noteCopies(
  context: Pick<RunContext, 'adapter' | 'config' | 'log'>,
  backup: Backup,
  copies: readonly string[],
): Promise<void> {
  const tags = withDrCopies(backup, copies, prefixOf(context));
  if (tags === undefined) return;
  try {
    await context.adapter.tagBackup(backup.found, tags);
  } catch (error) {
    const failure = toShelveryError(error, `noting the copies of ${backup.id} in its tags`);
    context.log.warn('SHELVERY_COPIES_NOT_NOTED', failure.message, { backupId: backup.id });
  }
}

/**
 * Decides what an error of a copy or share means: try again later; impossible, which is reported and ends the
 * operation; or not understood, which is left to whoever delivered the message.
 */
export function resultOfFailure(
  context: Pick<RunContext, 'adapter' | 'report'>,
  error: unknown,
  subject: OutcomeSubject,
  doing: string,
): WorkResult {
  const { faults } = context.adapter;
  const name = faultName(error);
  if (isPassing(error) || faults.notYet.includes(name)) {
    const isFull = isFullRefusal(faults, error) ? ({ isFull: true } as const) : {};
    return { kind: 'not-yet', why: toShelveryError(error, doing).message, ...isFull };
  }
  if (isShelveryError(error) && error.code !== 'NotAllowed') {
    if (error.code === 'Unsupported') context.report({ ...subject, status: 'ignored', reason: error.message });
    else context.report({ ...subject, status: 'failed', error });
    return DONE;
  }
  const quota = faults.quota[name];
  if (quota !== undefined) {
    context.report({
      ...subject,
      status: 'failed',
      error: new ShelveryError(
        'QuotaExceeded',
        `${doing}: the quota "${quota}" is full there. Delete snapshots that are not needed, or ask AWS to raise it (Service Quotas).`,
        { cause: error, ...present({ aws: toShelveryError(error, doing).aws }) },
      ),
    });
    return DONE;
  }
  if (faults.gone.includes(name)) {
    context.report({
      ...subject,
      status: 'failed',
      error: new ShelveryError('BackupGone', `${doing}: it does not exist any more.`, { cause: error }),
    });
    return DONE;
  }
  return { kind: 'threw', error };
}
