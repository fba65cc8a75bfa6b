import type { BackupType } from '@shelvery/engine/terminal';
import type { Context } from 'aws-lambda';
import { present } from '../../../layers/engine/src/domain/present.js';
import type { Emulator } from '../../emulator/emulator.js';
import type { TestClock } from './test-clock.js';

/** Who runs the product, and where. */
export interface Installation {
  readonly emulator: Emulator;
  readonly clock: TestClock;
  readonly type: BackupType;
  readonly account: string;
  readonly region: string;
  readonly config: Readonly<Record<string, string>>;
  /** For the way `queue`. */
  readonly queueUrl?: string;
  readonly functionName?: string;
}

const FUNCTION_NAME = 'shelvery-function';

/** Where the product's function is. */
type FunctionPlace = Pick<Installation, 'account' | 'functionName' | 'region'>;

const functionArn = ({ region, account, functionName = FUNCTION_NAME }: FunctionPlace): string =>
  `arn:aws:lambda:${region}:${account}:function:${functionName}`;

/** How Lambda invokes a function. */
export interface Invocation {
  readonly requestId?: string;
  /** What Lambda says is left, in milliseconds, whenever it is asked. */
  readonly remaining?: () => number;
}

export function environmentOf(installation: Installation): Readonly<Record<string, string>> {
  return {
    AWS_REGION: installation.region,
    ...installation.config,
    ...present({ shelvery_sqs_queue_url: installation.queueUrl }),
  };
}

/** Makes this process one that calls the emulator, quietly. */
export function useProcess(installation: Installation): void {
  Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' });
  Object.assign(process.env, installation.emulator.credentials(installation.account, installation.region));
}

/** What the context has still, though handlers that return promises have no use for it. */
const OUTDATED = { done: () => undefined, fail: () => undefined, succeed: () => undefined };

export function lambdaContext(
  installation: FunctionPlace,
  { requestId = crypto.randomUUID(), remaining = () => 900_000 }: Invocation = {},
): Context {
  return {
    ...OUTDATED,
    awsRequestId: requestId,
    invokedFunctionArn: functionArn(installation),
    functionName: installation.functionName ?? FUNCTION_NAME,
    functionVersion: '$LATEST',
    memoryLimitInMB: '512',
    logGroupName: '',
    logStreamName: '',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: remaining,
  };
}
