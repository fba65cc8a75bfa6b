import { CreateTagsCommand, DeleteTagsCommand as DeleteEc2TagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AddTagsToResourceCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import {
  CreateTagsCommand as CreateRedshiftTagsCommand,
  DeleteClusterCommand,
  DeleteTagsCommand as DeleteRedshiftTagsCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, RunResult } from '@shelvery/engine/terminal';
import { databaseControls } from '../../emulator/databases.js';
import type { DatabaseService } from '../../emulator/databases.js';
import { DR, HOME, SOURCE, tagOf, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { inShort } from '../harness/ebs-estate.js';
import { BACKED_UP, databasesOf } from '../harness/resources.js';

const estate = useCopyEstate();
const DAY_MS = 86_400_000;
const MARK = 'shelvery:create_backup';
const KEEP_DAILY = 'shelvery:config:shelvery_keep_daily_backups';
/** Whatever day it is: a weekly or monthly backup is kept for longer than the tests are about. */
const DAILY = { shelvery_current_retention_type: 'daily' };
const DATABASES = BACKUP_TYPES.filter((type) => databasesOf(type) !== undefined);
const WITH_DR = DATABASES.filter((type) => type !== 'redshift');

const config = () => estate.emulator().clientConfig(SOURCE, HOME);
const rds = (): RDSClient => new RDSClient(config());
const redshift = (): RedshiftClient => new RedshiftClient(config());
const pass = async (days: number): Promise<void> => {
  await estate.clock().advance(days * DAY_MS);
};
const ids = async (site: Site): Promise<readonly string[]> => (await estate.backups(site)).map(({ id }) => id).sort();

/** A marked resource that asks for 365 days, and its backups of 32, 31 and 30 days ago; the resource's id. */
async function threeOld(site: Site, name: string): Promise<string> {
  const id = await estate.resource(site, name, { [KEEP_DAILY]: '365' });
  for (const days of [1, 1, 30]) {
    expect((await estate.run('create_backups', site)).report.status).toBe('OK');
    await pass(days);
  }
  return id;
}

function deletions({ outcomes }: RunResult): readonly string[] {
  return inShort(outcomes).filter((line) => line.startsWith('DeleteBackup'));
}

/** Cleaning removes none of them for 365 days, and all of them later. */
async function staysForAYear(site: Site, before: readonly string[]): Promise<void> {
  const cleaned = await estate.run('clean_backups', site);
  expect(cleaned.report.status).toBe('OK');
  expect(deletions(cleaned)).toEqual([]);
  expect(await ids(site)).toEqual(before);
  await pass(336);
  await estate.run('clean_backups', site);
  expect(await ids(site)).toEqual([]);
}

describe('the backups of a database that was deleted, and made again under its name without tags', () => {
  const NAME = 'prod-db';
  async function deleteDatabase(service: DatabaseService): Promise<void> {
    if (service === 'rds')
      await rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: NAME, SkipFinalSnapshot: true }));
    else if (service === 'rds-cluster')
      await rds().send(new DeleteDBClusterCommand({ DBClusterIdentifier: NAME, SkipFinalSnapshot: true }));
    else await redshift().send(new DeleteClusterCommand({ ClusterIdentifier: NAME, SkipFinalClusterSnapshot: true }));
  }
  async function madeAgain(type: BackupType, tags: Readonly<Record<string, string>>): Promise<void> {
    const { service = 'rds', ...database } = databasesOf(type) ?? {};
    await deleteDatabase(service);
    await databaseControls(estate.emulator()).seedDatabases(service, [{ ...database, id: NAME, tags }]);
  }

  it.each(DATABASES)('stay for the 365 days of their own tags: %s', async (type) => {
    const site = { type, config: DAILY };
    await threeOld(site, NAME);
    const before = await ids(site);
    expect(before).toHaveLength(3);
    await madeAgain(type, {});
    await staysForAYear(site, before);
  });

  it.each(DATABASES)('stay where the new one is marked, and asks for less: %s', async (type) => {
    const site = { type, config: DAILY };
    await threeOld(site, NAME);
    const before = await ids(site);
    await madeAgain(type, { [MARK]: 'true', [KEEP_DAILY]: '1' });
    expect(deletions(await estate.run('clean_backups', site))).toEqual([]);
    expect(await ids(site)).toEqual(before);
  });

  it('stay where no backup tells which cluster it is of, by the time that the new one was made: redshift', async () => {
    const site = { type: 'redshift', config: DAILY } as const;
    await threeOld(site, NAME);
    const before = await ids(site);
    for (const id of before) {
      const ResourceName = `arn:aws:redshift:${HOME}:${SOURCE}:snapshot:${NAME}/${id}`;
      await redshift().send(new DeleteRedshiftTagsCommand({ ResourceName, TagKeys: ['shelvery:entity_uid'] }));
    }
    expect((await estate.backups(site)).map((found) => tagOf(found, 'entity_uid'))).toEqual(
      before.map(() => undefined),
    );
    await madeAgain('redshift', { [MARK]: 'true' });
    expect(deletions(await estate.run('clean_backups', site))).toEqual([]);
    expect(await ids(site)).toEqual(before);
  });

  it.each(WITH_DR)('stay in the DR region, too: %s', async (type) => {
    const site = { type, config: { ...DAILY, shelvery_dr_regions: DR } };
    const abroad = { ...site, region: DR };
    await threeOld(site, NAME);
    const before = [await ids(site), await ids(abroad)];
    expect(before.map(({ length }) => length)).toEqual([3, 3]);
    await madeAgain(type, { [MARK]: 'true' });
    expect(deletions(await estate.run('clean_backups', site))).toEqual([]);
    expect([await ids(site), await ids(abroad)]).toEqual(before);
  });
});

describe('the backups of a resource that loses tags', () => {
  async function untag(type: BackupType, id: string, keys: readonly string[]): Promise<void> {
    const databases = databasesOf(type);
    if (databases === undefined) {
      const Tags = keys.map((Key) => ({ Key }));
      await new EC2Client(config()).send(new DeleteEc2TagsCommand({ Resources: [id], Tags }));
    } else if (databases.service === 'redshift') {
      const ResourceName = `arn:aws:redshift:${HOME}:${SOURCE}:cluster:${id}`;
      await redshift().send(new DeleteRedshiftTagsCommand({ ResourceName, TagKeys: [...keys] }));
    } else {
      const ResourceName = `arn:aws:rds:${HOME}:${SOURCE}:${databases.service === 'rds' ? 'db' : 'cluster'}:${id}`;
      await rds().send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: [...keys] }));
    }
  }

  async function retag(type: BackupType, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const service = databasesOf(type)?.service;
    if (service === undefined) await new EC2Client(config()).send(new CreateTagsCommand({ Resources: [id], Tags }));
    else if (service === 'redshift') {
      const ResourceName = `arn:aws:redshift:${HOME}:${SOURCE}:cluster:${id}`;
      await redshift().send(new CreateRedshiftTagsCommand({ ResourceName, Tags }));
    } else {
      const ResourceName = `arn:aws:rds:${HOME}:${SOURCE}:${service === 'rds' ? 'db' : 'cluster'}:${id}`;
      await rds().send(new AddTagsToResourceCommand({ ResourceName, Tags }));
    }
  }

  it.each(BACKUP_TYPES)('stay for the 365 days of their own tags where it is no longer marked: %s', async (type) => {
    const site = { type, config: DAILY };
    const id = await threeOld(site, 'orders');
    const before = await ids(site);
    expect(before).toHaveLength(3);
    await untag(type, id, [MARK, KEEP_DAILY]);
    await staysForAYear(site, before);
  });

  const MARKS = [
    ['lost its mark', 'lost-mark', undefined],
    ['has a near miss', 'near-miss', 'yes'],
  ] as const;

  describe.each(MARKS)('of one that %s, status tells when the last goes', (_, reason, value) => {
    it.each(BACKUP_TYPES)('which cleaning then removes: %s', async (type) => {
      const site = { type, config: DAILY };
      const id = await estate.resource(site, 'orders');
      await estate.run('create_backups', site);
      const [made] = await estate.backups(site);
      await untag(type, id, [MARK]);
      if (value !== undefined) await retag(type, id, { [MARK]: value });
      const goes = async (): Promise<string | undefined> => {
        const { backupStatus } = await estate.run('status', site);
        return backupStatus?.findings
          .find((found) => found.reason === reason)
          ?.text.match(/(?:and|of its backups) (.*)$/)?.[1];
      };
      const end = new Date((made?.startedAt ?? estate.clock().now()).getTime() + 14 * DAY_MS);
      expect(await goes()).toBe(`the last goes after ${end.toISOString().slice(0, 10)}`);
      await pass(13);
      expect(deletions(await estate.run('clean_backups', site))).toEqual([]);
      await pass(2);
      expect(await goes()).toBe('the next clean_backups removes the last');
      expect(deletions(await estate.run('clean_backups', site))).toEqual(['DeleteBackup ok']);
      expect(await ids(site)).toEqual([]);
    });
  });

  it.each(BACKUP_TYPES)('go but for the last, as it says now, where it is marked still: %s', async (type) => {
    const site = { type, config: DAILY };
    const id = await threeOld(site, 'orders');
    await untag(type, id, [KEEP_DAILY]);
    expect(deletions(await estate.run('clean_backups', site))).toEqual(['DeleteBackup ok', 'DeleteBackup ok']);
    expect(await ids(site)).toHaveLength(1);
  });
});

describe.each(['TRUE', '1'])('a resource that is marked by %s', (value) => {
  it.each(BACKUP_TYPES)('has a backup made, and keeps it as its only one when it has expired: %s', async (type) => {
    const site = { type, config: DAILY };
    await estate.resource(site, 'orders', { [MARK]: value });
    expect(inShort((await estate.run('create_backups', site)).outcomes)).toContain('CreateBackup ok');
    const before = await ids(site);
    expect(before).toHaveLength(1);
    await pass(400);
    expect(deletions(await estate.run('clean_backups', site))).toEqual([]);
    expect(await ids(site)).toEqual(before);
  });
});

describe('the day after a 1st of the month that failed', () => {
  const OF_DATABASES = {
    rds: 'CreateDBSnapshot',
    'rds-cluster': 'CreateDBClusterSnapshot',
    redshift: 'CreateClusterSnapshot',
  } as const;
  /** The call that makes a backup. */
  const madeBy = (type: BackupType): string => {
    const backedUp = BACKED_UP[type];
    if (typeof backedUp !== 'string') return OF_DATABASES[backedUp.service];
    return backedUp === 'volumes' ? 'CreateSnapshot' : 'CreateImage';
  };
  const WANTED = [
    ['a monthly backup', { shelvery_catch_up: 'true' }, ['daily', 'monthly']],
    ['a daily one without the setting', {}, ['daily', 'daily']],
  ] as const;

  describe.each(WANTED)('makes %s', (_, given, expected) => {
    it.each(BACKUP_TYPES)('of %s', async (type) => {
      const site = { type, config: given };
      await estate.resource(site, 'orders');
      // 1 October 2026 is a Thursday: no weekly backup is due.
      await estate.run('create_backups', site, { time: '2026-09-30T03:00:00Z' });
      await estate
        .emulator()
        .addFault({ kind: 'refuse', action: madeBy(type), code: 'AccessDenied', status: 403, times: 'always' });
      const failed = await estate.run('create_backups', site, { time: '2026-10-01T03:00:00Z' });
      expect(inShort(failed.outcomes)).toContain('CreateBackup failed NotAllowed');
      await estate.emulator().clearFaults();
      await estate.run('create_backups', site, { time: '2026-10-02T03:00:00Z' });
      const made = (await estate.backups(site)).map((found) => tagOf(found, 'retention_type'));
      expect(made).toEqual(expected);
    });
  });
});
