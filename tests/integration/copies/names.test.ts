import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '@shelvery/engine/terminal';
import { BUNKER, DR, HOME, SOURCE, SOURCE_2, nameOf, tagOf, useCopyEstate } from '../harness/copy-estate.js';
import { reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const NAME = 'orders-2026-10-06-0300-daily';
const SHARED = { shelvery_share_aws_account_ids: BUNKER };
const PULLING = { shelvery_source_aws_account_ids: `${SOURCE},${SOURCE_2}` };

describe.each<BackupType>(['rds', 'rds_cluster'])('databases of the same name (%s)', (type) => {
  it('in two accounts and a DR region: every backup arrives in the bunker once, under a name of its own', async () => {
    const at = (account: string, region = HOME): { type: BackupType; account: string; region: string } => ({
      type,
      account,
      region,
    });
    for (const site of [at(SOURCE), at(SOURCE_2), at(SOURCE, DR)]) await estate.resource(site, 'orders');
    // The DR region has a backup of that name itself when the copy comes.
    await estate.run('create_backups', { ...at(SOURCE, DR), config: SHARED }, { time: MADE });
    await estate.run(
      'create_backups',
      { ...at(SOURCE), config: { ...SHARED, shelvery_dr_regions: DR } },
      { time: MADE },
    );
    await estate.run('create_backups', { ...at(SOURCE_2), config: SHARED }, { time: MADE });
    const abroad = await estate.backups(at(SOURCE, DR));
    expect(abroad).toHaveLength(2);
    expect(abroad.find((found) => nameOf(found) === NAME)?.tags).not.toHaveProperty('shelvery:dr_copy');
    const copy = abroad.find((found) => nameOf(found) !== NAME);
    expect(copy?.id).toMatch(/^orders-[0-9a-f]{12}-2026-10-06-0300-daily$/);
    expect(copy?.tags['shelvery:dr_source_backup']).toBe(`${HOME}:${NAME}`);

    for (const region of [HOME, DR]) {
      const bunker = { ...at(BUNKER, region), config: PULLING };
      const { report } = await estate.run('pull_shared_backups', bunker);
      expect(report.summary).toMatchObject({ failed: region === HOME ? 0 : 1 });
      await estate.run('pull_shared_backups', bunker);
      const pulled = await estate.backups(bunker);
      expect(new Set(pulled.map(({ id }) => id)).size).toBe(2);
      expect(
        pulled.map((found) => `${String(tagOf(found, 'src_account'))} ${String(tagOf(found, 'src_backup'))}`).sort(),
      ).toEqual(
        region === HOME
          ? [`${SOURCE} ${HOME}:${NAME}`, `${SOURCE_2} ${HOME}:${NAME}`]
          : [`${SOURCE} ${DR}:${NAME}`, `${SOURCE} ${DR}:${String(copy?.id)}`].sort(),
      );
      const files = await estate.files(BUNKER, region);
      expect(Object.keys(files).sort()).toEqual(pulled.map(({ id }) => `backups/${type}/${id}.yaml`).sort());
    }
    for (const [account, region] of [
      [SOURCE, HOME],
      [SOURCE, DR],
      [SOURCE_2, HOME],
    ] as const) {
      const waiting = Object.keys(await estate.files(account, region)).filter((key) =>
        key.startsWith(`backups/shared/${BUNKER}/${type}/`),
      );
      expect(waiting).toEqual([]);
    }
  });

  it('whose DR copy holds the name already: the own one is backed up under a name apart, and once', async () => {
    const at = (region: string) => ({ type, account: SOURCE, region });
    for (const region of [HOME, DR]) await estate.resource(at(region), 'orders');
    await estate.run('create_backups', { ...at(HOME), config: { shelvery_dr_regions: DR } }, { time: MADE });
    const { report } = await estate.run('create_backups', at(DR), { time: MADE });
    expect(report.status).toBe('OK');
    await estate.run('create_backups', at(DR), { time: MADE });
    const backups = await estate.backups(at(DR));
    expect(backups).toHaveLength(2);
    expect(backups.find((found) => nameOf(found) === NAME)?.tags).toHaveProperty('shelvery:dr_copy', 'true');
    const own = backups.find((found) => nameOf(found) !== NAME);
    expect(own?.id).toMatch(/^orders-[0-9a-f]{12}-2026-10-06-0300-daily$/);
    expect(own && tagOf(own, 'name')).toBe(own?.id);
  });

  it('whose names are both taken: that is told, though what holds them cannot be looked at', async () => {
    const at = { type, account: SOURCE, region: HOME };
    await estate.resource(at, 'orders');
    const [making, looking, code] =
      type === 'rds'
        ? ['CreateDBSnapshot', 'DescribeDBSnapshots', 'DBSnapshotAlreadyExists']
        : ['CreateDBClusterSnapshot', 'DescribeDBClusterSnapshots', 'DBClusterSnapshotAlreadyExistsFault'];
    const { emulator } = estate;
    await emulator().addFault({ action: making, kind: 'refuse', code, times: 99 });
    await emulator().clearCalls();
    await estate.run('create_backups', at, { time: MADE });
    // The last two looks are those at what holds the names: in the same run again these are refused.
    const looks = (await emulator().calls({ action: looking })).length;
    await emulator().addFault({ action: looking, kind: 'refuse', code: 'AccessDenied', nth: looks - 1, times: 99 });
    const { outcomes } = await estate.run('create_backups', at, { time: MADE });
    const said = reasons(outcomes).join();
    expect(said).toContain('Both names that this backup could have are taken');
    expect(said).toContain('could not be looked at');
  });

  it('of which the copy was made and the answer lost: neither is taken for the other', async () => {
    const at = (account: string): { type: BackupType; account: string } => ({ type, account });
    for (const account of [SOURCE, SOURCE_2]) {
      await estate.resource(at(account), 'orders');
      await estate.run('create_backups', { ...at(account), config: SHARED }, { time: MADE });
    }
    const action = type === 'rds' ? 'CopyDBSnapshot' : 'CopyDBClusterSnapshot';
    await estate.emulator().addFault({ action, account: BUNKER, kind: 'drop-after', nth: 1, times: 2 });
    const bunker = { ...at(BUNKER), config: PULLING };
    const { report } = await estate.run('pull_shared_backups', bunker);
    expect(report.status).toBe('OK');
    expect((await estate.backups(bunker)).map((found) => tagOf(found, 'src_account')).sort()).toEqual([
      SOURCE,
      SOURCE_2,
    ]);
  });
});
