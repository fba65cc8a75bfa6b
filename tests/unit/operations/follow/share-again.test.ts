import { describe, expect, it } from '@jest/globals';
import { MAX_METADATA_BYTES } from '../../../../layers/engine/src/domain/files/metadata.js';
import type { AccountId, BackupType, Region } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { make, named, step } from '../delayed-work.js';
import { openEstate } from '../memory-estate.js';
import { at, only } from '../one-of.js';
import { withStore } from '../other-parts.js';
import { share, shared } from './shares.js';

/** Backups of resources, with a bucket. */
async function backups(type: BackupType, ...ids: readonly string[]) {
  const estate = openEstate(type);
  for (const id of ids) estate.resource(id);
  estate.buckets();
  return { estate, made: await make(estate) };
}

/** The key of the file of a backup in a folder of an account. */
const keyIn = (folder: string, { tags }: HeldBackup, account: AccountId = OTHER_ACCOUNT): string =>
  `backups/shared/${account}/${folder}/${tags['shelvery:name'] ?? ''}.yaml`;

/** What is told where a file that is there already says that it was shared before. */
const told = (backup: HeldBackup, key: string, message: string) => ({
  ...shared(backup),
  backupS3Location: key,
  already: true,
  message,
});
const listCalls = (calls: readonly string[]): readonly string[] =>
  calls
    .filter((call) => call.startsWith('s3:list'))
    .map((call) => call.replace(`s3:list ${LOCAL} backups/shared/`, ''));

describe('a backup that an account has pulled already', () => {
  it.each<readonly [BackupType, string]>([
    ['ebs', 'ebs-processed'],
    ['ebs', 'ebs-archived'],
    ['rds', 'rds-processed'],
  ])('is not offered to it again (%s, in %s)', async (type, folder) => {
    const { estate, made } = await backups(type, 'orders');
    const backup = only(made);
    await share(estate, made);
    const [waiting = ''] = estate.keys();
    estate.file(keyIn(folder, backup), estate.read(waiting) ?? '');
    const { told: outcomes, calls } = await share(estate, made);
    expect(outcomes).toEqual([
      told(backup, keyIn(folder, backup), `${OTHER_ACCOUNT} has pulled it already: nothing was offered to it again`),
    ]);
    expect(calls.filter((call) => call.startsWith('s3:put'))).toEqual([]);
  });

  it('has a file of another of its name that waits taken away, where its own files are written anew', async () => {
    const { estate, made } = await backups('ebs', 'orders');
    const backup = only(made);
    await share(estate, made);
    const [waiting = ''] = estate.keys();
    const processed = keyIn('ebs-processed', backup);
    estate.file(processed, estate.read(waiting) ?? '');
    estate.file(waiting, (estate.read(waiting) ?? '').replaceAll(backup.id, 'snap-2'));
    const operation = { action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT, anew: true } as const;
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    const refused = { key: waiting, code: 'AccessDenied', message: 'Access Denied' };
    const kept = await step(estate, [operation], {
      settings,
      parts: withStore(() => ({ delete: async () => [refused] })),
    });
    expect(only(kept.came).kind).toBe('again');
    expect(estate.keys()).toContain(waiting);
    const { told: outcomes } = await step(estate, [operation], { settings });
    expect(outcomes).toEqual([
      told(backup, processed, `${OTHER_ACCOUNT} has pulled it already: nothing was offered to it again`),
    ]);
    expect(estate.keys()).toEqual([processed]);
  });

  it('is looked for in the folders that the service has', async () => {
    const { estate, made } = await backups('rds', 'orders');
    const { calls } = await share(estate, made);
    expect(listCalls(calls)).toEqual([`${OTHER_ACCOUNT}/rds-processed/orders-2026-11-24-0301-daily.yaml`]);
  });

  it('is offered where its file is gone when it is read', async () => {
    const { estate, made } = await backups('ebs', 'orders');
    const backup = only(made);
    estate.file(keyIn('ebs-processed', backup), 'anything');
    estate.strike('s3:get', { refuse: 'NoSuchKey' });
    await share(estate, made);
    expect(estate.keys()).toContain(keyIn('ebs', backup));
  });

  it('is not known where its file is longer than one of ours, which is told', async () => {
    const { estate, made } = await backups('ebs', 'orders');
    const backup = only(made);
    const key = keyIn('ebs-processed', backup);
    estate.file(key, 'x'.repeat(MAX_METADATA_BYTES + 1));
    const { came, told: outcomes } = await share(estate, made);
    expect(came).toEqual([{ kind: 'done', next: [] }]);
    expect(outcomes).toMatchObject([
      { status: 'failed', error: `MetadataRefused: ${key} is longer than ${String(MAX_METADATA_BYTES)} bytes.` },
    ]);
    estate.file(key, 'x'.repeat(MAX_METADATA_BYTES));
    expect((await share(estate, made)).told).toMatchObject([{ status: 'ok', already: true }]);
  });

  it('is not known where its file cannot be read', async () => {
    const { estate, made } = await backups('ebs', 'orders');
    const backup = only(made);
    estate.file(keyIn('ebs-processed', backup), 'anything');
    estate.strike('s3:get', { refuse: 'AccessDenied' });
    const { came } = await share(estate, made);
    expect(came).toEqual([{ kind: 'threw', error: 'AccessDenied' }]);
    expect(estate.keys()).toEqual([keyIn('ebs-processed', backup)]);
  });
});

describe('what accounts have pulled', () => {
  it('is listed once for all backups of an account, and by itself for one', async () => {
    const { estate, made } = await backups('ebs', 'a', 'b');
    const [a, b] = [at(made, 0), at(made, 1)];
    for (const backup of made) estate.file(keyIn('ebs-processed', backup), 'anything');
    estate.file(keyIn('ebs-archived', b, THIRD_ACCOUNT), 'anything');
    const operations = [a, b, b].map((backup, nth) => ({
      action: 'do_share_backup' as const,
      ...named(backup),
      account: nth === 2 ? THIRD_ACCOUNT : OTHER_ACCOUNT,
    }));
    const { told: outcomes, calls } = await step(estate, operations, {
      settings: { shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` },
    });
    expect(listCalls(calls).toSorted()).toEqual([
      `${OTHER_ACCOUNT}/ebs-processed/`,
      `${THIRD_ACCOUNT}/ebs-archived/b-2026-11-24-0301-daily.yaml`,
      `${THIRD_ACCOUNT}/ebs-processed/b-2026-11-24-0301-daily.yaml`,
    ]);
    expect(outcomes.map(({ backupS3Location }) => backupS3Location).toSorted()).toEqual([
      keyIn('ebs-processed', a),
      keyIn('ebs-processed', b),
      keyIn('ebs-archived', b, THIRD_ACCOUNT),
    ]);
    expect(calls.filter((call) => call.startsWith('s3:get'))).toHaveLength(3);
  });

  it('of another name in the folder does not pass for a backup’s own', async () => {
    const { estate, made } = await backups('ebs', 'a', 'b');
    const [a, b] = [at(made, 0), at(made, 1)];
    estate.file(keyIn('ebs-processed', a), 'anything');
    const { calls } = await share(estate, made);
    expect(calls.filter((call) => call.startsWith('s3:get'))).toEqual([`s3:get ${LOCAL} ${keyIn('ebs-processed', a)}`]);
    expect(estate.keys()).toContain(keyIn('ebs', b));
  });

  it('is looked for by itself where the folder is long', async () => {
    const { estate, made } = await backups('ebs', 'a', 'b');
    const b = at(made, 1);
    estate.file(keyIn('ebs-processed', b), 'anything');
    const asked: (readonly [Region, string, object])[] = [];
    const { told: outcomes, calls } = await share(estate, made, [OTHER_ACCOUNT], {
      parts: withStore(() => ({
        listUpTo: (...list) => {
          asked.push(list);
          return Promise.resolve({ files: [], complete: false });
        },
      })),
    });
    expect(asked).toEqual(
      ['ebs-processed', 'ebs-archived'].map((folder) => [
        LOCAL,
        `backups/shared/${OTHER_ACCOUNT}/${folder}/`,
        { maxPages: 1, account: OWN_ACCOUNT },
      ]),
    );
    expect(listCalls(calls).toSorted()).toEqual([
      `${OTHER_ACCOUNT}/ebs-archived/a-2026-11-24-0301-daily.yaml`,
      `${OTHER_ACCOUNT}/ebs-processed/a-2026-11-24-0301-daily.yaml`,
      `${OTHER_ACCOUNT}/ebs-processed/b-2026-11-24-0301-daily.yaml`,
    ]);
    expect(outcomes.filter((outcome) => 'already' in outcome).map(({ backupId }) => backupId)).toEqual([b.id]);
    expect(outcomes).toHaveLength(2);
  });
});
