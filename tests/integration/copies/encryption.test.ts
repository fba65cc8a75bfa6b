import { describe, expect, it } from '@jest/globals';
import { DescribeSnapshotsCommand, EC2Client, ModifyEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import { KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, FoundBackup } from '@shelvery/engine/terminal';
import { accountsOf } from '../../emulator/accounts.js';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { AWS_MANAGED_KEY, makeResource } from '../harness/resources.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const SHARED = { shelvery_share_aws_account_ids: BUNKER };
const PULLING = { shelvery_source_aws_account_ids: SOURCE };

/** An encrypted resource of the type; under the AWS-managed key where none is given. */
async function encrypted(type: BackupType, kmsKeyId?: string): Promise<void> {
  await makeResource(estate.emulator(), {
    type,
    account: SOURCE,
    region: HOME,
    name: 'orders',
    kmsKeyId: kmsKeyId ?? AWS_MANAGED_KEY,
  });
}
const keyIn = (account: string, region: string): Promise<string> =>
  accountsOf(estate.emulator()).makeKey({ account, region });
const keysOf = (found: readonly FoundBackup[]): readonly (readonly [string, string | undefined])[] =>
  found.map((each) => [nameOf(each), each.kmsKeyId]);

/** A marked Aurora cluster under no KMS key. */
const seedCluster = (storageEncryptionType: 'none' | 'sse-rds', tags: Readonly<Record<string, string>> = {}) =>
  databaseControls(estate.emulator()).seedDatabases('rds-cluster', [
    {
      id: 'orders',
      engine: 'aurora-postgresql',
      storageEncryptionType,
      tags: { 'shelvery:create_backup': 'true', ...tags },
    },
  ]);

describe('re-encrypting before a share', () => {
  const source = {
    type: 'rds_cluster',
    config: { ...SHARED, shelvery_reencrypt_kms_key_id: 'alias/shared' },
  } as const;
  const shared = async (): Promise<readonly string[]> =>
    Object.keys(await estate.files(SOURCE)).filter((key) => key.includes('/shared/'));

  it('leaves a cluster under a key that AWS owns as it is, and shares it', async () => {
    await seedCluster('sse-rds');
    const { report } = await estate.run('create_backups', source, { time: MADE });
    expect(report.status).toBe('OK');
    expect(await shared()).toHaveLength(1);
  });

  it('cannot be of a cluster that is not encrypted, and is unset for it by an empty tag', async () => {
    await seedCluster('none');
    const { outcomes } = await estate.run('create_backups', source, { time: MADE });
    expect(reasons(outcomes)).toEqual([expect.stringContaining('with an empty tag shelvery_reencrypt_kms_key_id')]);
    expect(await shared()).toEqual([]);
  });

  it('is unset by an empty tag of the cluster', async () => {
    await seedCluster('none', { 'shelvery:config:shelvery_reencrypt_kms_key_id': '' });
    const { report } = await estate.run('create_backups', source, { time: MADE });
    expect(report.status).toBe('OK');
    expect(await shared()).toHaveLength(1);
  });

  // An image tells no key of its own, and Redshift makes no copies on demand.
  it.each(BACKUP_TYPES.filter((type) => type !== 'ec2ami' && type !== 'redshift'))(
    'makes a temporary snapshot with a record of its own, which goes after its hours (%s)',
    async (type) => {
      const key = await keyIn(SOURCE, HOME);
      await encrypted(type);
      const source = { type, config: { ...SHARED, shelvery_reencrypt_kms_key_id: `${HOME}=${key}` } };
      const { report } = await estate.run('create_backups', source, { time: MADE });
      expect(report.status).toBe('OK');
      const [original, temporary] = await estate.backups(source);
      const name = nameOf(original ?? raise());
      expect(nameOf(temporary ?? raise())).toBe(`${name}-re-encrypted`);
      expect(temporary).toMatchObject({ kmsKeyId: key, encrypted: true });
      const files = await estate.files(SOURCE);
      expect(Object.keys(files).sort()).toEqual([
        `backups/${type}/${name}-re-encrypted.yaml`,
        `backups/${type}/${name}.yaml`,
        `backups/shared/${BUNKER}/${type}/${name}-re-encrypted.yaml`,
      ]);
      const record = files[`backups/${type}/${name}.yaml`];

      const bunkerKey = await keyIn(BUNKER, HOME);
      const bunker = { type, account: BUNKER, config: { ...PULLING, shelvery_copy_kms_key_id: bunkerKey } };
      expect(reasons((await estate.run('pull_shared_backups', bunker)).outcomes)).toEqual([]);
      expect(keysOf(await estate.backups(bunker))).toEqual([[`${name}-re-encrypted`, bunkerKey]]);

      // Made twice it is still one.
      await estate.run('create_backups', source, { time: MADE });
      expect(await estate.backups(source)).toHaveLength(2);
      await estate.clock().advance(73 * 3_600_000);
      const cleaned = await estate.run('clean_backups', {
        ...source,
        config: { ...source.config, shelvery_keep_daily_backups: '1000' },
      });
      expect(inShort(cleaned.outcomes)).toContain('DeleteReencryptedBackup ok');
      expect((await estate.backups(source)).map(nameOf)).toEqual([name]);
      const left = await estate.files(SOURCE);
      expect(left[`backups/${type}/${name}.yaml`]).toBe(record);
      expect(Object.keys(left)).toContain(`backups/${type}/removed/${name}-re-encrypted.yaml`);
      // The pulled copy is no temporary snapshot.
      await estate.run('clean_backups', {
        ...bunker,
        config: { ...bunker.config, shelvery_keep_daily_backups: '1000' },
      });
      expect(await estate.backups(bunker)).toHaveLength(1);
    },
  );

  it('of a copy in a DR region does not pass for the copy', async () => {
    const [key, keyAbroad] = [await keyIn(SOURCE, HOME), await keyIn(SOURCE, DR)];
    await encrypted('ebs', key);
    const config = {
      ...SHARED,
      shelvery_dr_regions: DR,
      shelvery_reencrypt_kms_key_id: `${DR}=${keyAbroad}`,
      shelvery_copy_kms_key_id: `${DR}=${keyAbroad}`,
    };
    for (let time = 1; time <= 2; time += 1) {
      const { report } = await estate.run('create_backups', { config }, { time: MADE });
      expect(report.status).toBe('OK');
      expect((await estate.backups({ region: DR })).map((found) => nameOf(found).endsWith('re-encrypted'))).toEqual([
        false,
        true,
      ]);
      expect((await estate.backups({})).map(({ kmsKeyId }) => kmsKeyId)).toEqual([key]);
    }
    // Cleaned by the region that the copy came from.
    await estate.clock().advance(73 * 3_600_000);
    await estate.run('clean_backups', { config: { ...config, shelvery_keep_daily_backups: '1000' } });
    expect(await estate.backups({ region: DR })).toHaveLength(1);
  });
});

describe('sharing an encrypted backup that the service refuses', () => {
  const shared = async (): Promise<readonly string[]> =>
    Object.keys(await estate.files(SOURCE)).filter((key) => key.includes('shared'));
  const SHARING: Readonly<Partial<Record<BackupType, string>>> = {
    ebs: 'ModifySnapshotAttribute',
    ec2ami: 'ModifySnapshotAttribute',
    rds: 'ModifyDBSnapshotAttribute',
    rds_cluster: 'ModifyDBClusterSnapshotAttribute',
    docdb: 'ModifyDBClusterSnapshotAttribute',
    redshift: 'AuthorizeSnapshotAccess',
  };
  const refuse = (type: BackupType, code: string): Promise<number> =>
    estate.emulator().addFault({ action: SHARING[type] ?? '', kind: 'refuse', code });

  it.each<BackupType>(['ebs', 'ec2ami', 'rds', 'rds_cluster', 'docdb'])(
    'is an ERROR that names the key, and that AWS manages it (%s)',
    async (type) => {
      await encrypted(type);
      const { outcomes } = await estate.run('create_backups', { type, config: SHARED }, { time: MADE });
      expect(inShort(outcomes)).toContain('ShareBackup failed AwsError');
      expect(reasons(outcomes)).toEqual([
        expect.stringMatching(
          new RegExp(
            `under arn:aws:kms:.*, which AWS manages: .* set shelvery_reencrypt_kms_key_id to a key of your own that ${BUNKER} may use\\.$`,
          ),
        ),
      ]);
      expect(await shared()).toEqual([]);
    },
  );

  it.each<readonly [BackupType, string]>([
    ['rds', 'InvalidDBSnapshotState'],
    ['rds', 'SomethingThatNoPageNames'],
    ['rds_cluster', 'InvalidDBClusterSnapshotStateFault'],
    ['redshift', 'InvalidClusterSnapshotState'],
    ['ebs', 'InvalidParameterValue'],
  ])('is told at once, whatever the code, with a key of your own (%s, %s)', async (type, code) => {
    await encrypted(type, await keyIn(SOURCE, HOME));
    await refuse(type, code);
    const { outcomes } = await estate.run('create_backups', { type, config: SHARED }, { time: MADE });
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(/under .*, a key of your own\. Look whether there is an account 222222222222\./),
    ]);
    expect(await shared()).toEqual([]);
  });

  it('says so of a key that is about to be deleted', async () => {
    const key = await keyIn(SOURCE, HOME);
    await encrypted('rds', key);
    const kms = new KMSClient(estate.emulator().clientConfig(SOURCE, HOME));
    await refuse('rds', 'InvalidParameterValue');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.split('/')[1], PendingWindowInDays: 7 }));
    const { outcomes } = await estate.run('create_backups', { type: 'rds', config: SHARED }, { time: MADE });
    expect(reasons(outcomes)).toEqual([expect.stringContaining('a key of your own, which is PendingDeletion.')]);
  });

  it('says so where nobody may ask for the key', async () => {
    await encrypted('rds');
    await estate.emulator().addFault({ action: 'DescribeKey', kind: 'refuse', code: 'AccessDeniedException' });
    const { outcomes } = await estate.run('create_backups', { type: 'rds', config: SHARED }, { time: MADE });
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        /which could not be looked at \(AccessDeniedException while looking at .* If AWS manages it: set/,
      ),
    ]);
  });

  it('is tried again after what passes, and no key is asked for', async () => {
    await encrypted('rds', await keyIn(SOURCE, HOME));
    await refuse('rds', 'Throttling');
    const { report } = await estate.run('create_backups', { type: 'rds', config: SHARED }, { time: MADE });
    expect(report.status).toBe('OK');
    expect(await shared()).toHaveLength(1);
    expect((await estate.emulator().counts())['kms:DescribeKey']).toBeUndefined();
  });
});

describe('an encrypted DR copy', () => {
  it('is made under the key of its region', async () => {
    const key = await keyIn(SOURCE, DR);
    await encrypted('rds');
    const config = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: `${DR}=${key}` };
    expect((await estate.run('create_backups', { type: 'rds', config }, { time: MADE })).report.status).toBe('OK');
    expect((await estate.backups({ type: 'rds', region: DR })).map(({ kmsKeyId }) => kmsKeyId)).toEqual([key]);
  });

  it('of what is not encrypted is encrypted where so configured, and refused before the call for a cluster', async () => {
    const key = await keyIn(SOURCE, DR);
    const config = {
      shelvery_dr_regions: DR,
      shelvery_copy_kms_key_id: key.split('/')[1] ?? '',
      shelvery_encrypt_copy: 'true',
    };
    await estate.resource({ type: 'rds' }, 'orders');
    await seedCluster('none');
    await estate.run('create_backups', { type: 'rds', config }, { time: MADE });
    expect((await estate.backups({ type: 'rds', region: DR })).map((found) => found.encrypted)).toEqual([true]);
    const cluster = await estate.run('create_backups', { type: 'rds_cluster', config }, { time: MADE });
    expect(reasons(cluster.outcomes)).toEqual([
      expect.stringContaining('cannot encrypt an unencrypted snapshot of a cluster by copying it'),
    ]);
    expect((await estate.emulator().counts())['rds:CopyDBClusterSnapshot']).toBeUndefined();
  });

  it('of a cluster under a key that AWS owns is made as it is', async () => {
    const config = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: 'alias/copies', shelvery_encrypt_copy: 'true' };
    await seedCluster('sse-rds');
    const { report } = await estate.run('create_backups', { type: 'rds_cluster', config }, { time: MADE });
    expect(report.status).toBe('OK');
    expect(await estate.backups({ type: 'rds_cluster', region: DR })).toEqual([
      expect.objectContaining({ encrypted: false, underOwnedKey: true }),
    ]);
  });

  it.each<readonly [BackupType, Readonly<Record<string, string>>, RegExp]>([
    ['rds', {}, /needs a key of that region: set shelvery_copy_kms_key_id to a key, or to eu-central-1=<key>/],
    [
      'rds',
      { shelvery_copy_kms_key_id: `arn:aws:kms:${HOME}:${SOURCE}:key/0a0b0c0d-0000-0000-0000-000000000000` },
      /is a key of eu-west-1, but the copy is in eu-central-1/,
    ],
    ['ebs', SHARED, /a copy under the default key of eu-central-1, which AWS manages, could not be shared/],
  ])('without a key that it needs is an error before the call (%s)', async (type, more, message) => {
    await encrypted(type, await keyIn(SOURCE, HOME));
    const { outcomes } = await estate.run(
      'create_backups',
      { type, config: { shelvery_dr_regions: DR, ...more } },
      { time: MADE },
    );
    expect(reasons(outcomes)).toEqual([expect.stringMatching(message)]);
    expect(Object.keys(await estate.emulator().counts()).filter((call) => call.includes(':Copy'))).toEqual([]);
  });

  it.each<BackupType>(['ebs', 'ec2ami'])(
    "is made, and shared, under the region's default key where that is the account's own (%s)",
    async (type) => {
      await encrypted(type, await keyIn(SOURCE, HOME));
      const config = { ...SHARED, shelvery_dr_regions: DR };
      const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, DR));
      const KmsKeyId = await keyIn(SOURCE, DR);
      await ec2.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId }));
      const { outcomes, report } = await estate.run('create_backups', { type, config }, { time: MADE });
      expect(reasons(outcomes)).toEqual([]);
      expect(report.status).toBe('OK');
      const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
      expect(Snapshots.map((snapshot) => snapshot.KmsKeyId)).toEqual([KmsKeyId]);
      expect(Object.keys(await estate.files(SOURCE, DR)).filter((key) => key.includes('/shared/'))).toHaveLength(1);
      expect((await estate.emulator().counts())['ec2:GetEbsDefaultKmsKeyId']).toBe(1);
    },
  );

  it('under a key that cannot be used is deleted and made again a few times, and reported once, with its key', async () => {
    const key = await keyIn(SOURCE, DR);
    await accountsOf(estate.emulator()).setUnusableKeys([key]);
    await encrypted('ebs', await keyIn(SOURCE, HOME));
    const config = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: `${DR}=${key}` };
    const first = await estate.run('create_backups', { config }, { time: MADE });
    expect(first.report.summary).toMatchObject({ collected: 1, failed: 1 });
    expect(reasons(first.outcomes)).toEqual([
      expect.stringMatching(
        new RegExp(
          `\\(key ${key}\\).* It was deleted; after 4 tries it is not made again\\. The key may be why: doctor says`,
        ),
      ),
    ]);
    expect(await estate.backups({ region: DR })).toEqual([]);
    await accountsOf(estate.emulator()).setUnusableKeys([]);
    const second = await estate.run('create_backups', { config }, { time: MADE });
    expect(second.report.status).toBe('OK');
    expect(await estate.backups({ region: DR })).toHaveLength(1);
  });
});

describe('a pulled copy', () => {
  it('is encrypted where its source asks for it, and where it needs a key that is missing its file stays', async () => {
    await estate.resource({ type: 'rds' }, 'orders', {
      'shelvery:config:shelvery_encrypt_copy': 'true',
      'shelvery:config:shelvery_copy_kms_key_id': 'alias/theirs',
    });
    await estate.run('create_backups', { type: 'rds', config: SHARED }, { time: MADE });
    const bunker = { type: 'rds' as const, account: BUNKER };
    const { outcomes } = await estate.run('pull_shared_backups', { ...bunker, config: PULLING });
    expect(reasons(outcomes)).toEqual([expect.stringMatching(/needs a key of that region.*Its file stays\./)]);
    const key = await keyIn(BUNKER, HOME);
    await estate.run('pull_shared_backups', { ...bunker, config: { ...PULLING, shelvery_copy_kms_key_id: key } });
    const pulled = (await estate.only(bunker)).found;
    expect(pulled).toMatchObject({ encrypted: true, kmsKeyId: key });
    expect(Object.keys(pulled.tags).filter((each) => each.includes(':config:'))).toEqual([
      'shelvery:config:shelvery_encrypt_copy',
    ]);
  });

  it('under a key that cannot be used is reported with its key, deleted, and made again by the next pull; its file is not lost', async () => {
    await encrypted('ebs', await keyIn(SOURCE, HOME));
    await estate.run('create_backups', { config: SHARED }, { time: MADE });
    const key = await keyIn(BUNKER, HOME);
    await accountsOf(estate.emulator()).setUnusableKeys([key]);
    const bunker = { account: BUNKER, config: { ...PULLING, shelvery_copy_kms_key_id: key } };
    const { outcomes } = await estate.run('pull_shared_backups', bunker);
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        new RegExp(`\\(key ${key}\\).*It was deleted; the next pull_shared_backups makes it again`),
      ),
    ]);
    expect(await estate.backups(bunker)).toEqual([]);
    const waiting = async (): Promise<number> =>
      Object.keys(await estate.files(SOURCE)).filter((each) => each.startsWith(`backups/shared/${BUNKER}/ebs/`)).length;
    expect(await waiting()).toBe(1);
    await accountsOf(estate.emulator()).setUnusableKeys([]);
    await estate.run('pull_shared_backups', bunker);
    expect(await estate.backups(bunker)).toHaveLength(1);
    expect(await waiting()).toBe(0);
  });
});

function raise(): never {
  throw new Error('There is no such backup.');
}
