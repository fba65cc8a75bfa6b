import { describe, expect, it } from '@jest/globals';
import type { ResourceFacts } from '../../../../layers/engine/src/domain/backup/resource-facts.js';
import type { PlanForm, RestorePlan } from '../../../../layers/engine/src/domain/restore/restore-plan.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { BUNKER, SHARED, VOLUME, openPulled, openShared, telling } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate, Ran } from '../memory-estate.js';
import { only } from '../one-of.js';
import { withAdapter } from '../other-parts.js';

const FACTS: ResourceFacts = { availability_zone: 'eu-west-1a', size_gib: 8, storage_type: 'gp2' };
const NAME = 'orders-158db4-2026-11-24-0301-daily';
const FILE = `backups/ebs/${NAME}.yaml`;
const WHERE = `${bucketNameOf(OWN_ACCOUNT, LOCAL)}/${FILE}`;

interface Wanted extends Asked {
  readonly backup?: string;
  readonly form?: PlanForm;
  readonly into?: NonNullable<Asked['restore']>['into'];
}

/** Asks how a backup is restored. */
const ask = (estate: MemoryEstate, { backup = NAME, form = 'cli', into = {}, ...asked }: Wanted = {}): Promise<Ran> =>
  estate.run('restore_plan', { restore: { backup, form, into }, ...asked });

/** The plan alone. */
async function planOf(estate: MemoryEstate, wanted: Wanted = {}): Promise<RestorePlan> {
  const { restorePlan, brokeOff } = await ask(estate, wanted);
  if (restorePlan === undefined) throw brokeOff ?? new Error('There is no plan.');
  return restorePlan;
}

/** A volume that was backed up where the service tells what it is, or tells nothing. */
async function openBackedUp(facts?: ResourceFacts): Promise<MemoryEstate> {
  const estate = openShared();
  await estate.run('create_backups', facts === undefined ? {} : { parts: telling(facts) });
  return estate;
}

const NOT_KNOWN =
  'Nothing tells what the resource was (its metadata file has no block restore): sizes, classes, networks and groups are to be filled in, and what is not asked for becomes what the service takes by itself.';
const UNATTACHED = 'Which instance the volume was attached to is not known: attach it by `aws ec2 attach-volume`.';
const VERSIONS = 'Its bucket keeps earlier versions: one of them may say what the resource was.';
const UNMARKED = 'What is made is not backed up until you tag it.';
const AS_IT_IS = 'The metadata file does not say what the resource was: the plan goes by what it is now.';
const TITLE = `Restores ${VOLUME} from ${NAME} (snap-00000000000000001) of 2026-11-24T03:01:00Z, which is in ${LOCAL} of ${OWN_ACCOUNT}, into ${LOCAL} of ${OWN_ACCOUNT}`;

describe('a restore plan', () => {
  it('tells of a key that AWS owns, though the service does not call that encrypted', async () => {
    const estate = await openBackedUp(FACTS);
    const { backup } = await planOf(estate, {
      parts: withAdapter((adapter) => ({
        listBackups: async (region) =>
          (await adapter.listBackups(region)).map((found) => ({ ...found, underOwnedKey: true })),
      })),
    });
    expect(backup).toMatchObject({ encrypted: false, aws_owned_key: true });
  });

  it('is told as a whole, by the metadata file alone, and by reading alone', async () => {
    const estate = await openBackedUp(FACTS);
    const { restorePlan, told, said, report, calls } = await ask(estate);
    expect(restorePlan).toEqual({
      backup: {
        backup_type: 'ebs',
        id: 'snap-00000000000000001',
        name: NAME,
        region: LOCAL,
        account_id: OWN_ACCOUNT,
        source_account: OWN_ACCOUNT,
        place: 'local',
        resource: VOLUME,
        created: '2026-11-24T03:01:00Z',
        encrypted: false,
        archived: false,
      },
      into: { region: LOCAL, account_id: OWN_ACCOUNT },
      also_in: [],
      facts_from: 'metadata',
      facts: FACTS,
      inputs: [],
      steps: [
        {
          title: 'Make the volume',
          account_id: OWN_ACCOUNT,
          region: LOCAL,
          service: 'ec2',
          operation: 'CreateVolume',
          kind: 'call',
          parameters: {
            AvailabilityZone: 'eu-west-1a',
            Size: 8,
            VolumeType: 'gp2',
            SnapshotId: 'snap-00000000000000001',
            TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'orders' }] }],
          },
          saves: { name: 'VOLUME_ID', query: 'VolumeId' },
        },
        {
          title: 'Wait until it is made',
          account_id: OWN_ACCOUNT,
          region: LOCAL,
          service: 'ec2',
          operation: 'volume-available',
          kind: 'wait',
          parameters: { VolumeIds: [{ Ref: 'VOLUME_ID' }] },
        },
      ],
      notes: ['The volume was attached to no instance.', UNMARKED],
      form: 'cli',
      text: [
        '#!/bin/sh',
        `# ${TITLE}`,
        '# - The volume was attached to no instance.',
        `# - ${UNMARKED}`,
        'set -eu',
        '',
        '# 1. Make the volume',
        `VOLUME_ID=$(aws ec2 create-volume --region eu-west-1 --availability-zone eu-west-1a --size 8 --volume-type gp2 --snapshot-id snap-00000000000000001 --tag-specifications '[{"ResourceType":"volume","Tags":[{"Key":"Name","Value":"orders"}]}]' --query VolumeId --output text)`,
        '',
        '# 2. Wait until it is made',
        'aws ec2 wait volume-available --region eu-west-1 --volume-ids "$VOLUME_ID"',
        '',
      ].join('\n'),
    });
    expect([told, said]).toEqual([[], []]);
    expect(report.summary).toEqual({ collected: 1, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    expect(calls).toEqual([
      `ebs:listBackups ${LOCAL}`,
      `ebs:listResources ${LOCAL}`,
      `s3:listBuckets ${LOCAL}`,
      `ebs:listBackups ${DR}`,
      `s3:get ${LOCAL} ${FILE}`,
    ]);
  });

  it('is a CloudFormation template, too', async () => {
    const { form, text } = await planOf(await openBackedUp(FACTS), { form: 'cfn' });
    expect(form).toBe('cfn');
    expect(text.split('\n')).toEqual([
      `# ${TITLE}`,
      '# - The volume was attached to no instance.',
      `# - ${UNMARKED}`,
      'AWSTemplateFormatVersion: "2010-09-09"',
      `Description: "${TITLE}"`,
      'Resources:',
      '  Volume:',
      '    Type: "AWS::EC2::Volume"',
      '    DeletionPolicy: "Retain"',
      '    UpdateReplacePolicy: "Retain"',
      '    Properties:',
      '      AvailabilityZone: "eu-west-1a"',
      '      Size: 8',
      '      VolumeType: "gp2"',
      '      SnapshotId: "snap-00000000000000001"',
      '      Tags:',
      '        - Key: "Name"',
      '          Value: "orders"',
      '',
    ]);
  });

  it('is for Terraform, too', async () => {
    const { form, text } = await planOf(await openBackedUp(FACTS), { form: 'terraform' });
    expect(form).toBe('terraform');
    expect(JSON.parse(text)).toEqual({
      '//': [TITLE, '- The volume was attached to no instance.', `- ${UNMARKED}`],
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      provider: { aws: { region: LOCAL } },
      resource: {
        aws_ebs_volume: {
          restored: {
            availability_zone: 'eu-west-1a',
            size: 8,
            type: 'gp2',
            snapshot_id: 'snap-00000000000000001',
            tags: { Name: 'orders' },
            lifecycle: { prevent_destroy: true },
          },
        },
      },
    });
  });

  it('goes where it is asked to, and says where else the backup is', async () => {
    const estate = await openPulled();
    const here = await planOf(estate, SHARED);
    expect([here.into, here.also_in]).toEqual([
      { region: LOCAL, account_id: OWN_ACCOUNT },
      [{ region: DR, id: 'snap-00000000000000007', place: 'dr' }],
    ]);
    const abroad = await planOf(estate, { ...SHARED, into: { region: DR } });
    expect([abroad.backup.id, abroad.into, abroad.also_in]).toEqual([
      'snap-00000000000000007',
      { region: DR, account_id: OWN_ACCOUNT },
      [{ region: LOCAL, id: 'snap-00000000000000001', place: 'local' }],
    ]);
    const elsewhere = await planOf(estate, { ...SHARED, into: { region: THIRD, account: OTHER_ACCOUNT } });
    expect([elsewhere.backup.id, elsewhere.into]).toEqual([
      'snap-00000000000000001',
      { region: THIRD, account_id: OTHER_ACCOUNT },
    ]);
    expect(elsewhere.steps.map(({ operation, account_id: account, region }) => [operation, account, region])).toEqual([
      ['ModifySnapshotAttribute', OWN_ACCOUNT, LOCAL],
      ['CopySnapshot', OTHER_ACCOUNT, THIRD],
      ['snapshot-completed', OTHER_ACCOUNT, THIRD],
      ['CreateVolume', OTHER_ACCOUNT, THIRD],
      ['volume-available', OTHER_ACCOUNT, THIRD],
    ]);
  });

  it('is made in a bunker by its own file, and says whose the resource was', async () => {
    const estate = openShared();
    await estate.run('create_backups', { ...SHARED, parts: telling(FACTS) });
    await estate.pass(1);
    await estate.run('pull_shared_backups', BUNKER);
    const { backup, facts_from: from, facts, inputs } = await planOf(estate, BUNKER);
    expect(backup).toMatchObject({ account_id: OTHER_ACCOUNT, source_account: OWN_ACCOUNT, place: 'pulled' });
    expect([from, facts]).toEqual(['metadata', FACTS]);
    expect(inputs).toEqual([
      {
        name: 'AVAILABILITY_ZONE',
        what: `an Availability Zone in ${LOCAL} of ${OTHER_ACCOUNT}; it was eu-west-1a in ${LOCAL} of ${OWN_ACCOUNT}`,
        list: false,
      },
    ]);
  });

  it('knows of the archive tier, of encryption, and of a backup that is not complete', async () => {
    const estate = await openBackedUp(FACTS);
    const young = estate.change(only(estate.backups()), { readyAt: Infinity, encrypted: true });
    const pending = await planOf(estate);
    expect(pending.backup).toMatchObject({ encrypted: true, archived: false });
    expect(pending.notes[0]).toBe(
      'The backup is not complete yet: begin once list_backups tells that it is available.',
    );
    estate.change(young, { readyAt: 0, archived: true });
    const archived = await planOf(estate);
    expect(archived.backup).toMatchObject({ encrypted: true, archived: true });
    expect(archived.notes[0]).toBe(
      'Restoring from the archive tier takes up to 72 hours. The snapshot goes back to the archive tier after 14 days.',
    );
  });
});

describe('what a restore plan goes by', () => {
  it('is the resource as it is now where the file says nothing of it, also where that is not marked any more', async () => {
    const estate = await openBackedUp();
    const parts = telling({ ...FACTS, size_gib: 16 });
    const marked = await planOf(estate, { parts });
    expect([marked.facts_from, marked.facts]).toEqual(['resource', { ...FACTS, size_gib: 16 }]);
    expect(marked.notes).toEqual([AS_IT_IS, 'The volume was attached to no instance.', UNMARKED]);
    expect(marked.text).toContain(`# - ${AS_IT_IS}\n`);
    estate.resource(VOLUME, { tags: { 'shelvery:create_backup': 'false' } });
    const unmarked = await planOf(estate, { parts });
    expect(unmarked.facts).toEqual(marked.facts);
  });

  it('is nothing where nobody knows it', async () => {
    const { facts_from: from, facts, notes, inputs } = await planOf(await openBackedUp());
    expect([from, facts]).toEqual(['none', undefined]);
    expect(notes).toEqual([NOT_KNOWN, UNATTACHED, UNMARKED]);
    expect(inputs.map(({ name }) => name)).toEqual(['AVAILABILITY_ZONE']);
  });

  it.each<[string, (estate: MemoryEstate, text: string) => void, string]>([
    [
      'is gone',
      ({ world }) => world.buckets.get(bucketNameOf(OWN_ACCOUNT, LOCAL))?.objects.delete(FILE),
      `NoSuchKey while reading the metadata file ${WHERE}: NoSuchKey.`,
    ],
    [
      'is too long',
      (estate) => {
        estate.file(FILE, 'x'.repeat(300_000));
      },
      `${FILE} is longer than 262144 bytes. ${VERSIONS}`,
    ],
    [
      'cannot be read',
      (estate) => {
        estate.file(FILE, 'x');
      },
      `The metadata file ${WHERE} cannot be read: it is not a mapping of fields. ${VERSIONS}`,
    ],
    [
      'is empty',
      (estate) => {
        estate.file(FILE, '\n');
      },
      `The metadata file ${WHERE} cannot be read: it is empty. ${VERSIONS}`,
    ],
    [
      'is of another backup',
      (estate, text) => {
        estate.file(FILE, text.replace('snap-00000000000000001', 'snap-00000000000000002'));
      },
      `The metadata file ${WHERE} is of another backup, snap-00000000000000002.`,
    ],
  ])('is not the file where that %s', async (_, spoil, note) => {
    const estate = await openBackedUp(FACTS);
    spoil(estate, estate.read(FILE) ?? '');
    const { facts_from: from, facts, notes } = await planOf(estate);
    expect([from, facts]).toEqual(['none', undefined]);
    expect(notes).toEqual([note, NOT_KNOWN, UNATTACHED, UNMARKED]);
  });

  it('is no resource of another account or another region that has the same id', async () => {
    const estate = openEstate('rds');
    estate.resource('orders');
    const made = { entity: 'orders', name: 'orders-2026-01-10-0300-daily' };
    const pulled = 'pulled-2026-01-10-0300-daily';
    hold(estate, { ...made, id: pulled, name: pulled, place: 'pulled', tags: { 'shelvery:origin_region': LOCAL } });
    hold(estate, { ...made, id: made.name, place: 'dr', region: LOCAL, source: `${DR}:${made.name}` });
    const parts = telling({ instance_class: 'db.t4g.micro' });
    const ways = await Promise.all([made.name, pulled].map((backup) => planOf(estate, { backup, parts })));
    expect(ways.map(({ backup, facts_from: from }) => [backup.place, from])).toEqual([
      ['dr', 'none'],
      ['pulled', 'none'],
    ]);
  });
});

describe('a restored database', () => {
  const DATABASE = 'orders-2026-11-24-0301-daily';
  const parts = telling({ instance_class: 'db.t4g.micro' });

  /** A database that was backed up. */
  async function openDatabase(): Promise<MemoryEstate> {
    const estate = openEstate('rds');
    estate.resource('orders');
    estate.buckets([LOCAL, DR]);
    await estate.run('create_backups', { settings: { shelvery_dr_regions: DR } });
    return estate;
  }
  const nameOf = ({ steps }: RestorePlan): unknown => steps.at(-2)?.parameters['DBInstanceIdentifier'];

  it('is told in the title with the name of its backup, once', async () => {
    const { text } = await planOf(await openDatabase(), { backup: DATABASE });
    expect(text.split('\n')[1]).toBe(
      `# Restores orders from ${DATABASE} of 2026-11-24T03:01:00Z, which is in ${LOCAL} of ${OWN_ACCOUNT}, into ${LOCAL} of ${OWN_ACCOUNT}`,
    );
  });

  it('has a name of its own where the old one is there, and nowhere else', async () => {
    const estate = await openDatabase();
    const into = (place: NonNullable<Wanted['into']>): Promise<RestorePlan> =>
      planOf(estate, { backup: DATABASE, into: place });
    expect(nameOf(await into({}))).toBe('orders-restored');
    expect(nameOf(await into({ region: LOCAL, account: OWN_ACCOUNT }))).toBe('orders-restored');
    expect(nameOf(await into({ region: DR }))).toBe('orders');
    expect(nameOf(await into({ account: OTHER_ACCOUNT }))).toBe('orders');
    estate.world.resources.clear();
    expect(nameOf(await into({}))).toBe('orders');
  });

  it('is not made by what another of its name is, which has the name all the same', async () => {
    const estate = await openDatabase();
    const same = await planOf(estate, { backup: DATABASE, parts });
    expect([same.facts_from, nameOf(same)]).toEqual(['resource', 'orders-restored']);
    estate.resource('orders', { uid: 'uid-of-another', createdAt: estate.world.conductor.now() });
    const another = await planOf(estate, { backup: DATABASE, parts });
    expect([another.facts_from, another.facts, nameOf(another)]).toEqual(['none', undefined, 'orders-restored']);
  });
});

describe('the tags of what is restored', () => {
  const tagsOf = ({ steps }: RestorePlan): unknown => steps[0]?.parameters['TagSpecifications'];

  it.each(['shelvery', 'own'])(
    'are those that the backup of an installation %s has of it, and none of any installation or of AWS',
    async (prefix) => {
      const estate = openShared();
      const settings = { shelvery_copy_resource_tags: 'true', shelvery_tag_prefix: prefix };
      const own = { 'own:create_backup': 'true', 'own:config:shelvery_keep_daily_backups': '3' };
      estate.resource(VOLUME, {
        tags: { Name: 'orders', ...own, team: 'sales', 'team:backup': 'weekly', 'on:own:terms': 'yes' },
      });
      await estate.run('create_backups', { settings });
      const made = only(estate.backups());
      estate.change(made, { tags: { ...made.tags, 'aws:backup': 'x', 'AWS:other': 'y' } });
      const plan = await planOf(estate, { settings, backup: made.id });
      expect(tagsOf(plan)).toEqual([
        {
          ResourceType: 'volume',
          Tags: [
            { Key: 'Name', Value: 'orders' },
            { Key: 'team', Value: 'sales' },
            { Key: 'team:backup', Value: 'weekly' },
            { Key: 'on:own:terms', Value: 'yes' },
          ],
        },
      ]);
    },
  );

  it('are none where the backup has none of a resource', async () => {
    const estate = openEstate('ebs');
    hold(estate, { id: 'snap-1' });
    expect(tagsOf(await planOf(estate, { backup: 'snap-1' }))).toBeUndefined();
  });
});
