import { present } from '../present.js';
import { prepareImage } from './prepare-source.js';
import { tagList, valuesOf } from './target.js';
import type { Draft, Restored, Setting } from './target.js';

/** An EC2 instance from an image; the image has its volumes with their sizes, types and devices. */
export function restoreInstance(draft: Draft): Restored {
  const { wanted } = draft;
  const { facts = {} } = wanted;
  const image = prepareImage(draft);
  const preparation = draft.steps.length;
  const tags = tagList(wanted.tags);
  const subnet = draft.bound('SUBNET_ID', 'a subnet', facts.subnet_id);
  const profile = draft.bound(
    'INSTANCE_PROFILE',
    'the name of an IAM instance profile',
    profileName(facts.instance_profile),
    {
      optional: true,
    },
  );
  const zone = facts.subnet_id === undefined && wanted.facts !== undefined ? facts.availability_zone : undefined;
  const placement = {
    ...present({
      AvailabilityZone: zone && draft.bound('AVAILABILITY_ZONE', 'an Availability Zone', zone),
    }),
    ...(facts.tenancy === undefined ? {} : { Tenancy: facts.tenancy }),
  };
  const metadata = facts.http_tokens === undefined ? undefined : { HttpTokens: facts.http_tokens };
  const on = (value: boolean | undefined): true | undefined => (value === true ? true : undefined);
  const settings: readonly Setting[] = [
    { value: image, api: 'ImageId', cfn: 'ImageId', tf: 'ami' },
    {
      value: draft.known('INSTANCE_TYPE', 'the instance type', facts.instance_type),
      api: 'InstanceType',
      cfn: 'InstanceType',
      tf: 'instance_type',
    },
    { value: subnet, api: 'SubnetId', cfn: 'SubnetId', tf: 'subnet_id' },
    {
      value: draft.bound('SECURITY_GROUP_IDS', 'the security groups', facts.security_group_ids),
      api: 'SecurityGroupIds',
      cfn: 'SecurityGroupIds',
      tf: 'vpc_security_group_ids',
    },
    { value: profile, cfn: 'IamInstanceProfile', tf: 'iam_instance_profile' },
    { value: profile === undefined ? undefined : { Name: profile }, api: 'IamInstanceProfile' },
    {
      value: draft.bound('KEY_NAME', 'the name of a key pair', facts.key_name, { optional: true }),
      api: 'KeyName',
      cfn: 'KeyName',
      tf: 'key_name',
    },
    { value: on(facts.ebs_optimized), api: 'EbsOptimized', cfn: 'EbsOptimized', tf: 'ebs_optimized' },
    { value: Object.keys(placement).length === 0 ? undefined : placement, api: 'Placement' },
    { value: placement.AvailabilityZone, cfn: 'AvailabilityZone', tf: 'availability_zone' },
    { value: facts.tenancy, cfn: 'Tenancy', tf: 'tenancy' },
    { value: facts.detailed_monitoring === true ? { Enabled: true } : undefined, api: 'Monitoring' },
    { value: on(facts.detailed_monitoring), cfn: 'Monitoring', tf: 'monitoring' },
    { value: metadata, api: 'MetadataOptions' },
    { value: metadata === undefined ? undefined : { http_tokens: metadata.HttpTokens }, tf: 'metadata_options' },
    { value: facts.source_dest_check === false ? false : undefined, cfn: 'SourceDestCheck', tf: 'source_dest_check' },
    { value: tags, cfn: 'Tags' },
    { value: tags === undefined ? undefined : { ...wanted.tags }, tf: 'tags' },
  ];
  draft.call({
    title: 'Start an instance of the image',
    operation: 'RunInstances',
    parameters: {
      ...valuesOf(settings, 'api'),
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: tags === undefined ? undefined : [{ ResourceType: 'instance', Tags: tags }],
    },
    saves: { name: 'INSTANCE_ID', query: 'Instances[0].InstanceId' },
  });
  const made = { Ref: 'INSTANCE_ID' };
  draft.call({
    title: 'Wait until it is running',
    kind: 'wait',
    operation: 'instance-running',
    parameters: { InstanceIds: [made] },
  });
  if (facts.source_dest_check === false) {
    draft.call({
      title: 'Switch off the check of source and destination, as it was',
      operation: 'ModifyInstanceAttribute',
      parameters: { InstanceId: made, SourceDestCheck: { Value: false } },
    });
  }
  if (facts.private_ip !== undefined)
    draft.note(
      `The new instance has a new private address; it was ${facts.private_ip}. Its Elastic IP addresses have to be associated again.`,
    );
  if (facts.network_interfaces !== undefined)
    draft.note(
      `The instance had ${String(facts.network_interfaces)} network interfaces; the new one has the first alone.`,
    );
  draft.note('User data, termination protection and load balancers are not restored.');
  if (metadata !== undefined)
    draft.note(
      `In CloudFormation the use of tokens by the metadata service (${metadata.HttpTokens}) needs a launch template.`,
    );
  return {
    preparation,
    cfn: { Instance: { Type: 'AWS::EC2::Instance', Properties: valuesOf(settings, 'cfn') } },
    terraform: { aws_instance: { restored: valuesOf(settings, 'tf') } },
  };
}

/** The last part of an instance profile's ARN, by which CloudFormation and Terraform name it. */
function profileName(arn: string | undefined): string | undefined {
  return arn?.split('/').at(-1);
}
