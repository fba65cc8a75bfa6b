/**
 * What a function calls beside AWS's data: Lambda, when it invokes itself, and CloudFormation, when a custom resource
 * answers.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

/** Page "Invoke" of the Lambda API. */
const INVOKE = /^\/2015-03-31\/functions\/[^/]+\/invocations$/;
const ANSWER = '/cloudformation-answer';

/** Both of them, on this machine. */
export interface Surroundings {
  /** For the function. */
  readonly environment: Readonly<Record<string, string>>;
  /** The event, with this machine in the place of CloudFormation's signed URL. */
  place(event: unknown): unknown;
  /** What the function has invoked itself with since the last time. */
  takeInvocations(): readonly unknown[];
  /** What it has answered to CloudFormation since the last time. */
  takeAnswers(): readonly unknown[];
  close(): Promise<void>;
}

const CustomResource = z.looseObject({ ResponseURL: z.string() });

export async function startSurroundings(): Promise<Surroundings> {
  const invocations: unknown[] = [];
  const answers: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const isInvocation = INVOKE.test(request.url ?? '') && request.headers['x-amz-invocation-type'] === 'Event';
      const isAnswer = request.url === ANSWER;
      if (isInvocation) invocations.push(JSON.parse(body));
      if (isAnswer) answers.push(JSON.parse(body));
      response.writeHead(isInvocation ? 202 : isAnswer ? 200 : 404).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = `http://127.0.0.1:${port}`;
  return {
    environment: { AWS_ENDPOINT_URL_LAMBDA: url },
    place(event) {
      const request = CustomResource.safeParse(event);
      return request.success ? { ...request.data, ResponseURL: url + ANSWER } : event;
    },
    takeInvocations: () => invocations.splice(0),
    takeAnswers: () => answers.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
