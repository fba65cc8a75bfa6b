import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { BackupStore } from '../../../../layers/engine/src/ports.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { SOURCE_BUCKET, VOLUME, VOLUME_2, VOLUME_3, keyOf, nameOf, ofFile, openBunker, setAside } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import { ALLOW } from '../memory-estate.js';
import type { Told } from '../memory-estate.js';
import { atMost, handingOver, withStore } from '../other-parts.js';

const FOLDER = `backups/shared/${OWN_ACCOUNT}/ebs/`;

/** Metadata as a source account writes it, of a backup that nobody has shared. */
const text = (more: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    schema_version: '1',
    account_id: `"${OTHER_ACCOUNT}"`,
    backup_id: '"snap-0000000f"',
    backup_type: '"ebs"',
    name: '"some"',
    region: `"${LOCAL}"`,
    entity_id: `"${VOLUME}"`,
    retention_type: '"daily"',
    date_created: '"2026-11-24T03:01:00Z"',
    encrypted: 'false',
    tags: '{"shelvery:tag_name": "shelvery"}',
    ...more,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

describe('a shared file that can never be pulled', () => {
  const BAD_KEY = 'its key is not <name>.yaml with a name of letters, digits and hyphens';
  const LONG = 'x'.repeat(300);

  it.each([
    ['has a name with other characters', 'a  b.yaml', 'a-b', BAD_KEY, text()],
    ['has no ending', 'notes.txt', 'notes-txt', BAD_KEY, text()],
    ['has its ending before its end', 'a.yaml.b', 'a-yaml-b', BAD_KEY, text()],
    ['has an endless name', `${LONG}.yaml`, LONG.slice(0, 200), BAD_KEY, text()],
    ['holds no metadata', 'some.yaml', 'some', 'schema_version is missing', 'x: 1\n'],
    [
      "says that it is another account's",
      'some.yaml',
      'some',
      `account_id is "${OWN_ACCOUNT}", but its bucket belongs to the account "${OTHER_ACCOUNT}"`,
      text({ account_id: `"${OWN_ACCOUNT}"` }),
    ],
    [
      'is of another region',
      'some.yaml',
      'some',
      'region is "us-east-1", but its bucket is in "eu-west-1"',
      text({ region: '"us-east-1"' }),
    ],
    [
      'is of another type',
      'some.yaml',
      'some',
      'backup_type is "rds", but its folder is for "ebs"',
      text({ backup_type: '"rds"' }),
    ],
    ['has another name than its key', 'other.yaml', 'other', 'name is "some", but its key says "other"', text()],
    [
      'is dated later than it was written',
      'some.yaml',
      'some',
      'date_created is 2026-11-24T03:17:00.000Z, more than 15 minutes later than the file itself (2026-11-24T03:01:00.000Z)',
      text({ date_created: '"2026-11-24T03:17:00Z"' }),
    ],
    [
      'is of a retention type that nobody knows here',
      'some.yaml',
      'some',
      'retention_type is "hourly"; known here are yearly, monthly, weekly, daily. To pull it, add hourly:<seconds> to ' +
        'shelvery_custom_retention_types, and let the source account share it again',
      text({ retention_type: '"hourly"' }),
    ],
  ])('%s: it is set aside with the reason, as it was', async (_, file, name, why, body) => {
    const bunker = await openBunker();
    bunker.put(`ebs/${file}`, body);
    const told = {
      ...setAside(name, `${why}.`),
      backupS3Location: `${FOLDER}${file}`,
      error: `MetadataRefused: ${FOLDER}${file} was set aside: ${why}.`,
    };
    const dry = await bunker.pull({ dryRun: true });
    expect(dry.plan).toEqual([
      { what: 'refuse', subject: `${OTHER_ACCOUNT}: ${FOLDER}${file}`, reason: why, region: LOCAL, problem: true },
    ]);
    expect(dry.told).toEqual([{ ...told, error: `MetadataRefused: ${FOLDER}${file} is set aside: ${why}.` }]);
    expect(bunker.files()).toEqual([`ebs/${file}`]);

    const ran = await bunker.pull();
    expect(ran.told).toEqual([told]);
    expect(ran.report.summary).toMatchObject({ collected: 1, succeeded: 0, failed: 1 });
    expect(bunker.files()).toEqual([`ebs-failed/${name}.yaml`]);
    expect(bunker.text(`ebs-failed/${name}.yaml`)).toBe(`# ${why}\n${body}`);
    expect(bunker.backups()).toEqual([]);
  });

  it('is too long: it is not read to be judged, and set aside empty', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/long.yaml', 'x'.repeat(65_537));
    bunker.put('ebs/longest.yaml', 'x'.repeat(65_536));
    const { told, calls } = await bunker.pull();
    const reads = (name: string): number => calls.filter((call) => call === `s3:get ${LOCAL} ${keyOf(name)}`).length;
    // Once to be judged, and once to be moved.
    expect([reads('long'), reads('longest')]).toEqual([1, 2]);
    expect(told).toEqual([
      setAside('long', 'it has 65537 bytes; at most 65536 are allowed.'),
      setAside('longest', 'it is not a mapping of fields.'),
    ]);
    expect(bunker.text('ebs-failed/long.yaml')).toBe('# it has 65537 bytes; at most 65536 are allowed\n');
  });

  it('has grown since it was listed: the store says so', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/long.yaml', 'x'.repeat(65_537));
    const parts = withStore((store) => ({
      listUpTo: async (...asked) => {
        const { files, complete } = await store.listUpTo(...asked);
        return { complete, files: files.map((file) => ({ ...file, size: 10 })) };
      },
    }));
    const { told } = await bunker.pull({ parts });
    expect(told).toEqual([setAside('long', `${keyOf('long')} is longer than 65536 bytes.`)]);
    expect(bunker.text('ebs-failed/long.yaml')).toBe(`# ${keyOf('long')} is longer than 65536 bytes.\n`);
  });

  it('cannot be moved: it stays, which is told with both reasons', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/some.yaml', 'x: 1\n');
    bunker.strike('s3:put', { refuse: 'AccessDenied' });
    const { told } = await bunker.pull();
    expect(told).toEqual([
      {
        ...ofFile('some'),
        status: 'failed',
        error: `NotAllowed: AccessDenied while setting ${keyOf('some')} aside (schema_version is missing): AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(bunker.files()).toEqual(['ebs/some.yaml']);
  });

  it('could be moved, but not be deleted: it is there twice, which is told', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/some.yaml', 'x: 1\n');
    const parts = withStore(() => ({
      delete: (_, keys) =>
        Promise.resolve(keys.map((key) => ({ key, code: 'AccessDenied', message: 'Access Denied' }))),
    }));
    const { told } = await bunker.pull({ parts });
    expect(told).toEqual([
      {
        ...ofFile('some'),
        status: 'failed',
        error: `AwsError: ${keyOf('some')} was copied to ${keyOf('some', 'ebs-failed')}, but could not be deleted: AccessDenied: Access Denied`,
      },
    ]);
    expect(bunker.files()).toEqual(['ebs-failed/some.yaml', 'ebs/some.yaml']);
  });

  /** Pulls where two of such files wait, all can be read, and one can be dealt with; what is handed over of the run. */
  async function dealWithOne(
    bunker: Bunker,
    change: (store: BackupStore) => Partial<BackupStore> = () => ({}),
  ): Promise<{ readonly told: readonly Told[]; readonly left: unknown }> {
    bunker.put('ebs/a.yaml', 'x: 1\n');
    bunker.put('ebs/b.yaml', 'x: 1\n');
    const left: RemainingWork[] = [];
    const { told } = await bunker.pull({
      parts: ({ store }) => ({
        store: { ...store, ...change(store) },
        mayStart: atMost(3),
        handOver: handingOver(left),
      }),
    });
    return { told, left: left.map(({ remaining, begun }) => ({ remaining, begun })) };
  }
  /** A store whose third read is another: two files have been judged by then. */
  const thirdRead =
    (read: (get: BackupStore['get'], ...asked: Parameters<BackupStore['get']>) => Promise<string>) =>
    (store: BackupStore): Partial<BackupStore> => {
      let reads = 0;
      return {
        get: async (...asked) => {
          reads += 1;
          return reads === 3 ? await read(store.get.bind(store), ...asked) : await store.get(...asked);
        },
      };
    };

  it('is gone when it is to be moved: somebody else moved it, nothing is told, and the run came further', async () => {
    const bunker = await openBunker();
    const { told, left } = await dealWithOne(
      bunker,
      thirdRead(async (get, ...asked) => {
        bunker.world.buckets.get(SOURCE_BUCKET)?.objects.delete(keyOf('a'));
        return await get(...asked);
      }),
    );
    expect([told, left, bunker.files()]).toEqual([[], [{ remaining: 1, begun: 1 }], ['ebs/b.yaml']]);
  });

  it.each([
    [
      'by S3',
      awsError('AccessDenied', { status: 403 }),
      `NotAllowed: AccessDenied while setting ${keyOf('a')} aside (schema_version is missing): AccessDenied. ${ALLOW}`,
    ],
    ['otherwise', new ShelveryError('NotYet', 'Not now.'), 'NotYet: Not now.'],
  ])('cannot be read when it is to be moved, refused %s: it stays as it is', async (_, error, said) => {
    const bunker = await openBunker();
    const { told, left } = await dealWithOne(
      bunker,
      thirdRead(() => Promise.reject(error)),
    );
    expect(told).toEqual([{ ...ofFile('a'), status: 'failed', error: said }]);
    expect([left, bunker.files()]).toEqual([[{ remaining: 1, begun: 0 }], ['ebs/a.yaml', 'ebs/b.yaml']]);
  });
});

describe('reading what is shared', () => {
  it('says nothing of a file that somebody else has moved since it was listed', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const parts = withStore((store) => ({
      get: async (...asked) => {
        bunker.world.buckets.get(SOURCE_BUCKET)?.objects.clear();
        return await store.get(...asked);
      },
    }));
    const { told, report, calls } = await bunker.pull({ parts });
    expect([told, bunker.backups()]).toEqual([[], []]);
    expect(report.summary).toMatchObject({ collected: 1, unfinished: 0 });
    // S3 tells who may not list the bucket nothing of what is missing: the list says that it is.
    expect(calls.slice(-2)).toEqual([
      `s3:get ${LOCAL} ${keyOf(nameOf(VOLUME))}`,
      `s3:list ${LOCAL} ${keyOf(nameOf(VOLUME))}`,
    ]);
  });

  it('leaves a file that cannot be read, and goes on with the others', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2]);
    bunker.strike('s3:get', { refuse: 'AccessDenied' });
    const { told } = await bunker.pull();
    const name = nameOf(VOLUME);
    expect(told.slice(0, 1)).toEqual([
      {
        ...ofFile(name),
        status: 'failed',
        error: `NotAllowed: AccessDenied while reading ${keyOf(name)}; it stays for the next run: AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(told.slice(1).map(({ backupName }) => backupName)).toEqual([nameOf(VOLUME_2), nameOf(VOLUME_2)]);
    expect(bunker.files()).toEqual([`ebs-processed/${nameOf(VOLUME_2)}.yaml`, `ebs/${name}.yaml`]);
  });

  it('goes on where an account lets nobody read a file, nor see whether it is there', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    bunker.buckets([LOCAL], THIRD_ACCOUNT, [OWN_ACCOUNT]);
    bunker.file(`${FOLDER}some.yaml`, text(), LOCAL, THIRD_ACCOUNT);
    const denied = (): Promise<never> => Promise.reject(awsError('AccessDenied', { status: 403 }));
    const { told, brokeOff } = await bunker.pull({
      settings: { shelvery_source_aws_account_ids: `${THIRD_ACCOUNT} ${OTHER_ACCOUNT}` },
      parts: withStore((store) => ({
        get: (region, key, how) => (how.account === THIRD_ACCOUNT ? denied() : store.get(region, key, how)),
        listUpTo: (region, prefix, how) => (prefix.endsWith('.yaml') ? denied() : store.listUpTo(region, prefix, how)),
      })),
    });
    expect(brokeOff).toBeUndefined();
    expect(told.slice(0, 1)).toEqual([
      {
        ...ofFile('some'),
        sourceAccount: THIRD_ACCOUNT,
        bucket: bucketNameOf(THIRD_ACCOUNT, LOCAL),
        status: 'failed',
        error: `NotAllowed: AccessDenied while reading ${keyOf('some')}; it stays for the next run: AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(told.slice(1).map(({ backupName, status }) => [backupName, status])).toEqual([
      [nameOf(VOLUME), 'ok'],
      [nameOf(VOLUME), 'ok'],
    ]);
  });

  it('takes no folder for a file', async () => {
    const bunker = await openBunker();
    bunker.put('ebs/', '');
    const { told, report } = await bunker.pull();
    expect([told, report.summary.collected]).toEqual([[], 0]);
  });

  it('goes on where the bucket of one account cannot be read', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const { told } = await bunker.pull({
      settings: { shelvery_source_aws_account_ids: `${THIRD_ACCOUNT} ${OTHER_ACCOUNT}` },
    });
    const bucket = bucketNameOf(THIRD_ACCOUNT, LOCAL);
    expect(told.slice(0, 1)).toEqual([
      {
        operation: 'PullSharedBackupsFromAccount',
        sourceAccount: THIRD_ACCOUNT,
        bucket,
        status: 'failed',
        error:
          `AwsError: NoSuchBucket while reading what ${THIRD_ACCOUNT} shares in ${bucket} (did ${THIRD_ACCOUNT} run ` +
          `create_data_buckets with shelvery_share_aws_account_ids=${OWN_ACCOUNT}?): NoSuchBucket. ` +
          "It is made by create_data_buckets, in the bucket's own account.",
      },
    ]);
    expect(told.slice(1).map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(bunker.backups()).toHaveLength(1);
  });

  it('names, in a stack, the parameter that lists the accounts which may be read', async () => {
    const bunker = await openBunker();
    bunker.world.buckets.delete(SOURCE_BUCKET);
    bunker.buckets([LOCAL], OTHER_ACCOUNT);
    const refusal =
      `NotAllowed: AccessDenied while reading what ${OTHER_ACCOUNT} shares in ${SOURCE_BUCKET} (did ${OTHER_ACCOUNT} run ` +
      `create_data_buckets with shelvery_share_aws_account_ids=${OWN_ACCOUNT}?): AccessDenied. ${ALLOW}`;
    expect((await bunker.pull()).told.map(({ error }) => error)).toEqual([refusal]);
    expect((await bunker.pull({ inStack: true })).told.map(({ error }) => error)).toEqual([
      `${refusal} The stack's functions may use ${OTHER_ACCOUNT} only if the stack's configuration names it, or its parameter ` +
        'AllowedSourceAwsAccountIds lists it.',
    ]);
  });

  it('says where a list was cut, and deals with what is in it', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME, VOLUME_2]);
    const parts = withStore((store) => ({
      listUpTo: async (...asked) => ({ ...(await store.listUpTo(...asked)), complete: false }),
    }));
    const { told, said } = await bunker.pull({ parts });
    expect(said.slice(0, 1)).toEqual([
      [
        'SHELVERY_SHARED_LIST_CUT',
        `More than 2 files wait in ${SOURCE_BUCKET}: only these are looked at until some of them are gone.`,
        { account: OTHER_ACCOUNT },
      ],
    ]);
    expect(told.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('takes the accounts in turn, and of each its oldest and its newest file in turn', async () => {
    const bunker = await openBunker();
    for (const volume of [VOLUME, VOLUME_2, VOLUME_3]) {
      bunker.put(`ebs/${volume}.yaml`, text());
      await bunker.pass(1);
    }
    bunker.buckets([LOCAL], THIRD_ACCOUNT, [OWN_ACCOUNT]);
    bunker.file(`${FOLDER}third.yaml`, text(), LOCAL, THIRD_ACCOUNT);
    const { calls } = await bunker.pull({
      dryRun: true,
      settings: { shelvery_source_aws_account_ids: `${OTHER_ACCOUNT} ${THIRD_ACCOUNT}` },
    });
    expect(calls.filter((call) => call.startsWith('s3:get'))).toEqual(
      [VOLUME, 'third', VOLUME_3, VOLUME_2].map((name) => `s3:get ${LOCAL} ${keyOf(name)}`),
    );
  });
});

describe('an error of the store that is none of S3', () => {
  it('refuses no file, and is told', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const parts = withStore(() => ({ get: () => Promise.reject(new ShelveryError('NotYet', 'Not now.')) }));
    const { told, plan } = await bunker.pull({ parts, dryRun: true });
    expect(told).toEqual([{ ...ofFile(nameOf(VOLUME)), status: 'failed', error: 'NotYet: Not now.' }]);
    expect(plan).toEqual([]);
  });
});
