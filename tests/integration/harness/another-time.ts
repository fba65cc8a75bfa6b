import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Options = Parameters<NodeHttpHandler['handle']>[1];
type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>;

/** Page "Troubleshoot Signature Version 4 signing for AWS API requests": a signature is good for five minutes. */
const TOLERANCE_MS = 5 * 60_000;

/**
 * Puts AWS at another time than the machine: every answer of the emulator has that time in its header `Date`, and what
 * is signed for another is refused as EC2, S3 and the others do it (pages "Error codes for the Amazon EC2 API", "Error
 * responses" of S3, "Common errors" of STS).
 */
export class AnotherTime extends NodeHttpHandler {
  /** What was called, and with what it was answered: `POST ec2 400`. */
  readonly calls: string[] = [];
  readonly #ahead: number;

  /** @param ahead How far AWS's time is ahead of the machine's, in milliseconds. */
  constructor(ahead: number) {
    super({ requestTimeout: 30_000 });
    this.#ahead = ahead;
  }

  override async handle(request: Request, options?: Options): Promise<Answer> {
    const now = Date.now() + this.#ahead;
    const apart = Math.abs(now - signedAt(request));
    const service = serviceOf(request);
    const { response } = apart > TOLERANCE_MS ? refusal(service) : await super.handle(request, options);
    this.calls.push(`${request.method} ${service} ${String(response.statusCode)}`);
    response.headers['date'] = new Date(Date.now() + this.#ahead).toUTCString();
    return { response };
  }
}

/** The time of a signature, `20261124T030100Z`. */
function signedAt({ headers }: Request): number {
  return Date.parse(
    (headers['x-amz-date'] ?? '').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}

/** The service in `Credential=…/20261124/eu-west-1/ec2/aws4_request`. */
function serviceOf({ headers }: Request): string {
  return headers['authorization']?.split('/')[3] ?? '';
}

function refusal(service: string): { readonly response: HttpResponse } {
  const answer = (statusCode: number, body: string): { readonly response: HttpResponse } => ({
    response: new HttpResponse({ statusCode, headers: {}, body: Readable.from([body]) }),
  });
  const error = (code: string): string => `<Error><Code>${code}</Code><Message>It is another time.</Message></Error>`;
  if (service === 'ec2') return answer(400, `<Response><Errors>${error('RequestExpired')}</Errors></Response>`);
  if (service === 's3') return answer(403, error('RequestTimeTooSkewed'));
  return answer(403, `<ErrorResponse>${error('SignatureDoesNotMatch')}</ErrorResponse>`);
}
