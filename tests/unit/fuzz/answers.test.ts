import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ADAPTERS } from '../../../cli/adapters.js';
import { createKeys } from '../../../layers/engine/src/aws/kms-keys.js';
import { createBackupStore } from '../../../layers/engine/src/aws/s3-store.js';
import { createNotifier } from '../../../layers/engine/src/aws/sns-notifier.js';
import { createQueueOperations } from '../../../layers/engine/src/aws/sqs-operations.js';
import { findStacks } from '../../../layers/engine/src/aws/ssm-parameters.js';
import { holdOf } from '../../../layers/engine/src/domain/backup/hold.js';
import { readBackup } from '../../../layers/engine/src/domain/backup/read-backup.js';
import { expiryOf } from '../../../layers/engine/src/domain/backup/retention.js';
import { planClean } from '../../../layers/engine/src/domain/plan/plan-clean.js';
import { toShelveryError } from '../../../layers/engine/src/domain/telling/faults.js';
import { BackupId, ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import type { Clock, Log } from '../../../layers/engine/src/ports.js';
import { HOME, LOCAL, RULES, configValues, foundBackup, resourcesById, runConfig, utc } from '../domain/builders.js';
import { accessAnswering, toXml } from './answers.js';
import type { Answer } from './answers.js';
import { cases, mutated, toJson } from './cases.js';
import type { Json } from './cases.js';

const NOW = utc('2026-02-01 03:00');
const START = '2026-01-10T03:00:00.000Z';
const NAME = (entity: string): string => `${entity}-2026-01-10-0300-daily`;
const tagList = (tags: Readonly<Record<string, string>>, [key, value]: readonly [string, string]): Json =>
  Object.entries(tags).map(([name, text]) => ({ [key]: name, [value]: text }));
const ec2Tags = (entity: string): Json => ({ item: tagList(foundBackup({ entity }).tags, ['key', 'value']) });
const tags = (entity: string): Json => ({ Tag: tagList(foundBackup({ entity }).tags, ['Key', 'Value']) });
const mark: Readonly<Record<string, string>> = { 'shelvery:create_backup': 'true', Name: 'web' };
const answered = (call: string, result: Json): Json => ({ [`${call}Response`]: { [`${call}Result`]: result } });
const inEc2 = (call: string, result: Json): Json => ({ [`${call}Response`]: result });

const cluster = (engine: string): Json =>
  answered('DescribeDBClusterSnapshots', {
    DBClusterSnapshots: {
      DBClusterSnapshot: [
        {
          DBClusterSnapshotIdentifier: NAME('orders'),
          DBClusterIdentifier: 'orders',
          DBClusterSnapshotArn: `arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:${NAME('orders')}`,
          SnapshotCreateTime: START,
          Engine: engine,
          Status: 'available',
          SnapshotType: 'manual',
          StorageEncrypted: 'false',
          TagList: tags('orders'),
        },
      ],
    },
  });
const clusters = (engine: string): Json =>
  answered('DescribeDBClusters', {
    DBClusters: {
      DBCluster: [
        {
          DBClusterIdentifier: 'orders',
          DbClusterResourceId: 'cluster-ABC',
          Engine: engine,
          Status: 'available',
          ClusterCreateTime: START,
          TagList: { Tag: tagList(mark, ['Key', 'Value']) },
        },
      ],
    },
  });

/** An answer with a backup, and one with its resource, as each service gives them. */
const ANSWERS: Readonly<Record<BackupType, { readonly backups: Json; readonly resources: Json; readonly id: string }>> =
  {
    ebs: {
      id: 'vol-1',
      backups: inEc2('DescribeSnapshots', {
        snapshotSet: {
          item: [
            {
              snapshotId: 'snap-0123456789abcdef0',
              status: 'completed',
              startTime: START,
              volumeId: 'vol-1',
              encrypted: 'false',
              description: 'Made by Shelvery: daily backup of vol-1',
              storageTier: 'standard',
              tagSet: ec2Tags('vol-1'),
            },
          ],
        },
      }),
      resources: inEc2('DescribeVolumes', {
        volumeSet: {
          item: [
            {
              volumeId: 'vol-1',
              status: 'in-use',
              createTime: START,
              size: '8',
              tagSet: { item: tagList(mark, ['key', 'value']) },
            },
          ],
        },
      }),
    },
    ec2ami: {
      id: 'i-1',
      backups: inEc2('DescribeImages', {
        imagesSet: {
          item: [
            {
              imageId: 'ami-0123456789abcdef0',
              imageState: 'available',
              imageOwnerId: '111111111111',
              name: NAME('i-1'),
              creationDate: START,
              blockDeviceMapping: {
                item: [
                  {
                    deviceName: '/dev/xvda',
                    ebs: { snapshotId: 'snap-0123456789abcdef0', encrypted: 'false', volumeSize: '8' },
                  },
                ],
              },
              tagSet: ec2Tags('i-1'),
            },
          ],
        },
      }),
      resources: inEc2('DescribeInstances', {
        reservationSet: {
          item: [
            {
              instancesSet: {
                item: [
                  {
                    instanceId: 'i-1',
                    instanceState: { code: '16', name: 'running' },
                    launchTime: START,
                    rootDeviceType: 'ebs',
                    tagSet: { item: tagList(mark, ['key', 'value']) },
                  },
                ],
              },
            },
          ],
        },
      }),
    },
    rds: {
      id: 'orders',
      backups: answered('DescribeDBSnapshots', {
        DBSnapshots: {
          DBSnapshot: [
            {
              DBSnapshotIdentifier: NAME('orders'),
              DBInstanceIdentifier: 'orders',
              DBSnapshotArn: `arn:aws:rds:eu-west-1:111111111111:snapshot:${NAME('orders')}`,
              SnapshotCreateTime: START,
              Engine: 'mysql',
              Status: 'available',
              SnapshotType: 'manual',
              Encrypted: 'false',
              AllocatedStorage: '20',
              TagList: tags('orders'),
            },
          ],
        },
      }),
      resources: answered('DescribeDBInstances', {
        DBInstances: {
          DBInstance: [
            {
              DBInstanceIdentifier: 'orders',
              DbiResourceId: 'db-ABC',
              DBInstanceStatus: 'available',
              Engine: 'mysql',
              InstanceCreateTime: START,
              TagList: { Tag: tagList(mark, ['Key', 'Value']) },
            },
          ],
        },
      }),
    },
    rds_cluster: { id: 'orders', backups: cluster('aurora-mysql'), resources: clusters('aurora-mysql') },
    docdb: { id: 'orders', backups: cluster('docdb'), resources: clusters('docdb') },
    redshift: {
      id: 'orders',
      backups: answered('DescribeClusterSnapshots', {
        Snapshots: {
          Snapshot: [
            {
              SnapshotIdentifier: NAME('orders'),
              ClusterIdentifier: 'orders',
              SnapshotCreateTime: START,
              Status: 'available',
              SnapshotType: 'manual',
              OwnerAccount: '111111111111',
              Encrypted: 'false',
              TotalBackupSizeInMegaBytes: '1024',
              Tags: tags('orders'),
            },
          ],
        },
      }),
      resources: answered('DescribeClusters', {
        Clusters: {
          Cluster: [
            {
              ClusterIdentifier: 'orders',
              ClusterStatus: 'available',
              ClusterCreateTime: START,
              ClusterNamespaceArn: 'arn:aws:redshift:eu-west-1:111111111111:namespace:abc',
              Tags: { Tag: tagList(mark, ['Key', 'Value']) },
            },
          ],
        },
      }),
    },
  };

const inXml = (good: Json): fc.Arbitrary<Answer> =>
  mutated(toJson(good)).map((value) => ({ type: 'text/xml', body: toXml(value) }));
const inJson = (good: Json): fc.Arbitrary<Answer> =>
  mutated(good).map((value) => ({ type: 'application/x-amz-json-1.1', body: JSON.stringify(value) }));

/** What came, or nothing where the answer was refused with an error that says something. */
async function orSaid<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    expect(toShelveryError(error, 'asking AWS').message).toMatch(/\w{3}/);
    return undefined;
  }
}

const ONLY_READS = /Action=Describe|Action=Get|Action=List/;
const isTime = (time: Date | undefined): boolean => time === undefined || !Number.isNaN(time.getTime());

describe.each(Object.entries(ANSWERS))('an answer in which fields are missing or odd: %s', (key, good) => {
  const type = Object.keys(RULES).find((each): each is BackupType => each === key) ?? 'ebs';

  it('is a list of backups that are understood, of which goes what has expired by what it says', async () => {
    let removed = 0;
    await fc.assert(
      fc.asyncProperty(inXml(good.backups), async (answer) => {
        const { access, calls } = accessAnswering(answer);
        const adapter = ADAPTERS[type]({ access, prefix: 'shelvery' });
        const found = (await orSaid(() => adapter.listBackups(LOCAL))) ?? [];
        expect(calls.filter((call) => !ONLY_READS.test(call))).toEqual([]);
        for (const each of found) {
          expect(BackupId.safeParse(each.id).success).toBe(true);
          expect(isTime(each.startedAt)).toBe(true);
          expect(['available', 'pending', 'failed']).toContain(each.state);
        }
        const config = runConfig();
        const by = { home: HOME, config, rules: RULES[type], resources: resourcesById() };
        const backups = found.map((each) => readBackup(each, by));
        const about = { now: NOW, localRegion: LOCAL, region: LOCAL, beingCopied: new Set<string>(), config };
        for (const { backup: gone, reason } of planClean({ ...about, backups }).remove) {
          removed += 1;
          expect(gone.found.state).not.toBe('pending');
          expect(holdOf(gone.found.tags, 'shelvery')).toBeUndefined();
          expect(reason).toBe('expired');
          const expires = expiryOf(gone.createdAt, gone.retentionType, gone.config.values, gone.place);
          expect(expires?.getTime()).toBeLessThan(NOW.getTime());
          const before = calls.length;
          await orSaid(() => adapter.deleteBackup(gone.found));
          const changes = calls.slice(before).filter((call) => !ONLY_READS.test(call));
          // Of an image, its snapshots are named as well.
          const named = [gone.id, ...(answer.body.match(/snap-[0-9a-f]+/g) ?? [])].map(
            (id) => new URLSearchParams({ id }),
          );
          for (const call of changes) {
            expect(named.some((id) => call.includes(id.toString().slice('id'.length)))).toBe(true);
          }
        }
      }),
      cases(250),
    );
    expect(removed).toBeGreaterThan(10);
  });

  it('is a list of resources that are understood', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(inXml(good.resources), async (answer) => {
        const { access, calls } = accessAnswering(answer);
        const adapter = ADAPTERS[type]({ access, prefix: 'shelvery' });
        const listed = (await orSaid(() => adapter.listResources())) ?? [];
        const known = await orSaid(() => adapter.findResources([ResourceId.parse(good.id)]));
        for (const each of [...listed, ...(known?.values() ?? [])]) {
          seen += 1;
          expect(ResourceId.safeParse(each.id).success).toBe(true);
          expect(isTime(each.createdAt)).toBe(true);
        }
        expect(calls.filter((call) => !ONLY_READS.test(call))).toEqual([]);
      }),
      cases(100),
    );
    expect(seen).toBeGreaterThan(10);
  });
});

describe('an answer of another service in which fields are missing or odd', () => {
  const said: string[] = [];
  const line = (...words: readonly unknown[]): void => void said.push(String(words[0]));
  const log: Log = { info: line, warn: line, error: line };
  const clock: Clock = { now: () => NOW, sleep: () => Promise.resolve(), timeout: () => new AbortController().signal };

  it('KMS: says who manages a key, or nothing', async () => {
    const good = { KeyMetadata: { KeyId: 'k', KeyManager: 'AWS', KeyState: 'Enabled', Enabled: true } };
    let managed = 0;
    await fc.assert(
      fc.asyncProperty(inJson(good), async (answer) => {
        const found = await orSaid(() => createKeys(accessAnswering(answer).access).describe(LOCAL, 'alias/a'));
        if (found?.managedByAws === true) {
          managed += 1;
          expect(answer.body).toContain('"AWS"');
        }
      }),
      cases(200),
    );
    expect(managed).toBeGreaterThan(10);
  });

  it('S3: is a list of files with their names and times', async () => {
    const file = { Key: 'backups/ebs/a.yaml', LastModified: START, Size: '7', ETag: 'x' };
    const good = {
      ListBucketResult: { IsTruncated: 'false', Contents: [file, { ...file, Key: 'backups/ebs/b.yaml' }] },
    };
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(inXml(good), async (answer) => {
        const store = createBackupStore(accessAnswering(answer).access, configValues().shelvery_bucket_name_template);
        for (const each of (await orSaid(() => store.list(LOCAL, 'backups/ebs/'))) ?? []) {
          seen += 1;
          expect(each.key).not.toBe('');
          expect(isTime(each.lastModified)).toBe(true);
        }
      }),
      cases(200),
    );
    expect(seen).toBeGreaterThan(10);
  });

  it('SSM: is a list of stacks, or an error', async () => {
    const good = { Parameters: [{ Name: '/shelvery/one/shelvery_dr_regions', Value: 'eu-central-1', Type: 'String' }] };
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(inJson(good), async (answer) => {
        const { access } = accessAnswering(answer);
        for (const [stack, parameters] of (await orSaid(() => findStacks(access.ownConfig(LOCAL)))) ?? []) {
          seen += 1;
          expect(answer.body).toContain(stack);
          expect(Object.values(parameters).map((value) => typeof value)).not.toContain('object');
        }
      }),
      cases(200),
    );
    expect(seen).toBeGreaterThan(10);
  });

  it('SQS: loses no message without saying so', async () => {
    const good = { Successful: [], Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false, Message: 'no' }] };
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(inJson(good), async (answer) => {
        const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111111111111/one';
        const { access } = accessAnswering(answer);
        const queue = createQueueOperations({
          access,
          queueUrl,
          waitPeriod: 0,
          isTold: () => false,
          config: undefined,
          log,
        });
        queue.send({
          backupType: 'ebs',
          operation: { action: 'do_archive_backup', backupId: BackupId.parse('snap-1'), region: LOCAL },
          waiting: { attempt: 0 },
        });
        const unsent = (await orSaid(() => queue.flush())) ?? [];
        refused += unsent.length;
        for (const { error } of unsent) expect(toShelveryError(error, 'sending').message).toMatch(/\w{3}/);
      }),
      cases(200),
    );
    expect(refused).toBeGreaterThan(10);
  });

  it('SNS: fails no run, and says what is lost', async () => {
    const good = answered('PublishBatch', {
      Successful: '',
      Failed: { member: [{ Id: '0', Code: 'x', SenderFault: 'false' }] },
    });
    await fc.assert(
      fc.asyncProperty(inXml(good), async (answer) => {
        const config = configValues({ shelvery_sns_topic: 'arn:aws:sns:eu-west-1:111111111111:topic' });
        const notifier = createNotifier({
          access: accessAnswering(answer).access,
          config,
          backupType: 'ebs',
          clock,
          log,
        });
        notifier.notify({ operation: 'DeleteBackup', status: 'ok', backupId: BackupId.parse('snap-1'), region: LOCAL });
        await notifier.flush();
      }),
      cases(200),
    );
    expect(said).toContain('SHELVERY_NOTIFICATION_LOST');
  });
});
