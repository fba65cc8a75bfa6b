import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { pulledCopyTags } from '../../domain/backup/copy-tags.js';
import { isWokenByEvents } from '../../domain/completion-events.js';
import { isCopyOf, namesFor } from '../../domain/plan/plan-pull.js';
import type { PullDecision, SharedFile } from '../../domain/plan/plan-pull.js';
import { present } from '../../domain/present.js';
import type { RunContext } from '../context.js';
import { sendFresh } from '../follow/delayed-work.js';
import { refusedCopy } from '../follow/refusals.js';
import { backupsAmong, prefixOf } from '../identify.js';
import { makeOnce, underFreeName } from '../make-once.js';

/** What an operation of this file needs of a run. */
type Copying = Pick<RunContext, 'adapter' | 'clock' | 'config' | 'delayed' | 'home' | 'inStack' | 'log'>;

/** Begins a copy. That it was pulled is told when it is complete and stored. */
export async function copyShared(context: Copying, decision: Extract<PullDecision, { kind: 'copy' }>): Promise<void> {
  const { adapter, home } = context;
  const { file } = decision;
  if (adapter.copyShared === undefined) return;
  if (decision.warning !== undefined)
    context.log.warn('SHELVERY_CONFIG_WARNING', `${file.document.name}: ${decision.warning}`);
  const make = adapter.copyShared.bind(adapter);
  const source = sourceOf(file.document.region, file.id);
  const copiedAt = context.clock.now();
  const once = (name: string): ReturnType<typeof makeOnce<Awaited<ReturnType<typeof make>>>> =>
    makeOnce({
      adapter,
      clock: context.clock,
      name,
      // Databases of two accounts may have backups of the same id: account and source together tell them apart.
      find: async () =>
        backupsAmong(
          await adapter.findByTags(home.region, tagKey(prefixOf(context), TAG.srcBackup), [source]),
          context,
        ).find((copied) => copied.found.state !== 'failed' && isCopyOf(copied, file, adapter.rules))?.found,
      make: () =>
        make({
          sourceAccount: file.account,
          sourceRegion: file.document.region,
          sourceId: file.id,
          name,
          tags: pulledCopyTags(
            {
              sourceAccount: file.account,
              sourceRegion: file.document.region,
              sourceId: file.id,
              sourcePrefix: file.prefix,
              name,
              entityId: file.document.entity_id,
              createdAt: file.createdAt,
              retentionType: file.document.retention_type,
              tags: file.document.tags,
              wokenByEvents: isWokenByEvents(context),
            },
            home,
            context.config.values,
            copiedAt,
            adapter.rules,
          ),
          encrypt: decision.encrypt,
          ...present({
            kmsKeyId: decision.kmsKeyId,
            optionGroup: context.config.values.shelvery_copy_option_groups.get(home.region),
          }),
        }),
    });
  const [, apart, unforeseen] = namesFor(file, adapter.rules, copiedAt);
  const made = await underFreeName(
    decision.name,
    () => unforeseen,
    (name) => underFreeName(name, () => apart, once),
  ).catch((error: unknown) => {
    throw refusedCopy(context, error, [decision.kmsKeyId], `pulling ${file.document.name} from ${file.account}`);
  });
  const { found, note } = made.kind === 'made' ? made.value : { found: made.found };
  if (note !== undefined) {
    context.log.warn(
      'SHELVERY_COPY_DIFFERS',
      `${file.document.name} of ${file.account} was begun as ${found.id}: ${note}`,
      {
        backupId: found.id,
        backupName: file.document.name,
        region: home.region,
      },
    );
  }
  context.log.info(
    'SHELVERY_PULL_BEGUN',
    `${file.document.name} of ${file.account} is being copied from ${file.id} to ${found.id}`,
    { backupId: found.id, backupName: file.document.name, sourceAccount: file.account, region: home.region },
  );
  awaitCopy(context, found.id, file);
}

/** Sends what stores a copy, and moves its file, once it is complete. */
export function awaitCopy(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'delayed' | 'home'>,
  id: SharedFile['id'],
  file: SharedFile,
): void {
  sendFresh(context, {
    action: 'do_store_backup_data',
    backupId: id,
    region: context.home.region,
    pulledFrom: { account: file.account, key: file.key },
    ...present({ facts: file.document.restore }),
  });
}
