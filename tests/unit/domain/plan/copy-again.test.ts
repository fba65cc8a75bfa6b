import { describe, expect, it } from '@jest/globals';
import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { copyAgain } from '../../../../layers/engine/src/domain/plan/copy-again.js';
import { DR, LOCAL, THIRD, read, resource, resourcesById, runConfig } from '../builders.js';
import type { BackupParts } from '../builders.js';

/** A backup of `vol-1`, whose tags are these; a resource that is gone has none. */
function backupOf(
  tags: Readonly<Record<string, string>> | undefined,
  config: Readonly<Record<string, unknown>> = {},
  parts: BackupParts = {},
): Backup {
  const resources = tags === undefined ? resourcesById() : resourcesById(resource('vol-1', tags));
  const result = read(parts, { resources, config: runConfig(config) });
  if (result.kind !== 'backup') throw new Error(result.kind);
  return result.backup;
}
const REGIONS = 'shelvery:config:shelvery_dr_regions';
const START = `; make it with: shelvery ebs create_backups --resource vol-1 --as-of 2026-01-10T03:00:00Z --backdate --region ${LOCAL} --config shelvery_current_retention_type=`;

describe('how a DR copy that is missing is made', () => {
  it.each([
    ['the run that made its backup once more', {}, { shelvery_dr_regions: DR }, {}, `${START}daily`],
    ['the same by a region of its tags', { [REGIONS]: `${THIRD} ${DR}` }, {}, {}, `${START}daily`],
    ['with a region that is not configured any more', {}, {}, {}, `${START}daily --config shelvery_dr_regions=${DR}`],
    ['with its own retention type', {}, { shelvery_dr_regions: DR }, { type: 'monthly' }, `${START}monthly`],
  ])('is %s', (_, tags, config, parts, text) => {
    expect(copyAgain('ebs', backupOf(tags, config, parts), DR)).toBe(text);
  });

  it('has the prefix of its installation', () => {
    const tags = { 'other:create_backup': 'true' };
    const config = { shelvery_tag_prefix: 'other', shelvery_dr_regions: DR };
    const own = new Map(
      Object.entries(backupOf({}).found.tags).map(([key, value]) => [key.replace(/^shelvery:/, 'other:'), value]),
    );
    const made = backupOf(tags, config, { tags: Object.fromEntries(own) });
    expect(copyAgain('rds', made, DR)).toMatch(/ --config shelvery_tag_prefix=other$/);
  });

  it('is up to whoever set the tag that names other regions', () => {
    expect(copyAgain('ebs', backupOf({ [REGIONS]: THIRD }), DR)).toBe(
      `; the tag ${REGIONS} of vol-1 does not name ${DR} any more. To have it made, name the region there first, and look here again`,
    );
  });

  it.each([
    ['is gone', undefined],
    ['is not marked', { 'shelvery:create_backup': 'false' }],
  ])('is up to a function, where its resource %s', (_, tags) => {
    expect(copyAgain('ebs', backupOf(tags), DR)).toMatch(/^; its resource is gone or not marked, .*do_copy_backup/);
  });
});
