import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, nameOf, tagOf, useCopyEstate } from '../harness/copy-estate.js';
import { inShort } from '../harness/ebs-estate.js';
import { invoke, payloadOf, seeThrough } from '../harness/product.js';
import type { Installation, Way } from '../harness/product.js';
import { parseMetadata } from '../../../layers/engine/src/domain/files/metadata.js';

const estate = useCopyEstate();
/** A Tuesday: daily backups. */
const MADE = '2026-10-06T03:00:00Z';

const SOURCE_CONFIG = {
  shelvery_dr_regions: DR,
  shelvery_share_aws_account_ids: BUNKER,
  shelvery_keep_daily_backups: '7',
  shelvery_keep_daily_backups_dr: '21',
  shelvery_keep_last_backups: '0',
};
const BUNKER_CONFIG = {
  shelvery_source_aws_account_ids: SOURCE,
  shelvery_keep_daily_backups: '14',
  shelvery_keep_last_backups: '0',
};

/** How each type is run; backups of services that make no copies on demand stay where they are. */
const WAYS: Readonly<Record<BackupType, Way | 'stays'>> = {
  ebs: 'queue',
  ec2ami: 'cli',
  rds: 'invocations',
  rds_cluster: 'cli',
  docdb: 'cli',
  redshift: 'stays',
};
const CASES = BACKUP_TYPES.flatMap((type) => {
  const way = WAYS[type];
  return way === 'stays' ? [] : [{ type, way }];
});

/** What the file of a backup tells of the resource that it was made of. */
const WAS: Readonly<Record<BackupType, object>> = {
  ebs: { availability_zone: `${HOME}a`, size_gib: 8, storage_type: 'gp2', encrypted: false },
  ec2ami: { instance_type: 'm1.small', availability_zone: `${HOME}a` },
  rds: { engine: 'postgres', instance_class: 'db.t4g.micro', port: 5432 },
  rds_cluster: { engine: 'aurora-postgresql', port: 5432 },
  docdb: { engine: 'docdb', port: 27017 },
  redshift: {},
};

function restoreIn(text: string | undefined): unknown {
  const parsed = parseMetadata(text ?? '');
  return 'problem' in parsed ? parsed.problem : parsed.document.restore;
}

describe.each(CASES)('a backup of type $type ($way)', ({ type, way }) => {
  const at = (account: string, region: string): { type: BackupType; account: string; region: string } => ({
    type,
    account,
    region,
  });
  const installed = async (
    account: string,
    region: string,
    config: Readonly<Record<string, string>>,
  ): Promise<Installation> => {
    const installation = estate.install({ ...at(account, region), config });
    return way === 'queue' ? { ...installation, queueUrl: await estate.queue(account, region) } : installation;
  };

  it('is made, copied, shared, pulled, and cleaned by whom it belongs to', async () => {
    await estate.emulator().setSnapshotStates({ pendingMs: 20_000 });
    await databaseControls(estate.emulator()).setStates({ pendingMs: 20_000 });
    const tags = { 'shelvery:config:shelvery_keep_weekly_backups': '3', owner: 'team-a' };
    const entity = await estate.resource(at(SOURCE, HOME), 'orders', tags);
    const source = await installed(SOURCE, HOME, SOURCE_CONFIG);
    const bunker = await installed(BUNKER, HOME, BUNKER_CONFIG);
    const bunkerAbroad = await installed(BUNKER, DR, BUNKER_CONFIG);

    await seeThrough(source, way, { action: 'create_backups', time: MADE });
    const made = await estate.only(at(SOURCE, HOME));
    const copy = await estate.only(at(SOURCE, DR));
    expect(made).toMatchObject({ place: 'local', foreign: false, entityId: entity });
    expect(copy).toMatchObject({
      place: 'dr',
      name: made.name,
      source: `${HOME}:${made.id}`,
      entityId: entity,
      srcAccount: SOURCE,
    });
    expect(tagOf(made.found, 'dr_copies')).toBe(`${DR}:${copy.id}`);
    expect(tagOf(made.found, 'dr_regions')).toBe(DR);
    expect(copy.found.tags).toMatchObject({
      owner: 'team-a',
      'shelvery:region': DR,
      'shelvery:dr_copy': 'true',
      'shelvery:config:shelvery_keep_weekly_backups': '3',
      'shelvery:date_created': '2026-10-06-0300',
    });
    expect(tagOf(copy.found, 'dr_copies')).toBeUndefined();
    const shared = `backups/shared/${BUNKER}/${type}/${made.name}.yaml`;
    const facts = restoreIn((await estate.files(SOURCE))[`backups/${type}/${made.name}.yaml`]);
    for (const [region, backup] of [
      [HOME, made],
      [DR, copy],
    ] as const) {
      const files = await estate.files(SOURCE, region);
      expect(Object.keys(files).sort()).toEqual([`backups/${type}/${made.name}.yaml`, shared].sort());
      expect(files[shared]).toContain(`backup_id: "${backup.id}"`);
      expect(files[shared]).toContain(`region: "${region}"`);
      expect([restoreIn(files[shared]), restoreIn(files[`backups/${type}/${made.name}.yaml`])]).toEqual([facts, facts]);
    }
    expect(facts).toMatchObject(WAS[type]);

    // The file stays until the copy is available.
    await invoke(bunker, payloadOf(bunker, { action: 'pull_shared_backups', time: MADE }), 'request-1');
    expect((await estate.only(at(BUNKER, HOME))).found.state).toBe('pending');
    expect(Object.keys(await estate.files(SOURCE))).toContain(shared);
    await seeThrough(bunker, way, { action: 'pull_shared_backups', time: MADE });
    await seeThrough(bunkerAbroad, way, { action: 'pull_shared_backups', time: MADE });
    for (const [region, from] of [
      [HOME, made],
      [DR, copy],
    ] as const) {
      const pulled = await estate.only(at(BUNKER, region));
      expect(pulled).toMatchObject({
        place: 'pulled',
        foreign: true,
        name: made.name,
        source: `${region}:${from.id}`,
        srcAccount: SOURCE,
      });
      expect(pulled.found).toMatchObject({ state: 'available' });
      expect(pulled.found.tags).toMatchObject({
        owner: 'team-a',
        'shelvery:cross_account_copy': 'true',
        'shelvery:dst_account': BUNKER,
        'shelvery:src_region': region,
        'shelvery:region': region,
        'shelvery:dr_copy': 'false',
        'shelvery:date_created': '2026-10-06-0300',
        'shelvery:retention_type': 'daily',
      });
      expect(
        Object.keys(pulled.found.tags).filter((key) => /config|dr_regions|dr_copies|run_id|dr_source/.test(key)),
      ).toEqual([]);
      const own = await estate.files(BUNKER, region);
      expect(Object.keys(own)).toEqual([`backups/${type}/${made.name}.yaml`]);
      expect(restoreIn(own[`backups/${type}/${made.name}.yaml`])).toEqual(facts);
      expect(Object.keys(await estate.files(SOURCE, region)).sort()).toEqual(
        [`backups/${type}/${made.name}.yaml`, shared.replace(`/${type}/`, `/${type}-processed/`)].sort(),
      );
    }
    // Pulling again, and making again, change nothing.
    const before = await everything();
    await seeThrough(bunker, way, { action: 'pull_shared_backups', time: MADE });
    await seeThrough(source, way, { action: 'create_backups', time: MADE });
    expect(await everything()).toEqual(before);

    // Local backups expire after 7 days, pulled ones after 14, DR copies after 21; the DR region cleans its own, and
    // none of these.
    const abroad = await installed(SOURCE, DR, { ...SOURCE_CONFIG, shelvery_dr_regions: HOME });
    const clean = async (sites: readonly Installation[], time: string): Promise<readonly number[]> => {
      for (const each of sites) await seeThrough(each, way, { action: 'clean_backups', time });
      return await Promise.all(
        [at(SOURCE, HOME), at(SOURCE, DR), at(BUNKER, HOME), at(BUNKER, DR)].map(
          async (site) => (await estate.backups(site)).length,
        ),
      );
    };
    if (type === 'ebs') {
      expect(await clean([abroad, source, bunker], '2026-10-12T03:00:00Z')).toEqual([1, 1, 1, 1]);
      expect(await clean([abroad, source, bunker], '2026-10-14T03:00:00Z')).toEqual([0, 1, 1, 1]);
      expect(await clean([abroad, source, bunker], '2026-10-21T03:00:00Z')).toEqual([0, 1, 0, 1]);
    }
    expect(await clean([abroad, bunker], '2026-10-28T03:00:00Z')).toEqual([type === 'ebs' ? 0 : 1, 1, 0, 1]);
    expect(await clean([source], '2026-10-28T03:00:00Z')).toEqual([0, 0, 0, 1]);
    expect(Object.keys(await estate.files(SOURCE, DR)).sort()).toEqual([
      `backups/${type}/removed/${made.name}.yaml`,
      shared.replace(`/${type}/`, `/${type}-processed/`),
    ]);
  });

  async function everything(): Promise<unknown> {
    const sites = [at(SOURCE, HOME), at(SOURCE, DR), at(BUNKER, HOME), at(BUNKER, DR)];
    return {
      backups: await Promise.all(sites.map((site) => estate.backups(site))),
      files: await Promise.all(sites.map((site) => estate.files(site.account, site.region))),
    };
  }
});

describe('a Redshift backup', () => {
  it('is shared, and the rest is one clear IGNORE each', async () => {
    const at = (account: string): { type: BackupType; account: string } => ({ type: 'redshift', account });
    await estate.resource(at(SOURCE), 'sales');
    await estate.resource(at(SOURCE), 'stock');
    const created = await estate.run('create_backups', { ...at(SOURCE), config: SOURCE_CONFIG }, { time: MADE });
    expect(inShort(created.outcomes).filter((text) => text.startsWith('Copy'))).toEqual(['CopyBackupToRegion ignored']);
    expect(inShort(created.outcomes).filter((text) => text.startsWith('Share'))).toEqual([
      'ShareBackup ok',
      'ShareBackup ok',
    ]);
    expect(created.report.status).toBe('OK');
    const names = (await estate.backups(at(SOURCE))).map(nameOf);
    expect(Object.keys(await estate.files(SOURCE))).toEqual(
      expect.arrayContaining(names.map((name) => `backups/shared/${BUNKER}/redshift/${name}.yaml`)),
    );
    const pulled = await estate.run('pull_shared_backups', { ...at(BUNKER), config: BUNKER_CONFIG });
    expect(inShort(pulled.outcomes)).toEqual(['PullSharedBackup ignored']);
    expect(await estate.backups(at(BUNKER))).toEqual([]);
    const cleaned = await estate.run(
      'clean_backups',
      { ...at(SOURCE), config: SOURCE_CONFIG },
      { time: '2026-10-20T03:00:00Z' },
    );
    expect(cleaned.report.status).toBe('OK');
    expect(await estate.backups(at(SOURCE))).toEqual([]);
  });
});
