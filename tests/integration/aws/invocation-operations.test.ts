import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createInvocationOperations, invokeSelf } from '../../../layers/engine/src/aws/invocation-operations.js';
import type { PayloadConfig } from '../../../layers/engine/src/domain/delayed.js';
import type { Emulator } from '../../emulator/emulator.js';
import { DR_REGION, HOME_REGION, keptLog, startEmulatedAccess } from './emulated-access.js';
import { delayedMessages } from './delayed-messages.js';

const Several = z.strictObject({
  backup_type: z.string(),
  action: z.literal('do_delayed_operations'),
  arguments: z.strictObject({
    Operations: z.array(z.strictObject({ action: z.string(), arguments: z.looseObject({ BackupId: z.string() }) })),
  }),
  config: z.record(z.string(), z.unknown()).optional(),
});

describe('createInvocationOperations', () => {
  let emulator: Emulator;
  let access: AwsAccess;

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const open = (functionName = 'shelvery-ebs', config?: PayloadConfig) =>
    createInvocationOperations({ access, functionName, config, log: keptLog() });

  it('sends one operation as the original does', async () => {
    const operations = open('shelvery-ebs', { shelvery_dr_regions: '' });
    for (const message of delayedMessages(1)) operations.send(message);
    expect(await operations.flush()).toEqual([]);
    expect(await emulator.takeInvocations()).toMatchObject([
      {
        functionName: 'shelvery-ebs',
        invocationType: 'Event',
        region: HOME_REGION,
        payload: {
          backup_type: 'ebs',
          action: 'do_store_backup_data',
          arguments: { BackupId: 'snap-0', BackupRegion: HOME_REGION, Attempt: 0 },
          config: { shelvery_dr_regions: '' },
          is_started_internally: true,
        },
      },
    ]);
  });

  it('puts operations together only where type and configuration are the same', async () => {
    for (const config of [{ shelvery_dr_regions: 'eu-central-1' }, { shelvery_dr_regions: '' }, undefined]) {
      const operations = open('shelvery-ebs', config);
      for (const message of delayedMessages(2)) operations.send(message);
      for (const message of delayedMessages(2, { backupType: 'rds' })) operations.send(message);
      await operations.flush();
    }
    const sent = (await emulator.takeInvocations()).map(({ payload }) => Several.parse(payload));
    expect(new Set(sent.map((each) => JSON.stringify([each.backup_type, each.config])))).toEqual(
      // The groups go out side by side.
      new Set(
        [
          ['ebs', { shelvery_dr_regions: 'eu-central-1' }],
          ['rds', { shelvery_dr_regions: 'eu-central-1' }],
          ['ebs', { shelvery_dr_regions: '' }],
          ['rds', { shelvery_dr_regions: '' }],
          ['ebs', undefined],
          ['rds', undefined],
        ]
          .sort()
          .map((each) => JSON.stringify(each)),
      ),
    );
  });

  it('keeps an invocation within what Lambda takes', async () => {
    const operations = open('shelvery-ebs', { shelvery_select_entity: 'x'.repeat(100_000) });
    for (const message of delayedMessages(20)) operations.send(message);
    expect(await operations.flush()).toEqual([]);
    for (const { payload } of await emulator.takeInvocations())
      expect(JSON.stringify(payload).length).toBeLessThan(1_000_000);
  });

  it('calls the region of a function that is given by its ARN', async () => {
    const operations = open(`arn:aws:lambda:${DR_REGION}:111111111111:function:shelvery-ebs`);
    for (const message of delayedMessages(1)) operations.send(message);
    expect(await operations.flush()).toEqual([]);
    expect(await emulator.takeInvocations()).toMatchObject([{ region: DR_REGION }]);
  });

  describe('invokeSelf', () => {
    it('hands the payload over, asynchronously', async () => {
      await invokeSelf(access, 'shelvery-ebs', { action: 'create_backups', scheduled_time: '2026-11-24T03:00:00Z' });
      expect(await emulator.takeInvocations()).toMatchObject([
        { invocationType: 'Event', payload: { action: 'create_backups', scheduled_time: '2026-11-24T03:00:00Z' } },
      ]);
    });

    it('throws what Lambda answered', async () => {
      await emulator.addFault({ kind: 'refuse', action: 'Invoke', code: 'ResourceNotFoundException', status: 404 });
      await expect(invokeSelf(access, 'shelvery-ebs', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });
  });
});
