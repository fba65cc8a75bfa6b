// node scripts/check-deployment.mjs <stack> <bucket> [region]: whether the credentials, the region and the bucket of a
// deployment are there, and no other program's stack has its name. Prints the region and the account; says on stderr
// what to do about what is missing.
import { exit, argv, stderr, stdout } from 'node:process';
import {
  CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetBucketLocationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const [stack, bucket, given] = argv.slice(2);

function stop(message) {
  stderr.write(`${message}\n`);
  exit(1);
}

const sts = new STSClient({ maxAttempts: 2, ...(given ? { region: given } : {}) });
const region = await sts.config
  .region()
  .catch(() => stop('No region is set: give one with -r, or set AWS_DEFAULT_REGION.'));

let account;
try {
  ({ Account: account } = await sts.send(new GetCallerIdentityCommand({})));
} catch (error) {
  stop(
    `AWS cannot be asked in ${region} with the credentials that are set (${error.name}: ${error.message}). Set AWS_PROFILE, or keys.`,
  );
}

try {
  const s3 = new S3Client({ region, credentials: sts.config.credentials, followRegionRedirects: true, maxAttempts: 2 });
  const { LocationConstraint: location } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }));
  // Page "GetBucketLocation": nothing stands for us-east-1, and EU for eu-west-1.
  const home = location === 'EU' ? 'eu-west-1' : location || 'us-east-1';
  if (home !== region) {
    stop(
      `The bucket ${bucket} is in ${home}, and Lambda takes code only from a bucket of its own region: give a bucket of ${region} with -b.`,
    );
  }
} catch (error) {
  stop(`The bucket ${bucket} cannot be reached (${error.name}: ${error.message}). Give one of this account with -b.`);
}

/** What a name stands for, or nothing; CloudFormation has one error name for all that is wrong. */
async function found(command) {
  try {
    return await new CloudFormationClient({ region, credentials: sts.config.credentials, maxAttempts: 2 }).send(
      command,
    );
  } catch (error) {
    if (error.name === 'ValidationError') return undefined;
    return stop(`The stack ${stack} cannot be looked at (${error.name}: ${error.message}).`);
  }
}

const { Stacks: [existing] = [] } = (await found(new DescribeStacksCommand({ StackName: stack }))) ?? {};
// One in review has no resources yet: its first change set was never carried out.
if (existing !== undefined && existing.StackStatus !== 'REVIEW_IN_PROGRESS') {
  const ours = await found(new DescribeStackResourceCommand({ StackName: stack, LogicalResourceId: 'EbsFunction' }));
  if (ours === undefined) {
    stop(
      `The stack ${stack} is there and is none of this program: deploying over it would remove what it has (Python Shelvery's queue with its messages, for one). ` +
        'Choose another name with SHELVERY_STACK_NAME; docs/migrating.md has the steps.',
    );
  }
}
stdout.write(`${region} ${account}\n`);
