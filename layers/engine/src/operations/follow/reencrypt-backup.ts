import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { reencryptedTags } from '../../domain/backup/copy-tags.js';
import { ShelveryError } from '../../domain/errors.js';
import { REENCRYPTED_ENDING, derivedName } from '../../domain/backup/naming.js';
import { present } from '../../domain/present.js';
import { planReencryption } from '../../domain/plan/plan-encryption.js';
import type { EncryptionPlan } from '../../domain/plan/plan-encryption.js';
import type { Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { deleteFailed, fateInWords } from '../delete-failed.js';
import { backupsAmong, failureOf, prefixOf, readMade, subjectOfShare } from '../identify.js';
import { makeOnce, setApart, underFreeName } from '../make-once.js';
import { recordBackup } from './record-backup.js';
import { aboutFailedCopy, refusedCopy } from './refusals.js';

/** What an operation of this file needs of a run. */
type Reencrypting = Pick<RunContext, 'adapter' | 'clock' | 'config' | 'home' | 'inStack' | 'log' | 'report' | 'store'>;

/** Re-encrypted snapshots that exist already, by `<region>:<id>` of the backup that they were made of. */
export type Reencrypted = ReadonlyMap<string, readonly Backup[]>;

/** Looks up, in one list, the re-encrypted snapshots of those backups of a region that are shared under another key. */
export async function findReencrypted(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  region: Region,
  backups: readonly Backup[],
): Promise<Reencrypted> {
  const sources = backups
    .filter((backup) => planOf(context, backup) !== undefined)
    .map((backup) => sourceOf(backup.region, backup.id));
  if (sources.length === 0) return new Map();
  const key = tagKey(prefixOf(context), TAG.srcBackup);
  const found = await context.adapter.findByTags(region, key, [...new Set(sources)]);
  const temporary = backupsAmong(found, context).filter((backup) => backup.temporary);
  return Map.groupBy(temporary, (backup) => backup.found.tags[key] ?? '');
}

/**
 * The snapshot that is shared for a backup: the backup itself, or its re-encrypted snapshot, once that is available and
 * on record.
 *
 * @param there its re-encrypted snapshots. A failed one is deleted and made again.
 * @returns `undefined` while it is being made.
 * @throws ShelveryError `ConfigurationError` where the service cannot do what is configured.
 */
export async function reencryptedInPlaceOf(
  context: Reencrypting,
  backup: Backup,
  there: readonly Backup[],
): Promise<Backup | undefined> {
  const plan = planOf(context, backup);
  if (plan === undefined) return backup;
  if (plan.kind === 'refused')
    throw new ShelveryError('ConfigurationError', `${backup.id} was not shared: ${plan.why}.`);
  const { kmsKeyId } = plan;
  if (kmsKeyId === undefined) {
    context.log.warn('SHELVERY_CONFIG_WARNING', `${backup.id}: ${plan.warning ?? ''}`);
    return backup;
  }
  const good = there.find((each) => each.found.state !== 'failed');
  const reencrypted = good ?? (await reencryptAnew(context, backup, kmsKeyId, there));
  if (reencrypted.found.state !== 'available') return undefined;
  const withFacts = { ...reencrypted, ...present({ facts: backup.facts }) };
  await recordBackup(context, withFacts);
  return withFacts;
}

/**
 * The plan to re-encrypt a backup before it is shared; none where no key is configured, the service cannot re-encrypt, or the
 * backup is what was re-encrypted for that.
 */
function planOf(context: Pick<RunContext, 'adapter'>, backup: Backup): EncryptionPlan | undefined {
  const { adapter } = context;
  if (adapter.reencrypt === undefined || backup.temporary) return undefined;
  return planReencryption({
    source: backup.found,
    toRegion: backup.region,
    config: backup.config.values,
    rules: adapter.rules,
  });
}

async function reencryptAnew(
  context: Reencrypting,
  backup: Backup,
  kmsKeyId: string,
  failed: readonly Backup[],
): Promise<Backup> {
  for (const each of failed) if (!each.held) await removeFailed(context, backup, each, kmsKeyId);
  return await reencrypt(context, backup, kmsKeyId, failed.length);
}

async function removeFailed(
  context: Pick<RunContext, 'adapter' | 'home' | 'inStack' | 'report'>,
  backup: Backup,
  failed: Backup,
  kmsKeyId: string,
): Promise<void> {
  const fate = fateInWords(await deleteFailed(context, failed));
  context.report({
    ...subjectOfShare(backup),
    status: 'failed',
    error: new ShelveryError(
      'BackupFailed',
      `The re-encrypted snapshot ${failed.id} ${failureOf({ found: { kmsKeyId, ...failed.found } })}. ${fate}. The snapshot is made again.${aboutFailedCopy(context, [failed.found.kmsKeyId ?? kmsKeyId, backup.found.kmsKeyId])}`,
    ),
  });
}

/** @param failed how many tries failed before; some of them may not have been deletable. */
async function reencrypt(context: Reencrypting, backup: Backup, kmsKeyId: string, failed: number): Promise<Backup> {
  const { rules } = context.adapter;
  const apart = (): string =>
    derivedName(backup.name, REENCRYPTED_ENDING, rules, setApart(sourceOf(backup.region, backup.id), failed));
  return await underFreeName(derivedName(backup.name, REENCRYPTED_ENDING, rules), apart, (name) =>
    reencryptAs(context, backup, name, kmsKeyId),
  ).catch((error: unknown) => {
    throw refusedCopy(
      context,
      error,
      [kmsKeyId, backup.found.kmsKeyId],
      `re-encrypting ${backup.id} before it is shared`,
    );
  });
}

async function reencryptAs(context: Reencrypting, backup: Backup, name: string, kmsKeyId: string): Promise<Backup> {
  const { adapter, clock } = context;
  const tags = reencryptedTags(backup, name, prefixOf(context), clock.now(), adapter.rules);
  const made = await makeOnce<FoundBackup | undefined>({
    adapter,
    clock,
    name,
    find: async () => {
      const [there = []] = (await findReencrypted(context, backup.region, [backup])).values();
      return there.find((each) => each.found.state !== 'failed')?.found;
    },
    make: async () => adapter.reencrypt?.({ source: backup, name, tags, kmsKeyId }),
  });
  const found = made.kind === 'made' ? made.value : made.found;
  if (found === undefined)
    throw new ShelveryError('Unsupported', `${adapter.resourceNoun} backups cannot be re-encrypted.`);
  return readMade(found, tags, context, 'the re-encrypted snapshot');
}
