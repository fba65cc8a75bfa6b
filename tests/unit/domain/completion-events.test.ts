import { describe, expect, it } from '@jest/globals';
import { isToldByEvent, isWokenByEvents } from '../../../layers/engine/src/domain/completion-events.js';
import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { DelayedOperation } from '../../../layers/engine/src/domain/delayed.js';
import { AccountId, BackupId, Region } from '../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';

const HOME = Region.parse('eu-west-1');
const DR = Region.parse('eu-central-1');
const backupId = BackupId.parse('orders-daily');
const pulledFrom = {
  account: AccountId.parse('222222222222'),
  key: 'backups/shared/111111111111/rds/orders-daily.yaml',
};
const store = (region: Region): DelayedOperation => ({ action: 'do_store_backup_data', backupId, region });
const PULLED: DelayedOperation = { ...store(HOME), action: 'do_store_backup_data', pulledFrom };
const ARCHIVED: DelayedOperation = { action: 'do_archive_backup', backupId, region: HOME };

describe('isToldByEvent', () => {
  it.each<[string, BackupType, DelayedOperation, boolean]>([
    ['of EBS: a snapshot', 'ebs', store(HOME), true],
    ['of EBS: a DR copy', 'ebs', store(DR), true],
    ['of EBS: a pulled copy', 'ebs', PULLED, true],
    ['of EBS: nothing where it is complete and is to be archived', 'ebs', ARCHIVED, false],
    ['of an image: a DR copy', 'ec2ami', store(DR), true],
    ['of an RDS instance: a DR copy', 'rds', store(DR), true],
    ['of an RDS cluster: a snapshot', 'rds_cluster', store(HOME), true],
    ['of an RDS cluster: no DR copy', 'rds_cluster', store(DR), false],
    ['of DocumentDB: no pulled copy', 'docdb', PULLED, false],
    ['of Redshift: nothing', 'redshift', store(HOME), false],
  ])('%s', (_, backupType, operation, expected) => {
    expect(isToldByEvent({ backupType, operation, waiting: { attempt: 0 } }, HOME)).toBe(expected);
  });
});

describe('isWokenByEvents', () => {
  const ENABLED = { shelvery_completion_events: 'ENABLED' };
  const woken = (
    environment: Readonly<Record<string, string>>,
    payload?: Readonly<Record<string, unknown>>,
    inStack = true,
  ) => isWokenByEvents({ config: resolveRunConfig({ environment, payload, inStack }), inStack });

  it.each<[string, boolean, boolean]>([
    ['a run of the stack', woken(ENABLED), true],
    ['one whose payload says which resource', woken(ENABLED, { shelvery_select_entity: 'vol-1' }), true],
    ['no run where events are off', woken({}), false],
    ['no run in a terminal, which waits itself', woken(ENABLED, undefined, false), false],
    [
      'none whose payload says where backups go, which no event knows',
      woken(ENABLED, { shelvery_dr_regions: 'eu-central-1' }),
      false,
    ],
  ])('%s', (_, is, expected) => {
    expect(is).toBe(expected);
  });

  it('is for whoever owns the stack to say', () => {
    expect(() => resolveRunConfig({ environment: {}, payload: ENABLED })).toThrow('shelvery_completion_events');
  });
});
