import * as z from 'zod';
import type { AccessRequest } from './evaluate.js';
import type { Resolver } from './intrinsic.js';
import type { Template } from './template.js';

const Function = z.object({
  LoggingConfig: z.object({ LogGroup: z.string() }),
  Role: z.string(),
  Events: z
    .record(z.string(), z.object({ Type: z.literal('SQS'), Properties: z.object({ Queue: z.string() }) }))
    .prefault({}),
});
const Globals = z.object({
  Tracing: z.string(),
  EventInvokeConfig: z.object({
    DestinationConfig: z.object({ OnFailure: z.object({ Type: z.literal('SQS'), Destination: z.string() }) }),
  }),
});

/** What Lambda does with a function's role: calls that are not the product's own. */
export function requestsAroundCalls(template: Template, stack: Resolver, logicalId: string): readonly AccessRequest[] {
  const properties = Function.parse(stack.properties(logicalId));
  const globals = Globals.parse(stack.resolve(template.Globals.Function));
  const on = (resource: string, ...actions: readonly string[]): readonly AccessRequest[] =>
    actions.map((action) => ({ action, resource, context: {} }));
  return [
    // Page "Sending Lambda function logs to CloudWatch Logs": the group is there, its streams are made.
    ...on(
      `${logGroupOf(stack, properties.LoggingConfig.LogGroup)}:log-stream:new`,
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ),
    // Page "Using Lambda with Amazon SQS" ("Execution role permissions").
    ...Object.values(properties.Events).flatMap((event) =>
      on(event.Properties.Queue, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'),
    ),
    // Page "Capturing records of Lambda asynchronous invocations".
    ...on(globals.EventInvokeConfig.DestinationConfig.OnFailure.Destination, 'sqs:SendMessage'),
    // Page "Visualize Lambda function invocations using AWS X-Ray" ("Execution role permissions").
    ...(globals.Tracing === 'Active' ? on('*', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords') : []),
  ];
}

/** The ARN without the end that stands for its streams. */
function logGroupOf(stack: Resolver, logicalId: string): string {
  return z
    .string()
    .parse(stack.resolve({ 'Fn::GetAtt': [logicalId, 'Arn'] }))
    .replace(/:\*$/, '');
}
