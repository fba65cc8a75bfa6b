import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import type { MendScope, MendedItem } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, LOCAL, THIRD, foundBackup } from '../../domain/builders.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';

const SETTINGS = { shelvery_dr_regions: DR };
const item = (id: string, what: string, fate: 'removed' | 'tagged' | 'kept') => ({
  id: BackupId.parse(id),
  what,
  fate,
});
const REMOVED = item('snap-00000001', 'left over: its image ami-1 is gone', 'removed');
const TAGGED = item('orders-copy', 'had no tags, and was given those of its source', 'tagged');
const KEPT = item('snap-00000002', 'kept, as it has not expired by its own tags', 'kept');

/** Cleans by an adapter that finds these left half-done here, and nothing in the DR region. */
async function cleaned(
  estate: MemoryEstate,
  mend: (region: Region, scope: MendScope) => readonly MendedItem[],
  asked: Asked = {},
) {
  const { told, said, plan, report } = await estate.run('clean_backups', {
    settings: SETTINGS,
    ...asked,
    parts: (parts) => ({
      ...asked.parts?.(parts),
      adapter: { ...parts.adapter, mend: async (region, scope) => mend(region, scope) },
    }),
  });
  return { told, said, plan, report };
}

const findsHere = (region: Region): readonly MendedItem[] => (region === LOCAL ? [REMOVED, TAGGED, KEPT] : []);

describe('what earlier runs left half-done', () => {
  it('is finished: what is removed is told, what is tagged and what stays is logged', async () => {
    const { told, said, plan } = await cleaned(openEstate('ebs'), findsHere);
    expect(told).toEqual([
      { operation: 'DeleteBackup', backupId: REMOVED.id, region: LOCAL, status: 'ok', message: REMOVED.what },
    ]);
    expect(said).toEqual([
      ['SHELVERY_MENDED', `${TAGGED.id}: ${TAGGED.what}`, { region: LOCAL }],
      ['SHELVERY_LEFTOVER_KEPT', `${KEPT.id}: ${KEPT.what}`, { region: LOCAL }],
    ]);
    expect(plan).toBeUndefined();
  });

  it('is in a plan, and a dry run tells and logs nothing of it', async () => {
    const { told, said, plan } = await cleaned(openEstate('ebs'), findsHere, { dryRun: true });
    expect([told, said]).toEqual([[], []]);
    expect(plan).toEqual([
      { what: 'remove', subject: REMOVED.id, reason: REMOVED.what, region: LOCAL },
      { what: 'change', subject: TAGGED.id, reason: TAGGED.what, region: LOCAL },
      { what: 'keep', subject: KEPT.id, reason: KEPT.what, region: LOCAL },
    ]);
  });

  it('in one region is told of where it cannot be finished, and the others go on', async () => {
    const { told } = await cleaned(openEstate('ebs'), (region) => {
      if (region === LOCAL) throw awsError('UnauthorizedOperation', { status: 403 });
      return [REMOVED];
    });
    expect(told).toEqual([
      {
        operation: 'DeleteBackup',
        region: LOCAL,
        status: 'failed',
        error:
          `NotAllowed: UnauthorizedOperation while finishing what earlier runs left half-done in ${LOCAL}: UnauthorizedOperation. ` +
          ALLOW,
      },
      { operation: 'DeleteBackup', backupId: REMOVED.id, region: DR, status: 'ok', message: REMOVED.what },
    ]);
  });

  it('is told of by itself where it cannot be finished, and the others are finished', async () => {
    const error = awsError('UnauthorizedOperation', { status: 403 });
    const { told, said } = await cleaned(openEstate('ebs'), (region) =>
      region === LOCAL
        ? [{ ...REMOVED, fate: 'not-removed', error }, { ...TAGGED, fate: 'not-tagged', error }, KEPT]
        : [REMOVED],
    );
    const refused = (doing: string): string =>
      `NotAllowed: UnauthorizedOperation while ${doing}: UnauthorizedOperation. ${ALLOW}`;
    expect(told).toEqual([
      {
        operation: 'DeleteBackup',
        backupId: REMOVED.id,
        region: LOCAL,
        status: 'failed',
        error: refused(`deleting ${REMOVED.id} (${REMOVED.what})`),
      },
      {
        operation: 'CreateBackup',
        backupId: TAGGED.id,
        region: LOCAL,
        status: 'failed',
        error: `${refused(`tagging ${TAGGED.id} (${TAGGED.what})`)} The next clean_backups tries it again while the backup is younger than shelvery_wait_deadline_hours. After that nothing knows it as a backup: tag it, or delete it, by hand.`,
      },
      { operation: 'DeleteBackup', backupId: REMOVED.id, region: DR, status: 'ok', message: REMOVED.what },
    ]);
    expect(said).toEqual([['SHELVERY_LEFTOVER_KEPT', `${KEPT.id}: ${KEPT.what}`, { region: LOCAL }]]);
  });

  it('is told of once where the turn of several did not come before the run had to end', async () => {
    const error = new ShelveryError('NotBegun', 'AWS takes only so many calls a second.', { mendable: true });
    const { told, said } = await cleaned(openEstate('ebs'), (region) =>
      region === LOCAL
        ? [{ ...REMOVED, fate: 'not-removed', error }, { ...TAGGED, fate: 'not-tagged', error }, KEPT]
        : [],
    );
    expect(told).toEqual([
      {
        operation: 'DeleteBackup',
        region: LOCAL,
        status: 'failed',
        error: 'NotBegun: AWS takes only so many calls a second.',
      },
    ]);
    expect(said).toEqual([['SHELVERY_LEFTOVER_KEPT', `${KEPT.id}: ${KEPT.what}`, { region: LOCAL }]]);
  });

  it('is left to the next run where this one may begin no more', async () => {
    const { told, said } = await cleaned(openEstate('ebs'), findsHere, { parts: () => ({ mayStart: () => false }) });
    expect([told, said]).toEqual([[], []]);
  });

  it.each([true, false])('is looked for with what the adapter has to know, dry run: %s', async (dryRun) => {
    const scopes: MendScope[] = [];
    const estate = openEstate('ebs');
    estate.resource('vol-2', { tags: { 'shelvery:config:shelvery_keep_daily_backups': '1000' } });
    await cleaned(
      estate,
      (_, scope) => {
        scopes.push(scope);
        return [];
      },
      {
        dryRun,
        settings: {
          ...SETTINGS,
          shelvery_custom_retention_types: 'hourly:3600',
          shelvery_wait_deadline_hours: '12',
          shelvery_min_retention_days: '7',
        },
      },
    );
    const [here, there] = scopes;
    expect(scopes).toHaveLength(2);
    expect([here?.dryRun, there?.dryRun]).toEqual([dryRun, dryRun]);
    expect(here?.retentionTypes).toEqual(['yearly', 'monthly', 'weekly', 'daily', 'hourly']);
    expect(here?.untaggedSince).toEqual(new Date('2026-11-23T15:01:00Z'));
    const copyOf = (region: Region) => foundBackup({ place: 'dr', source: `${region}:snap-0000000f` }).tags;
    expect([foundBackup().tags, copyOf(LOCAL), copyOf(THIRD)].map((tags) => here?.covers(tags))).toEqual([
      true,
      false,
      false,
    ]);
    expect([foundBackup().tags, copyOf(LOCAL), copyOf(THIRD)].map((tags) => there?.covers(tags))).toEqual([
      false,
      true,
      false,
    ]);
    const expired = {
      old: foundBackup(),
      young: foundBackup({ created: '2026-11-20-0300' }),
      'young for its type, and younger than all are kept': foundBackup({ created: '2026-11-20-0300', type: 'hourly' }),
      'of a volume that is kept for long': foundBackup({ entity: 'vol-2' }),
      'of an unknown type': foundBackup({ type: 'fortnightly' }),
      'not understood': foundBackup({ tags: { 'shelvery:date_created': undefined } }),
    };
    expect(Object.fromEntries(Object.entries(expired).map(([of, found]) => [of, here?.hasExpired(found)]))).toEqual({
      old: true,
      young: false,
      'young for its type, and younger than all are kept': false,
      'of a volume that is kept for long': false,
      'of an unknown type': false,
      'not understood': false,
    });
  });
});
