import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { notPrinted, stepsOf } from './guide.js';
import { openShell } from './shell.js';
import type { Shell } from './shell.js';

const FOLDER = join(import.meta.dirname, '../../../docs');
const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
/** The accounts of the guides, by the names of their profiles. */
const PROFILES = { production: ACCOUNT, bunker: '222222222222', recovery: '333333333333' };
/** Stands in the guides for a volume of the reader's. */
const VOLUME = 'vol-0123456789abcdef0';

// Every command is a process of its own, on a machine that may be busy.
jest.setTimeout(240_000);

/** What is there before a reader begins, and what happens to them on the way. */
interface Estate {
  /** Commands, run as the account of `production`. */
  readonly first?: string;
  /** Before the step of this number, counted from 0. */
  readonly before?: Readonly<Record<number, (emulator: Emulator) => Promise<unknown>>>;
}

const MARKED = `aws ec2 create-tags --resources ${VOLUME} --tags Key=shelvery:create_backup,Value=true`;
const SHARED = `${MARKED}
shelvery ebs create_data_buckets --config shelvery_share_aws_account_ids=222222222222
shelvery ebs create_backups --config shelvery_share_aws_account_ids=222222222222
shelvery ebs pull_shared_backups --profile bunker --config shelvery_source_aws_account_ids=111111111111`;
const COPIED = `${MARKED}
shelvery ebs create_data_buckets --config shelvery_dr_regions=eu-central-1
shelvery ebs create_backups --config shelvery_dr_regions=eu-central-1`;
const DEAD_LETTER = `queue=$(aws cloudformation describe-stack-resource --stack-name shelvery \
  --logical-resource-id EbsDeadLetterQueue --query StackResourceDetail.PhysicalResourceId --output text)
aws sqs send-message --queue-url "$queue" --message-body '{"backup_type": "ebs", "action": "do_copy_backup",
  "arguments": {"BackupId": "snap-0123456789abcdef0", "OriginRegion": "eu-west-1", "Region": "eu-central-1"}}'`;

/** A backup as the original tags it, and the configuration of the stack that is to take over. */
const OF_THE_ORIGINAL = `${MARKED}
tag() { printf '{Key=shelvery:%s,Value=%s},' "$1" "$2"; }
aws ec2 create-snapshot --volume-id ${VOLUME} --description orders-2026-01-04-0100-weekly --tag-specifications \\
  "ResourceType=snapshot,Tags=[$(tag tag_name shelvery; tag date_created 2026-01-04-0100; tag src_account 111111111111;
    tag name orders-2026-01-04-0100-weekly; tag region eu-west-1; tag retention_type weekly; tag entity_id ${VOLUME};
    tag backup true){Key=Name,Value=orders-2026-01-04-0100-weekly}]"
aws ssm put-parameter --type String --name /shelvery/shelvery-2/shelvery_keep_weekly_backups --value 8`;

const ESTATES: Readonly<Record<string, Estate>> = {
  'migrating.md': { first: OF_THE_ORIGINAL },
  'guides/first-backup.md': {},
  'guides/dr-region.md': { first: MARKED },
  'guides/bunker.md': { first: MARKED },
  'guides/failed-run.md': {
    first: `${MARKED}\nshelvery ebs create_data_buckets`,
    before: {
      // The volume is older than the objective, and the role may make no snapshots.
      1: async (emulator) => {
        await emulator.setClockOffset(30 * 3_600_000);
        await emulator.addFault({
          kind: 'refuse',
          action: 'CreateSnapshot',
          code: 'UnauthorizedOperation',
          message: 'You are not authorized to perform this operation.',
          status: 403,
          times: 'always',
        });
      },
      3: async (emulator) => {
        await emulator.clearFaults();
      },
    },
  },
  'guides/region-lost.md': { first: COPIED },
  'guides/account-lost.md': { first: SHARED },
  'guides/dead-letters.md': { first: `${MARKED}\nshelvery ebs create_backups\n${DEAD_LETTER}` },
};

let emulator: Emulator;
let shell: Shell;

beforeAll(async () => {
  emulator = await startEmulator({ account: ACCOUNT, region: REGION });
});
beforeEach(async () => {
  shell = await openShell(emulator, PROFILES);
});
afterEach(async () => {
  await shell.end();
  await emulator.reset();
});
afterAll(async () => {
  await emulator.stop();
});

/** What of the stack the guides name: two queues, as the template has them. */
async function makeStack(): Promise<void> {
  const cloudFormation = new CloudFormationClient(emulator.clientConfig());
  const dead = { Type: 'AWS::SQS::Queue' };
  const redrive = { deadLetterTargetArn: { 'Fn::GetAtt': ['EbsDeadLetterQueue', 'Arn'] }, maxReceiveCount: 5 };
  const queue = { Type: 'AWS::SQS::Queue', Properties: { RedrivePolicy: redrive } };
  const TemplateBody = JSON.stringify({ Resources: { EbsDeadLetterQueue: dead, EbsQueue: queue } });
  await cloudFormation.send(new CreateStackCommand({ StackName: 'shelvery', TemplateBody }));
  cloudFormation.destroy();
}

describe('the guides', () => {
  const guides = [...globSync('guides/*.md', { cwd: FOLDER }), 'migrating.md'].sort();

  it('have an estate each, in which their commands are run', () => {
    expect(guides).toEqual(Object.keys(ESTATES).sort());
  });

  it.each(guides)('%s: every command does what the guide says, and prints it', async (guide) => {
    const { first = '', before = {} } = ESTATES[guide] ?? {};
    const [volume = ''] = await emulator.seedVolumes([{ tags: { Name: 'orders' }, sizeGib: 8 }]);
    await makeStack();
    const inEstate = (commands: string) => commands.replaceAll(VOLUME, volume);
    const ready = await shell.run(inEstate(`export AWS_PROFILE=production AWS_REGION=${REGION}\n${first}`));
    expect(ready).toEqual(expect.objectContaining({ exitCodes: [] }));

    for (const [index, { commands, prints, exitCodes }] of stepsOf(
      readFileSync(join(FOLDER, guide), 'utf8'),
    ).entries()) {
      await before[index]?.(emulator);
      const end = await shell.run(inEstate(commands));
      if (process.env['SHOW_GUIDES'] !== undefined) process.stdout.write(`$ ${commands}${end.printed}\n`);
      expect({ commands, ...end }).toEqual({ commands, printed: end.printed, exitCodes });
      expect({ commands, printed: end.printed, missing: notPrinted(prints, end.printed) }).toEqual({
        commands,
        printed: end.printed,
        missing: [],
      });
    }
  });
});
