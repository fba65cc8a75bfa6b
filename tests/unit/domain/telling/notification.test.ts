import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { buildNotification } from '../../../../layers/engine/src/domain/telling/notification.js';
import { OPERATION_NAMES } from '../../../../layers/engine/src/domain/telling/outcome.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../builders.js';

const AT = new Date('2026-11-24T03:01:09.500Z');
const BASE = { BackupType: 'rds', Timestamp: '2026-11-24 03:01:09 UTC' };

describe('a notification', () => {
  it("has the original's fields", () => {
    const notification = buildNotification(
      {
        operation: 'PullSharedBackup',
        status: 'ok',
        backupName: 'web',
        backupId: BackupId.parse('rds:web'),
        entityId: ResourceId.parse('db'),
        entityName: 'not told',
        region: LOCAL,
        destinationRegion: DR,
        destinationAccount: OWN_ACCOUNT,
        sourceAccount: OTHER_ACCOUNT,
        backupS3Location: 's3://a/b.yaml',
        newS3Location: 's3://a/c.yaml',
        bucket: 'a',
        message: 'pulled',
      },
      'rds',
      AT,
    );
    expect(notification).toEqual({
      ...BASE,
      Operation: 'PullSharedBackup',
      Status: 'OK',
      BackupName: 'web',
      BackupId: 'rds:web',
      EntityId: 'db',
      DestinationRegion: 'eu-central-1',
      DestinationAccount: '111111111111',
      SourceAccount: '222222222222',
      BackupS3Location: 's3://a/b.yaml',
      NewS3Location: 's3://a/c.yaml',
      Bucket: 'a',
      Message: 'pulled',
    });
  });

  it('leaves out what does not apply', () => {
    expect(Object.keys(buildNotification({ operation: 'DeleteBackup', status: 'ok' }, 'rds', AT))).toEqual([
      'Operation',
      'Status',
      'BackupType',
      'Timestamp',
    ]);
  });

  it('gives the reason of an IGNORE', () => {
    expect(
      buildNotification({ operation: 'ShareBackup', status: 'ignored', reason: 'because', message: 'no' }, 'rds', AT),
    ).toEqual({
      ...BASE,
      Operation: 'ShareBackup',
      Status: 'IGNORE',
      Message: 'because',
    });
  });

  it.each([
    [
      'AWS code and request id',
      { code: 'AccessDenied', requestId: 'r-1', httpStatus: 403 },
      { code: 'AccessDenied', requestId: 'r-1' },
    ],
    ['AWS code without a request id', { code: 'AccessDenied' }, { code: 'AccessDenied' }],
    ['no answer of AWS', undefined, {}],
  ])('gives name and message of an ERROR, and %s', (_, aws, expected) => {
    const error = new ShelveryError('NotAllowed', 'allow it', {
      cause: new Error('secret'),
      ...present({ aws }),
    });
    expect(buildNotification({ operation: 'ShareBackup', status: 'failed', error }, 'rds', AT)).toEqual({
      ...BASE,
      Operation: 'ShareBackup',
      Status: 'ERROR',
      Message: 'allow it',
      ExceptionInfo: { name: 'NotAllowed', message: 'allow it', ...expected },
    });
  });

  it.each([
    ['CreateBackup'],
    ['CopyBackupToRegion'],
    ['ShareBackup'],
    ['ShareRegionalBackupCopy'],
    ['DeleteBackup'],
    ['DeleteReencryptedBackup'],
    ['PullSharedBackup'],
    ['PullSharedBackupsFromAccount'],
    ['StoreBackupData'],
    ['ArchiveBackup'],
  ])('knows the operation %s', (operation) => {
    expect(OPERATION_NAMES).toContain(operation);
  });
});
