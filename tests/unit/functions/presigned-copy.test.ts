import { describe, expect, it } from '@jest/globals';
import { DocDBClient } from '@aws-sdk/client-docdb';
import { RDSClient } from '@aws-sdk/client-rds';
import { presignedCopy } from '../../../functions/shared/presigned-copy.js';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a+b/c=' };
const arn = (partition: string, region: string): string =>
  `arn:${partition}:rds:${region}:123456789012:cluster-snapshot:made`;

async function signed(client: RDSClient | DocDBClient, source: string, kmsKeyId?: string): Promise<URL> {
  const { PreSignedUrl } = await presignedCopy(client, { action: 'CopyDBClusterSnapshot', arn: source, kmsKeyId });
  return new URL(PreSignedUrl ?? '');
}

describe('the signed call of a copy from another region', () => {
  it.each([
    ['aws', 'eu-west-1', 'eu-central-1', 'rds.eu-west-1.amazonaws.com'],
    ['aws-cn', 'cn-north-1', 'cn-northwest-1', 'rds.cn-north-1.amazonaws.com.cn'],
    ['aws-us-gov', 'us-gov-west-1', 'us-gov-east-1', 'rds.us-gov-west-1.amazonaws.com'],
  ])('goes to the host of the source in partition %s', async (partition, from, region, host) => {
    for (const client of [new RDSClient({ region, credentials }), new DocDBClient({ region, credentials })]) {
      const url = await signed(client, arn(partition, from));
      expect(url.host).toBe(host);
      expect(url.searchParams.get('DestinationRegion')).toBe(region);
      expect(url.searchParams.get('X-Amz-Credential')).toContain(`/${from}/rds/aws4_request`);
      expect(url.searchParams.get('X-Amz-Security-Token')).toBe(credentials.sessionToken);
    }
  });

  it('names the key where there is one, and has no parameter for it where there is none', async () => {
    const client = new RDSClient({ region: 'eu-central-1', credentials });
    const key = 'arn:aws:kms:eu-central-1:123456789012:key/1';
    expect((await signed(client, arn('aws', 'eu-west-1'), key)).searchParams.get('KmsKeyId')).toBe(key);
    expect((await signed(client, arn('aws', 'eu-west-1'))).searchParams.has('KmsKeyId')).toBe(false);
  });

  it('is signed by the time of AWS, where this machine has another', async () => {
    const hour = 3_600_000;
    const client = new RDSClient({ region: 'eu-central-1', credentials, systemClockOffset: -24 * hour });
    const date = (await signed(client, arn('aws', 'eu-west-1'))).searchParams.get('X-Amz-Date') ?? '';
    const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
    expect(Math.round((Date.now() - time) / hour)).toBe(24);
  });

  it('is not made within a region, nor for a name', async () => {
    const client = new RDSClient({ region: 'eu-west-1', credentials });
    const copy = { action: 'CopyDBClusterSnapshot' } as const;
    expect(await presignedCopy(client, { ...copy, arn: arn('aws', 'eu-west-1') })).toEqual({});
    expect(await presignedCopy(client, { ...copy, arn: 'made' })).toEqual({});
  });
});
