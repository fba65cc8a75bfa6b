import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '@shelvery/engine/terminal';
import { BUNKER, SOURCE, SOURCE_2, useCopyEstate } from '../harness/copy-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const THIRD = '444444444444';
const ACCOUNTS = [SOURCE_2, BUNKER, THIRD];
const CONFIG = { shelvery_share_aws_account_ids: ACCOUNTS.join(',') };

/** The accounts that have a file of what was shared with them. */
async function offered(): Promise<readonly string[]> {
  const keys = Object.keys(await estate.files(SOURCE));
  return keys.flatMap((key) => /^backups\/shared\/(\d{12})\/\w+\/[^/]+\.yaml$/.exec(key)?.[1] ?? []);
}

describe('a backup that is shared with three accounts', () => {
  it.each<{ type: BackupType; changes: Readonly<Record<string, number>> }>([
    { type: 'ebs', changes: { 'ec2:ModifySnapshotAttribute': 1 } },
    { type: 'ec2ami', changes: { 'ec2:ModifySnapshotAttribute': 1, 'ec2:ModifyImageAttribute': 1 } },
    { type: 'rds', changes: { 'rds:ModifyDBSnapshotAttribute': 1 } },
    { type: 'docdb', changes: { 'rds:ModifyDBClusterSnapshotAttribute': 1 } },
    { type: 'redshift', changes: { 'redshift:AuthorizeSnapshotAccess': 3 } },
  ])('of type $type is so by as few calls as the service has', async ({ type, changes }) => {
    await estate.resource({ type }, 'orders');
    await estate.emulator().clearCalls();
    const { report } = await estate.run('create_backups', { type, config: CONFIG }, { time: MADE });
    expect(report.summary.failed).toBe(0);
    expect(await estate.emulator().counts()).toMatchObject(changes);
    expect(await offered()).toEqual(ACCOUNTS.toSorted());
  });

  it('is shared with the others where one is refused, and what became of each is told', async () => {
    await estate.resource({}, 'orders');
    const refusal = { kind: 'refuse', action: 'ModifySnapshotAttribute', code: 'InvalidParameterValue' } as const;
    await estate.emulator().addFault({ ...refusal, status: 400, match: { 'UserId.2': BUNKER }, times: 'always' });
    await estate.emulator().addFault({ ...refusal, status: 400, match: { 'UserId.1': BUNKER }, times: 'always' });
    const { outcomes } = await estate.run('create_backups', { config: CONFIG }, { time: MADE });
    const shares = outcomes.filter(({ operation }) => operation === 'ShareBackup');
    expect(new Map(shares.map(({ destinationAccount, status }) => [String(destinationAccount), status]))).toEqual(
      new Map([
        [SOURCE_2, 'ok'],
        [BUNKER, 'failed'],
        [THIRD, 'ok'],
      ]),
    );
    expect(await offered()).toEqual([SOURCE_2, THIRD]);
  });

  it('is tried again for all of them where what keeps it from being shared may pass', async () => {
    await estate.resource({}, 'orders');
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'ModifySnapshotAttribute',
      code: 'InternalError',
      status: 500,
      times: 10,
    });
    const { report } = await estate.run('create_backups', { config: CONFIG }, { time: MADE });
    expect(report.summary.failed).toBe(0);
    expect(await offered()).toEqual(ACCOUNTS.toSorted());
    const calls = await estate.emulator().calls({ action: 'ModifySnapshotAttribute' });
    expect(calls.every(({ parameters }) => 'UserId.3' in parameters)).toBe(true);
  });

  it('is looked for among what the accounts have pulled in one list of each folder, for all backups together', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await estate.resource({}, name);
    const site = { config: CONFIG };
    await estate.run('create_backups', site, { time: MADE });
    const [pulled = ''] = Object.keys(await estate.files(SOURCE)).filter((key) => key.includes(`shared/${BUNKER}/`));
    const text = (await estate.files(SOURCE))[pulled] ?? '';
    await estate.putFile(SOURCE, pulled.replace('/ebs/', '/ebs-processed/'), text);
    await estate.deleteFile(SOURCE, pulled);
    await estate.emulator().clearCalls();
    await estate.run('create_backups', site, { time: MADE });
    const lists = await estate.emulator().calls({ action: 'ListObjectsV2' });
    expect(lists.filter(({ parameters }) => JSON.stringify(parameters).includes('shared/'))).toHaveLength(6);
    expect(Object.keys(await estate.files(SOURCE))).not.toContain(pulled);
  });
});
