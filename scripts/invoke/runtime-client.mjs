// node runtime-client.mjs <index.mjs>: takes events from Lambda's runtime API and gives them to the handler, as the
// runtime of Lambda does (page "Using the Lambda runtime API for custom runtimes").
import { argv, env, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

const { fetch } = globalThis;
const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

async function post(path, body) {
  const response = await fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });
  if (!response.ok)
    throw new Error(`The runtime API answered ${path} with ${response.status}: ${await response.text()}`);
}

const described = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

function contextOf(headers) {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  return {
    awsRequestId: headers.get('lambda-runtime-aws-request-id'),
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn'),
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

let handler;
try {
  ({ handler } = await import(pathToFileURL(argv[2]).href));
} catch (error) {
  await post('init/error', described(error));
  exit(1);
}

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const context = contextOf(next.headers);
  const invocation = `invocation/${context.awsRequestId}`;
  try {
    await post(`${invocation}/response`, await handler(await next.json(), context));
  } catch (error) {
    await post(`${invocation}/error`, described(error));
  }
}
