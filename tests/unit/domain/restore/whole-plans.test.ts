import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ResourceFacts } from '../../../../layers/engine/src/domain/backup/resource-facts.js';
import { planRestore } from '../../../../layers/engine/src/domain/restore/plan-restore.js';
import { renderCli } from '../../../../layers/engine/src/domain/restore/render-cli.js';
import { renderCfn, renderTerraform } from '../../../../layers/engine/src/domain/restore/render-templates.js';
import type { Wanted } from '../../../../layers/engine/src/domain/restore/target.js';
import { BACKUP_TYPES, BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, utc } from '../builders.js';

/** A database with everything that the list of databases tells. */
const DATABASE: ResourceFacts = {
  availability_zone: 'eu-west-1a',
  security_group_ids: ['sg-0a1b2c3d', 'sg-1a1b2c3d'],
  subnet_group: 'private',
  port: 5499,
  backup_retention_days: 7,
  backup_window: '02:00-02:30',
  maintenance_window: 'sun:04:00-sun:04:30',
  deletion_protection: true,
  log_exports: ['audit', 'error'],
  network_type: 'DUAL',
  iam_authentication: true,
  copy_tags_to_snapshot: true,
  auto_minor_version_upgrade: false,
};

/** A resource of each type of which everything is known that its type has. */
const FACTS = {
  ebs: {
    availability_zone: 'eu-west-1a',
    size_gib: 100,
    storage_type: 'gp3',
    iops: 4000,
    throughput_mibps: 200,
    multi_attach: true,
    attached_to: 'i-0123456789abcdef0',
    device: '/dev/sdf',
    delete_on_termination: true,
    kms_key_id: 'arn:aws:kms:eu-west-1:111111111111:key/1',
  },
  ec2ami: {
    availability_zone: 'eu-west-1a',
    instance_type: 'm5.large',
    subnet_id: 'subnet-0a1b2c3d',
    security_group_ids: ['sg-0a1b2c3d', 'sg-1a1b2c3d'],
    instance_profile: 'arn:aws:iam::111111111111:instance-profile/team/web',
    key_name: 'ops',
    private_ip: '10.0.0.7',
    network_interfaces: 2,
    ebs_optimized: true,
    tenancy: 'dedicated',
    detailed_monitoring: true,
    http_tokens: 'required',
    source_dest_check: false,
  },
  rds: {
    ...DATABASE,
    engine: 'postgres',
    license_model: 'postgresql-license',
    instance_class: 'db.m6g.large',
    multi_az: false,
    parameter_group: 'tuned',
    option_group: 'extras',
    publicly_accessible: false,
    storage_type: 'gp3',
    iops: 12_000,
    throughput_mibps: 500,
    max_storage_gib: 500,
  },
  rds_cluster: {
    ...DATABASE,
    engine: 'aurora-postgresql',
    engine_version: '16.4',
    storage_type: 'aurora-iopt1',
    cluster_parameter_group: 'tuned',
    members: ['orders-1', 'orders-2'],
    serverless_min_capacity: 0.5,
    serverless_max_capacity: 8,
  },
  docdb: {
    ...DATABASE,
    engine: 'docdb',
    engine_version: '5.0.0',
    storage_type: 'iopt1',
    cluster_parameter_group: 'tuned',
    members: ['orders-1'],
    serverless_min_capacity: 1,
    serverless_max_capacity: 16,
  },
  redshift: {
    ...DATABASE,
    node_type: 'ra3.xlplus',
    node_count: 2,
    parameter_group: 'tuned',
    iam_roles: ['arn:aws:iam::111111111111:role/load'],
    multi_az: false,
    publicly_accessible: true,
    enhanced_vpc_routing: true,
  },
} satisfies Partial<Record<BackupType, ResourceFacts>>;

/** The types whose plans are held word for word, by files in `fixtures`. */
type Held = keyof typeof FACTS;
const HELD = BACKUP_TYPES.filter((type): type is Held => type in FACTS);

const IDS: Readonly<Record<Held, { readonly id: string; readonly resource: string }>> = {
  ebs: { id: 'snap-0123456789abcdef0', resource: 'vol-0a1b2c3d4e5f60718' },
  ec2ami: { id: 'ami-0123456789abcdef0', resource: 'i-0a1b2c3d4e5f60718' },
  rds: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  rds_cluster: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  docdb: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  redshift: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
};

const wanted = (type: Held, facts: ResourceFacts | undefined, into: Partial<Wanted['into']> = {}): Wanted => ({
  type,
  partition: 'aws',
  backup: {
    id: BackupId.parse(IDS[type].id),
    name: 'orders-2026-11-24-0301-daily',
    region: LOCAL,
    account: OWN_ACCOUNT,
    place: 'local',
    resource: ResourceId.parse(IDS[type].resource),
    createdAt: utc('2026-11-24 03:01'),
    encrypted: true,
    archived: type === 'ebs' && into.account !== undefined,
    available: true,
  },
  ...(facts === undefined ? {} : { facts }),
  origin: { account: OWN_ACCOUNT, region: LOCAL },
  into: { account: OWN_ACCOUNT, region: LOCAL, ...into },
  isThere: facts !== undefined && into.account === undefined,
  tags: facts === undefined ? {} : { Name: 'orders', 'made by': 'a restore' },
});

/** Where each type can be taken to: as far away as its service allows. */
const AWAY: Readonly<Record<Held, Partial<Wanted['into']>>> = {
  ebs: { account: OTHER_ACCOUNT, region: DR },
  ec2ami: { account: OTHER_ACCOUNT, region: DR },
  rds: { account: OTHER_ACCOUNT, region: DR },
  rds_cluster: { account: OTHER_ACCOUNT, region: DR },
  docdb: { account: OTHER_ACCOUNT },
  redshift: { account: OTHER_ACCOUNT },
};

/** A Multi-AZ cluster, which is another thing than Aurora. */
const MULTI_AZ: ResourceFacts = {
  ...DATABASE,
  engine: 'postgres',
  engine_version: '16.4',
  instance_class: 'db.m6gd.large',
  storage_type: 'io1',
  iops: 3000,
  publicly_accessible: false,
};

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** What a reader of the plan gets, in each form. */
const inAllForms = (of: Wanted): Readonly<Record<'sh' | 'yaml' | 'tf.json', string>> => {
  const plan = planRestore(of);
  return {
    sh: renderCli(plan, 'Restore'),
    yaml: renderCfn(plan, 'Restore'),
    'tf.json': renderTerraform(plan, 'Restore', of.into.region),
  };
};

describe('a whole plan', () => {
  it.each(HELD)('makes a resource of %s as it was: each setting is in the call, the template and Terraform', (type) => {
    const { sh, ...templates } = inAllForms(wanted(type, FACTS[type]));
    expect(sh).toBe(fixture(`${type}.sh`));
    expect(templates['tf.json']).toBe(fixture(`${type}.tf.json`));
    expect(templates.yaml).toBe(fixture(`${type}.yaml`));
  });

  it('makes a Multi-AZ cluster as it was', () => {
    const { sh, ...templates } = inAllForms(wanted('rds_cluster', MULTI_AZ));
    expect(sh).toBe(fixture('multi-az.sh'));
    expect(templates['tf.json']).toBe(fixture('multi-az.tf.json'));
    expect(templates.yaml).toBe(fixture('multi-az.yaml'));
  });

  it.each(HELD)('takes a backup of %s to another account, and asks for all that means nothing there', (type) => {
    expect(inAllForms(wanted(type, FACTS[type], AWAY[type])).sh).toBe(fixture(`${type}-away.sh`));
  });

  it.each(HELD)('asks for what a restore of %s needs where nothing is known', (type) => {
    expect(inAllForms(wanted(type, undefined)).sh).toBe(fixture(`${type}-unknown.sh`));
  });
});
