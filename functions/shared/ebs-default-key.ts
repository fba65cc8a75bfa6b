import { GetEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import { perRegion } from '@shelvery/engine';
import type { Region } from '@shelvery/engine';
import type { Ec2Clients } from './ec2-clients.js';
import { fetchedOnce } from './fetched-once.js';

/** What EC2 answers where the account has chosen no key, with or without the beginning of an ARN. */
const MANAGED_BY_AWS = /(?:^|:)alias\/aws\/ebs$/;

/**
 * The key that the account has chosen for what is encrypted in a region without a key of its own; asked for once in each
 * region. None where that is AWS's, under which nothing can be shared (pages "GetEbsDefaultKmsKeyId", "Share an Amazon
 * EBS snapshot").
 */
export function createEbsDefaultKeys(clients: Ec2Clients): (region: Region) => Promise<string | undefined> {
  const ofRegion = perRegion((region) =>
    fetchedOnce(async () => {
      const { KmsKeyId: key } = await clients.of(region).send(new GetEbsDefaultKmsKeyIdCommand({}));
      return key === undefined || MANAGED_BY_AWS.test(key) ? undefined : key;
    }),
  );
  return (region) => ofRegion(region)();
}
