import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeleteObjectCommand, GetBucketPolicyCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AccountId } from '@shelvery/engine/terminal';
import type { BackupStore, DataBuckets } from '../../layers/engine/src/ports.js';
import { rejection } from './expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT } from './harness.js';

/** What S3 is to the engine: data buckets at `HOME`, what is stored in them, and who else may use that. */
export interface StoreHarness {
  /** Of the account at `HOME`. */
  readonly buckets: DataBuckets;
  readonly store: BackupStore;
  /** Of `OTHER_ACCOUNT`. */
  readonly theirs: BackupStore;
  /** A client of the account at `HOME`, in its region. */
  readonly client: S3Client;
  /** So many files make a page of a list. */
  readonly filesAPage: number;
  /** An S3 without buckets. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const FOLDER = 'backups/ebs/';
const KEY = `${FOLDER}a.yaml`;
const SMALL = { maxBytes: 100 };
const ADD = { exact: false, dryRun: false } as const;
const sharedKey = (account: AccountId, name: string): string => `backups/shared/${account}/ebs/${name}`;

/** What the store, the leases and the policies of data buckets ask of S3, whoever stands in for it. */
export function storeContract(start: () => Promise<StoreHarness>): void {
  describe('a store in S3', () => {
    let harness: StoreHarness;
    let store: BackupStore;
    beforeAll(async () => {
      harness = await start();
      store = harness.store;
    }, 60_000);
    beforeEach(async () => {
      await harness.reset();
      await harness.buckets.ensure(HOME.region, { accounts: [], ...ADD });
    });
    afterAll(() => harness.stop());

    const keysIn = async (folder: string): Promise<readonly string[]> =>
      (await store.list(HOME.region, folder)).map(({ key }) => key);

    describe('files', () => {
      it('are given back as they were put, the last time', async () => {
        await store.put(HOME.region, KEY, 'name: a\n');
        await store.put(HOME.region, KEY, 'name: ä\n');
        expect(await store.get(HOME.region, KEY, SMALL)).toBe('name: ä\n');
      });
      it('are put where there is none yet, and stay as they are otherwise', async () => {
        expect(await store.putNew(HOME.region, KEY, 'name: a\n')).toBe(true);
        expect(await store.putNew(HOME.region, KEY, 'name: b\n')).toBe(false);
        expect(await store.get(HOME.region, KEY, SMALL)).toBe('name: a\n');
        const elsewhere = store.putNew(DR_REGION, KEY, 'name: a\n');
        expect((await rejection(elsewhere)).name).toBe('NoSuchBucket');
      });
      it('are listed in order, with their sizes in bytes, without those of folders below', async () => {
        for (const key of [`${FOLDER}b.yaml`, KEY, `${FOLDER}removed/z.yaml`, 'backups/rds/y.yaml'])
          await store.put(HOME.region, key, 'name: ä\n');
        const listed = await store.list(HOME.region, FOLDER);
        expect(listed).toEqual(
          [KEY, `${FOLDER}b.yaml`].map((key) => ({ key, size: 9, lastModified: expect.any(Date) })),
        );
        expect(await store.list(HOME.region, 'backups/docdb/')).toEqual([]);
      });
      it('are listed by the beginning of their name, too', async () => {
        for (const name of ['vol-1-a', 'vol-1-b', 'vol-2-a'])
          await store.put(HOME.region, `${FOLDER}${name}.yaml`, 'x');
        expect(await keysIn(`${FOLDER}vol-1`)).toEqual([`${FOLDER}vol-1-a.yaml`, `${FOLDER}vol-1-b.yaml`]);
      });
      it('are listed up to so many pages', async () => {
        const keys = Array.from({ length: harness.filesAPage + 1 }, (_, n) => `${FOLDER}${String(10_000 + n)}.yaml`);
        for (const key of keys) await store.put(HOME.region, key, 'x');
        const upTo = (maxPages: number) => store.listUpTo(HOME.region, FOLDER, { maxPages, account: HOME.accountId });
        const [one, two] = [await upTo(1), await upTo(2)];
        expect([one.complete, one.files.map(({ key }) => key)]).toEqual([false, keys.slice(0, -1)]);
        expect([two.complete, two.files.map(({ key }) => key)]).toEqual([true, keys]);
      });
      it('are in folders, each listed once', async () => {
        for (const key of ['2/ebs/a', '1/ebs/a', '1/rds/a', 'b'])
          await store.put(HOME.region, `backups/shared/${key}`, 'x');
        expect(await store.listFolders(HOME.region, 'backups/shared/')).toEqual(['1', '2']);
        expect(await store.listFolders(HOME.region, 'backups/none/')).toEqual([]);
      });
      it('are refused where they are longer than allowed, in bytes', async () => {
        await store.put(HOME.region, KEY, 'ä'.repeat(50));
        expect(await store.get(HOME.region, KEY, { maxBytes: 100 })).toHaveLength(50);
        expect(await rejection(store.get(HOME.region, KEY, { maxBytes: 99 }))).toMatchObject({
          code: 'MetadataRefused',
        });
      });
      it('are deleted, any number of them, gone ones too', async () => {
        await store.put(HOME.region, KEY, 'x');
        await store.put(HOME.region, `${FOLDER}b.yaml`, 'x');
        const gone = Array.from({ length: 1_500 }, (_, n) => `${FOLDER}none-${String(n)}.yaml`);
        expect(await store.delete(HOME.region, [...gone, KEY])).toEqual([]);
        expect(await keysIn(FOLDER)).toEqual([`${FOLDER}b.yaml`]);
        expect(await store.delete(HOME.region, [])).toEqual([]);
      });
      it('are deleted whatever characters are in their keys', async () => {
        const odd = ['weird\u001B[31mname', 'none\u0001', 'bell\u0007', '<&"\u00E4\u{1F600}'].map(
          (name) => `${FOLDER}${name}.yaml`,
        );
        for (const key of odd) if (!key.includes('none')) await store.put(HOME.region, key, 'x');
        await store.put(HOME.region, KEY, 'x');
        expect(await store.delete(HOME.region, [...odd, KEY])).toEqual([]);
        expect(await keysIn(FOLDER)).toEqual([]);
      });
      it('that are missing, and buckets that are, are told by name', async () => {
        expect((await rejection(store.get(HOME.region, KEY, SMALL))).name).toBe('NoSuchKey');
        const inNoBucket = [
          store.get(DR_REGION, KEY, SMALL),
          store.put(DR_REGION, KEY, 'x'),
          store.list(DR_REGION, FOLDER),
          store.listFolders(DR_REGION, FOLDER),
          store.delete(DR_REGION, [KEY]),
          store.delete(DR_REGION, [`${FOLDER}weird\u001B.yaml`]),
          store.list(HOME.region, FOLDER, OTHER_ACCOUNT),
        ];
        const names = await Promise.all(inNoBucket.map(async (answer) => (await rejection(answer)).name));
        expect(names).toEqual(inNoBucket.map(() => 'NoSuchBucket'));
      });
    });

    describe('the files that are shared with another account', () => {
      const mine = { ...SMALL, account: HOME.accountId };
      const waiting = sharedKey(OTHER_ACCOUNT, 'a.yaml');

      it('are no business of theirs until the policy says so', async () => {
        const { theirs } = harness;
        await store.put(HOME.region, waiting, 'x: 1');
        const refused = [
          theirs.get(HOME.region, waiting, mine),
          theirs.list(HOME.region, `backups/shared/${OTHER_ACCOUNT}/ebs/`, HOME.accountId),
          theirs.put(HOME.region, waiting, 'x', HOME.accountId),
        ];
        const names = await Promise.all(refused.map(async (answer) => (await rejection(answer)).name));
        expect(names).toEqual(refused.map(() => 'AccessDenied'));
      });
      it('are read, listed, moved and deleted by them then, and nothing else is', async () => {
        const { theirs, buckets } = harness;
        await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD });
        const own = KEY;
        const folder = `backups/shared/${OTHER_ACCOUNT}/ebs/`;
        for (const key of [waiting, own]) await store.put(HOME.region, key, 'x: 1');
        expect((await theirs.list(HOME.region, folder, HOME.accountId)).map(({ key }) => key)).toEqual([waiting]);
        const upTo = await theirs.listUpTo(HOME.region, folder, { maxPages: 5, account: HOME.accountId });
        expect([upTo.complete, upTo.files.map(({ key }) => key)]).toEqual([true, [waiting]]);
        expect(await theirs.get(HOME.region, waiting, mine)).toBe('x: 1');
        await theirs.put(HOME.region, sharedKey(OTHER_ACCOUNT, 'b.yaml'), 'x: 2', HOME.accountId);
        const refused = [
          theirs.get(HOME.region, own, mine),
          theirs.list(HOME.region, FOLDER, HOME.accountId),
          theirs.put(HOME.region, own, 'x', HOME.accountId),
          theirs.put(HOME.region, sharedKey(HOME.accountId, 'a.yaml'), 'x', HOME.accountId),
        ];
        const names = await Promise.all(refused.map(async (answer) => (await rejection(answer)).name));
        expect(names).toEqual(refused.map(() => 'AccessDenied'));
        expect(await keysIn(folder)).toEqual([waiting, sharedKey(OTHER_ACCOUNT, 'b.yaml')]);
      });
      it('are deleted one by one: what may not be comes back', async () => {
        const { theirs, buckets } = harness;
        await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD });
        const odd = `${FOLDER}weird\u001B.yaml`;
        for (const key of [waiting, KEY]) await store.put(HOME.region, key, 'x: 1');
        const refused = await theirs.delete(HOME.region, [KEY, odd, waiting], HOME.accountId);
        expect(refused.toSorted((a, b) => a.key.localeCompare(b.key))).toMatchObject([
          { key: KEY, code: 'AccessDenied' },
          { key: odd, code: 'AccessDenied' },
        ]);
        expect([await keysIn(FOLDER), await keysIn(`backups/shared/${OTHER_ACCOUNT}/ebs/`)]).toEqual([[KEY], []]);
      });
      it('are not told of where they are missing: who may list a folder only is refused', async () => {
        const { theirs, buckets } = harness;
        await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD });
        expect((await rejection(theirs.get(HOME.region, waiting, mine))).name).toBe('AccessDenied');
      });
      it('are theirs no longer where the policy does not name them any more', async () => {
        const { theirs, buckets } = harness;
        await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD });
        await store.put(HOME.region, waiting, 'x: 1');
        await buckets.ensure(HOME.region, { accounts: [], exact: true, dryRun: false });
        expect((await rejection(theirs.get(HOME.region, waiting, mine))).name).toBe('AccessDenied');
      });
    });

    describe('conditional puts', () => {
      const where = () => ({ Bucket: store.bucketName(HOME.region), ExpectedBucketOwner: HOME.accountId, Key: KEY });
      const put = (Body: string, condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string }) =>
        harness.client.send(new PutObjectCommand({ ...where(), Body, ...condition }));
      const etag = async () => (await harness.client.send(new GetObjectCommand(where()))).ETag ?? '';

      it('put where nothing is, once', async () => {
        await put('first', { IfNoneMatch: '*' });
        expect((await rejection(put('second', { IfNoneMatch: '*' }))).name).toBe('PreconditionFailed');
        expect(await store.get(HOME.region, KEY, SMALL)).toBe('first');
      });
      it('put over what was read, and not over what somebody put since', async () => {
        await put('first', { IfNoneMatch: '*' });
        const read = await etag();
        await put('second', { IfMatch: read });
        expect((await rejection(put('third', { IfMatch: read }))).name).toBe('PreconditionFailed');
        expect(await store.get(HOME.region, KEY, SMALL)).toBe('second');
      });
      it('put nothing over what is gone', async () => {
        await put('first', { IfNoneMatch: '*' });
        const read = await etag();
        await harness.client.send(new DeleteObjectCommand(where()));
        expect((await rejection(put('second', { IfMatch: read }))).name).toBe('NoSuchKey');
        await put('third', { IfNoneMatch: '*' });
        expect(await store.get(HOME.region, KEY, SMALL)).toBe('third');
      });
      it('have nothing to do with deleting, which what is gone allows', async () => {
        await harness.client.send(new DeleteObjectCommand(where()));
        expect((await rejection(etag())).name).toBe('NoSuchKey');
      });
    });

    describe('data buckets', () => {
      const policy = async (region = HOME.region): Promise<string> => {
        const Bucket = store.bucketName(region);
        const { Policy = '' } = await harness.client.send(
          new GetBucketPolicyCommand({ Bucket, ExpectedBucketOwner: HOME.accountId }),
        );
        return Policy;
      };
      it('are made, and then ready', async () => {
        const { buckets } = harness;
        const bucket = store.bucketName(DR_REGION);
        expect(await buckets.ensure(DR_REGION, { accounts: [], exact: false, dryRun: true })).toMatchObject({
          bucket,
          state: 'missing',
          changes: expect.arrayContaining(['bucket', 'policy']),
        });
        expect((await rejection(store.list(DR_REGION, FOLDER))).name).toBe('NoSuchBucket');
        expect(await buckets.ensure(DR_REGION, { accounts: [], ...ADD })).toMatchObject({ bucket, state: 'created' });
        expect(await buckets.ensure(DR_REGION, { accounts: [], ...ADD })).toEqual({
          region: DR_REGION,
          bucket,
          state: 'ready',
          changes: [],
          refusedAccounts: [],
        });
        expect(await store.list(DR_REGION, FOLDER)).toEqual([]);
      });
      it('have a policy that accounts are added to, and taken out of where it is to be exact', async () => {
        const { buckets } = harness;
        expect(await policy()).not.toContain(OTHER_ACCOUNT);
        const unfinished = await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], exact: false, dryRun: true });
        expect(unfinished).toMatchObject({ state: 'unfinished', changes: ['policy'] });
        expect(await policy()).not.toContain(OTHER_ACCOUNT);
        for (const state of ['completed', 'ready'])
          expect(await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD })).toMatchObject({ state });
        expect(await policy()).toContain(OTHER_ACCOUNT);
        expect(await buckets.ensure(HOME.region, { accounts: [], ...ADD })).toMatchObject({ state: 'ready' });
        const exact = await buckets.ensure(HOME.region, { accounts: [], exact: true, dryRun: false });
        expect(exact).toMatchObject({ state: 'completed', changes: ['policy'] });
        expect(await policy()).not.toContain(OTHER_ACCOUNT);
      });
      it('lose accounts from their policy and nothing else, where nothing else is seen to', async () => {
        const { buckets } = harness;
        const none = { accounts: [], exact: true, dryRun: false } as const;
        const report = { region: HOME.region, bucket: harness.store.bucketName(HOME.region), refusedAccounts: [] };
        expect(await buckets.withdraw(DR_REGION, none)).toMatchObject({ state: 'missing', changes: [] });
        expect((await rejection(harness.store.list(DR_REGION, FOLDER))).name).toBe('NoSuchBucket');
        await buckets.ensure(HOME.region, { accounts: [OTHER_ACCOUNT], ...ADD });
        const kept = await buckets.withdraw(HOME.region, { ...none, accounts: [OTHER_ACCOUNT] });
        expect(kept).toEqual({ ...report, state: 'ready', changes: [] });
        const foretold = await buckets.withdraw(HOME.region, { ...none, dryRun: true });
        expect(foretold).toEqual({ ...report, state: 'unfinished', changes: ['policy'] });
        expect(await policy()).toContain(OTHER_ACCOUNT);
        expect(await buckets.withdraw(HOME.region, none)).toEqual({
          ...report,
          state: 'completed',
          changes: ['policy'],
        });
        expect(await policy()).not.toContain(OTHER_ACCOUNT);
        expect(await buckets.withdraw(HOME.region, none)).toEqual({ ...report, state: 'ready', changes: [] });
      });
      it('are found by their regions', async () => {
        expect(await harness.buckets.regionsInUse()).toEqual([]);
        await harness.buckets.ensure(DR_REGION, { accounts: [], ...ADD });
        expect(await harness.buckets.regionsInUse()).toEqual([DR_REGION]);
      });
    });
  });
}
