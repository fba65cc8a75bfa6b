// node scripts/check-deployment.mjs <stack> <bucket> <region, or ''> [KEY=VALUE …]: whether the credentials, the region and
// the bucket of a deployment are there, whether the stack can be made or updated, and whether its alarms have a topic that
// takes them. The pairs are parameters that the deployment changes. Prints the region and the account; says on stderr what
// to do about what is missing.
import { exit, argv, stderr, stdout } from 'node:process';
import {
  CloudFormationClient,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetBucketLocationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const [stack, bucket, given, ...changes] = argv.slice(2);

function stop(message) {
  stderr.write(`${message}\n`);
  exit(1);
}

const sts = new STSClient({ maxAttempts: 2, ...(given ? { region: given } : {}) });
const region = await sts.config
  .region()
  .catch(() => stop('No region is set: name one with -r, or set AWS_DEFAULT_REGION.'));

let account;
try {
  ({ Account: account } = await sts.send(new GetCallerIdentityCommand({})));
} catch (error) {
  stop(
    `AWS in ${region} does not answer with the present credentials (${error.name}: ${error.message}). Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  );
}

try {
  const s3 = new S3Client({ region, credentials: sts.config.credentials, followRegionRedirects: true, maxAttempts: 2 });
  const { LocationConstraint: location } = await s3.send(
    new GetBucketLocationCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
  );
  // Page "GetBucketLocation": nothing stands for us-east-1, and EU for eu-west-1.
  const home = location === 'EU' ? 'eu-west-1' : location || 'us-east-1';
  if (home !== undefined && home !== region) {
    stop(
      `The bucket ${bucket} is in ${home}, but Lambda takes code only from a bucket in its own region: name a bucket in ${region} with -b.`,
    );
  }
} catch (error) {
  const reason = `(${error.name}: ${error.message})`;
  // S3 gives the same answer for a bucket of another account and where the call is not allowed.
  stop(
    error.name === 'AccessDenied'
      ? `The bucket ${bucket} belongs to another account than ${account}, or s3:GetBucketLocation is not allowed ${reason}. The code of the functions must come from a bucket of your own: name one of this account with -b.`
      : `The bucket ${bucket} cannot be reached ${reason}. Name a bucket of this account with -b.`,
  );
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

/**
 * Statuses of a stack whose creation failed. After a rollback it has no resources, and takes nothing but its deletion
 * (page "Stack status codes"); without one it has some of them.
 */
const NEVER_MADE = ['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'];

const { Stacks: [existing] = [] } = (await found(new DescribeStacksCommand({ StackName: stack }))) ?? {};
if (NEVER_MADE.includes(existing?.StackStatus)) {
  stop(
    `The stack ${stack} is in ${existing.StackStatus}: its creation failed. Its events say why (aws cloudformation describe-stack-events --region ${region} --stack-name ${stack}). ` +
      `If it is Shelvery's, delete it (aws cloudformation delete-stack --region ${region} --stack-name ${stack}), wait until it is gone, and deploy again: data buckets and backups are kept. ` +
      "If it is another program's, choose another name with SHELVERY_STACK_NAME.",
  );
}
// A stack in review has no resources yet: its first change set was never executed.
if (existing !== undefined && existing.StackStatus !== 'REVIEW_IN_PROGRESS') {
  const ours = await found(new DescribeStackResourceCommand({ StackName: stack, LogicalResourceId: 'EbsFunction' }));
  if (ours === undefined) {
    stop(
      `There is already a stack ${stack}, and it is not this program's. Deploying over it would remove what it has (such as Python Shelvery's queue with its messages). ` +
        'Choose another name with SHELVERY_STACK_NAME; docs/migrating.md has the steps.',
    );
  }
}

const parameters = new Map([
  ...(existing?.Parameters ?? []).map(({ ParameterKey: key, ParameterValue: value }) => [key, value]),
  ...changes.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
]);
// The topic that alarms go to is the first of these that is given; without any the stack makes one.
const named = ['AlarmSnsTopic', 'ShelveryErrorSnsTopic', 'ShelverySnsTopic'].find((name) => parameters.get(name));
if (named !== undefined) {
  const [, , , home] = parameters.get(named).split(':');
  // CloudWatch says "Invalid region" when the stack is half made, and the whole is rolled back.
  if (home !== undefined && home !== region) {
    stop(
      `Alarms go only to a topic of their own region, ${region}, and the one of ${named} is in ${home}. Make a topic in ${region} and name it: -o AlarmSnsTopic=<its ARN>.` +
        (named === 'AlarmSnsTopic' ? '' : ` Notifications and errors go to that of ${named} as before.`),
    );
  }
}
stdout.write(`${region} ${account}\n`);
