import { prepareSnapshot } from './prepare-source.js';
import { tagList, valuesOf } from './target.js';
import type { Draft, Restored, Setting } from './target.js';

/** Types of volumes whose IOPS are set and not given by their size (page "CreateVolume"). */
const SET_IOPS: readonly string[] = ['gp3', 'io1', 'io2'];

/** An EBS volume from a snapshot, attached to the instance that had it. */
export function restoreVolume(draft: Draft): Restored {
  const { wanted } = draft;
  const { facts = {}, into } = wanted;
  const snapshot = prepareSnapshot(draft);
  const preparation = draft.steps.length;
  const zone = draft.bound('AVAILABILITY_ZONE', 'an Availability Zone', facts.availability_zone);
  const takesIops = facts.storage_type !== undefined && SET_IOPS.includes(facts.storage_type);
  const isOwnKey = wanted.backup.region === into.region && wanted.backup.account === into.account;
  const key =
    wanted.backup.encrypted && isOwnKey && facts.kms_key_id !== undefined
      ? draft.bound('KMS_KEY_ID', 'a KMS key', facts.kms_key_id)
      : undefined;
  const tags = tagList(wanted.tags);
  const settings: readonly Setting[] = [
    { value: zone, api: 'AvailabilityZone', cfn: 'AvailabilityZone', tf: 'availability_zone' },
    { value: facts.size_gib, api: 'Size', cfn: 'Size', tf: 'size' },
    { value: facts.storage_type, api: 'VolumeType', cfn: 'VolumeType', tf: 'type' },
    { value: takesIops ? facts.iops : undefined, api: 'Iops', cfn: 'Iops', tf: 'iops' },
    {
      value: facts.storage_type === 'gp3' ? facts.throughput_mibps : undefined,
      api: 'Throughput',
      cfn: 'Throughput',
      tf: 'throughput',
    },
    {
      value: facts.multi_attach === true ? true : undefined,
      api: 'MultiAttachEnabled',
      cfn: 'MultiAttachEnabled',
      tf: 'multi_attach_enabled',
    },
    { value: key === undefined ? undefined : true, api: 'Encrypted', cfn: 'Encrypted', tf: 'encrypted' },
    { value: key, api: 'KmsKeyId', cfn: 'KmsKeyId', tf: 'kms_key_id' },
    { value: snapshot, api: 'SnapshotId', cfn: 'SnapshotId', tf: 'snapshot_id' },
    { value: tags, cfn: 'Tags' },
    { value: tags === undefined ? undefined : { ...wanted.tags }, tf: 'tags' },
  ];
  draft.call({
    title: 'Make the volume',
    operation: 'CreateVolume',
    parameters: {
      ...valuesOf(settings, 'api'),
      TagSpecifications: tags === undefined ? undefined : [{ ResourceType: 'volume', Tags: tags }],
    },
    saves: { name: 'VOLUME_ID', query: 'VolumeId' },
  });
  const made = { Ref: 'VOLUME_ID' };
  draft.call({
    title: 'Wait until it is made',
    kind: 'wait',
    operation: 'volume-available',
    parameters: { VolumeIds: [made] },
  });
  const volume = { Type: 'AWS::EC2::Volume', Properties: valuesOf(settings, 'cfn') };
  const tfVolume = { restored: valuesOf(settings, 'tf') };
  const instance =
    facts.attached_to === undefined || facts.device === undefined
      ? undefined
      : draft.bound('INSTANCE_ID', 'the instance to attach it to', facts.attached_to);
  if (instance === undefined || facts.device === undefined) {
    draft.note(
      wanted.facts === undefined
        ? 'Which instance the volume was attached to is not known: attach it by `aws ec2 attach-volume`.'
        : 'The volume was attached to no instance.',
    );
    return { preparation, cfn: { Volume: volume }, terraform: { aws_ebs_volume: tfVolume } };
  }
  if (wanted.isThere)
    draft.note(
      `${wanted.backup.resource} still exists. While it is attached as ${facts.device}, the attachment fails: detach it first.`,
    );
  if (facts.delete_on_termination === true)
    draft.note('The volume was deleted with its instance. The new one is not, unless you set DeleteOnTermination.');
  draft.call({
    title: `Attach it as ${facts.device}`,
    operation: 'AttachVolume',
    parameters: { VolumeId: made, InstanceId: instance, Device: facts.device },
  });
  draft.call({
    title: 'Wait until it is attached',
    kind: 'wait',
    operation: 'volume-in-use',
    parameters: { VolumeIds: [made] },
  });
  return {
    preparation,
    cfn: {
      Volume: volume,
      Attachment: {
        Type: 'AWS::EC2::VolumeAttachment',
        Properties: { VolumeId: { Ref: 'Volume' }, InstanceId: instance, Device: facts.device },
      },
    },
    terraform: {
      aws_ebs_volume: tfVolume,
      aws_volume_attachment: {
        restored: {
          volume_id: { Ref: 'aws_ebs_volume.restored.id' },
          instance_id: instance,
          device_name: facts.device,
        },
      },
    },
  };
}
