import { expect, it } from '@jest/globals';
import { databaseControls } from '../../emulator/databases.js';
import { HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useCopyEstate();
const warehouse = { type: 'redshift', config: { shelvery_completion_events: 'ENABLED' } } as const;

/** What Redshift publishes to the stack's topic, which passes it on to the queue. */
const published = (id: string, account: string) => ({
  Records: [
    {
      messageId: 'm-1',
      body: JSON.stringify({
        Type: 'Notification',
        TopicArn: `arn:aws:sns:${HOME}:${account}:shelvery-redshift-events`,
        Message: JSON.stringify({
          Resource: id,
          'About this Event': 'https://docs.aws.amazon.com/redshift/latest/mgmt/#REDSHIFT-EVENT-3004',
        }),
      }),
    },
  ],
});
const DONE = { batchItemFailures: [] };

it('what follows a backup of Redshift is begun by what that publishes of it, and not by another account', async () => {
  await databaseControls(estate.emulator()).setStates({ pendingMs: 30_000 });
  await estate.run('create_data_buckets', warehouse);
  await estate.resource(warehouse, 'dw');
  const invoke = lambdaFunction({ ...estate.install(warehouse), queueUrl: await estate.queue(SOURCE) });
  await invoke({ action: 'create_backups' });
  const { id } = await estate.only(warehouse);
  expect(await invoke(published(id, SOURCE))).toEqual(DONE);
  // It is pending after all.
  expect(await estate.files(SOURCE)).toEqual({});
  await estate.clock().advance(60_000);
  expect(await invoke(published(id, '999999999999'))).toEqual(DONE);
  expect(await estate.files(SOURCE)).toEqual({});
  expect(await invoke(published(id, SOURCE))).toEqual(DONE);
  expect(Object.keys(await estate.files(SOURCE))).toEqual([`backups/redshift/${id}.yaml`]);
});
