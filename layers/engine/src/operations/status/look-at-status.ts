import { isMarked } from '../../domain/backup/backup-tags.js';
import type { SharedFiles } from '../../domain/files/shared-names.js';
import type { BackupStatus } from '../../domain/status/backup-status.js';
import { judgeStatus } from '../../domain/status/judge-status.js';
import { configuredBy, sourceAccountsOf } from '../../domain/config/targets.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { Resource } from '../../domain/backup/backup.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { prefixOf } from '../identify.js';
import { notSelectable } from '../marked-resources.js';
import { planRegions } from '../regions/plan-regions.js';
import type { PlannedRegions } from '../regions/plan-regions.js';
import { listSharedFiles } from '../shared-files/list-shared-files.js';
import { listSourceFiles, whetherShared } from '../shared-files/list-source-files.js';

/**
 * Looks whether every marked resource has the backups that it should have, here, in its DR regions and in the accounts that
 * it is shared with; in a bunker, what was pulled from each source account. It only reads. What cannot be listed is
 * reported, and not judged.
 *
 * @throws ShelveryError `UsageError` where the selected resource is not marked.
 */
export async function lookAtStatus(context: RunContext): Promise<BackupStatus> {
  const { status, marked } = await lookAtAll(context);
  context.collected(marked.length);
  return status;
}

/** What a status comes from, with it. */
export interface SeenAll {
  readonly status: BackupStatus;
  readonly marked: readonly Resource[];
  readonly planned: PlannedRegions;
}

/** The same with what it was judged by, for who asks for more than the status. */
export async function lookAtAll(context: RunContext): Promise<SeenAll> {
  const { adapter, config, home, run } = context;
  const prefix = prefixOf(context);
  const listed = await adapter.listResources();
  const marked = listed.filter(({ tags }) => isMarked(tags, prefix));
  const notThere = notSelectable(context, marked);
  if (notThere !== undefined) throw notThere;
  const [planned, shared, waiting, unmarkedParts] = await Promise.all([
    planRegions(context, { listMetadata: true, onlyShown: true, marked }),
    filesOfBunkers(context, marked),
    waitingFiles(context),
    adapter.listUnmarkedParts?.(marked) ?? [],
  ]);
  const status = judgeStatus({
    type: adapter.type,
    now: run.time,
    home,
    config,
    rules: adapter.rules,
    listed,
    existing: planned.resources,
    regions: planned.regions,
    unmarkedParts,
    copies: adapter.copyToRegion !== undefined,
    pulls: adapter.copyShared !== undefined,
    shared,
    waiting,
  });
  return { status, marked, planned };
}

/** The files by which other accounts pull; none where nothing is shared, nothing where they cannot be listed. */
async function filesOfBunkers(
  context: RunContext,
  marked: readonly Resource[],
): Promise<ReadonlyMap<AccountId, SharedFiles> | undefined> {
  const { adapter, config, home, store } = context;
  // What a service cannot copy from another account is never pulled.
  if (adapter.copyShared === undefined) return new Map();
  const accounts = marked.flatMap(
    ({ tags }) => configuredBy(tags, { home, config, rules: adapter.rules }).targets.shareAccounts,
  );
  if (accounts.length === 0) return new Map();
  try {
    return await listSharedFiles(context, home.region, accounts);
  } catch (error) {
    const bucket = store.bucketName(home.region);
    context.report({
      operation: 'ListBackups',
      bucket,
      region: home.region,
      status: 'failed',
      error: toShelveryError(error, `listing the shared files in ${bucket}; whether they were pulled is not known`),
    });
    return undefined;
  }
}

/** When each file that waits for this account was written, by source account; nothing where the type is not pulled. */
async function waitingFiles(context: RunContext): Promise<ReadonlyMap<AccountId, readonly Date[]> | undefined> {
  const { adapter, config, home, store } = context;
  if (adapter.copyShared === undefined) return undefined;
  const lists = await Promise.all(
    sourceAccountsOf(config.values, home).map(async (account): Promise<[AccountId, readonly Date[]][]> => {
      try {
        const { files } = await listSourceFiles(context, account);
        return [[account, files.map(({ lastModified }) => lastModified)]];
      } catch (error) {
        const bucket = store.bucketName(home.region, account);
        context.report({
          operation: 'ListBackups',
          sourceAccount: account,
          bucket,
          status: 'failed',
          error: toShelveryError(
            error,
            `listing what ${account} shares in ${bucket} (${whetherShared(home, account)}); what waits there is not known`,
          ),
        });
        return [];
      }
    }),
  );
  return new Map(lists.flat());
}
