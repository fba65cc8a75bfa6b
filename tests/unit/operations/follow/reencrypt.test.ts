import { describe, expect, it } from '@jest/globals';
import { present } from '../../../../layers/engine/src/domain/present.js';
import type { AccountId, BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, OTHER_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { DONE, NAME, again, backedUp, copyAbroad, make, named, refusal, step } from '../delayed-work.js';
import type { BackedUp, Stepped } from '../delayed-work.js';
import { about } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import { at, only } from '../one-of.js';
import { lacking, withAdapter } from '../other-parts.js';
import { shared as sharedUnder, toldOfShare } from './shares.js';

const REENCRYPTED = `${NAME}-re-encrypted`;
const KEY = 'alias/shared';
const THEIRS = `arn:aws:kms:${LOCAL}:${OTHER_ACCOUNT}:key/0c9a0000-0000-4000-8000-000000000001`;

/** A backup that is shared under another key, and its re-encrypted snapshots. */
interface Sharing extends BackedUp {
  readonly share: (how?: Parameters<typeof step>[2], accounts?: readonly AccountId[]) => Promise<Stepped>;
  readonly reencrypted: () => readonly HeldBackup[];
}

async function sharing(type: BackupType = 'ebs', tags: Readonly<Record<string, string>> = {}): Promise<Sharing> {
  const made = await backedUp(type, { tags });
  const { estate, backup } = made;
  estate.buckets([LOCAL]);
  return {
    ...made,
    share: ({ settings, ...how } = {}, accounts = [OTHER_ACCOUNT]) =>
      step(
        estate,
        accounts.map((account) => ({ action: 'do_share_backup', ...named(backup), account })),
        {
          settings: {
            shelvery_share_aws_account_ids: accounts.join(','),
            shelvery_reencrypt_kms_key_id: KEY,
            ...settings,
          },
          ...how,
        },
      ),
    reencrypted: () => estate.backups().filter(({ id }) => id !== backup.id),
  };
}

/** The same, with a re-encrypted snapshot that was changed. */
async function withReencrypted(
  change: Partial<HeldBackup>,
  ...of: Parameters<typeof sharing>
): Promise<Sharing & { readonly there: HeldBackup }> {
  const made = await sharing(...of);
  await made.share();
  const there = only(made.reencrypted());
  made.estate.world.buckets.clear();
  made.estate.buckets([LOCAL]);
  return { ...made, there: made.estate.change(there, change) };
}

/** What is told of a backup whose re-encrypted snapshot was shared. */
const shared = (backup: HeldBackup, name = REENCRYPTED, account: AccountId = OTHER_ACCOUNT) =>
  sharedUnder(backup, account, name);
const files = (type: BackupType = 'ebs', name = REENCRYPTED): readonly string[] => [
  `backups/${type}/${name}.yaml`,
  `backups/shared/${OTHER_ACCOUNT}/${type}/${name}.yaml`,
];

describe('a backup that is shared under another key', () => {
  it.each<BackupType>(['ebs', 'ec2ami', 'rds'])(
    'is re-encrypted once for all accounts, put on record, and shared so (%s)',
    async (type) => {
      const { estate, backup, share, reencrypted } = await sharing(type, { encrypted: 'yes' });
      const accounts = [OTHER_ACCOUNT, THIRD_ACCOUNT];
      const { came, told: outcomes, said, calls } = await share({}, accounts);
      const [made] = reencrypted();
      expect(reencrypted()).toHaveLength(1);
      expect(came).toEqual([DONE, DONE]);
      expect(outcomes).toEqual(accounts.map((account) => shared(backup, REENCRYPTED, account)));
      expect(said).toEqual([]);
      expect(made).toMatchObject({ region: LOCAL, encrypted: true, kmsKeyId: KEY, sharedWith: accounts });
      expect(made?.tags).toEqual({
        ...backup.tags,
        Name: REENCRYPTED,
        'shelvery:name': REENCRYPTED,
        'shelvery:src_backup': `${LOCAL}:${backup.id}`,
        'shelvery:date_copied': '2026-11-24-0301',
      });
      expect(calls.filter((call) => !call.startsWith('s3:list'))).toEqual([
        `${type}:describeBackups ${LOCAL}`,
        `${type}:findByTags ${LOCAL}`,
        `${type}:reencrypt ${LOCAL} ${backup.id}`,
        `s3:put ${LOCAL} backups/${type}/${REENCRYPTED}.yaml`,
        `${type}:share ${LOCAL} ${made?.id ?? ''} ${accounts.join(' ')}`,
        ...accounts.map((account) => `s3:put ${LOCAL} backups/shared/${account}/${type}/${REENCRYPTED}.yaml`),
      ]);
      expect(estate.read(`backups/${type}/${REENCRYPTED}.yaml`)).toContain(`backup_id: "${made?.id ?? ''}"`);
    },
  );

  it('is not re-encrypted a second time where its re-encrypted snapshot is asked to be shared', async () => {
    const { estate, there } = await withReencrypted({});
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_reencrypt_kms_key_id: KEY };
    const operation = { action: 'do_share_backup', ...named(there), account: OTHER_ACCOUNT } as const;
    const { came, told: outcomes } = await step(estate, [operation], { settings });
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([{ ...shared(there), ...about(there) }]);
    expect(estate.backups()).toHaveLength(2);
    const [, offer = ''] = files();
    expect(estate.read(offer)).toContain(`backup_id: "${there.id}"`);
  });

  it('is waited for while it is being re-encrypted', async () => {
    const { backup, share, estate } = await sharing();
    const accounts = [OTHER_ACCOUNT, THIRD_ACCOUNT];
    const { came, told: outcomes } = await share(
      {
        parts: withAdapter((adapter) => ({
          reencrypt: async (request) => ({ ...(await (adapter.reencrypt?.(request) ?? lacking())), state: 'pending' }),
        })),
      },
      accounts,
    );
    expect(came).toEqual(
      accounts.map((account) =>
        again(
          { action: 'do_share_backup', ...named(backup), account },
          'its re-encrypted snapshot is not available yet',
        ),
      ),
    );
    expect(outcomes).toEqual([]);
    expect(estate.keys()).toEqual([]);
  });

  it('is not re-encrypted twice, and what the resource was is on record', async () => {
    const { estate, backup, reencrypted, there } = await withReencrypted({});
    const operation = { action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT } as const;
    const { told: outcomes, calls } = await step(estate, [{ ...operation, facts: { size_gib: 8 } }], {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_reencrypt_kms_key_id: KEY },
    });
    expect(outcomes).toEqual([shared(backup)]);
    expect(reencrypted()).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith('ebs:'))).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:share ${LOCAL} ${there.id} ${OTHER_ACCOUNT}`,
    ]);
    expect(files().map((key) => estate.read(key)?.includes('\nrestore:\n  size_gib: 8\n'))).toEqual([true, true]);
  });

  it('is looked for in one list with others, and no copy that was pulled from here passes for it', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b']) estate.resource(id);
    estate.resource('c', { tags: { 'shelvery:config:shelvery_reencrypt_kms_key_id': '' } });
    estate.buckets([LOCAL]);
    const made = await make(estate);
    const [a, b, c] = [at(made, 0), at(made, 1), at(made, 2)];
    estate.change(
      { ...a, id: 'snap-pulled' },
      {
        description: '',
        copyOf: 'theirs',
        tags: { ...a.tags, 'shelvery:cross_account_copy': 'true', 'shelvery:src_backup': `${LOCAL}:${a.id}` },
      },
    );
    const asked: unknown[] = [];
    const { told: outcomes, calls } = await step(
      estate,
      [a, b, c].map((backup) => ({ action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT })),
      {
        settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_reencrypt_kms_key_id: KEY },
        parts: withAdapter((adapter) => ({
          findByTags: (...list) => {
            asked.push(list);
            return adapter.findByTags(...list);
          },
        })),
      },
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(asked).toEqual([[LOCAL, 'shelvery:src_backup', [a, b].map(({ id }) => `${LOCAL}:${id}`)]]);
    expect(calls.filter((call) => call.startsWith('ebs:reencrypt'))).toEqual(
      [a, b].map(({ id }) => `ebs:reencrypt ${LOCAL} ${id}`),
    );
  });

  it('is found where the service answered by an error although it was made', async () => {
    const { estate, backup, share, reencrypted } = await sharing();
    estate.strike('ebs:reencrypt', 'fail-after');
    const { told: outcomes, calls } = await share();
    expect(reencrypted()).toHaveLength(1);
    expect(outcomes).toEqual([shared(backup)]);
    expect(calls.filter((call) => call.includes('findByTags'))).toHaveLength(2);
  });

  it('is told from one that failed before where the service answered so', async () => {
    const { estate, share, reencrypted, there } = await withReencrypted({ outcome: 'failed' });
    estate.change(there, { tags: { ...there.tags, 'shelvery:hold': 'yes' } });
    estate.strike('ebs:reencrypt', 'fail-after');
    const { told: outcomes, calls } = await share();
    expect(reencrypted()).toHaveLength(2);
    expect(outcomes.map(({ status }) => status)).toEqual(['ok']);
    expect(calls).toContain(`ebs:share ${LOCAL} ${reencrypted()[1]?.id ?? ''} ${OTHER_ACCOUNT}`);
  });
});

describe('a backup that is shared as it is although a key is set', () => {
  it('is one of a service that cannot re-encrypt', async () => {
    const { backup, share, reencrypted } = await sharing('redshift');
    const { told: outcomes, calls } = await share();
    expect(outcomes).toEqual([shared(backup, NAME)]);
    expect(reencrypted()).toEqual([]);
    expect(calls.filter((call) => call.startsWith('redshift:'))).toEqual([
      `redshift:describeBackups ${LOCAL}`,
      `redshift:share ${LOCAL} ${backup.id} ${OTHER_ACCOUNT}`,
    ]);
  });

  it('is one of a cluster under a key that AWS owns, with a warning', async () => {
    const { backup, share, reencrypted } = await sharing('rds_cluster');
    const { told: outcomes, said } = await share({
      parts: withAdapter((adapter) => ({
        describeBackups: async (...asked) =>
          new Map(
            [...(await adapter.describeBackups(...asked))].map(([id, each]) => [id, { ...each, underOwnedKey: true }]),
          ),
      })),
    });
    expect(outcomes).toEqual([shared(backup, NAME)]);
    expect(reencrypted()).toEqual([]);
    expect(said).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        `${backup.id}: it is encrypted under a key that AWS owns (sse-rds), which the service does not exchange for another; ` +
          'it is shared as it is',
      ],
    ]);
  });
});

describe('a backup that cannot be re-encrypted', () => {
  it.each<readonly [BackupType, Readonly<Record<string, string>>, string]>([
    [
      'rds_cluster',
      {},
      'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; ' +
        'unset shelvery_reencrypt_kms_key_id for the cluster with an empty tag shelvery_reencrypt_kms_key_id',
    ],
    [
      'ebs',
      { shelvery_reencrypt_kms_key_id: THEIRS.replace(LOCAL, DR) },
      `shelvery_reencrypt_kms_key_id is a key of ${DR}, but the copy is in ${LOCAL}: ` +
        `give a key for each region, such as ${LOCAL}=<key>`,
    ],
  ])('is not shared, and each account is told of (%s)', async (type, settings, why) => {
    const { backup, share, reencrypted } = await sharing(type);
    const { came, told: outcomes } = await share({ settings }, [OTHER_ACCOUNT, THIRD_ACCOUNT]);
    expect(came).toEqual([DONE, DONE]);
    expect(outcomes).toEqual(
      [OTHER_ACCOUNT, THIRD_ACCOUNT].map((account) => ({
        ...toldOfShare(backup, account),
        status: 'failed',
        error: `ConfigurationError: ${backup.id} was not shared: ${why}.`,
      })),
    );
    expect(reencrypted()).toEqual([]);
  });

  it('for now is shared later', async () => {
    const { estate, backup, share } = await sharing();
    estate.strike('ebs:reencrypt', { refuse: 'ResourceLimitExceeded' });
    const { came } = await share();
    expect(came).toStrictEqual([
      again(
        { action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT },
        `ResourceLimitExceeded while re-encrypting ${backup.id} before it is shared: ResourceLimitExceeded.`,
      ),
    ]);
  });

  it.each([true, false])(
    'for a key of another account names the parameter of the stack, if it is in one (%s)',
    async (inStack) => {
      const { backup, share } = await sharing();
      const { came, told: outcomes } = await share({
        inStack,
        settings: { shelvery_reencrypt_kms_key_id: THEIRS },
        parts: withAdapter(() => ({ reencrypt: () => Promise.reject(refusal('AccessDenied', 'no')) })),
      });
      expect(outcomes).toEqual([]);
      expect(came).toEqual([
        {
          kind: 'threw',
          error: inStack
            ? `NotAllowed: AccessDenied while re-encrypting ${backup.id} before it is shared: no. ` +
              'Allow the call in the policy of the role or user that Shelvery runs as. ' +
              `The stack's functions may use ${THEIRS} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it.`
            : 'no',
        },
      ]);
    },
  );

  it('because its own key is another account’s names that, too', async () => {
    const { estate, backup, share } = await sharing();
    estate.change(backup, { encrypted: true, kmsKeyId: THEIRS });
    const { came } = await share({
      inStack: true,
      parts: withAdapter(() => ({ reencrypt: () => Promise.reject(refusal('AccessDenied', 'no')) })),
    });
    expect(came).toMatchObject([{ error: expect.stringContaining(`may use ${THEIRS} only if`) }]);
  });

  it('to a snapshot that can be understood is an error', async () => {
    const { backup, share } = await sharing();
    const { came, told: outcomes } = await share({
      parts: withAdapter((adapter) => ({
        reencrypt: async (request) => {
          const made = await (adapter.reencrypt?.(request) ?? lacking());
          return { ...made, tags: { ...made.tags, 'shelvery:date_created': 'some day' } };
        },
      })),
    });
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...toldOfShare(backup),
        status: 'failed',
        error: expect.stringMatching(
          /^BackupUnreadable: the re-encrypted snapshot snap-\w+: its tag shelvery:date_created is "some day"; allowed: YYYY-MM-DD-HHmm$/,
        ),
      },
    ]);
  });
});

describe('a re-encrypted snapshot that failed', () => {
  const failed = (there: HeldBackup, fate: string, about: string, key = KEY): string =>
    `BackupFailed: The re-encrypted snapshot ${there.id} failed (key ${key}): Internal error. ${fate}. The snapshot is made again.${about}`;
  const DOCTOR = ' The key may be why: doctor says whether it exists and can be used.';
  const ADVICE = ` The stack's functions may use ${THEIRS} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it.`;

  const aboutBackup = ({ destinationAccount: _, ...rest }: ReturnType<typeof toldOfShare>) => rest;

  it('is told of with its key, deleted, and made again', async () => {
    const { backup, share, reencrypted, there } = await withReencrypted({ outcome: 'failed' });
    const { came, told: outcomes, calls } = await share();
    const [made] = reencrypted();
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      { ...aboutBackup(toldOfShare(backup)), status: 'failed', error: failed(there, 'It was deleted', DOCTOR) },
      shared(backup),
    ]);
    expect(reencrypted()).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith('ebs:'))).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      `ebs:deleteBackup ${LOCAL} ${there.id}`,
      `ebs:reencrypt ${LOCAL} ${backup.id}`,
      `ebs:share ${LOCAL} ${made?.id ?? ''} ${OTHER_ACCOUNT}`,
    ]);
  });

  it.each([
    ['it was to be under', KEY, (key: string | undefined) => key],
    ['is set, where the service does not tell its own', THEIRS, () => undefined],
  ])('names in a stack the key that %s', async (_, set, tell) => {
    const { share, there } = await withReencrypted({ outcome: 'failed', kmsKeyId: THEIRS });
    const { told: outcomes } = await share({
      inStack: true,
      settings: { shelvery_reencrypt_kms_key_id: set },
      parts: withAdapter((adapter) => ({
        findByTags: async (...asked) =>
          (await adapter.findByTags(...asked)).map(({ kmsKeyId, ...each }) => ({
            ...each,
            ...present({ kmsKeyId: tell(kmsKeyId) }),
          })),
      })),
    });
    expect(outcomes[0]?.error).toBe(failed(there, 'It was deleted', ADVICE, THEIRS));
  });

  it('names in a stack the key of the backup, which it could not be read under', async () => {
    const { estate, backup, share, there } = await withReencrypted({ outcome: 'failed' });
    estate.change(backup, { encrypted: true, kmsKeyId: THEIRS });
    const { told: outcomes } = await share({ inStack: true });
    expect(outcomes[0]?.error).toBe(failed(there, 'It was deleted', ADVICE));
  });

  it('of a copy in a DR region is told of as such', async () => {
    const { estate, backup } = await sharing();
    estate.buckets([DR]);
    const copy = await copyAbroad(estate, backup);
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_reencrypt_kms_key_id: KEY };
    const operation = { action: 'do_share_backup', ...named(copy), account: OTHER_ACCOUNT } as const;
    await step(estate, [operation], { settings });
    const there = at(estate.backups({ region: DR }), 1);
    estate.change(there, { outcome: 'failed' });
    const { told: outcomes } = await step(estate, [operation], { settings });
    const subject = { operation: 'ShareRegionalBackupCopy', ...about(copy), destinationRegion: DR };
    expect(outcomes).toEqual([
      { ...subject, status: 'failed', error: failed(there, 'It was deleted', DOCTOR) },
      expect.objectContaining({ ...subject, destinationAccount: OTHER_ACCOUNT, status: 'ok' }),
    ]);
  });

  it('and is on hold stays without a word, and another is made', async () => {
    const { estate, backup, share, reencrypted, there } = await withReencrypted({ outcome: 'failed' });
    const held = estate.change(there, { tags: { ...there.tags, 'shelvery:hold': 'true' } });
    const { told: outcomes } = await share();
    expect(outcomes).toEqual([shared(backup)]);
    expect([reencrypted()[0], reencrypted().length]).toEqual([held, 2]);
  });

  it('and cannot be deleted keeps its name, and others get names apart', async () => {
    const { estate, backup, share, reencrypted, there } = await withReencrypted({ outcome: 'failed' }, 'rds');
    const stays = 'It stays, because the service deletes no snapshot in this state';
    const apart = 'orders-43d6e9668a89-2026-11-24-0301-daily-re-encrypted';
    const first = await share();
    expect(first.told).toEqual([
      { ...aboutBackup(toldOfShare(backup)), status: 'failed', error: failed(there, stays, DOCTOR) },
      shared(backup, apart),
    ]);
    for (const each of reencrypted()) estate.change(each, { outcome: 'failed' });
    await share();
    expect(reencrypted().map(({ id }) => id)).toEqual([
      REENCRYPTED,
      apart,
      'orders-b8358d749a20-2026-11-24-0301-daily-re-encrypted',
    ]);
  });

  it('is not looked at where a good one is there', async () => {
    const { estate, backup, share, reencrypted, there } = await withReencrypted({});
    estate.change({ ...there, id: 'snap-bad' }, { outcome: 'failed' });
    estate.change(there, {});
    const { told: outcomes } = await share();
    expect(outcomes).toEqual([shared(backup)]);
    expect(reencrypted().map(({ id }) => id)).toEqual(['snap-bad', there.id]);
  });
});
