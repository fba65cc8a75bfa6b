import * as z from 'zod';

/**
 * What a resource was when its backup was made, as far as a restore has to know it: what the service's list of resources
 * tells anyway. No secrets, no addresses of users. It is written into metadata files (`restore`) and travels in messages.
 *
 * Texts may come from another account: they are printable ASCII, as all names and ids of these services are.
 */
const Text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x20-\x7E]+$/, 'printable ASCII');
/** Names of IAM roles and profiles with their paths are the longest (page "IAM identifiers"). */
const Arn = z
  .string()
  .max(700)
  .regex(/^arn:[A-Za-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:[\x21-\x7E]+$/, 'an ARN');
const Ec2Id = (kind: string): z.ZodString =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `an id, ${kind}-…`);
const Count = z.int().min(0).max(1_000_000_000);
const MAX_ITEMS = 50;

const FactFields = z.object({
  availability_zone: Text.optional().describe('The Availability Zone.'),
  size_gib: Count.optional().describe('The size of the volume or of the allocated storage, in GiB.'),
  storage_type: Text.optional().describe('The type of the volume or the storage: gp3, io2, aurora-iopt1 …'),
  iops: Count.optional().describe('Provisioned or baseline IOPS.'),
  throughput_mibps: Count.optional().describe('Throughput of the storage in MiB/s.'),
  encrypted: z.boolean().optional().describe('Whether the resource was encrypted.'),
  kms_key_id: Arn.optional().describe('The KMS key of the resource.'),
  multi_attach: z.boolean().optional().describe('Whether the volume could be attached to several instances.'),
  attached_to: Ec2Id('i').optional().describe('The instance that the volume was attached to.'),
  device: Text.optional().describe('The device name under which it was attached.'),
  delete_on_termination: z.boolean().optional().describe('Whether the volume went with its instance.'),

  instance_type: Text.optional().describe('The type of the EC2 instance.'),
  subnet_id: Ec2Id('subnet').optional().describe('The subnet of the EC2 instance.'),
  vpc_id: Ec2Id('vpc').optional().describe('The VPC.'),
  security_group_ids: z.array(Ec2Id('sg')).max(MAX_ITEMS).optional().describe('The VPC security groups.'),
  instance_profile: Arn.optional().describe('The IAM instance profile.'),
  key_name: Text.optional().describe('The name of the key pair; no key is kept.'),
  private_ip: z.ipv4().optional().describe('The primary private address in the subnet.'),
  network_interfaces: Count.optional().describe('How many network interfaces it had, where there were several.'),
  ebs_optimized: z.boolean().optional().describe('Whether the instance was EBS-optimized.'),
  tenancy: Text.optional().describe('The tenancy of the instance, where it was not the default.'),
  detailed_monitoring: z.boolean().optional().describe('Whether detailed monitoring was on.'),
  http_tokens: z.enum(['required', 'optional']).optional().describe('Whether the metadata service required tokens.'),
  source_dest_check: z.boolean().optional().describe('Whether source and destination were checked.'),

  instance_class: Text.optional().describe('The class of the database instance, or of those of a Multi-AZ cluster.'),
  engine: Text.optional().describe('The database engine.'),
  engine_version: Text.optional().describe('Its version.'),
  engine_mode: Text.optional().describe('The engine mode of a cluster.'),
  license_model: Text.optional().describe('The license model.'),
  multi_az: z.boolean().optional().describe('Whether it was a Multi-AZ deployment.'),
  subnet_group: Text.optional().describe('The subnet group of a database or a cluster.'),
  parameter_group: Text.optional().describe('The parameter group of an instance or of a Redshift cluster.'),
  cluster_parameter_group: Text.optional().describe('The parameter group of an RDS or DocumentDB cluster.'),
  option_group: Text.optional().describe('The option group.'),
  port: Count.optional().describe('The port.'),
  publicly_accessible: z.boolean().optional().describe('Whether it had a public address.'),
  deletion_protection: z.boolean().optional().describe('Whether it was protected against deletion.'),
  iam_authentication: z.boolean().optional().describe('Whether IAM database authentication was on.'),
  auto_minor_version_upgrade: z.boolean().optional().describe('Whether minor versions were upgraded automatically.'),
  copy_tags_to_snapshot: z.boolean().optional().describe('Whether tags went to its automated snapshots.'),
  max_storage_gib: Count.optional().describe('How far storage was scaled automatically, in GiB.'),
  backup_retention_days: Count.optional().describe('How long automated backups were kept, in days.'),
  backup_window: Text.optional().describe('When automated backups were made (UTC).'),
  maintenance_window: Text.optional().describe('When maintenance was allowed (UTC).'),
  network_type: Text.optional().describe('IPV4 or DUAL.'),
  log_exports: z.array(Text).max(MAX_ITEMS).optional().describe('Logs that went to CloudWatch Logs.'),
  serverless_min_capacity: z.number().min(0).max(1024).optional().describe('Least capacity of Serverless v2, in ACU.'),
  serverless_max_capacity: z.number().min(0).max(1024).optional().describe('Most capacity of Serverless v2, in ACU.'),
  members: z
    .array(Text)
    .max(MAX_ITEMS)
    .optional()
    .describe('The instances of a cluster, the writer first; the list of clusters does not tell their classes.'),

  node_type: Text.optional().describe('The node type of a Redshift cluster.'),
  node_count: Count.optional().describe('How many nodes it had.'),
  iam_roles: z.array(Arn).max(MAX_ITEMS).optional().describe('The IAM roles of a Redshift cluster.'),
  enhanced_vpc_routing: z.boolean().optional().describe('Whether enhanced VPC routing was on.'),
});

export const ResourceFacts = FactFields.extend({
  left_out: z
    .array(z.string().regex(/^[a-z_]{1,40}$/))
    .max(MAX_ITEMS)
    .optional()
    .describe('Fields that were too long together with the others.'),
}).meta({ id: 'ResourceFacts' });
export type ResourceFacts = Readonly<z.infer<typeof ResourceFacts>>;

/** What a service told, before it is known to be what the fields take. */
export type ToldFacts = Readonly<Partial<Record<keyof z.infer<typeof FactFields>, unknown>>>;

/**
 * The most that the facts may have as JSON, in bytes. Messages carry them: ten of SQS have room for 256 KiB together, a
 * hundred in an asynchronous invocation for 1 MB. A shared file has at most 64 KiB, of which the rest takes up to 46.
 */
export const MAX_FACTS_BYTES = 6 * 1024;

/**
 * The facts among what somebody tells. What is not what its field takes is left out, so that neither a service's new word nor
 * a hostile file hinders a backup.
 *
 * @param told members by name; numbers may be texts, as files have them.
 * @returns nothing where none is left.
 * @example factsFrom({ size_gib: '8', storage_type: 'gp3', device: 'bad\n' }) // { size_gib: 8, storage_type: 'gp3' }
 */
export function factsFrom(told: unknown): ResourceFacts | undefined {
  if (typeof told !== 'object' || told === null) return undefined;
  const given = new Map<string, unknown>(Object.entries(told));
  const read = Object.entries(ResourceFacts.shape).flatMap(([name, field]): [string, unknown][] => {
    const raw = given.get(name);
    const isNumeral = typeof raw === 'string' && /^\d{1,10}(?:\.\d{1,2})?$/.test(raw);
    for (const value of isNumeral ? [raw, Number(raw)] : [raw]) {
      const parsed = field.safeParse(value);
      if (parsed.success && parsed.data !== undefined) return [[name, parsed.data]];
    }
    return [];
  });
  return read.length === 0 ? undefined : withinBounds(ResourceFacts.parse(Object.fromEntries(read)));
}

/** The longest fields go first, and are named. */
function withinBounds(facts: ResourceFacts): ResourceFacts {
  const fields = Object.entries(facts).sort(([, a], [, b]) => bytesOf(a) - bytesOf(b));
  const left: string[] = [];
  while (bytesOf(Object.fromEntries(fields)) > MAX_FACTS_BYTES) left.push(...fields.splice(-1).map(([name]) => name));
  if (left.length === 0) return facts;
  const kept = new Set(fields.map(([name]) => name));
  return ResourceFacts.parse({
    ...Object.fromEntries(Object.entries(facts).filter(([name]) => kept.has(name))),
    left_out: left.filter((name) => name !== 'left_out').sort(),
  });
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
