import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { SharedCopy } from '../../../../layers/engine/src/ports.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { backupPlace } from '../../../simulation/world/world.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { VOLUME, VOLUME_2, copyingBy, keyOf, nameOf, ofFile, ofShared, openBunker } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import { ALLOW } from '../memory-estate.js';
import type { Asked, Told } from '../memory-estate.js';
import { only } from '../one-of.js';
import { atMost, handingOver, keepingMessages, withAdapter } from '../other-parts.js';

const NAME = nameOf(VOLUME);

/** Parts whose copies of shared backups are refused. */
const refusing = (error: Error): NonNullable<Asked['parts']> =>
  withAdapter(() => ({ copyShared: () => Promise.reject(error) }));

/** What is told of the file of a volume's backup that stays. */
const stays = (error: string): Told => ({ ...ofShared(VOLUME), status: 'failed', error });

/** The copy of what was shared has been begun, and it has failed. */
async function openWithFailedCopy(type: BackupType, entity: string): Promise<Bunker> {
  const bunker = await openBunker(type);
  await bunker.share([entity]);
  await bunker.pull({ parts: keepingMessages() });
  for (const copy of bunker.backups()) bunker.change(copy, { outcome: 'failed' });
  return bunker;
}

describe('a copy that the service refuses', () => {
  it.each<[string, Error, Told, string]>([
    [
      'because the backup is gone has its file set aside',
      awsError('InvalidSnapshot.NotFound', { status: 400 }),
      {
        ...ofFile(NAME),
        newS3Location: keyOf(NAME, 'ebs-failed'),
        status: 'failed',
        error:
          `MetadataRefused: ${keyOf(NAME)} was set aside: InvalidSnapshot.NotFound while pulling ${NAME} from ${OTHER_ACCOUNT}: ` +
          'InvalidSnapshot.NotFound.',
      },
      'ebs-failed',
    ],
    [
      'because it never copies such a backup has its file set aside, which is no error',
      new ShelveryError('Unsupported', 'It is a snapshot of an outpost.'),
      {
        ...ofFile(NAME),
        newS3Location: keyOf(NAME, 'ebs-failed'),
        status: 'ignored',
        reason: `${keyOf(NAME)} was set aside: It is a snapshot of an outpost.`,
      },
      'ebs-failed',
    ],
    [
      'for want of a permission has its file stay',
      awsError('UnauthorizedOperation', { status: 403 }),
      stays(
        `NotAllowed: UnauthorizedOperation while pulling ${NAME} from ${OTHER_ACCOUNT}: UnauthorizedOperation. ${ALLOW}`,
      ),
      'ebs',
    ],
    [
      'although it may be gone, as nothing is known of an answer that did not come, has its file stay',
      awsError('InvalidSnapshot.NotFound', { status: 500 }),
      stays(
        `AwsError: InvalidSnapshot.NotFound while pulling ${NAME} from ${OTHER_ACCOUNT}: InvalidSnapshot.NotFound. ` +
          'This is temporary: run it again.',
      ),
      'ebs',
    ],
  ])('%s', async (_, error, told, folder) => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const ran = await bunker.pull({ parts: refusing(error) });
    expect(ran.told).toEqual([told]);
    expect([ran.said, ran.remaining]).toEqual([[], 0]);
    expect(bunker.files()).toEqual([`${folder}/${NAME}.yaml`]);
    expect(bunker.backups()).toEqual([]);
  });

  it('has the reason in its file, in one line', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const text = bunker.text(`ebs/${NAME}.yaml`);
    await bunker.pull({ parts: refusing(new ShelveryError('Unsupported', 'It is\n  of an outpost.')) });
    expect(bunker.text(`ebs-failed/${NAME}.yaml`)).toBe(`# It is of an outpost.\n${text}`);
  });

  it('counts for nothing, so that the run which goes on may copy as many', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2]);
    const left: RemainingWork[] = [];
    await bunker.pull({
      parts: (opened) => ({
        ...refusing(awsError('UnauthorizedOperation', { status: 403 }))(opened),
        mayStart: atMost(3),
        handOver: handingOver(left),
      }),
    });
    expect(left.map(({ remaining, begun, soFar }) => [remaining, begun, soFar['pulled']])).toEqual([[1, 0, []]]);
  });

  it('waits for a database snapshot whose state does not allow it yet', async () => {
    const bunker = await openBunker('rds');
    await bunker.share(['orders']);
    const name = nameOf('orders');
    const error = awsError('InvalidDBSnapshotStateFault', { status: 400 }, 'It is being made, v1.2.');
    const { told } = await bunker.pull({ parts: refusing(error) });
    expect(told).toEqual([
      {
        ...ofShared('orders', 'rds'),
        status: 'failed',
        error:
          `NotYet: ${name}: InvalidDBSnapshotStateFault while pulling ${name} from ${OTHER_ACCOUNT}: It is being made, v1.2. ` +
          'Its file stays for the next run.',
      },
    ]);
    expect(bunker.files()).toEqual([`rds/${name}.yaml`]);
  });

  it('for its key names, in a stack, the parameter that lists keys', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const key = `arn:aws:kms:${LOCAL}:${THIRD_ACCOUNT}:alias/theirs`;
    const asked: Asked = {
      settings: { shelvery_encrypt_copy: 'true', shelvery_copy_kms_key_id: key },
      parts: refusing(awsError('UnauthorizedOperation', { status: 403 })),
    };
    const refused = `NotAllowed: UnauthorizedOperation while pulling ${NAME} from ${OTHER_ACCOUNT}: UnauthorizedOperation. ${ALLOW}`;
    expect((await bunker.pull(asked)).told).toEqual([stays(refused)]);
    expect((await bunker.pull({ ...asked, inStack: true })).told).toEqual([
      stays(
        `${refused} The stack's functions may use ${key} only if the stack's configuration names it, or its parameter ` +
          'AllowedKmsKeys lists it.',
      ),
    ]);
  });
});

describe('a failed copy', () => {
  it('that cannot be deleted stays, and another is made beside it', async () => {
    const bunker = await openWithFailedCopy('rds', 'orders');
    const { told, said } = await bunker.pull();
    expect(told.map(({ operation, status, newS3Location }) => [operation, status, newS3Location])).toEqual([
      ['StoreBackupData', 'ok', undefined],
      ['PullSharedBackup', 'ok', `backups/shared/${OWN_ACCOUNT}/rds-processed/${nameOf('orders')}.yaml`],
    ]);
    expect(said.map(([code]) => code)).toEqual(['SHELVERY_PULL_BEGUN', 'SHELVERY_COPY_MADE_AGAIN']);
    expect(bunker.backups().map(({ outcome }) => outcome)).toEqual(['failed', 'available']);
    expect(bunker.files()).toEqual([`rds-processed/${nameOf('orders')}.yaml`]);
  });

  it('is made beside two that cannot be deleted, and not beside three, which are named', async () => {
    const bunker = await openWithFailedCopy('rds', 'orders');
    for (const there of [2, 3]) {
      await bunker.pull({ parts: keepingMessages() });
      expect(bunker.backups()).toHaveLength(there);
      for (const copy of bunker.backups()) bunker.change(copy, { outcome: 'failed' });
    }
    const ids = bunker.backups().map(({ id }) => id);
    const { told, calls, errors } = await bunker.pull();
    expect(told).toEqual([
      {
        ...ofShared('orders', 'rds'),
        status: 'failed',
        error:
          `ConfigurationError: ${nameOf('orders')}: 3 copies of it failed, and the service deletes none of them (${ids.join(', ')}). ` +
          'Look why, and have AWS Support delete them. Its file stays.',
      },
    ]);
    expect(errors.map(({ mendable }) => mendable)).toEqual([false]);
    expect(calls.filter((call) => call.startsWith('rds:copyShared'))).toEqual([]);
    expect(bunker.backups().map(({ id }) => id)).toEqual(ids);
    expect(bunker.files()).toEqual([`rds/${nameOf('orders')}.yaml`]);
  });

  it('waits in no line for copies where its deletion is refused as copies are', async () => {
    const bunker = await openWithFailedCopy('ebs', VOLUME);
    bunker.strike('ebs:deleteBackup', { refuse: 'ResourceLimitExceeded' });
    const { told, said } = await bunker.pull();
    expect(told).toEqual([
      stays(
        `NotYet: ${NAME}: ResourceLimitExceeded while pulling ${NAME} from ${OTHER_ACCOUNT}: ResourceLimitExceeded. ` +
          'Its file stays for the next run.',
      ),
    ]);
    expect(said).toEqual([]);
  });

  it('is left over where its deletion was not begun', async () => {
    const bunker = await openWithFailedCopy('ebs', VOLUME);
    const { told, remaining } = await bunker.pull({
      parts: withAdapter(() => ({
        deleteBackup: () => Promise.reject(new ShelveryError('NotBegun', 'The run ends.')),
      })),
    });
    expect([told, remaining]).toEqual([[], 1]);
  });

  it('on hold stays, and the copy is made again', async () => {
    const bunker = await openWithFailedCopy('ebs', VOLUME);
    const failed = only(bunker.backups());
    bunker.change(failed, { tags: { ...failed.tags, 'shelvery:hold': 'true' } });
    // The service makes it, and says that it did not: what is looked for is the new one.
    bunker.strike('ebs:copyShared', 'fail-after');
    const { told, said } = await bunker.pull();
    const [, copy] = bunker.backups();
    expect(said).toEqual([
      [
        'SHELVERY_PULL_BEGUN',
        expect.stringContaining(` to ${copy?.id}`),
        { backupId: copy?.id, backupName: NAME, sourceAccount: OTHER_ACCOUNT, region: LOCAL },
      ],
    ]);
    expect(told.map(({ backupId, status }) => [backupId, status])).toEqual([
      [copy?.id, 'ok'],
      [copy?.id, 'ok'],
    ]);
    expect(bunker.backups().map(({ outcome }) => outcome)).toEqual(['failed', 'available']);
  });
});

describe('what is told of a file that stays', () => {
  it('may be mended by a repeat of a run, and by none of a dry run', async () => {
    const mendable = async (bunker: Bunker, asked: Asked = {}): Promise<readonly boolean[]> =>
      (await bunker.pull(asked)).errors.map((error) => error.mendable);
    const failed = await openWithFailedCopy('ebs', VOLUME);
    expect(await mendable(failed, { dryRun: true })).toEqual([false]);
    expect(await mendable(failed)).toEqual([true]);
    const refused = refusing(awsError('UnauthorizedOperation', { status: 403 }));
    expect(await mendable(failed, { parts: refused })).toEqual([false]);

    const unshared = await openBunker();
    unshared.change(only(await unshared.share([VOLUME])), { sharedWith: [] });
    expect(await mendable(unshared, { dryRun: true })).toEqual([false]);
    expect(await mendable(unshared)).toEqual([true]);
  });
});

describe('a copy', () => {
  /** What a pull asks the service to copy. */
  async function askedFor(bunker: Bunker, settings: Readonly<Record<string, unknown>>): Promise<readonly SharedCopy[]> {
    const copies: SharedCopy[] = [];
    await bunker.pull({
      settings,
      parts: copyingBy((copy, make) => {
        copies.push(copy);
        return make();
      }),
    });
    return copies;
  }

  it('of a database is made under the key and with the option group that are configured', async () => {
    const bunker = await openBunker('rds');
    const [source] = await bunker.share(['orders']);
    const [copy, ...more] = await askedFor(bunker, {
      shelvery_encrypt_copy: 'true',
      shelvery_copy_kms_key_id: 'alias/bunker',
      shelvery_copy_option_groups: `${LOCAL}=with-tde`,
    });
    expect(copy).toEqual({
      sourceAccount: OTHER_ACCOUNT,
      sourceRegion: LOCAL,
      sourceId: source?.id,
      name: nameOf('orders'),
      encrypt: true,
      kmsKeyId: 'alias/bunker',
      optionGroup: 'with-tde',
      tags: expect.objectContaining({ 'shelvery:src_account': OTHER_ACCOUNT }),
    });
    expect(more).toEqual([]);
  });

  it('is as it is where nothing is configured', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const [copy] = await askedFor(bunker, {});
    expect(Object.keys(copy ?? {}).sort()).toEqual([
      'encrypt',
      'name',
      'sourceAccount',
      'sourceId',
      'sourceRegion',
      'tags',
    ]);
    expect(copy?.encrypt).toBe(false);
  });

  it('that is encrypted under the default key of the region is warned of', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const { said, told } = await bunker.pull({ settings: { shelvery_encrypt_copy: 'true' } });
    expect(said.slice(0, 1)).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        `${NAME}: shelvery_copy_kms_key_id has no key for ${LOCAL}: the copy is encrypted with the default key of that region`,
      ],
    ]);
    expect(told.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(bunker.backups().map(({ encrypted }) => encrypted)).toEqual([true]);
  });

  it('that differs from what it was to be is warned of', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const note = 'copied without the option group with-tde, which was refused';
    const { said } = await bunker.pull({
      parts: copyingBy(async (_, make) => ({ ...(await make()), note })),
    });
    const [copy] = bunker.backups();
    expect(said).toEqual([
      [
        'SHELVERY_COPY_DIFFERS',
        `${NAME} of ${OTHER_ACCOUNT} was begun as ${copy?.id}: ${note}`,
        { backupId: copy?.id, backupName: NAME, region: LOCAL },
      ],
      [
        'SHELVERY_PULL_BEGUN',
        expect.stringContaining(`${NAME} of ${OTHER_ACCOUNT} is being copied from `),
        { backupId: copy?.id, backupName: NAME, sourceAccount: OTHER_ACCOUNT, region: LOCAL },
      ],
    ]);
  });

  it('that was made although the service said otherwise is found, and not made twice', async () => {
    const bunker = await openBunker('rds');
    await bunker.share(['orders']);
    await bunker.pull();
    await bunker.run('create_data_buckets', {
      account: THIRD_ACCOUNT,
      settings: { shelvery_share_aws_account_ids: OWN_ACCOUNT },
    });
    await bunker.share(['orders'], { account: THIRD_ACCOUNT });
    bunker.strike('rds:copyShared', 'fail-after');
    const { told, said } = await bunker.pull({ settings: { shelvery_source_aws_account_ids: THIRD_ACCOUNT } });
    // Another account's database is called the same, and so is its backup.
    const [first, second, ...more] = bunker.backups();
    expect([first?.id, second?.tags['shelvery:src_account'], more]).toEqual([nameOf('orders'), THIRD_ACCOUNT, []]);
    expect(said).toEqual([
      [
        'SHELVERY_PULL_BEGUN',
        `${nameOf('orders')} of ${THIRD_ACCOUNT} is being copied from ${nameOf('orders')} to ${second?.id}`,
        { backupId: second?.id, backupName: nameOf('orders'), sourceAccount: THIRD_ACCOUNT, region: LOCAL },
      ],
    ]);
    expect(told.map(({ backupId, status }) => [backupId, status])).toEqual([
      [second?.id, 'ok'],
      [second?.id, 'ok'],
    ]);
  });

  it('has a name apart where something else has its own, and one that nobody foresees where that is taken, too', async () => {
    const bunker = await openBunker('rds');
    const source = only(await bunker.share(['orders']));
    const take = (id: string): void => {
      const taken = { ...source, account: OWN_ACCOUNT, tags: {}, id };
      bunker.world.backups.set(backupPlace(taken), taken);
    };
    take(nameOf('orders'));
    const [own, apart] = (await askedFor(bunker, {})).map(({ name }) => name);
    expect(own).toBe(nameOf('orders'));
    expect(apart).toMatch(/^orders-[0-9a-f]{12}-2026-11-24-0301-daily$/);
    expect(bunker.files()).toEqual([`rds-processed/${nameOf('orders')}.yaml`]);

    bunker.put(`rds/${nameOf('orders')}.yaml`, bunker.text(`rds-processed/${nameOf('orders')}.yaml`));
    for (const copy of bunker.backups()) bunker.world.backups.delete(backupPlace(copy));
    take(nameOf('orders'));
    take(apart ?? '');
    const names = (await askedFor(bunker, {})).map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual([own, apart]);
    expect(names.slice(2)).toEqual([expect.stringMatching(/^orders-[0-9a-f]{12}-2026-11-24-0301-daily$/)]);
    expect(names[2]).not.toBe(apart);
  });
});
