import { describe, expect, it } from '@jest/globals';
import type { DelayedMessage } from '../../../../layers/engine/src/domain/delayed.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupId } from '../../../../layers/engine/src/domain/values.js';
import type { PlanLine } from '../../../../layers/engine/src/operations/context.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { VOLUME, idOf, keyOf, nameOf, ofShared, openBunker } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import type { Asked, Told } from '../memory-estate.js';
import { atMost, handingOver, keepingMessages, withAdapter } from '../other-parts.js';

const HOUR_MS = 3_600_000;

/** What a run and a dry run make of one shared file. */
interface Decided {
  readonly title: string;
  /** Brings about what the file is found in. */
  readonly prepare?: (bunker: Bunker) => Promise<void> | void;
  readonly asked?: Asked;
  /** The line of the plan; with the ids of the source's backup and of our copy. */
  readonly line: (ids: Ids) => Pick<PlanLine, 'what' | 'reason' | 'problem'>;
  /** What a dry run tells, and what a run does. */
  readonly dry?: (ids: Ids) => readonly Told[];
  readonly told?: (ids: Ids) => readonly Told[];
  /** Folders that hold the file after the run. */
  readonly folder: 'ebs' | 'ebs-processed' | 'ebs-failed';
  /** Whether the file need not be dealt with again in this way. */
  readonly isProgress: boolean;
  /** What the run sends to be done later. */
  readonly sent?: (ids: Ids) => readonly DelayedMessage['operation'][];
}

interface Ids {
  readonly source: BackupId;
  readonly copy: BackupId;
}

const NAME = nameOf(VOLUME);

/** The copy is there; what follows it was sent, and not done. */
async function begun(bunker: Bunker): Promise<void> {
  await bunker.pull({ parts: keepingMessages() });
}

/** The same, and the copy has come this far. */
function copyThat(more: (now: number) => Parameters<Bunker['change']>[1]) {
  return async (bunker: Bunker): Promise<void> => {
    await begun(bunker);
    for (const copy of bunker.backups()) bunker.change(copy, more(bunker.world.conductor.now()));
  };
}

/** The source does not share its backups any more. */
function unshare(bunker: Bunker): void {
  for (const source of bunker.backups({ account: OTHER_ACCOUNT })) bunker.change(source, { sharedWith: [] });
}

/** An outcome of a file that stays, or is set aside. */
const told = (folder: string, error: string, entity = VOLUME): Told => ({
  ...ofShared(entity, folder),
  status: 'failed',
  error,
});
const aside = {
  operation: 'PullSharedBackup',
  sourceAccount: OTHER_ACCOUNT,
  bucket: bucketNameOf(OTHER_ACCOUNT, LOCAL),
  backupS3Location: keyOf(NAME),
  newS3Location: keyOf(NAME, 'ebs-failed'),
} as const;

const stored = ({ copy }: Ids): Told => ({
  operation: 'StoreBackupData',
  backupId: copy,
  backupName: NAME,
  entityId: ResourceId.parse(VOLUME),
  retentionType: 'daily',
  region: LOCAL,
  bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
  backupS3Location: `backups/ebs/${NAME}.yaml`,
  status: 'ok',
});
const storing = (backupId: BackupId) => ({
  action: 'do_store_backup_data' as const,
  backupId,
  region: LOCAL,
  pulledFrom: { account: OTHER_ACCOUNT, key: keyOf(NAME) },
});

const SETTING_ALLOWED_IMAGES = withAdapter(() => ({
  whyUnseen: () => Promise.resolve('Allowed AMIs hides the images of that account'),
}));

const DECIDED: readonly Decided[] = [
  {
    title: 'is copied',
    line: () => ({ what: 'pull', reason: `copied from ${OTHER_ACCOUNT}` }),
    folder: 'ebs',
    isProgress: true,
    sent: ({ copy }) => [storing(copy)],
  },
  {
    title: 'is copied and encrypted where that is configured',
    asked: { settings: { shelvery_encrypt_copy: 'true', shelvery_copy_kms_key_id: 'alias/bunker' } },
    line: () => ({ what: 'pull', reason: `copied from ${OTHER_ACCOUNT}, encrypted` }),
    folder: 'ebs',
    isProgress: true,
    sent: ({ copy }) => [storing(copy)],
  },
  {
    title: 'is moved where its copy is complete',
    prepare: begun,
    line: ({ copy }) => ({ what: 'found', reason: `already copied (${copy}); its file is moved` }),
    told: (ids) => [
      stored(ids),
      {
        ...ofShared(VOLUME),
        backupId: ids.copy,
        newS3Location: keyOf(NAME, 'ebs-processed'),
        status: 'ok',
        message: `copied from ${ids.source}`,
      },
    ],
    folder: 'ebs-processed',
    isProgress: true,
  },
  {
    title: 'stays where its complete copy is to be archived first, which moves it',
    prepare: begun,
    asked: { settings: { shelvery_enable_ebs_archive_pulled: 'true' } },
    line: ({ copy }) => ({ what: 'found', reason: `already copied (${copy}); its file is moved` }),
    told: (ids) => [stored(ids)],
    folder: 'ebs',
    isProgress: false,
    sent: ({ copy }) => [{ ...storing(copy), action: 'do_archive_backup' }],
  },
  {
    title: 'waits for a copy that is still being made',
    prepare: copyThat((now) => ({ readyAt: now + HOUR_MS })),
    line: ({ copy }) => ({ what: 'found', reason: `being copied (${copy})` }),
    folder: 'ebs',
    isProgress: false,
    sent: ({ copy }) => [storing(copy)],
  },
  {
    title: 'has its failed copy deleted, and is copied by the next run',
    prepare: copyThat(() => ({ outcome: 'failed' })),
    line: ({ copy }) => ({ what: 'remake', reason: `its copy ${copy} failed`, problem: true }),
    dry: ({ copy }) => [
      told(
        'ebs',
        `BackupFailed: The copy ${copy} failed: Internal error. It is deleted; a later pull_shared_backups makes it again.`,
      ),
    ],
    told: ({ copy }) => [
      told(
        'ebs',
        `BackupFailed: The copy ${copy} failed: Internal error. It was deleted; the next pull_shared_backups makes it again.`,
      ),
    ],
    folder: 'ebs',
    isProgress: true,
  },
  {
    title: 'has its failed copy deleted, whose key may be why',
    prepare: copyThat(() => ({ outcome: 'failed', encrypted: true, kmsKeyId: 'alias/bunker' })),
    line: ({ copy }) => ({ what: 'remake', reason: `its copy ${copy} failed`, problem: true }),
    dry: ({ copy }) => [
      told(
        'ebs',
        `BackupFailed: The copy ${copy} failed (key alias/bunker): Internal error. It is deleted; a later pull_shared_backups ` +
          'makes it again. The key may be why: doctor says whether it exists and can be used.',
      ),
    ],
    told: ({ copy }) => [
      told(
        'ebs',
        `BackupFailed: The copy ${copy} failed (key alias/bunker): Internal error. It was deleted; the next pull_shared_backups ` +
          'makes it again. The key may be why: doctor says whether it exists and can be used.',
      ),
    ],
    folder: 'ebs',
    isProgress: true,
  },
  {
    title: 'stays where its backup is not shared yet',
    prepare: unshare,
    line: ({ source }) => ({
      what: 'skip',
      reason: `${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone`,
      problem: true,
    }),
    dry: ({ source }) => [
      told(
        'ebs',
        `NotYet: ${NAME}: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone. Its file stays for the next run.`,
      ),
    ],
    told: ({ source }) => [
      told(
        'ebs',
        `NotYet: ${NAME}: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone. Its file stays for the next run.`,
      ),
    ],
    folder: 'ebs',
    isProgress: false,
  },
  {
    title: 'stays where a setting of ours may hide what is shared',
    prepare: unshare,
    asked: { parts: SETTING_ALLOWED_IMAGES },
    line: ({ source }) => ({
      what: 'skip',
      reason: `${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone; or Allowed AMIs hides the images of that account`,
      problem: true,
    }),
    dry: ({ source }) => [
      told(
        'ebs',
        `ConfigurationError: ${NAME}: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone; or Allowed AMIs ` +
          'hides the images of that account. Its file stays.',
      ),
    ],
    told: ({ source }) => [
      told(
        'ebs',
        `ConfigurationError: ${NAME}: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone; or Allowed AMIs ` +
          'hides the images of that account. Its file stays.',
      ),
    ],
    folder: 'ebs',
    isProgress: false,
  },
  {
    title: 'is set aside where its backup has not been shared for two days',
    prepare: async (bunker) => {
      unshare(bunker);
      await bunker.pass(48);
    },
    line: ({ source }) => ({
      what: 'refuse',
      reason: `${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone`,
      problem: true,
    }),
    dry: ({ source }) => [
      {
        ...aside,
        status: 'failed',
        error: `MetadataRefused: ${keyOf(NAME)} is set aside: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone.`,
      },
    ],
    told: ({ source }) => [
      {
        ...aside,
        status: 'failed',
        error: `MetadataRefused: ${keyOf(NAME)} was set aside: ${OTHER_ACCOUNT} does not share ${source} with this account, or it is gone.`,
      },
    ],
    folder: 'ebs-failed',
    isProgress: true,
  },
  {
    title: "is set aside where no other account can copy its backup, which is nobody's fault",
    asked: {
      parts: withAdapter((adapter) => ({
        findShared: async (sources) =>
          ((await adapter.findShared?.(sources)) ?? []).map((shared) => ({
            ...shared,
            notForOthers: 'it is under a key of AWS.',
          })),
      })),
    },
    line: ({ source }) => ({ what: 'refuse', reason: `${source}: it is under a key of AWS.` }),
    dry: ({ source }) => [
      { ...aside, status: 'ignored', reason: `${keyOf(NAME)} is set aside: ${source}: it is under a key of AWS.` },
    ],
    told: ({ source }) => [
      { ...aside, status: 'ignored', reason: `${keyOf(NAME)} was set aside: ${source}: it is under a key of AWS.` },
    ],
    folder: 'ebs-failed',
    isProgress: true,
  },
  {
    title: 'is set aside where a copy would have expired already',
    prepare: (bunker) => bunker.pass(24 * 20),
    asked: { settings: { shelvery_keep_last_backups: 0 } },
    line: () => ({
      what: 'refuse',
      reason: 'a copy of it would be removed at once: it expired here 2026-12-08, and shelvery_keep_last_backups=0',
    }),
    dry: () => [
      {
        ...aside,
        status: 'ignored',
        reason: `${keyOf(NAME)} is set aside: a copy of it would be removed at once: it expired here 2026-12-08, and shelvery_keep_last_backups=0.`,
      },
    ],
    told: () => [
      {
        ...aside,
        status: 'ignored',
        reason: `${keyOf(NAME)} was set aside: a copy of it would be removed at once: it expired here 2026-12-08, and shelvery_keep_last_backups=0.`,
      },
    ],
    folder: 'ebs-failed',
    isProgress: true,
  },
];

describe.each(DECIDED)('a shared file: it $title', (decided) => {
  const {
    prepare,
    asked = {},
    line,
    dry = () => [],
    told: telling = () => [],
    folder,
    isProgress,
    sent = () => [],
  } = decided;
  const open = async (): Promise<{ readonly bunker: Bunker; readonly ids: Ids }> => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    await prepare?.(bunker);
    const [source] = bunker.backups({ account: OTHER_ACCOUNT });
    return { bunker, ids: { source: idOf(source), copy: idOf(bunker.backups()[0]) } };
  };

  it('which a dry run says, and nothing more', async () => {
    const { bunker, ids } = await open();
    const before = [bunker.files(), bunker.backups()];
    const kept: DelayedMessage[] = [];
    const parts: Asked['parts'] = (opened) => ({ ...asked.parts?.(opened), ...keepingMessages(kept)() });
    const { plan, told: foretold, said, calls } = await bunker.pull({ ...asked, parts, dryRun: true });
    expect(plan).toEqual([{ subject: ids.source, name: NAME, region: LOCAL, ...line(ids) }]);
    expect(foretold).toEqual(dry(ids));
    expect(said).toEqual([]);
    expect(calls.filter((call) => !/:(list|get|find\w+) /.test(call))).toEqual([]);
    expect([kept, [bunker.files(), bunker.backups()]]).toEqual([[], before]);
  });

  it('in a run, which counts as progress only where nothing is left to do for it', async () => {
    const { bunker, ids } = await open();
    bunker.put('ebs/other.yaml', 'of no use');
    const kept: DelayedMessage[] = [];
    const handedOver: RemainingWork[] = [];
    // Both files are read and one is dealt with, the one that may be copied.
    const parts: Asked['parts'] = (opened) => ({
      ...asked.parts?.(opened),
      ...keepingMessages(kept)(),
      mayStart: atMost(3),
      handOver: handingOver(handedOver),
    });
    const { told: outcomes } = await bunker.pull({ ...asked, parts });
    expect(outcomes).toEqual(telling(ids));
    expect(bunker.files()).toEqual([`${folder}/${NAME}.yaml`, 'ebs/other.yaml'].sort());
    const [copy] = bunker.backups();
    expect(kept.map(({ operation }) => operation)).toEqual(sent({ ...ids, copy: idOf(copy) }));
    expect(handedOver.map(({ remaining, begun: done, soFar }) => [remaining, done, soFar['pulled']])).toEqual([
      [1, isProgress ? 1 : 0, line(ids).what === 'pull' ? [[OTHER_ACCOUNT, 1]] : []],
    ]);
  });
});
