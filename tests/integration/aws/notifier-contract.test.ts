import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { createNotifier } from '../../../layers/engine/src/aws/sns-notifier.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { notifierContract } from '../../contract/notifier.js';
import { keptLog, startEmulatedAccess } from './emulated-access.js';

const Published = z.object({ BackupName: z.string() });

notifierContract(async () => {
  const { emulator, access } = await startEmulatedAccess();
  let topic = '';
  return {
    open: () =>
      createNotifier({
        access,
        config: { shelvery_sns_topic: topic },
        backupType: 'ebs',
        clock: systemClock,
        log: keptLog(),
      }),
    refuseNext: async () => {
      await emulator.addFault({ kind: 'refuse', service: 'sns', code: 'AuthorizationError', status: 403 });
    },
    published: async () =>
      (await emulator.publishedMessages()).map(({ message }) => Published.parse(JSON.parse(message)).BackupName),
    reset: async () => {
      await emulator.reset();
      const made = await new SNSClient(emulator.clientConfig()).send(new CreateTopicCommand({ Name: 'backups' }));
      topic = made.TopicArn ?? '';
    },
    stop: () => emulator.stop(),
  };
});
