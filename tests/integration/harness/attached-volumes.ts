import { AttachVolumeCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { Emulator } from '../../emulator/emulator.js';

/** An instance, and the root volume that it was launched with. */
export interface Launched {
  readonly instance: string;
  readonly root: string;
}

/** Launches an instance with a root volume that is not marked, and attaches volumes to it. */
export async function attachToInstance(
  emulator: Emulator,
  volumes: readonly string[],
  place: { readonly account: string; readonly region: string } = emulator,
): Promise<Launched> {
  const ec2 = new EC2Client(emulator.clientConfig(place.account, place.region));
  const { Instances: [made] = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 }),
  );
  const instance = made?.InstanceId ?? '';
  for (const [at, VolumeId] of volumes.entries()) {
    const Device = `/dev/sd${String.fromCharCode('f'.charCodeAt(0) + at)}`;
    await ec2.send(new AttachVolumeCommand({ InstanceId: instance, VolumeId, Device }));
  }
  return { instance, root: made?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '' };
}
