import { EC2Client } from '@aws-sdk/client-ec2';
import type { AwsAccess, Region } from '@shelvery/engine';
import { clientPerRegion } from '@shelvery/engine';

/** The clients of a region, each made at its first use. */
export interface Ec2Clients {
  /** Repeats what failed for a temporary reason. */
  readonly of: (region: Region) => EC2Client;
  /**
   * Repeats what was refused by throttling, and nothing else: for calls that make something and take no token
   * (CreateSnapshot, CopySnapshot, CreateImage), which a repeat could make twice.
   */
  readonly forMaking: (region: Region) => EC2Client;
}

export function createEc2Clients(access: AwsAccess): Ec2Clients {
  return {
    of: clientPerRegion(access, (region) => new EC2Client(access.config(region))),
    forMaking: clientPerRegion(access, (region) => new EC2Client(access.config(region, 'refused-only'))),
  };
}
