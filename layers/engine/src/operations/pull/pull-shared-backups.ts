import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { pulledCopyTags } from '../../domain/backup/copy-tags.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { faultName, isPassing, toShelveryError } from '../../domain/telling/faults.js';
import { sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import { isCopyOf, nameApart, planPull, sharedBackupKey } from '../../domain/plan/plan-pull.js';
import type { PullDecision, SharedFile } from '../../domain/plan/plan-pull.js';
import { targetsOf } from '../../domain/config/targets.js';
import type { AccountId } from '../../domain/values.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { freshWaiting } from '../follow/delayed-work.js';
import { moveFile } from '../shared-files/move-file.js';
import { backupsAmong, failureOf, prefixOf } from '../identify.js';
import { makeOnce, underFreeName } from '../make-once.js';
import { nameInKey, readSharedFiles } from './read-shared-files.js';
import type { HopelessFile } from './read-shared-files.js';
import { aboutKeys, refusedCopy } from '../follow/refusals.js';
import { seeToBuckets } from '../buckets/see-to-buckets.js';
import { storeAndFinish } from '../follow/store-backup.js';

/** What an operation of this file needs of a run. */
type Pulling = Pick<
  RunContext,
  'adapter' | 'buckets' | 'clock' | 'config' | 'delayed' | 'home' | 'inStack' | 'log' | 'report' | 'run' | 'store'
>;

/**
 * Copies what other accounts share with this one. A file stays in its source's bucket until its copy is available and
 * stored. An error of one account or file does not stop the others.
 */
export async function pullSharedBackups(context: RunContext): Promise<OperationResult> {
  const { adapter } = context;
  const accounts = context.config.values.shelvery_source_aws_account_ids.filter(
    (account) => account !== context.home.accountId,
  );
  if (accounts.length === 0) {
    context.collected(0);
    context.log.warn(
      'SHELVERY_NOTHING_MARKED',
      'Nothing was pulled: set shelvery_source_aws_account_ids to the accounts to pull from.',
    );
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  if (adapter.copyShared === undefined || adapter.findShared === undefined) {
    context.collected(0);
    const reason = `${adapter.resourceNoun} backups cannot be copied from another account; they can only be shared`;
    context.report({ operation: 'PullSharedBackup', status: 'ignored', reason });
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  const { files, hopeless, remaining: unread } = await readSharedFiles(context, accounts);
  context.collected(files.length + hopeless.length);
  const decisions = await decideAll(context, files);
  if (context.run.dryRun)
    return {
      remaining: 0,
      plan: [
        ...decisions.map((item) => planLine(context, item)),
        ...hopeless.map((item) => refusedLine(context, item)),
      ],
    };
  if (files.length > 0) await seeToOwnBucket(context);
  // Files that can be copied come first: somebody may have put any number of bad ones there.
  const jobs = [
    ...decisions.map((decision) => () => act(context, decision)),
    ...hopeless.map((item) => () => setAside(context, item.account, item.key, item.text, item.reason)),
  ];
  let begun = 0;
  await Promise.all(
    jobs.map((job) =>
      context.limit(async () => {
        if (!context.mayStart()) return;
        begun += 1;
        await job();
      }),
    ),
  );
  return { remaining: unread + jobs.length - begun, begun };
}

/** Makes the bucket for the metadata of pulled copies: a bunker that makes no backups of its own has none yet. */
async function seeToOwnBucket(context: Pulling): Promise<void> {
  const { shareAccounts: accounts } = targetsOf(context.config.values, context.home);
  await seeToBuckets(context, {
    regions: [context.home.region],
    readers: { accounts, exact: false },
    reportUnchanged: false,
  });
}

/** Looks up the copies and the sources of all files together, and decides. */
async function decideAll(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'home'>,
  files: readonly SharedFile[],
): Promise<readonly PullDecision[]> {
  if (files.length === 0) return [];
  const { adapter, home } = context;
  const prefix = prefixOf(context);
  const sources = [...new Set(files.map((file) => sourceOf(file.document.region, file.id)))];
  const names = [...new Set(files.map((file) => file.document.name))];
  const [bySource, byName] = await Promise.all([
    adapter.findByTags(home.region, tagKey(prefix, TAG.srcBackup), sources),
    adapter.findByTags(home.region, tagKey(prefix, TAG.name), names),
  ]);
  const found = new Map([...bySource, ...byName].map((item) => [item.id, item]));
  const present = backupsAmong([...found.values()], context);
  const owned = await adapter.findShared?.(files.map(({ account, id }) => ({ account, id })));
  const shared = new Map((owned ?? []).map((item) => [sharedBackupKey(item.account, item.id), item]));
  return planPull({
    files,
    present,
    shared,
    config: context.config.values,
    rules: adapter.rules,
    region: home.region,
    now: context.clock.now(),
  });
}

async function act(context: Pulling, decision: PullDecision): Promise<void> {
  const { file } = decision;
  const subject = subjectFor(context, file);
  try {
    switch (decision.kind) {
      case 'copy':
        await copy(context, decision, subject);
        return;
      case 'finish': {
        const backupType = context.adapter.type;
        for (const next of await storeAndFinish(context, decision.copy, file))
          context.delayed.send({ backupType, ...next });
        return;
      }
      case 'wait':
        sendStore(context, decision.copy.id, file);
        return;
      case 'failed':
        await context.adapter.deleteBackup(decision.copy.found);
        context.report({
          ...subject,
          status: 'failed',
          error: new ShelveryError(
            'BackupFailed',
            `The copy ${decision.copy.id} ${failureOf(decision.copy)}. It was deleted; the next pull_shared_backups makes it again.` +
              aboutKeys(context, [decision.copy.found.kmsKeyId]),
            { mendable: true },
          ),
        });
        return;
      case 'later':
        context.report({ ...subject, status: 'failed', error: staysFor(file, decision.reason) });
        return;
      case 'misconfigured':
        context.report({
          ...subject,
          status: 'failed',
          error: new ShelveryError('ConfigurationError', `${file.document.name}: ${decision.reason}. Its file stays.`),
        });
        return;
      case 'hopeless':
        await setAside(context, file.account, file.key, file.text, decision.reason);
    }
  } catch (error) {
    await tellOfFailedPull(context, file, subject, error);
  }
}

async function copy(
  context: Pulling,
  decision: Extract<PullDecision, { kind: 'copy' }>,
  subject: OutcomeSubject,
): Promise<void> {
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
        ).find((copied) => copied.found.state !== 'failed' && isCopyOf(copied, file))?.found,
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
            },
            home,
            prefixOf(context),
            copiedAt,
            adapter.rules,
          ),
          encrypt: decision.encrypt,
          ...present({ kmsKeyId: decision.kmsKeyId }),
        }),
    });
  const made = await underFreeName(decision.name, () => nameApart(file, adapter.rules), once).catch(
    (error: unknown) => {
      throw refusedCopy(context, error, [decision.kmsKeyId], `pulling ${file.document.name} from ${file.account}`);
    },
  );
  const found = made.kind === 'made' ? made.value : made.found;
  context.report({ ...subject, backupId: found.id, status: 'ok', message: `being copied from ${file.id}` });
  sendStore(context, found.id, file);
}

function sendStore(context: Pulling, id: SharedFile['id'], file: SharedFile): void {
  context.delayed.send({
    backupType: context.adapter.type,
    operation: {
      action: 'do_store_backup_data',
      backupId: id,
      region: context.home.region,
      pulledFrom: { account: file.account, key: file.key },
    },
    waiting: freshWaiting(context),
  });
}

function staysFor(file: SharedFile, reason: string, cause?: unknown): ShelveryError {
  return new ShelveryError(
    'NotYet',
    `${file.document.name}: ${reason.replace(/\.$/, '')}. Its file stays for the next run.`,
    { mendable: true, cause },
  );
}

/** A temporary fault leaves the file for the next run. What the service can never copy is set aside. */
async function tellOfFailedPull(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'store'>,
  file: SharedFile,
  subject: OutcomeSubject,
  error: unknown,
): Promise<void> {
  const { faults } = context.adapter;
  const failure = toShelveryError(error, `pulling ${file.document.name} from ${file.account}`);
  if (faults.gone.includes(faultName(error)) && !isPassing(error)) {
    await setAside(context, file.account, file.key, file.text, failure.message);
    return;
  }
  if (failure.code === 'Unsupported') {
    await setAside(context, file.account, file.key, file.text, failure.message, 'ignored');
    return;
  }
  const notYet = faults.notYet.includes(faultName(error));
  context.report({ ...subject, status: 'failed', error: notYet ? staysFor(file, failure.message, error) : failure });
}

/**
 * Moves a file that can never be pulled to `-failed` in its source's bucket, and reports why: as an ERROR, or, where it
 * is nobody's fault, as an IGNORE.
 */
async function setAside(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'store'>,
  account: AccountId,
  key: string,
  text: string | undefined,
  reason: string,
  status: 'failed' | 'ignored' = 'failed',
): Promise<void> {
  const { home, store, adapter } = context;
  const name = nameInKey(key, sharedPrefix(home.accountId, adapter.type));
  const newKey = sharedKey(home.accountId, adapter.type, name, 'failed');
  const subject = {
    operation: 'PullSharedBackup',
    sourceAccount: account,
    bucket: store.bucketName(home.region, account),
    backupS3Location: key,
  } as const;
  try {
    await moveFile(
      context,
      { region: home.region, account },
      key,
      newKey,
      `# ${reason.replace(/\s+/g, ' ')}\n${text ?? ''}`,
    );
    const said = `${key} was set aside: ${reason.replace(/\.$/, '')}.`;
    if (status === 'ignored') context.report({ ...subject, newS3Location: newKey, status, reason: said });
    else
      context.report({ ...subject, newS3Location: newKey, status, error: new ShelveryError('MetadataRefused', said) });
  } catch (error) {
    context.report({ ...subject, status: 'failed', error: toShelveryError(error, `setting ${key} aside (${reason})`) });
  }
}

function subjectFor(context: Pick<RunContext, 'home' | 'store'>, file: SharedFile): OutcomeSubject {
  return {
    operation: 'PullSharedBackup',
    backupName: file.document.name,
    entityId: file.document.entity_id,
    retentionType: file.document.retention_type,
    sourceAccount: file.account,
    region: context.home.region,
    bucket: context.store.bucketName(context.home.region, file.account),
    backupS3Location: file.key,
  };
}

function planLine(context: Pick<RunContext, 'home'>, decision: PullDecision): PlanLine {
  const base = { subject: decision.file.id, name: decision.file.document.name, region: context.home.region };
  switch (decision.kind) {
    case 'copy':
      return {
        ...base,
        name: decision.name,
        what: 'pull',
        reason: `copied from ${decision.file.account}${decision.encrypt ? ', encrypted' : ''}`,
      };
    case 'finish':
      return { ...base, what: 'found', reason: `already copied (${decision.copy.id}); its file is moved` };
    case 'wait':
      return { ...base, what: 'found', reason: `being copied (${decision.copy.id})` };
    case 'failed':
      return { ...base, what: 'remake', reason: `its copy ${decision.copy.id} failed` };
    case 'later':
    case 'misconfigured':
      return { ...base, what: 'skip', reason: decision.reason };
    case 'hopeless':
      return { ...base, what: 'refuse', reason: decision.reason };
  }
}

function refusedLine(context: Pick<RunContext, 'home'>, item: HopelessFile): PlanLine {
  return { what: 'refuse', subject: `${item.account}: ${item.key}`, reason: item.reason, region: context.home.region };
}
