import { setTimeout } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { BUNKER, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useCopyEstate();
const source = { config: { shelvery_share_aws_account_ids: BUNKER } };
const bunker = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };

it('pulls of the same time, each asked for by somebody else, copy each backup once', async () => {
  await estate.run('create_data_buckets', bunker);
  for (const name of ['orders', 'bills', 'mail']) await estate.resource(source, name);
  await estate.run('create_backups', source);
  const queueUrl = await estate.queue(BUNKER);
  // Processes of their own, which wait in real time, so that the others get on meanwhile.
  const clock = { ...estate.clock(), sleep: async () => setTimeout(50) };
  await Promise.all(
    ['of-the-schedule', 'by-hand', 'of-another-stack'].map(async (requestId) => {
      const invoke = lambdaFunction({ ...estate.install(bunker), clock, queueUrl });
      await invoke({ action: 'pull_shared_backups' }, { requestId });
    }),
  );
  expect(await estate.backups(bunker)).toHaveLength(3);
  expect(Object.keys(await estate.files(BUNKER)).filter((key) => key.startsWith('leases/'))).toEqual([]);
});
