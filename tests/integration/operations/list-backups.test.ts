import { describe, expect, it } from '@jest/globals';
import { DR, HOME, VOLUME, reasons, useEbsEstate } from '../harness/ebs-estate.js';

const NOW = '2026-03-31T01:00:00Z';
const estate = useEbsEstate();

describe('list_backups', () => {
  it('tells of every backup what cleaning would do, where it is, and whether its metadata is there', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    const old = await estate.backup({ created: '2026-01-10-0300' });
    const newest = await estate.backup({ created: '2026-03-30-0300' });
    await estate.putFile(`backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`, 'x');
    const held = await estate.backup({ created: '2026-01-11-0300', tags: { 'shelvery:hold': 'true' } });
    const failed = await estate.backup({ created: '2026-03-29-0300', state: 'error' });
    const unreadable = await estate.backup({ created: 'yesterday' });
    const copy = await estate.backup({
      created: '2026-03-30-0300',
      region: DR,
      tags: { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${HOME}:${newest}` },
    });
    const { listed = [], outcomes, report } = await estate.run('list_backups', NOW, { shelvery_dr_regions: DR });
    expect(reasons(outcomes)).toEqual([]);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 6 } });
    const rows = Object.fromEntries(listed.map((row) => [row.id, row]));
    expect(rows[newest]).toEqual({
      name: `${VOLUME}-2026-03-30-0300-daily`,
      id: newest,
      resource: VOLUME,
      region: HOME,
      place: 'local',
      retentionType: 'daily',
      created: '2026-03-30T03:00:00.000Z',
      fate: 'expires 2026-04-13',
      state: 'available',
      metadata: 'present',
    });
    expect(rows[old]).toMatchObject({ fate: 'expired 2026-01-24; clean_backups removes it', metadata: 'missing' });
    expect(rows[held]?.fate).toBe('on hold: it has the tag shelvery:hold');
    expect(rows[failed]?.state).toBe('failed');
    expect(rows[unreadable]?.fate).toContain('kept: its tag shelvery:date_created is "yesterday"');
    expect(rows[copy]).toMatchObject({ place: 'dr', region: DR, metadata: 'unknown' });
  });

  it('changes nothing, and publishes no report', async () => {
    await estate.volume(VOLUME);
    await estate.backup({ created: '2026-01-10-0300' });
    const topic = await estate.topic('status');
    await estate.emulator().clearCalls();
    await estate.run('list_backups', NOW, { shelvery_status_sns_topic: topic });
    expect((await estate.emulator().calls()).filter(({ action }) => !/^(Describe|List|Get|Head)/.test(action))).toEqual(
      [],
    );
  });
});
