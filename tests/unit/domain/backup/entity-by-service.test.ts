import { describe, expect, it } from '@jest/globals';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { entityTagLacking } from '../../../../layers/engine/src/domain/backup/entity-by-service.js';
import { readBackup } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { RULES, foundBackup, reader, resource, resourcesById, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const UNTAGGED = { 'shelvery:entity_id': undefined };
const MADE = { volumeId: 'vol-1', startedAt: utc('2026-01-10 03:04'), tags: UNTAGGED };
const NAME = 'orders-20260110-0300-daily';

function ofDatabase(parts: BackupParts = {}): FoundBackup {
  const found = foundBackup({ id: NAME, name: NAME, created: '20260110-0300', tags: UNTAGGED, ...parts });
  return { ...found, entityId: ResourceId.parse('orders') };
}

describe('the resource of a backup without the tag entity_id', () => {
  it('is the volume that EC2 says it is of', () => {
    expect(entityTagLacking(foundBackup(MADE), 'shelvery')).toEqual({ 'shelvery:entity_id': 'vol-1' });
    expect(readBackup(foundBackup(MADE), reader())).toMatchObject({
      kind: 'backup',
      backup: { entityId: 'vol-1', place: 'local', found: { tags: { 'shelvery:entity_id': 'vol-1' } } },
    });
  });

  it.each<[string, BackupParts]>([
    ['has the tag', { volumeId: 'vol-1' }],
    ['has another value in it', { tags: { 'shelvery:entity_id': '' } }],
    ['is a DR copy', { place: 'dr' }],
    ['is a pulled copy', { place: 'pulled' }],
    ['is a temporary copy', { tags: { ...UNTAGGED, 'shelvery:src_backup': 'eu-west-1:snap-0' } }],
    ['is of what EC2 gives copies', { volumeId: 'vol-ffffffff' }],
    ['is of nothing', { volumeId: '' }],
    ['is much younger than its tags say', { startedAt: utc('2026-01-11 03:00') }],
    ['is much older than its tags say', { startedAt: utc('2026-01-09 03:00') }],
    ['does not say when it was made', { tags: { ...UNTAGGED, 'shelvery:date_created': undefined } }],
  ])('is not told where it %s', (_, parts) => {
    const found = foundBackup({ ...MADE, ...parts, tags: { ...UNTAGGED, ...parts.tags } });
    const tagged = _ === 'has the tag' ? foundBackup(parts) : found;
    expect(entityTagLacking(tagged, 'shelvery')).toBeUndefined();
  });

  it('is not told where EC2 tells neither its time nor its volume', () => {
    expect(entityTagLacking(foundBackup({ volumeId: 'vol-1', tags: UNTAGGED }), 'shelvery')).toBeUndefined();
    expect(entityTagLacking(foundBackup({ startedAt: MADE.startedAt, tags: UNTAGGED }), 'shelvery')).toBeUndefined();
  });

  it.each<[string, BackupParts]>([
    ['local', {}],
    ['in a DR region', { place: 'dr' }],
    ['pulled', { place: 'pulled' }],
  ])('is the database that the service says it is of: %s', (_, parts) => {
    expect(readBackup(ofDatabase(parts), reader({ rules: RULES.rds }))).toMatchObject({
      kind: 'backup',
      backup: { entityId: 'orders' },
    });
  });

  it('is looked for under the prefix of the run', () => {
    expect(entityTagLacking(ofDatabase(), 'acme')).toEqual({ 'acme:entity_id': 'orders' });
  });

  it('is another one where a database was made under its name since', () => {
    const made = (at: string) => ({ ...resource('orders'), createdAt: utc(at) });
    const judged = (at: string) =>
      readBackup(ofDatabase(), reader({ rules: RULES.rds, resources: resourcesById(made(at)) }));
    expect(judged('2026-01-01')).toMatchObject({ backup: { resource: { id: 'orders' } } });
    expect(judged('2026-02-01')).not.toHaveProperty('backup.resource');
  });

  it('leaves a copy that a person made of it to that person', () => {
    const copy = { ...foundBackup(MADE), description: 'for the audit' };
    expect(readBackup(copy, reader())).toMatchObject({ kind: 'somebodys' });
    const renamed = { ...ofDatabase({ id: 'for-the-audit' }) };
    expect(readBackup(renamed, reader({ rules: RULES.rds }))).toMatchObject({ kind: 'somebodys' });
  });

  it('is named by its name where it is not told', () => {
    const problem = expect.stringContaining('shelvery:entity_id is missing; allowed: the id of what vol-1-2026');
    expect(readBackup(foundBackup({ tags: UNTAGGED }), reader({ config: runConfig() }))).toMatchObject({ problem });
  });
});
