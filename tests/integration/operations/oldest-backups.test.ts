import { CopySnapshotCommand, CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateDBClusterSnapshotCommand, CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateClusterSnapshotCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, RunResult } from '@shelvery/engine/terminal';
import { databaseControls } from '../../emulator/databases.js';
import { HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { inShort } from '../harness/ebs-estate.js';
import { databasesOf } from '../harness/resources.js';

// The first versions of the original wrote no entity_id, no src_account, and dates without hyphens.
const DAYS = ['20260901', '20260902'] as const;
const BEFORE = '2026-09-10T03:00:00Z';
const AFTER = '2026-11-10T03:00:00Z';
const WITH_SOURCE: readonly BackupType[] = BACKUP_TYPES.filter((type) => type !== 'ec2ami');

const estate = useCopyEstate();
const config = () => estate.emulator().clientConfig(SOURCE, HOME);

function tagsOf(name: string, day: string): Readonly<Record<string, string>> {
  return {
    Name: name,
    'shelvery:tag_name': 'shelvery',
    'shelvery:date_created': `${day}-0300`,
    'shelvery:name': name,
    'shelvery:region': HOME,
    'shelvery:retention_type': 'daily',
    'shelvery:backup': 'true',
  };
}

/** A backup of a resource as the original first made them; its id. */
async function oldBackup(type: BackupType, resource: string, day: string): Promise<string> {
  const name = `${resource}-${day}-0300-daily`;
  const tags = tagsOf(name, day);
  const startTime = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T03:00:20Z`;
  const databases = databasesOf(type);
  if (databases === undefined) {
    const seed = { volumeId: resource, tags, startTime, description: name };
    return (await estate.emulator().seedSnapshots([seed], { account: SOURCE, region: HOME }))[0] ?? '';
  }
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { service } = databases;
  if (service === 'rds') {
    const made = { DBSnapshotIdentifier: name, DBInstanceIdentifier: resource, Tags };
    await new RDSClient(config()).send(new CreateDBSnapshotCommand(made));
  } else if (service === 'redshift') {
    const made = { SnapshotIdentifier: name, ClusterIdentifier: resource, Tags };
    await new RedshiftClient(config()).send(new CreateClusterSnapshotCommand(made));
  } else {
    const made = { DBClusterSnapshotIdentifier: name, DBClusterIdentifier: resource, Tags };
    await new RDSClient(config()).send(new CreateDBClusterSnapshotCommand(made));
  }
  await databaseControls(estate.emulator()).setSnapshot({ service, id: name, createdAt: startTime });
  return name;
}

async function resourceOf(site: Site, marked: boolean): Promise<string> {
  const { type = 'ebs' } = site;
  const databases = databasesOf(type);
  if (databases === undefined)
    return await estate.resource(site, 'orders', marked ? {} : { 'shelvery:create_backup': 'no' });
  const { service, ...database } = databases;
  const tags = { 'shelvery:create_backup': marked ? 'true' : 'no' };
  const seed = { ...database, id: 'orders', createdAt: '2026-01-01T00:00:00Z', tags };
  await databaseControls(estate.emulator()).seedDatabases(service, [seed]);
  return 'orders';
}

const deletions = ({ outcomes }: RunResult): readonly string[] =>
  inShort(outcomes).filter((line) => line.startsWith('DeleteBackup'));

describe.each(WITH_SOURCE)("the original's oldest backups, which do not name their resource (%s)", (type) => {
  const site: Site = { type };

  it('are of the resource that the service names, and the newest stays while that is marked', async () => {
    const resource = await resourceOf(site, true);
    const ids = [];
    for (const day of DAYS) ids.push(await oldBackup(type, resource, day));
    const listed = (await estate.run('list_backups', site, { time: BEFORE, dryRun: true })).listed ?? [];
    expect(listed.map(({ id, resource: of, place, reason }) => [id, of, place, reason])).toEqual(
      ids.map((id) => [id, resource, 'local', 'not-expired']),
    );
    const cleaned = await estate.run('clean_backups', site, { time: AFTER });
    expect(cleaned.report.status).toBe('OK');
    expect(deletions(cleaned)).toEqual(['DeleteBackup ok']);
    expect((await estate.backups(site)).map(({ id }) => id)).toEqual(ids.slice(1));
    expect(Object.values(await estate.files(SOURCE)).join('\n')).toContain(`entity_id: "${resource}"`);
  });

  it('all go when they have expired and it is not marked any more', async () => {
    const resource = await resourceOf(site, false);
    for (const day of DAYS) await oldBackup(type, resource, day);
    expect(deletions(await estate.run('clean_backups', site, { time: BEFORE }))).toEqual([]);
    expect(deletions(await estate.run('clean_backups', site, { time: AFTER }))).toEqual([
      'DeleteBackup ok',
      'DeleteBackup ok',
    ]);
  });

  it('are cleaned with their resource alone where that is selected', async () => {
    const resource = await resourceOf(site, false);
    for (const day of DAYS) await oldBackup(type, resource, day);
    const only = (id: string): Site => ({ ...site, config: { shelvery_select_entity: id } });
    const other = type === 'ebs' ? 'vol-0fffffffffffffff1' : 'other';
    expect(deletions(await estate.run('clean_backups', only(other), { time: AFTER }))).not.toContain('DeleteBackup ok');
    expect(await estate.backups(site)).toHaveLength(2);
    await estate.run('clean_backups', only(resource), { time: AFTER });
    expect(await estate.backups(site)).toHaveLength(0);
  });
});

describe('what a person copied of such a snapshot', () => {
  it('is kept and told of: EC2 tells of no volume that a copy is of', async () => {
    const site: Site = { type: 'ebs' };
    const volume = await resourceOf(site, false);
    const id = await oldBackup('ebs', volume, DAYS[0]);
    const name = `${volume}-${DAYS[0]}-0300-daily`;
    const ec2 = new EC2Client(config());
    const { SnapshotId = '' } = await ec2.send(
      new CopySnapshotCommand({ SourceRegion: HOME, SourceSnapshotId: id, Description: name }),
    );
    const Tags = Object.entries(tagsOf(name, DAYS[0])).map(([Key, Value]) => ({ Key, Value }));
    await ec2.send(new CreateTagsCommand({ Resources: [SnapshotId], Tags }));
    const dry = await estate.run('clean_backups', site, { time: AFTER, dryRun: true });
    const cleaned = await estate.run('clean_backups', site, { time: AFTER });
    expect(deletions(dry)).toEqual(['DeleteBackup failed BackupUnreadable']);
    expect([...deletions(cleaned)].sort()).toEqual(['DeleteBackup failed BackupUnreadable', 'DeleteBackup ok']);
    expect((await estate.backups(site)).map((left) => left.id)).toEqual([SnapshotId]);
  });
});
