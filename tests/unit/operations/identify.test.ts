import { describe, expect, it } from '@jest/globals';
import {
  backupsAmong,
  entitiesOf,
  failureOf,
  readFound,
  subjectOf,
} from '../../../layers/engine/src/operations/identify.js';
import { serviceOf } from '../../simulation/world/services.js';
import { HOME, LOCAL, backup, foundBackup, resource, resourcesById, runConfig } from '../domain/builders.js';

const { adapter } = serviceOf('ebs');
const CONTEXT = { adapter, config: runConfig(), home: HOME };

describe('what is understood of a backup', () => {
  it('is who configures it, where somebody has looked for its resource', () => {
    const found = foundBackup({ tags: { 'shelvery:config:shelvery_keep_daily_backups': '5' } });
    const marked = resource('vol-1', { 'shelvery:config:shelvery_keep_daily_backups': '3' });
    const keeps = (resources?: Parameters<typeof readFound>[2]): unknown => {
      const read = readFound(found, CONTEXT, resources);
      return read.kind === 'backup' ? read.backup.config.values.shelvery_keep_daily_backups : read.kind;
    };
    expect([keeps(), keeps(resourcesById(marked)), keeps(new Map())]).toEqual([5, 3, 5]);
  });

  it('leaves out what cannot be understood', () => {
    const found = [foundBackup({ id: 'snap-1', created: 'yesterday' }), foundBackup({ id: 'snap-2' })];
    expect(backupsAmong(found, CONTEXT).map(({ id }) => id)).toEqual(['snap-2']);
  });

  it('is which resources of this account backups were made of, each once', () => {
    const backups = [
      backup({ entity: 'vol-2' }),
      backup({ entity: 'vol-1' }),
      backup({ entity: 'vol-2', id: 'snap-2' }),
      backup({ entity: 'vol-3', place: 'pulled' }),
      backup({ entity: 'vol-4', place: 'dr' }),
    ];
    expect(entitiesOf(backups)).toEqual(['vol-2', 'vol-1', 'vol-4']);
  });

  it.each([
    [{}, {}],
    [{ ResourceName: 'web' }, { entityName: 'web' }],
  ])('is what an outcome says of it: %j', (tags, named) => {
    expect(subjectOf('ShareBackup', backup({ tags }))).toStrictEqual({
      operation: 'ShareBackup',
      backupName: 'vol-1-2026-01-10-0300-daily',
      backupId: 'snap-1',
      entityId: 'vol-1',
      retentionType: 'daily',
      region: LOCAL,
      ...named,
    });
  });
});

describe('a copy that failed', () => {
  it.each([
    [{}, 'failed: no reason given'],
    [{ stateReason: 'The key is disabled.' }, 'failed: The key is disabled'],
    [{ stateReason: 'Error 1.5 of KMS' }, 'failed: Error 1.5 of KMS'],
    [{ kmsKeyId: 'alias/backups', stateReason: 'it is off' }, 'failed (key alias/backups): it is off'],
  ])('is told with its reason and its key: %j', (more, text) => {
    expect(failureOf({ found: { ...foundBackup({ state: 'failed' }), ...more } })).toBe(text);
  });
});
