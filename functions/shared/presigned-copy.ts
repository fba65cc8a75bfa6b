import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignatureV4Init } from '@smithy/signature-v4';
import { present } from '@shelvery/engine';

/** What a URL is signed with: the client that asks for the copy, in the region that it goes to. */
export interface CopyingClient {
  readonly config: {
    readonly credentials: SignatureV4Init['credentials'];
    readonly sha256: NonNullable<SignatureV4Init['sha256']>;
    /** Milliseconds that AWS's clock is ahead of this machine's. */
    readonly systemClockOffset: number;
    region(): Promise<string>;
    endpointProvider(parameters: { Region: string; UseDualStack: boolean; UseFIPS: boolean }): { readonly url: URL };
    useFipsEndpoint(): Promise<boolean>;
  };
}

/** A copy of a snapshot that is known by its ARN. */
export interface CopyToSign {
  readonly action: 'CopyDBSnapshot' | 'CopyDBClusterSnapshot';
  readonly arn: string;
  readonly kmsKeyId?: string | undefined;
}

/** For how long a signed URL is good: RDS uses it at once. */
const SECONDS = 3600;

/** Of the API of RDS, which DocumentDB's snapshots are copied by, too. */
const API_VERSION = '2014-10-31';

/** The parameter that names the source, by the action. */
const SOURCE = {
  CopyDBSnapshot: 'SourceDBSnapshotIdentifier',
  CopyDBClusterSnapshot: 'SourceDBClusterSnapshotIdentifier',
};

/**
 * The signed call that RDS makes in the source's region for a copy from there. DocumentDB demands one everywhere, RDS in
 * the regions of GovCloud (pages "CopyDBClusterSnapshot" of both). The SDK signs one of its own where none is given, but
 * without a key it leaves a parameter out of the signature that the URL has, and it knows no host but amazonaws.com's.
 *
 * @returns `{}` for a source of the client's own region, whose copy needs no such call.
 */
export async function presignedCopy(
  { config }: CopyingClient,
  { action, arn, kmsKeyId }: CopyToSign,
): Promise<{ readonly PreSignedUrl?: string }> {
  const from = /^arn:[^:]+:rds:([^:]+):/.exec(arn)?.[1];
  const to = await config.region();
  if (from === undefined || from === to) return {};
  const { url } = config.endpointProvider({
    Region: from,
    UseDualStack: false,
    UseFIPS: await config.useFipsEndpoint(),
  });
  const request = new HttpRequest({
    method: 'GET',
    protocol: 'https:',
    hostname: url.hostname,
    path: '/',
    headers: { host: url.hostname },
    query: {
      Action: action,
      Version: API_VERSION,
      DestinationRegion: to,
      [SOURCE[action]]: arn,
      ...present({ KmsKeyId: kmsKeyId }),
    },
  });
  const { credentials, sha256 } = config;
  const signer = new SignatureV4({ credentials, region: from, service: 'rds', sha256 });
  const signingDate = new Date(Date.now() + config.systemClockOffset);
  const { query = {} } = await signer.presign(request, { expiresIn: SECONDS, signingDate });
  const signed = new URL(`https://${url.hostname}/`);
  for (const [name, value] of Object.entries(query)) signed.searchParams.set(name, String(value));
  return { PreSignedUrl: signed.href };
}
