import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

/** The few calls of STS and S3 that the SAM CLI and the deploy script make before a stack. */
export interface AwsStandIn {
  /** For a child process: the endpoint, and keys that sign anything. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keys of the objects that were put. */
  readonly uploaded: readonly string[];
  close(): Promise<void>;
}

export const BUCKET = 'packages';
/** A bucket of another account. Its policy lets everybody ask for it. */
export const FOREIGN_BUCKET = 'theirs';
const OWNERS: Readonly<Record<string, string>> = { [BUCKET]: '111111111111', [FOREIGN_BUCKET]: '222222222222' };

/** Stacks that are there, by name. */
export type Stacks = Readonly<Record<string, Stack>>;
interface Stack {
  /** The logical ids of its resources. */
  readonly resources: readonly string[];
  /** Default UPDATE_COMPLETE. */
  readonly status?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * Starts a server that knows the account 111111111111, a bucket of its own and one of another account in `region`,
 * and some stacks.
 */
export async function startAwsStandIn(region: string, stacks: Stacks = {}): Promise<AwsStandIn> {
  const uploaded: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      answer(request, response, { region, uploaded, stacks, parameters: new URLSearchParams(body) });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    uploaded,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Known {
  readonly region: string;
  readonly uploaded: string[];
  readonly stacks: Stacks;
  readonly parameters: URLSearchParams;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { region, uploaded, stacks, parameters }: Known,
): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const xml = (status: number, body: string): void => {
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(request.method === 'HEAD' ? '' : body);
  };
  const stack = stacks[parameters.get('StackName') ?? ''];
  const [, bucket = ''] = pathname.split('/');
  const expectedOwner = request.headers['x-amz-expected-bucket-owner'];
  if (parameters.get('Action') === 'DescribeStacks' || parameters.get('Action') === 'DescribeStackResource') {
    const wanted = parameters.get('LogicalResourceId');
    if (stack === undefined || (wanted !== null && !stack.resources.includes(wanted))) {
      xml(
        400,
        '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>does not exist</Message></Error></ErrorResponse>',
      );
    } else if (wanted === null) {
      xml(
        200,
        `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>${stack.status ?? 'UPDATE_COMPLETE'}</StackStatus>` +
          `<Parameters>${parametersXml(stack)}</Parameters></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
      );
    } else {
      xml(
        200,
        '<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail/></DescribeStackResourceResult></DescribeStackResourceResponse>',
      );
    }
  } else if (pathname === '/' && request.method === 'POST') {
    xml(
      200,
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
        '<Arn>arn:aws:iam::111111111111:user/deployer</Arn><UserId>AIDA</UserId><Account>111111111111</Account>' +
        '</GetCallerIdentityResult></GetCallerIdentityResponse>',
    );
  } else if (OWNERS[bucket] === undefined) {
    xml(404, '<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>');
  } else if (expectedOwner !== undefined && expectedOwner !== OWNERS[bucket]) {
    // Page "Verifying bucket ownership with bucket owner condition".
    xml(403, '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
  } else if (searchParams.has('location')) {
    xml(200, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${region}</LocationConstraint>`);
  } else if (request.method === 'PUT') {
    uploaded.push(pathname.slice(`/${BUCKET}/`.length));
    response.writeHead(200, { etag: '"0"' });
    response.end();
  } else {
    xml(404, '<Error><Code>NoSuchKey</Code></Error>');
  }
}

const parametersXml = ({ parameters = {} }: Stack): string =>
  Object.entries(parameters)
    .map(
      ([key, value]) => `<member><ParameterKey>${key}</ParameterKey><ParameterValue>${value}</ParameterValue></member>`,
    )
    .join('');
