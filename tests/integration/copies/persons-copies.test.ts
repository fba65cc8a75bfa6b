import { CopyImageCommand, CopySnapshotCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CopyDBClusterSnapshotCommand, CopyDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, it } from '@jest/globals';
import type { RunResult } from '@shelvery/engine/terminal';
import { toTagList } from '../../../functions/shared/tag-list.js';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { listRawSnapshots } from '../harness/raw-snapshots.js';

const estate = useCopyEstate();
const DAY_MS = 86_400_000;
/** Whatever day it is: a weekly or monthly backup is kept for longer than the tests are about. */
const DAILY = { shelvery_current_retention_type: 'daily' };
const NO_LAST = { shelvery_keep_last_backups: '0' };

/** The ids of all that the service has there, whoever made it. */
async function stored(site: Site): Promise<readonly string[]> {
  const { type, account, region } = estate.install(site);
  const all = await listRawSnapshots(estate.emulator(), { type, account, region });
  // Snapshots of images are listed beside them.
  return all.flatMap(({ id, kind }) => (type === 'ec2ami' && kind !== 'image' ? [] : [id])).sort();
}

/** What a run says of backups that it leaves alone, a line each. */
function leftAlone({ report }: RunResult): readonly string[] {
  return report.entries.flatMap(({ status, ...rest }) => (status === 'IGNORE' ? [JSON.stringify(rest)] : []));
}

describe('a copy that a person made of a snapshot of a database, with its tags', () => {
  /** `copy-db-snapshot --copy-tags` of the only backup that is there. */
  async function copyTo(name: string, site: Site): Promise<void> {
    const { id } = await estate.only(site);
    const { type, account, region } = estate.install(site);
    const rds = new RDSClient(estate.emulator().clientConfig(account, region));
    if (type === 'rds') {
      const copy = { SourceDBSnapshotIdentifier: id, TargetDBSnapshotIdentifier: name, CopyTags: true };
      await rds.send(new CopyDBSnapshotCommand(copy));
    } else {
      const copy = { SourceDBClusterSnapshotIdentifier: id, TargetDBClusterSnapshotIdentifier: name, CopyTags: true };
      await rds.send(new CopyDBClusterSnapshotCommand(copy));
    }
  }

  it.each(['rds', 'rds_cluster', 'docdb'] as const)('of a DR copy stays, and is told of once: %s', async (type) => {
    const site = { type, config: { ...DAILY, shelvery_dr_regions: DR } };
    const abroad = { ...site, region: DR };
    await estate.resource(site, 'prod-db');
    await estate.run('create_backups', site);
    await copyTo('restore-drill', abroad);
    const before = await stored(abroad);
    expect(before).toHaveLength(2);
    const cleaned = await estate.run('clean_backups', site);
    expect(cleaned.report.status).toBe('OK');
    expect(leftAlone(cleaned)).toEqual([expect.stringContaining('its name is restore-drill')]);
    expect(await stored(abroad)).toEqual(before);
    await expectToOutlive('restore-drill', { ...site, config: { ...site.config, ...NO_LAST } }, abroad);
  });

  it.each(['rds', 'rds_cluster', 'docdb'] as const)('of a pulled copy stays, and is told of once: %s', async (type) => {
    const site = { type, config: { ...DAILY, shelvery_share_aws_account_ids: BUNKER } };
    const bunker = { type, account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };
    await estate.resource(site, 'prod-db');
    await estate.run('create_backups', site);
    await estate.run('pull_shared_backups', bunker);
    await copyTo('legal-case', bunker);
    const before = await stored(bunker);
    expect(before).toHaveLength(2);
    const cleaned = await estate.run('clean_backups', bunker);
    expect(cleaned.report.status).toBe('OK');
    expect(leftAlone(cleaned)).toEqual([expect.stringContaining('its name is legal-case')]);
    expect(await stored(bunker)).toEqual(before);
    await expectToOutlive('legal-case', { ...bunker, config: { ...bunker.config, ...NO_LAST } }, bunker);
  });

  /** What it was copied from goes when it has expired, and the copy does not. */
  async function expectToOutlive(copy: string, cleaner: Site, where: Site): Promise<void> {
    await estate.clock().advance(400 * DAY_MS);
    const cleaned = await estate.run('clean_backups', cleaner);
    expect(leftAlone(cleaned)).toHaveLength(1);
    expect(await stored(where)).toEqual([copy]);
  }
});

describe('a copy that a person made in another region where Shelvery also runs, with the tags', () => {
  /** As `--copy-image-tags` does, which has the service carry the tags over. */
  async function copyAbroad(site: Site, name: string | undefined): Promise<string> {
    const { id, found } = await estate.only(site);
    const ec2 = new EC2Client(estate.emulator().clientConfig(SOURCE, DR));
    const Tags = toTagList(found.tags);
    if (site.type === 'ebs') {
      const TagSpecifications = [{ ResourceType: 'snapshot' as const, Tags }];
      const copy = new CopySnapshotCommand({ SourceRegion: HOME, SourceSnapshotId: id, TagSpecifications });
      return (await ec2.send(copy)).SnapshotId ?? '';
    }
    const TagSpecifications = [{ ResourceType: 'image' as const, Tags }];
    const Name = name ?? found.serviceName ?? '';
    const copy = new CopyImageCommand({ SourceRegion: HOME, SourceImageId: id, Name, TagSpecifications });
    return (await ec2.send(copy)).ImageId ?? '';
  }

  it.each([
    ['an image', 'ec2ami', 'restore-drill'],
    ['an image, under its own name', 'ec2ami', undefined],
    ['a snapshot of a volume', 'ebs', undefined],
  ] as const)('stays where the original has expired, and is told of once: %s', async (_, type, name) => {
    const home = { type, config: { ...DAILY, ...NO_LAST } };
    const abroad = { ...home, region: DR };
    await estate.resource(home, 'web');
    await estate.run('create_backups', home);
    const copy = await copyAbroad(home, name);
    await estate.clock().advance(400 * DAY_MS);
    const there = await estate.run('clean_backups', abroad);
    expect(there.report.status).toBe('OK');
    expect(leftAlone(there)).toEqual([expect.stringContaining("not a backup of Shelvery's own")]);
    await estate.run('clean_backups', home);
    expect(await stored(home)).toEqual([]);
    expect(await stored(abroad)).toEqual([copy]);
  });
});
