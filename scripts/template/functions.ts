import { getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { allow } from './permissions.js';

/** A function's log, which ends with the stack. */
export const logGroup = (name: string): Mapping => ({
  Type: 'AWS::Logs::LogGroup',
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: {
    LogGroupName: sub(`/aws/lambda/\${AWS::StackName}-${name}`),
    RetentionInDays: ref('LogRetentionDays'),
  },
});

interface FunctionWanted {
  /** What its logical ids begin with. */
  readonly id: string;
  /** Its name, after the stack's, and that of its folder. */
  readonly name: string;
  readonly description: string;
  readonly timeLimitSeconds?: number;
  readonly environment: Mapping;
  readonly events?: Mapping;
}

/** A function; what all have is in `Globals`. */
export const lambdaFunction = ({
  id,
  name,
  description,
  timeLimitSeconds,
  environment,
  events,
}: FunctionWanted): Mapping => ({
  Type: 'AWS::Serverless::Function',
  Properties: {
    FunctionName: sub(`\${AWS::StackName}-${name}`),
    Description: description,
    CodeUri: `dist/functions/${name}`,
    Role: getAtt(`${id}Role`),
    ...(timeLimitSeconds === undefined ? {} : { Timeout: timeLimitSeconds }),
    LoggingConfig: { LogGroup: ref(`${id}LogGroup`) },
    Environment: { Variables: environment },
    ...(events === undefined ? {} : { Events: events }),
  },
});

/** Writing to a function's own log. */
export const mayLog = (id: string): Mapping =>
  allow({ sid: 'Log', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: getAtt(`${id}LogGroup`) });

/** What Lambda does in a function's name with an invocation that failed to its end. */
export const mayGiveUp = (): Mapping =>
  allow({ sid: 'GiveUp', actions: ['sqs:SendMessage'], on: getAtt('FailedInvocationsQueue') });
