import { expect, it } from '@jest/globals';
import { CreateTagsCommand, DeleteTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { BUNKER, DR, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { DOUBLING, doubleCopy } from '../harness/doubled-copy.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const abroad = { account: SOURCE, region: DR };
const bunker = { account: BUNKER, region: DR, config: { shelvery_source_aws_account_ids: SOURCE } };

it('of a doubled DR copy the older stays, and has the files: the account that it is shared with pulls it', async () => {
  await estate.resource(DOUBLING, 'orders');
  await estate.run('create_backups', DOUBLING, { time: MADE });
  const { name } = await estate.only(abroad);
  const { first, second } = await doubleCopy(estate.install(DOUBLING));
  expect((await estate.files(SOURCE, DR))[`backups/shared/${BUNKER}/ebs/${name}.yaml`]).toContain(second);
  expect((await estate.run('clean_backups', DOUBLING)).report.status).toBe('OK');
  // The files first: the other is there until they tell of the one that stays.
  expect(await estate.backups(abroad)).toHaveLength(2);
  expect((await estate.run('clean_backups', DOUBLING)).report.status).toBe('OK');
  expect((await estate.only(abroad)).id).toBe(first);
  const files = await estate.files(SOURCE, DR);
  expect(files[`backups/ebs/${name}.yaml`]).toContain(first);
  expect(Object.keys(files).filter((key) => key.includes('/removed/'))).toEqual([]);
  expect(files[`backups/shared/${BUNKER}/ebs/${name}.yaml`]).toContain(first);
  await estate.run('pull_shared_backups', bunker);
  expect((await estate.only(bunker)).source).toBe(`${DR}:${first}`);
});

it('a copy keeps its files when it is made a second time, and the second is removed by the next cleaning', async () => {
  await estate.resource(DOUBLING, 'orders');
  await estate.run('create_backups', DOUBLING, { time: MADE });
  const { name } = await estate.only(abroad);
  const { first, second } = await doubleCopy(estate.install(DOUBLING), false);
  const files = await estate.files(SOURCE, DR);
  for (const key of [`backups/ebs/${name}.yaml`, `backups/shared/${BUNKER}/ebs/${name}.yaml`]) {
    expect(files[key]).toContain(first);
    expect(files[key]).not.toContain(second);
  }
  expect((await estate.run('clean_backups', DOUBLING)).report.status).toBe('OK');
  expect((await estate.only(abroad)).id).toBe(first);
  expect(await estate.files(SOURCE, DR)).toEqual(files);
});

it('the doubled copy stays while the other cannot be shared', async () => {
  await estate.resource(DOUBLING, 'orders');
  await estate.run('create_backups', DOUBLING, { time: MADE });
  await doubleCopy(estate.install(DOUBLING));
  await estate
    .emulator()
    .addFault({ kind: 'refuse', action: 'ModifySnapshotAttribute', code: 'UnauthorizedOperation', times: 1 });
  const { report } = await estate.run('clean_backups', DOUBLING);
  expect(report.entries.filter(({ status }) => status === 'ERROR')).toHaveLength(1);
  await estate.run('clean_backups', DOUBLING);
  expect(await estate.backups(abroad)).toHaveLength(2);
  await estate.run('clean_backups', DOUBLING);
  expect(await estate.backups(abroad)).toHaveLength(1);
});

it('a failed copy that is held keeps no files: those of the other go with it', async () => {
  await estate.resource(DOUBLING, 'orders');
  await estate.run('create_backups', DOUBLING, { time: MADE });
  const { name } = await estate.only(abroad);
  const { first, second } = await doubleCopy(estate.install(DOUBLING));
  await estate.emulator().setSnapshot(first, { state: 'error' });
  const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, DR));
  await ec2.send(new CreateTagsCommand({ Resources: [first], Tags: [{ Key: 'shelvery:hold', Value: 'legal' }] }));
  const expired = { shelvery_keep_daily_backups: '1', shelvery_keep_last_backups: '0' };
  await estate.run('clean_backups', { ...DOUBLING, config: { ...DOUBLING.config, ...expired } });
  expect((await estate.backups(abroad)).map(({ id }) => id)).toEqual([first]);
  const files = await estate.files(SOURCE, DR);
  expect(files[`backups/ebs/removed/${name}.yaml`]).toContain(second);
  expect(Object.keys(files).filter((key) => key.endsWith(`${name}.yaml`) && !key.includes('/removed/'))).toEqual([]);
});

it.each([
  ['names it', true],
  ['names the other', false],
])('a copy that cannot be understood keeps the record that %s', async (_, isIts) => {
  await estate.resource(DOUBLING, 'orders');
  await estate.run('create_backups', DOUBLING, { time: MADE });
  const { name } = await estate.only(abroad);
  // The record names the second.
  const { first, second } = await doubleCopy(estate.install(DOUBLING));
  const [unclear, other] = isIts ? [second, first] : [first, second];
  const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, DR));
  await ec2.send(new DeleteTagsCommand({ Resources: [unclear], Tags: [{ Key: 'shelvery:retention_type' }] }));
  const expired = { shelvery_keep_daily_backups: '1', shelvery_keep_last_backups: '0' };
  await estate.run('clean_backups', { ...DOUBLING, config: { ...DOUBLING.config, ...expired } });
  expect((await estate.backups(abroad)).map(({ id }) => id)).toEqual([unclear]);
  const files = await estate.files(SOURCE, DR);
  if (isIts) expect(files[`backups/ebs/${name}.yaml`]).toContain(second);
  else expect(files[`backups/ebs/removed/${name}.yaml`]).toContain(other);
  expect(Object.keys(files).filter((key) => key === `backups/ebs/${name}.yaml`)).toHaveLength(isIts ? 1 : 0);
});
