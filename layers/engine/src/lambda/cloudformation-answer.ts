import { ShelveryError } from '../domain/errors.js';
import { faultName } from '../domain/telling/faults.js';

/** Where an answer goes, and what it is about. */
export interface CloudFormationAddress {
  /** A signed URL: never logged. */
  readonly url: string;
  readonly stackId: string;
  readonly requestId: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

/** The page "Custom resource response objects". */
export type CloudFormationAnswer =
  | { readonly status: 'SUCCESS'; readonly data: Readonly<Record<string, string>> }
  | { readonly status: 'FAILED'; readonly reason: string };

/** An answer has at most 4,096 bytes. */
const MAX_REASON = 1_000;
const TRIES = 5;

/**
 * Puts the answer to the signed URL; tried again when the network fails, as the stack would otherwise hang for an hour.
 *
 * @param sleep waits between tries, in milliseconds.
 */
export async function answerCloudFormation(
  address: CloudFormationAddress,
  answer: CloudFormationAnswer,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<void> {
  const body = JSON.stringify({
    Status: answer.status,
    Reason: answer.status === 'FAILED' ? answer.reason.slice(0, MAX_REASON) : 'done',
    PhysicalResourceId: address.physicalId,
    StackId: address.stackId,
    RequestId: address.requestId,
    LogicalResourceId: address.logicalId,
    Data: answer.status === 'SUCCESS' ? answer.data : {},
  });
  let problem = '';
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await sleep(200 * 2 ** attempt);
    const outcome = await put(address.url, body);
    if (outcome === 'taken') return;
    problem = outcome.problem;
  }
  throw new ShelveryError('AwsError', `CloudFormation did not accept the answer: ${problem}`);
}

/**
 * Puts the body once. The signature covers an empty content type, and `fetch` gives bytes none by itself. Errors of
 * `fetch` may name the signed URL, so only their name is passed on.
 */
async function put(url: string, body: string): Promise<'taken' | { readonly problem: string }> {
  try {
    const response = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body: Buffer.from(body),
      signal: AbortSignal.timeout(10_000),
    });
    return response.ok ? 'taken' : { problem: `HTTP ${String(response.status)}` };
  } catch (error) {
    return { problem: faultName(error) };
  }
}
