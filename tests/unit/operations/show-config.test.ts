import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, OWN_ACCOUNT } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';

const KEEP = 'shelvery:config:shelvery_keep_daily_backups';
const DAYS = { key: 'shelvery_keep_daily_backups', value: '3', level: 'tag' };

describe('the configuration that is shown', () => {
  it('has every value with its level, and the resources whose tags set something, by id', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-3', { tags: { Name: 'web', [KEEP]: '3' } });
    estate.resource('vol-1', { tags: { [KEEP]: '3' } });
    estate.resource('vol-2', { tags: { [KEEP]: 'many' } });
    estate.resource('vol-4');
    estate.resource('vol-5', { tags: { 'shelvery:create_backup': 'yes', [KEEP]: '3' } });
    const { shownConfig, report, told, calls } = await estate.run('show_config', {
      settings: { shelvery_dr_regions: DR },
    });
    expect(shownConfig?.resources).toEqual([
      { id: 'vol-1', marked: true, values: [DAYS], problems: [] },
      {
        id: 'vol-2',
        marked: true,
        values: [],
        problems: [
          'shelvery_keep_daily_backups in the resource\'s tags is "many"; allowed: a whole number from 0 to 10000 (days).',
        ],
      },
      { id: 'vol-3', name: 'web', marked: true, values: [DAYS], problems: [] },
    ]);
    expect(shownConfig?.values).toEqual(
      expect.arrayContaining([
        { key: 'shelvery_dr_regions', value: DR, level: 'environment' },
        { key: 'shelvery_keep_daily_backups', value: '14', level: 'default' },
      ]),
    );
    expect(report.summary).toMatchObject({ collected: 4 });
    expect([told, calls]).toEqual([[], [`ebs:listResources ${LOCAL}`]]);
  });

  it('has all that is in force for a selected resource, marked or not', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1', { tags: { [KEEP]: '3' } });
    estate.resource('vol-2', { tags: { 'shelvery:create_backup': 'no', [KEEP]: '3' } });
    const { shownConfig, calls } = await estate.run('show_config', { settings: { shelvery_select_entity: 'vol-2' } });
    const [shown, ...others] = shownConfig?.resources ?? [];
    expect(others).toEqual([]);
    expect(shown).toMatchObject({ id: 'vol-2', marked: false, problems: [] });
    expect(shown?.values.length).toBe(shownConfig?.values.length);
    expect(shown?.values).toEqual(
      expect.arrayContaining([DAYS, { key: 'shelvery_select_entity', value: 'vol-2', level: 'environment' }]),
    );
    expect(calls).toEqual([`ebs:findResources ${LOCAL}`]);
  });

  it('is none where the selected resource does not exist', async () => {
    const estate = openEstate('ebs');
    const { shownConfig, brokeOff } = await estate.run('show_config', {
      settings: { shelvery_select_entity: 'vol-9' },
    });
    expect(shownConfig).toBeUndefined();
    expect([brokeOff?.code, brokeOff?.message]).toEqual([
      'UsageError',
      `There is no EBS volume vol-9 (shelvery_select_entity) in ${LOCAL} of account ${OWN_ACCOUNT}.`,
    ]);
  });
});
