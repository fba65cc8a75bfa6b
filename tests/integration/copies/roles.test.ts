import { describe, expect, it } from '@jest/globals';
import { accountsOf } from '../../emulator/accounts.js';
import { BUNKER, DR, SOURCE, SOURCE_2, useCopyEstate } from '../harness/copy-estate.js';
import { seeThrough } from '../harness/product.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const sharing = { shelvery_share_aws_account_ids: BUNKER };

describe('a role', () => {
  it('makes every call on resources, backups and buckets; topics, queue and functions are the own account', async () => {
    const role = `arn:aws:iam::${SOURCE_2}:role/backup`;
    await accountsOf(estate.emulator()).requireExternalId(role, 'secret');
    await estate.resource({ account: SOURCE_2 }, 'orders');
    const config = { ...sharing, shelvery_dr_regions: DR, role_arn: role, role_external_id: 'secret' };
    const installation = { ...estate.install({ config }), queueUrl: await estate.queue(SOURCE) };
    await estate.emulator().clearCalls();
    await seeThrough(installation, 'queue', { action: 'create_backups', time: MADE });
    expect(await estate.backups({ account: SOURCE_2 })).toHaveLength(1);
    expect(await estate.backups({ account: SOURCE_2, region: DR })).toHaveLength(1);
    expect(Object.keys(await estate.files(SOURCE_2))).toHaveLength(2);
    const by = new Map<string, Set<string>>();
    for (const { service, account } of await estate.emulator().calls())
      by.set(service, (by.get(service) ?? new Set()).add(account));
    expect([...(by.get('ec2') ?? [])]).toEqual([SOURCE_2]);
    expect([...(by.get('sqs') ?? [])]).toEqual([SOURCE]);
    expect([...(by.get('sts') ?? [])]).toEqual([SOURCE]);
  });

  it('whose external id is wrong ends the run before any other call', async () => {
    const role = `arn:aws:iam::${SOURCE_2}:role/backup`;
    await accountsOf(estate.emulator()).requireExternalId(role, 'secret');
    await estate.emulator().clearCalls();
    const run = estate.run('create_backups', { config: { role_arn: role, role_external_id: 'other' } });
    await expect(run).rejects.toMatchObject({
      code: 'CredentialsError',
      message: expect.stringContaining('Check role_arn and role_external_id'),
    });
    expect((await estate.emulator().calls()).every(({ service }) => service === 'sts')).toBe(true);
  });
});
