import { describe, expect, it } from '@jest/globals';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import type { AccountId, BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { DONE, NAME, again, backedUp, copyAbroad, make, named, refusal, step } from '../delayed-work.js';
import { openEstate } from '../memory-estate.js';
import { at } from '../one-of.js';
import { withAdapter } from '../other-parts.js';
import { share, shared, sharedKey, toldOfShare } from './shares.js';

/** An estate with one backup, and a bucket. */
async function withBucket(type: BackupType = 'ebs', tags: Readonly<Record<string, string>> = {}) {
  const made = await backedUp(type, { tags });
  made.estate.buckets([LOCAL, DR]);
  return made;
}

/** What comes of a share that is to be made again. */
const shareAgain = (backup: HeldBackup, why: string, account: AccountId = OTHER_ACCOUNT) =>
  again({ action: 'do_share_backup', ...named(backup), account }, why, backup.type);

describe('sharing a backup', () => {
  it.each<BackupType>(['ebs', 'ec2ami', 'rds', 'rds_cluster', 'docdb', 'redshift'])(
    'shares it with all accounts in one call, and writes a file for each (%s)',
    async (type) => {
      const { estate, backup } = await withBucket(type);
      const accounts = [OTHER_ACCOUNT, THIRD_ACCOUNT];
      const { came, told: outcomes, said, calls } = await share(estate, [backup], accounts);
      expect(came).toEqual([DONE, DONE]);
      expect(outcomes).toEqual(accounts.map((account) => shared(backup, account)));
      expect(said).toEqual([]);
      expect(calls.filter((call) => !call.startsWith('s3:list'))).toEqual([
        `${type}:describeBackups ${LOCAL}`,
        `${type}:share ${LOCAL} ${backup.id} ${OTHER_ACCOUNT} ${THIRD_ACCOUNT}`,
        ...accounts.map((account) => `s3:put ${LOCAL} ${sharedKey(account, type)}`),
      ]);
      expect(estate.backups()).toEqual([{ ...backup, sharedWith: accounts }]);
      expect(estate.keys()).toEqual(accounts.map((account) => sharedKey(account, type)));
      expect(estate.read(sharedKey(OTHER_ACCOUNT, type))).toBe(
        [
          'schema_version: 1',
          `account_id: "${OWN_ACCOUNT}"`,
          `backup_id: "${backup.id}"`,
          `backup_type: "${type}"`,
          `name: "${NAME}"`,
          `region: "${LOCAL}"`,
          'entity_id: "orders"',
          'retention_type: "daily"',
          'date_created: "2026-11-24T03:01:00Z"',
          'encrypted: false',
          'tags:',
          ...Object.keys(backup.tags)
            .sort()
            .map((key) => `  "${key}": "${backup.tags[key] ?? ''}"`),
          '',
        ].join('\n'),
      );
    },
  );

  it('shares a copy in a DR region from there', async () => {
    const { estate, backup } = await withBucket();
    const copy = await copyAbroad(estate, backup);
    const { told: outcomes } = await share(estate, [copy]);
    expect(outcomes).toEqual([
      {
        ...shared(copy),
        operation: 'ShareRegionalBackupCopy',
        destinationRegion: DR,
        bucket: bucketNameOf(OWN_ACCOUNT, DR),
      },
    ]);
    expect(estate.keys(DR)).toEqual([sharedKey(OTHER_ACCOUNT)]);
    expect(estate.keys()).toEqual([]);
  });

  it('shares backups of several regions in one step', async () => {
    const { estate, backup } = await withBucket();
    await step(estate, [{ action: 'do_copy_backup', ...named(backup), toRegion: DR }]);
    const { came } = await share(estate, estate.backups());
    expect(came).toEqual([DONE, DONE]);
    expect([estate.keys(), estate.keys(DR)]).toEqual([[sharedKey(OTHER_ACCOUNT)], [sharedKey(OTHER_ACCOUNT)]]);
  });

  it('asks of a single account whether it has pulled just this backup', async () => {
    const { estate, backup } = await withBucket();
    const { calls } = await share(estate, [backup]);
    expect(calls).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      `ebs:share ${LOCAL} ${backup.id} ${OTHER_ACCOUNT}`,
      ...['ebs-processed', 'ebs-archived'].map(
        (folder) => `s3:list ${LOCAL} backups/shared/${OTHER_ACCOUNT}/${folder}/${NAME}.yaml`,
      ),
      `s3:put ${LOCAL} ${sharedKey(OTHER_ACCOUNT)}`,
    ]);
  });

  it('keeps what the resource was in the file', async () => {
    const { estate, backup } = await withBucket();
    const operation = { action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT } as const;
    await step(estate, [{ ...operation, facts: { size_gib: 8 } }], {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
    });
    expect(estate.read(sharedKey(OTHER_ACCOUNT))).toContain('\nrestore:\n  size_gib: 8\n');
  });
});

describe('a share that is refused before any call', () => {
  it('is that of a backup which came from another account', async () => {
    const { estate, backup } = await withBucket();
    const tags = {
      'shelvery:cross_account_copy': 'true',
      'shelvery:src_account': THIRD_ACCOUNT,
      'shelvery:src_backup': `${LOCAL}:snap-7`,
    };
    const pulled = estate.change(backup, {
      description: `Copied by Shelvery from snap-7 in ${LOCAL}`,
      copyOf: 'theirs',
      tags: { ...backup.tags, ...tags },
    });
    const { came, told: outcomes, calls } = await share(estate, [pulled]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...toldOfShare(pulled),
        status: 'failed',
        error: `ConfigurationError: ${backup.id} was pulled from ${THIRD_ACCOUNT}, and what was pulled is not shared further.`,
      },
    ]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });

  it('is that with an account that the configuration does not name; the others get theirs', async () => {
    const { estate, backup } = await withBucket();
    const { came, told: outcomes } = await share(estate, [backup], [THIRD_ACCOUNT, OTHER_ACCOUNT], {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
    });
    expect(came).toEqual([DONE, DONE]);
    expect(outcomes).toEqual([
      {
        ...toldOfShare(backup, THIRD_ACCOUNT),
        status: 'failed',
        error:
          `ConfigurationError: ${backup.id} was not shared with ${THIRD_ACCOUNT}: ` +
          'neither shelvery_share_aws_account_ids nor shelvery_allowed_share_aws_account_ids names it.',
      },
      shared(backup),
    ]);
    expect(estate.backups()).toMatchObject([{ sharedWith: [OTHER_ACCOUNT] }]);
  });

  it('is not that with an account which only tags may share with', async () => {
    const { estate, backup } = await withBucket();
    const { told: outcomes } = await share(estate, [backup], [OTHER_ACCOUNT], {
      settings: { shelvery_share_aws_account_ids: '', shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT },
    });
    expect(outcomes).toEqual([shared(backup)]);
  });

  it.each<readonly [string, Partial<HeldBackup>, string | undefined, string]>([
    [
      'is in the archive tier',
      { archived: true },
      undefined,
      'ID is in the archive tier and cannot be shared; restore it to the standard tier first.',
    ],
    [
      'no other account can copy',
      {},
      'it is of a product of the Marketplace',
      'ID was not shared: it is of a product of the Marketplace.',
    ],
  ])('is that of a backup which %s', async (_, change, notForOthers, reason) => {
    const { estate, backup } = await withBucket();
    estate.change(backup, change);
    const {
      came,
      told: outcomes,
      calls,
    } = await share(estate, [backup], [OTHER_ACCOUNT, THIRD_ACCOUNT], {
      parts: withAdapter((adapter) => ({
        describeBackups: async (region, ids) => {
          const found = await adapter.describeBackups(region, ids);
          return new Map(
            [...found].map(([id, each]) => [id, notForOthers === undefined ? each : { ...each, notForOthers }]),
          );
        },
      })),
    });
    expect(came).toEqual([DONE, DONE]);
    expect(outcomes).toEqual(
      [OTHER_ACCOUNT, THIRD_ACCOUNT].map((account) => ({
        ...toldOfShare(backup, account),
        status: 'ignored',
        reason: reason.replace('ID', backup.id),
      })),
    );
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });

  it('is that of a service which shares nothing', async () => {
    const { estate, backup } = await withBucket();
    const {
      came,
      told: outcomes,
      said,
      calls,
    } = await share(estate, [backup], [OTHER_ACCOUNT, THIRD_ACCOUNT], {
      parts: (parts) => {
        const adapter = { ...parts.adapter };
        delete adapter.share;
        return { adapter };
      },
    });
    expect(came).toEqual([DONE, DONE]);
    expect(outcomes).toEqual(
      [OTHER_ACCOUNT, THIRD_ACCOUNT].map((account) => ({
        ...toldOfShare(backup, account),
        status: 'ignored',
        reason: 'EBS volume backups cannot be shared',
      })),
    );
    expect(said).toEqual([]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });
});

describe('a share that the service refuses', () => {
  it('for one of several accounts is made with each by itself, and the refusal of each is told', async () => {
    const { estate, backup } = await withBucket();
    const {
      came,
      told: outcomes,
      said,
    } = await share(estate, [backup], [OTHER_ACCOUNT, THIRD_ACCOUNT], {
      parts: withAdapter((adapter) => ({
        share: async (of, accounts) => {
          if (accounts.includes(THIRD_ACCOUNT)) throw refusal('InvalidParameterValue', 'there is no such account');
          await adapter.share?.(of, accounts);
        },
      })),
    });
    expect(came).toEqual([DONE, { kind: 'threw', error: 'there is no such account' }]);
    expect(outcomes).toEqual([shared(backup)]);
    expect(said).toEqual([
      [
        'SHELVERY_SHARED_SINGLY',
        `InvalidParameterValue while sharing ${backup.id} with ${OTHER_ACCOUNT}, ${THIRD_ACCOUNT}: ` +
          'there is no such account. It is shared with each by itself.',
        { backupId: backup.id },
      ],
    ]);
    expect(estate.keys()).toEqual([sharedKey(OTHER_ACCOUNT)]);
  });

  it('for what passes is tried again for all of them', async () => {
    const { estate, backup } = await withBucket();
    const accounts = [OTHER_ACCOUNT, THIRD_ACCOUNT];
    estate.strike('ebs:share', { refuse: 'Throttling' });
    const { came, told: outcomes, said, calls } = await share(estate, [backup], accounts);
    expect(came).toEqual(
      accounts.map((account) =>
        shareAgain(
          backup,
          `Throttling while sharing ${backup.id} with ${account}: Throttling. ` +
            'AWS allows only so many calls at a time. This is temporary: run it again.',
          account,
        ),
      ),
    );
    expect(outcomes).toEqual([]);
    expect(said).toEqual([]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`, `ebs:share ${LOCAL} ${backup.id} ${accounts.join(' ')}`]);
  });

  it('because it is gone is an error', async () => {
    const { estate, backup } = await withBucket();
    estate.strike('ebs:share', { refuse: 'InvalidSnapshot.NotFound' });
    const { came, told: outcomes } = await share(estate, [backup]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...toldOfShare(backup),
        status: 'failed',
        error: `BackupGone: sharing ${backup.id} with ${OTHER_ACCOUNT}: it does not exist any more.`,
      },
    ]);
  });

  it('leaves its file unwritten, and one whose file is refused is done again', async () => {
    const { estate, backup } = await withBucket();
    estate.strike('s3:put', { refuse: 'SlowDown' });
    const { came } = await share(estate, [backup]);
    expect(came).toEqual([
      shareAgain(
        backup,
        `SlowDown while sharing ${backup.id} with ${OTHER_ACCOUNT}: SlowDown. ` +
          'AWS allows only so many calls at a time. This is temporary: run it again.',
      ),
    ]);
    expect(estate.keys()).toEqual([]);
  });

  it('of one backup keeps no other from being shared', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b']) estate.resource(id);
    estate.buckets([LOCAL]);
    const made = await make(estate);
    const [a, b] = [at(made, 0), at(made, 1)];
    estate.strike('ebs:share', { refuse: 'SomethingThatNoPageNames' });
    const { came, told: outcomes } = await share(estate, [a, b]);
    expect(came).toEqual([{ kind: 'threw', error: 'SomethingThatNoPageNames' }, DONE]);
    expect(outcomes.map(({ backupId, status }) => [backupId, status])).toEqual([[b.id, 'ok']]);
  });
});

describe('an encrypted backup whose sharing the service refuses', () => {
  const key = `arn:aws:kms:${LOCAL}:${OWN_ACCOUNT}:key/1`;
  const HINT = `set shelvery_reencrypt_kms_key_id to a key of your own that ${OTHER_ACCOUNT} may use`;
  const refused = async (
    code: string,
    {
      type = 'ebs',
      change = {},
      parts = () => ({}),
    }: {
      type?: BackupType;
      change?: Partial<HeldBackup>;
      parts?: NonNullable<Parameters<typeof share>[3]>['parts'];
    } = {},
  ) => {
    const { estate, backup } = await withBucket(type);
    const encrypted = estate.change(backup, { encrypted: true, ...change });
    estate.strike(`${type}:share`, { refuse: code });
    return { backup: encrypted, ...(await share(estate, [encrypted], [OTHER_ACCOUNT], { parts })) };
  };

  it.each<readonly [string, { managedByAws: boolean; state?: string }, string]>([
    [
      'AWS manages',
      { managedByAws: true, state: 'Enabled' },
      `It is encrypted under ${key}, which AWS manages: backups under such a key cannot be shared. To share them, ${HINT}.`,
    ],
    [
      'is the own account’s',
      { managedByAws: false, state: 'Enabled' },
      `It is encrypted under ${key}, a key of your own. Look whether there is an account ${OTHER_ACCOUNT}. Databases with TDE cannot be shared.`,
    ],
    [
      'has a state that nobody tells',
      { managedByAws: false },
      `It is encrypted under ${key}, a key of your own. Look whether there is an account ${OTHER_ACCOUNT}. Databases with TDE cannot be shared.`,
    ],
    [
      'is to be deleted',
      { managedByAws: false, state: 'PendingDeletion' },
      `It is encrypted under ${key}, a key of your own, which is PendingDeletion. Look whether there is an account ${OTHER_ACCOUNT}. Databases with TDE cannot be shared.`,
    ],
  ])('is told of with the key, which %s', async (_, facts, says) => {
    const asked: unknown[] = [];
    const {
      backup,
      came,
      told: outcomes,
      calls,
      errors,
    } = await refused('InvalidParameterValue', {
      change: { kmsKeyId: key },
      parts: () => ({
        keys: {
          describe: (region, which) => {
            asked.push([region, which]);
            return Promise.resolve(facts);
          },
        },
      }),
    });
    expect(came).toEqual([DONE]);
    expect(asked).toEqual([[LOCAL, key]]);
    expect(outcomes).toEqual([
      {
        ...toldOfShare(backup),
        status: 'failed',
        error: `AwsError: InvalidParameterValue while sharing ${backup.id} with ${OTHER_ACCOUNT}: InvalidParameterValue. ${says}`,
      },
    ]);
    expect(errors).toMatchObject([{ aws: { code: 'InvalidParameterValue' }, mendable: false }]);
    // Its state is nobody's doubt.
    expect(calls.filter((call) => call.includes('describeBackups'))).toHaveLength(1);
  });

  it('is told of where nobody may look at the key', async () => {
    const { told: outcomes } = await refused('InvalidParameterValue', {
      change: { kmsKeyId: key },
      parts: () => ({ keys: { describe: () => Promise.reject(refusal('AccessDeniedException', 'no')) } }),
    });
    expect(outcomes).toMatchObject([
      {
        error: expect.stringContaining(
          ` It is encrypted under ${key}, which could not be looked at (AccessDeniedException while looking at ${key}: no. ` +
            `Allow the call in the policy of the role or user that Shelvery runs as.) If AWS manages it: ${HINT}.`,
        ),
      },
    ]);
  });

  it.each([
    [
      'tells by another call',
      () => Promise.resolve<string | undefined>(key),
      `It is encrypted under ${key}, a key of your own. `,
    ],
    [
      'does not tell',
      () => Promise.resolve<string | undefined>(undefined),
      `It is encrypted under a key that the service does not name. If AWS manages it: ${HINT}.`,
    ],
    [
      'has no call for',
      undefined,
      `It is encrypted under a key that the service does not name. If AWS manages it: ${HINT}.`,
    ],
  ])('is told of with the key, which the service %s', async (_, keyOf, says) => {
    const { told: outcomes } = await refused('InvalidParameterValue', {
      parts: withAdapter(() => (keyOf === undefined ? {} : { keyOf })),
    });
    expect(outcomes).toMatchObject([{ error: expect.stringContaining(`InvalidParameterValue. ${says}`) }]);
  });

  it.each<readonly [BackupType, string, string]>([
    ['rds', 'Throttling', 'again'],
    ['rds', 'AccessDenied', 'threw'],
    ['rds', 'DBSnapshotNotFoundFault', 'done'],
    ['rds', 'SharedSnapshotQuotaExceededFault', 'done'],
  ])('is told of without its key where the reason is known (%s: %s)', async (type, code, kind) => {
    const { came, told: outcomes, calls } = await refused(code, { type, change: { kmsKeyId: key } });
    expect(came.map((each) => each.kind)).toEqual([kind]);
    expect(outcomes.map((outcome) => outcome.error ?? '').filter((error) => error.includes('encrypted under'))).toEqual(
      [],
    );
    expect(calls.filter((call) => call.startsWith('kms:'))).toEqual([]);
  });

  it.each<readonly [BackupType, string]>([
    ['rds', 'InvalidDBSnapshotStateFault'],
    ['redshift', 'InvalidClusterSnapshotStateFault'],
    ['redshift', 'DependentServiceRequestThrottlingFault'],
  ])(
    'because of its state is told of with its key only where it is available after all (%s: %s)',
    async (type, code) => {
      const { came, told: outcomes } = await refused(code, { type, change: { kmsKeyId: key } });
      expect(came).toEqual([DONE]);
      expect(outcomes).toMatchObject([{ status: 'failed', error: expect.stringContaining('a key of your own.') }]);
    },
  );

  it.each<readonly [BackupType, string, string, FoundBackup['state'] | undefined, string]>([
    ['rds', 'InvalidDBSnapshotStateFault', 'is being made', 'pending', 'again'],
    ['rds', 'InvalidDBSnapshotStateFault', 'is gone', undefined, 'again'],
    ['redshift', 'DependentServiceRequestThrottlingFault', 'is being made', 'pending', 'again'],
    ['redshift', 'InvalidClusterSnapshotStateFault', 'is being made', 'pending', 'threw'],
  ])('because of its state is no error of its key (%s: %s) where it %s', async (type, code, _, state, kind) => {
    let looks = 0;
    const {
      backup,
      came,
      told: outcomes,
    } = await refused(code, {
      type,
      parts: withAdapter((adapter) => ({
        describeBackups: async (region, ids) => {
          looks += 1;
          const found = await adapter.describeBackups(region, ids);
          if (looks === 1) return found;
          return new Map([...found].flatMap(([id, each]) => (state === undefined ? [] : [[id, { ...each, state }]])));
        },
      })),
    });
    expect(came).toEqual([
      kind === 'threw'
        ? { kind, error: code }
        : shareAgain(backup, `${code} while sharing ${backup.id} with ${OTHER_ACCOUNT}: ${code}.`),
    ]);
    expect(outcomes).toEqual([]);
    expect(looks).toBe(2);
  });
});

describe('a backup that is not encrypted', () => {
  it('is no error of a key where its sharing is refused', async () => {
    const { estate, backup } = await withBucket();
    estate.strike('ebs:share', { refuse: 'InvalidParameterValue' });
    const { came, told: outcomes } = await share(estate, [backup]);
    expect(came).toEqual([{ kind: 'threw', error: 'InvalidParameterValue' }]);
    expect(outcomes).toEqual([]);
  });
});

describe('a backup that was shared well, and whose file cannot be written', () => {
  it.each([
    ['encrypted', true],
    ['not encrypted', false],
  ])('is shared again, whatever its key, and no refusal is told (%s)', async (_, encrypted) => {
    const { estate, backup } = await withBucket();
    const key = `arn:aws:kms:${LOCAL}:${OWN_ACCOUNT}:key/1`;
    const made = estate.change(backup, encrypted ? { encrypted, kmsKeyId: key } : {});
    estate.strike('s3:put', { refuse: 'NoSuchBucket' });
    const { came, told: outcomes, calls } = await share(estate, [made]);
    expect([came, outcomes]).toEqual([[{ kind: 'threw', error: 'NoSuchBucket' }], []]);
    expect(calls.filter((call) => call.startsWith('kms:'))).toEqual([]);
    expect(estate.backups()).toMatchObject([{ sharedWith: [OTHER_ACCOUNT] }]);
    expect((await share(estate, estate.backups())).told).toEqual([shared(backup)]);
  });
});
