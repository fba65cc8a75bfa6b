import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';

import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { BUNKER, DR, HOME, SOURCE, bucketOf, copyEstateOn } from '../../integration/harness/copy-estate.js';
import type { CopyEstate } from '../../integration/harness/copy-estate.js';
import { createTestClock } from '../../integration/harness/test-clock.js';
import { openInbox } from './inbox.js';
import type { Inbox } from './inbox.js';
import { inventory } from './inventory.js';
import { startMinistack } from './ministack.js';
import { stackIn } from './stack.js';
import type { Stack } from './stack.js';

/** An account with its stack, in the home region. */
export interface Site {
  readonly stack: Stack;
  readonly inbox: Inbox;
  /** What is there now of the kinds of things that the stack is made of. */
  inventory(): Promise<readonly string[]>;
}

/** Two accounts in which nothing is deployed yet. */
export interface Deployment {
  /** Answers for backup services and S3, and sees every call that a function makes. */
  readonly emulator: Emulator;
  readonly estate: CopyEstate;
  readonly source: Site;
  readonly bunker: Site;
  /** A topic of the source account that was there before the stack; its inbox has subscribed to it. */
  readonly statusTopic: string;
  /** Keys of an account's data bucket, sorted. */
  keysOf(account: string, region?: string): Promise<readonly string[]>;
  /** The accounts that the policy of an account's data bucket lets in. */
  letIn(account: string, region: string): Promise<readonly string[]>;
  /** All backups and files of both accounts. */
  everything(): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts ministack, for what a stack is made of, and the emulator, for what the functions see: they call the emulator
 * alone, which has calls of Lambda, SNS, SQS and SSM answered by ministack. So data buckets are the emulator's, which
 * heeds their policies, and packages are ministack's.
 */
export async function startDeployment(): Promise<Deployment> {
  const emulator = await startEmulator({ account: SOURCE, region: HOME });
  // Functions sign URLs that the emulator verifies: they need the secret that it knows.
  const { secretAccessKey } = emulator.clientConfig().credentials;
  const ministack = await startMinistack({
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  await emulator.forward(['lambda', 'sns', 'sqs', 'ssm'], ministack.endpoint);
  const clock = createTestClock(emulator);
  const estate = copyEstateOn(
    () => emulator,
    () => clock,
  );
  const siteOf = async (account: string): Promise<Site> => {
    const place = { account, region: HOME };
    const stack = stackIn(ministack, place);
    await stack.prepare();
    return { stack, inbox: await openInbox(ministack, place), inventory: () => inventory(ministack, place) };
  };
  const [source, bunker] = await Promise.all([siteOf(SOURCE), siteOf(BUNKER)]);
  const sns = new SNSClient(ministack.clientConfig({ account: SOURCE, region: HOME }));
  const { TopicArn: statusTopic = '' } = await sns.send(new CreateTopicCommand({ Name: 'reports' }));
  await source.inbox.subscribe(statusTopic);
  return {
    emulator,
    estate,
    source,
    bunker,
    statusTopic,
    keysOf: async (account, region) => Object.keys(await estate.files(account, region)).sort(),
    async letIn(account, region) {
      const s3 = new S3Client(emulator.clientConfig(account, region));
      const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucketOf(account, region) }));
      return [...new Set(Policy.match(/(?<=backups\/shared\/)\d{12}/g))].sort();
    },
    async everything() {
      const sites = BACKUP_TYPES.flatMap((type) =>
        [SOURCE, BUNKER].flatMap((account) => [HOME, DR].map((region) => ({ type, account, region }))),
      );
      return {
        backups: await Promise.all(sites.map((site) => estate.backups(site))),
        files: await Promise.all([estate.files(SOURCE), estate.files(SOURCE, DR), estate.files(BUNKER)]),
      };
    },
    async stop() {
      await ministack.stop();
      await emulator.stop();
    },
  };
}
