import { describe, expect, it } from '@jest/globals';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import type { BackupParts } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate, Ran } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';

/** The day of all that is made here at 03:00, unless it says otherwise. */
const DAY = '2026-11-23';
const MADE = `${DAY}-0300`;

/** What a list takes for metadata: it does not read it. */
const METADATA = 'anything '.repeat(20);

/** An estate with marked volumes, and data buckets in some regions. */
function estateOf(...buckets: readonly Region[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.buckets(buckets);
  estate.resource('vol-1', { tags: { Name: 'web' } });
  estate.resource('vol-2');
  return estate;
}

/** A row about an available local backup of `vol-1`, made on that day. */
function row(id: string, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    name: `vol-1-${MADE}-daily`,
    id,
    resource: 'vol-1',
    entity_name: 'web',
    region: LOCAL,
    place: 'local',
    retention_type: 'daily',
    created: `${DAY}T03:00:00.000Z`,
    expires_at: '2026-12-07T03:00:00.000Z',
    reason: 'not-expired',
    fate: 'expires 2026-12-07',
    state: 'available',
    metadata: 'missing',
    encrypted: false,
    source_account: OWN_ACCOUNT,
    shared_with: [],
    ...more,
  };
}

/** A row about what is no backup that could be judged. */
function unjudged(id: string, reason: string, why: string, region = LOCAL): object {
  const nothing = { name: '', resource: '', place: '', retention_type: '', created: '' };
  return {
    ...nothing,
    id,
    region,
    reason,
    fate: `${id} is kept: ${why}`,
    state: 'available',
    metadata: 'unknown',
    encrypted: false,
  };
}

/** Each row as its id and what becomes of it. */
const fates = ({ listed = [] }: Ran): unknown => Object.fromEntries(listed.map(({ id, fate }) => [id, fate]));

/** A DR copy of a backup of the local region. */
const copyOf = (source: string, more: BackupParts = {}): BackupParts => ({
  id: `copy-of-${source}`,
  created: MADE,
  place: 'dr',
  source: `${LOCAL}:${source}`,
  ...more,
});

describe('metadata in a list', () => {
  it('is missing where the file was written before the backup was begun: it is of an earlier one of its name', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    estate.file(`backups/ebs/vol-1-${MADE}-daily.yaml`, METADATA);
    hold(estate, { id: 'snap-1', created: MADE }, { createdAt: estate.now() + 1_000 });
    await estate.pass(1);
    expect((await estate.run('list_backups')).listed).toMatchObject([{ id: 'snap-1', metadata: 'missing' }]);
  });
});

describe('a list of backups', () => {
  it('tells of a key that AWS owns, though the service does not call that encrypted', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: MADE });
    const { listed } = await estate.run('list_backups', {
      parts: withAdapter((adapter) => ({
        listBackups: async (region) =>
          (await adapter.listBackups(region)).map((found) => ({ ...found, underOwnedKey: true })),
      })),
    });
    expect(listed).toEqual([row('snap-1', { aws_owned_key: true })]);
  });

  it('tells of each what it is, where, and what becomes of it, and only reads', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: MADE }, { encrypted: true, kmsKeyId: 'key-1' });
    hold(estate, { id: 'snap-2', created: '2026-11-01-0300', type: 'monthly' }, { archived: true });
    hold(estate, { id: 'snap-3', created: MADE, entity: 'vol-2', state: 'pending' });
    hold(estate, { id: 'snap-4', created: MADE, entity: 'vol-3', hold: 'yes', tags: { ResourceName: 'gone' } });
    hold(estate, { id: 'snap-5', created: '2026-10-01-0300' });
    hold(estate, copyOf('snap-1'));
    estate.file(`backups/ebs/vol-1-${MADE}-daily.yaml`, METADATA);
    const { told, said, listed, report, calls } = await estate.run('list_backups', {
      parts: withAdapter((adapter) => ({
        listBackups: async (region) =>
          (await adapter.listBackups(region)).map((found) =>
            found.id === 'snap-1' ? { ...found, sizeGib: 8 } : found,
          ),
      })),
    });
    expect(listed).toEqual([
      row('snap-4', {
        name: `vol-3-${MADE}-daily`,
        resource: 'vol-3',
        entity_name: 'gone',
        reason: 'held',
        fate: 'on hold: it has the tag shelvery:hold',
      }),
      {
        ...row('snap-3', {
          name: `vol-2-${MADE}-daily`,
          resource: 'vol-2',
          state: 'pending',
          reason: 'being-made',
          fate: 'not finished yet',
        }),
        entity_name: undefined,
      },
      row('snap-5', {
        name: 'vol-1-2026-10-01-0300-daily',
        created: '2026-10-01T03:00:00.000Z',
        expires_at: '2026-10-15T03:00:00.000Z',
        reason: 'expired',
        fate: 'expired 2026-10-15; clean_backups removes it',
      }),
      row('snap-2', {
        name: 'vol-1-2026-11-01-0300-monthly',
        retention_type: 'monthly',
        created: '2026-11-01T03:00:00.000Z',
        expires_at: '2027-11-01T03:00:00.000Z',
        fate: 'expires 2027-11-01',
        state: 'archived',
      }),
      row('copy-of-snap-1', { region: DR, place: 'dr' }),
      row('snap-1', { encrypted: true, kms_key_id: 'key-1', size_gib: 8, metadata: 'present' }),
    ]);
    expect(listed?.map((each) => 'entity_name' in each)).toEqual([true, false, true, true, true, true]);
    expect([told, said]).toEqual([[], []]);
    expect(report.summary).toEqual({ collected: 6, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    expect(calls).toEqual([
      `s3:list ${LOCAL} backups/ebs/`,
      `ebs:listResources ${LOCAL}`,
      `ebs:listBackups ${LOCAL}`,
      `ebs:findResources ${LOCAL}`,
      `s3:listBuckets ${LOCAL}`,
      `s3:list ${DR} backups/ebs/`,
      `ebs:listBackups ${DR}`,
      `s3:listFolders ${LOCAL} backups/shared/`,
      `s3:listFolders ${DR} backups/shared/`,
    ]);
  });

  it('tells when a backup may go that is kept for another time than its age gives it', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, {
      id: 'snap-1-re-encrypted',
      name: `vol-1-${MADE}-daily-re-encrypted`,
      created: MADE,
      tags: { 'shelvery:src_backup': `${LOCAL}:snap-1` },
    });
    const { listed } = await estate.run('list_backups');
    expect(listed).toEqual([
      row('snap-1-re-encrypted', {
        name: `vol-1-${MADE}-daily-re-encrypted`,
        reason: 'temporary-in-use',
        fate: 'temporary, needed for sharing',
        expires_at: '2026-11-26T03:00:00.000Z',
      }),
    ]);
  });

  it('leaves out when a backup of an unknown type expires, as nobody knows', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: MADE, type: 'hourly' });
    const { listed } = await estate.run('list_backups');
    expect(listed?.map(({ id, reason, expires_at: expires }) => [id, reason, expires])).toEqual([
      ['snap-1', 'unknown-retention-type', undefined],
    ]);
  });

  it('shows last what cannot be judged, and why', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: 'yesterday' }, { kmsKeyId: 'key-1' });
    hold(estate, { id: 'snap-2', created: MADE }, { of: 'vol-7' });
    hold(estate, copyOf('snap-1', { created: 'yesterday' }));
    hold(estate, { id: 'snap-3', created: MADE, entity: 'zoo' });
    const { listed } = await estate.run('list_backups');
    const problem = 'its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm';
    expect(listed?.slice(1)).toEqual([
      unjudged('copy-of-snap-1', 'unreadable', problem, DR),
      { ...unjudged('snap-1', 'unreadable', problem), kms_key_id: 'key-1' },
      unjudged(
        'snap-2',
        'somebodys',
        "not a backup of Shelvery's own, though it has the tags of one: it is a snapshot of vol-7, and its tags are those of a backup of vol-1; it is left alone",
      ),
    ]);
    expect(listed?.[0]).toMatchObject({ id: 'snap-3', resource: 'zoo' });
  });

  it('is in the order of names, then of ids, of times and of regions', async () => {
    const estate = estateOf(LOCAL, DR);
    estate.resource('vol-3', { tags: { Name: 'web' } });
    estate.resource('vol-4', { tags: { Name: 'app' } });
    for (const entity of ['vol-3', 'vol-4', 'vol-1', 'vol-2'])
      hold(estate, { id: `at-3-${entity}`, entity, created: MADE });
    hold(estate, { id: 'at-2-vol-1', created: `${DAY}-0200` });
    hold(estate, copyOf('at-3-vol-1'));
    const { listed } = await estate.run('list_backups');
    expect(listed?.map(({ id }) => id)).toEqual([
      'at-3-vol-4',
      'at-3-vol-2',
      'at-2-vol-1',
      'copy-of-at-3-vol-1',
      'at-3-vol-1',
      'at-3-vol-3',
    ]);
  });

  it('has of one resource alone only its own backups, and its own missing copies', async () => {
    const estate = estateOf(LOCAL, DR);
    const tags = { 'shelvery:dr_regions': DR };
    hold(estate, { id: 'snap-1', created: MADE, tags });
    hold(estate, { id: 'snap-2', created: MADE, entity: 'vol-2', tags });
    hold(estate, { id: 'snap-3', created: MADE, entity: 'vol-3' });
    for (const entity of ['vol-1', 'vol-2'])
      hold(estate, copyOf('x', { id: `copy-of-${entity}`, entity, region: LOCAL, source: `${THIRD}:x` }));
    hold(estate, copyOf('x', { id: 'from-nowhere', entity: 'vol-2', region: LOCAL }));
    const { listed, calls, report } = await estate.run('list_backups', {
      settings: { shelvery_select_entity: 'vol-1' },
    });
    expect(listed?.map(({ id, state, region }) => [id, state, region])).toEqual([
      ['copy-of-vol-1', 'available', LOCAL],
      ['', 'missing', DR],
      ['snap-1', 'available', LOCAL],
    ]);
    expect(report.summary.collected).toBe(2);
    expect(calls.filter((call) => call.includes('findResources'))).toEqual([]);
    const gone = await estate.run('list_backups', { settings: { shelvery_select_entity: 'vol-3' } });
    expect(gone.listed?.map(({ id }) => id)).toEqual(['snap-3']);
    expect(gone.calls).toContain(`ebs:findResources ${LOCAL}`);
  });
});

describe('names of resources in a list', () => {
  it('are those that they have now, of backups that were made of them', async () => {
    const estate = estateOf(LOCAL, DR);
    estate.resource('vol-3', { tags: { Name: 'old', 'shelvery:create_backup': 'false' } });
    hold(estate, { id: 'snap-1', created: MADE, tags: { ResourceName: 'once' } });
    hold(estate, { id: 'snap-2', created: MADE, entity: 'vol-2', tags: { ResourceName: 'once' } });
    hold(estate, { id: 'snap-3', created: MADE, entity: 'vol-3' });
    hold(estate, copyOf('snap-1', { id: 'snap-4', tags: { ResourceName: 'once' } }));
    hold(estate, {
      id: 'snap-5',
      created: MADE,
      place: 'pulled',
      source: `${LOCAL}:x`,
      tags: { ResourceName: 'theirs' },
    });
    hold(estate, copyOf('x', { id: 'snap-6', source: `${THIRD}:x`, region: LOCAL, tags: { ResourceName: 'there' } }));
    const { listed = [] } = await estate.run('list_backups');
    expect(Object.fromEntries(listed.map(({ id, entity_name: name }) => [id, name]))).toEqual({
      'snap-1': 'web',
      'snap-2': 'once',
      'snap-3': 'old',
      'snap-4': 'web',
      'snap-5': 'theirs',
      'snap-6': 'there',
    });
  });
});

describe('copies from other regions in a list', () => {
  it('are shown as their own tags have it, without asking the regions that decide', async () => {
    const estate = estateOf(LOCAL);
    const here = { region: LOCAL };
    hold(estate, copyOf('x', { ...here, id: 'snap-1', source: `${THIRD}:x` }));
    hold(estate, copyOf('y', { ...here, id: 'snap-2', source: `${DR}:y`, created: '2026-10-01-0300' }));
    hold(estate, copyOf('z', { ...here, id: 'snap-3', source: `${DR}:z`, created: 'yesterday' }));
    const ran = await estate.run('list_backups');
    expect(fates(ran)).toEqual({
      'snap-1': `expires 2026-12-07 (by its own tags; the cleaning of ${THIRD} decides)`,
      'snap-2': `expired 2026-10-15; clean_backups removes it (by its own tags; the cleaning of ${DR} decides)`,
      'snap-3': 'snap-3 is kept: its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm',
    });
    expect(ran.listed?.map(({ place }) => place)).toEqual(['dr', 'dr', '']);
    expect(ran.calls.filter((call) => call.startsWith('ebs:'))).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:listBackups ${LOCAL}`,
    ]);
  });

  it('are said to be in the archive tier, though their tags are not understood', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: 'yesterday' }, { archived: true });
    const { listed } = await estate.run('list_backups');
    expect(listed).toMatchObject([{ id: 'snap-1', reason: 'unreadable', state: 'archived' }]);
  });

  it('are in nobody’s charge where they do not say from where, or say from here', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, copyOf('x', { id: 'snap-1', region: LOCAL }));
    hold(estate, copyOf('z', { id: 'snap-2', region: LOCAL }), { description: 'by hand' });
    hold(estate, copyOf('z', { id: 'snap-3', region: LOCAL, created: 'yesterday' }));
    hold(estate, copyOf('y', { id: 'snap-4', region: LOCAL, source: 'nowhere' }));
    const { listed } = await estate.run('list_backups');
    expect(listed).toEqual([
      row('snap-1', {
        place: 'dr',
        reason: 'no-origin',
        fate: 'kept: its tags do not say which region it was copied from',
      }),
      unjudged(
        'snap-2',
        'somebodys',
        'not a backup of Shelvery\'s own, though it has the tags of one: its description is "by hand", which neither Shelvery nor its predecessor gives to one; it is left alone',
      ),
      unjudged('snap-3', 'unreadable', 'its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm'),
      unjudged('snap-4', 'unreadable', 'its tag shelvery:dr_source_backup is "nowhere"; allowed: <region>:<id>'),
    ]);
  });
});

describe('files of backups in a list', () => {
  const NAME = `vol-1-${MADE}-daily`;

  it('tell which accounts a backup is offered to, or has been pulled by', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: MADE });
    hold(estate, { id: 'snap-2', created: MADE, entity: 'vol-2' });
    hold(estate, copyOf('snap-1'));
    const accounts = ['222222222222', '333333333333', '444444444444', '555555555555', '666666666666'];
    const [waiting, processed, archived, reencrypted, failed] = accounts;
    estate.file(`backups/shared/${waiting ?? ''}/ebs/${NAME}.yaml`, METADATA);
    estate.file(`backups/shared/${processed ?? ''}/ebs-processed/${NAME}.yaml`, METADATA);
    estate.file(`backups/shared/${archived ?? ''}/ebs-archived/${NAME}.yaml`, METADATA);
    estate.file(`backups/shared/${reencrypted ?? ''}/ebs/${NAME}-re-encrypted.yaml`, METADATA);
    estate.file(`backups/shared/${failed ?? ''}/ebs-failed/${NAME}.yaml`, METADATA);
    estate.file(`backups/shared/${failed ?? ''}/ebs/${NAME}.yaml`, '', DR);
    const { listed = [] } = await estate.run('list_backups');
    expect(Object.fromEntries(listed.map(({ id, shared_with: sharedWith }) => [id, sharedWith]))).toEqual({
      'snap-1': [waiting, processed, archived, reencrypted],
      'snap-2': [],
      'copy-of-snap-1': [failed],
    });
  });

  it('are not known of where they cannot be listed, which is told once for the bucket', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: MADE });
    hold(estate, copyOf('snap-1'));
    estate.file(`backups/ebs/${NAME}.yaml`, METADATA);
    estate.strike('s3:list', { refuse: 'AccessDenied' });
    const { told, listed = [], calls } = await estate.run('list_backups');
    const bucket = bucketNameOf(OWN_ACCOUNT, LOCAL);
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        bucket,
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while listing the metadata in ${bucket}; whether it is there is not known: AccessDenied. Allow the call in the policy of the role or user that Shelvery runs as.`,
      },
    ]);
    expect(listed.map((each) => [each.id, each.metadata, each.shared_with, 'shared_with' in each])).toEqual([
      ['copy-of-snap-1', 'missing', [], true],
      ['snap-1', 'unknown', undefined, false],
    ]);
    expect(calls.filter((call) => call.startsWith('s3:listFolders'))).toEqual([`s3:listFolders ${DR} backups/shared/`]);
  });

  it('that offer backups are not known of where they cannot be listed', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: MADE });
    estate.file(`backups/ebs/${NAME}.yaml`, METADATA);
    estate.strike('s3:listFolders', { refuse: 'AccessDenied' });
    const { told, listed = [] } = await estate.run('list_backups');
    const bucket = bucketNameOf(OWN_ACCOUNT, LOCAL);
    expect(told).toEqual([
      {
        operation: 'ListBackups',
        bucket,
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while listing the shared files in ${bucket}; with whom backups are shared is not known: AccessDenied. Allow the call in the policy of the role or user that Shelvery runs as.`,
      },
    ]);
    expect(listed.map((each) => [each.id, each.metadata, 'shared_with' in each])).toEqual([
      ['snap-1', 'present', false],
    ]);
  });

  it('are none where there is no bucket, and nobody asks for them', async () => {
    const estate = estateOf(DR);
    hold(estate, { id: 'snap-1', created: MADE });
    const { told, listed = [], calls } = await estate.run('list_backups');
    expect(told).toEqual([]);
    expect(listed.map((each) => [each.metadata, each.shared_with])).toEqual([['unknown', []]]);
    expect(calls.filter((call) => call.startsWith('s3:listFolders'))).toEqual([`s3:listFolders ${DR} backups/shared/`]);
  });

  it('of temporary snapshots that have the name of their source are named after their own id', async () => {
    const estate = openEstate('rds');
    estate.buckets();
    estate.resource('orders');
    const name = `orders-${MADE}-daily`;
    hold(estate, { id: `${name}-re-encrypted`, name, entity: 'orders', created: MADE });
    hold(estate, { id: name, name, entity: 'orders', created: MADE });
    estate.file(`backups/rds/${name}-re-encrypted.yaml`, METADATA);
    const { listed = [] } = await estate.run('list_backups');
    expect(listed.map(({ id, metadata }) => [id, metadata])).toEqual([
      [`${name}-re-encrypted`, 'present'],
      [name, 'missing'],
    ]);
  });
});

describe('a DR copy that is missing', () => {
  const promised = { 'shelvery:dr_regions': DR };

  it('is a row of its own, which says how to have it made, and is not counted', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: '2026-11-20-0300', tags: promised });
    const { listed, report } = await estate.run('list_backups');
    expect(listed).toEqual([
      {
        name: 'vol-1-2026-11-20-0300-daily',
        id: '',
        resource: 'vol-1',
        entity_name: 'web',
        region: DR,
        place: 'dr',
        retention_type: 'daily',
        created: '2026-11-20T03:00:00.000Z',
        reason: 'missing-copy',
        fate: `no copy of snap-1 is there; make it with: shelvery ebs create_backups --resource vol-1 --as-of 2026-11-20T03:00:00Z --backdate --region ${LOCAL} --config shelvery_current_retention_type=daily --config shelvery_dr_regions=${DR}`,
        state: 'missing',
        metadata: 'unknown',
        source_account: OWN_ACCOUNT,
      },
      expect.objectContaining({ id: 'snap-1' }),
    ]);
    expect(report.summary.collected).toBe(1);
  });

  it('is waited for as long as it may be being made, and has the name that its resource had', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: MADE, entity: 'vol-3', tags: { ...promised, ResourceName: 'gone' } });
    hold(estate, { id: 'snap-2', created: MADE, entity: 'vol-2', tags: promised });
    const { listed = [] } = await estate.run('list_backups');
    expect(listed.filter(({ state }) => state === 'missing')).toEqual([
      expect.objectContaining({
        entity_name: 'gone',
        fate: 'no copy of snap-1 is there yet; it is waited for until 2026-11-25T03:00:00Z',
      }),
      expect.not.objectContaining({ entity_name: expect.anything() }),
    ]);
  });

  it('is none of a service that copies none', async () => {
    const estate = openEstate('redshift');
    estate.buckets([LOCAL, DR]);
    estate.resource('dw');
    const name = `dw-${MADE}-daily`;
    hold(estate, { id: name, name, entity: 'dw', created: MADE, tags: promised });
    const { listed = [] } = await estate.run('list_backups');
    expect(listed.map(({ id, state }) => [id, state])).toEqual([[name, 'available']]);
  });

  it('is not told of where its region does not say what is there', async () => {
    const estate = estateOf(LOCAL, DR);
    hold(estate, { id: 'snap-1', created: '2026-11-20-0300', tags: promised });
    estate.strike('ebs:listBackups', { refuse: 'AccessDenied', nth: 2 });
    const { listed = [], told } = await estate.run('list_backups');
    expect(listed.map(({ id }) => id)).toEqual(['snap-1']);
    expect(told).toHaveLength(1);
  });
});

describe('a backup that somebody holds', () => {
  it('is told to be held also by something that belongs to it', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: MADE });
    const asked: unknown[] = [];
    const ran = await estate.run('list_backups', {
      parts: withAdapter(() => ({
        withHeldParts: async (region, found) => {
          asked.push([region, found.map(({ id }) => id)]);
          return found.map((each) => ({ ...each, partHeldBy: 'shelvery:hold' }));
        },
      })),
    });
    expect(fates(ran)).toEqual({ 'snap-1': 'on hold: something that belongs to it has the tag shelvery:hold' });
    expect(asked).toEqual([[LOCAL, ['snap-1']]]);
  });
});

describe('what other accounts have shared', () => {
  it('is listed as pulled, by the settings of the account that it was pulled into', async () => {
    const estate = estateOf(LOCAL);
    hold(estate, { id: 'snap-1', created: MADE, place: 'pulled', source: `${LOCAL}:x` });
    const { listed } = await estate.run('list_backups', { settings: { shelvery_keep_daily_backups: 3 } });
    expect(listed).toEqual([
      {
        ...row('snap-1', {
          place: 'pulled',
          source_account: OTHER_ACCOUNT,
          expires_at: '2026-11-26T03:00:00.000Z',
          fate: 'expires 2026-11-26',
        }),
        entity_name: undefined,
      },
    ]);
  });
});
