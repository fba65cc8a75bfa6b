import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Restoration } from '../../../../layers/engine/src/domain/restore/plan-restore.js';
import { kebab, renderCli } from '../../../../layers/engine/src/domain/restore/render-cli.js';
import { renderCfn, renderTerraform } from '../../../../layers/engine/src/domain/restore/render-templates.js';
import type { RestoreStep, Values } from '../../../../layers/engine/src/domain/restore/restore-plan.js';
import { shellQuoted } from '../../../../layers/engine/src/domain/restore/shell.js';

function step(operation: string, parameters: Values, more: Partial<RestoreStep> = {}): RestoreStep {
  return {
    title: `Do ${operation}`,
    account_id: '111111111111',
    region: 'eu-west-1',
    service: 'ec2',
    kind: 'call',
    operation,
    parameters,
    ...more,
  };
}

function plan(change: Partial<Restoration>): Restoration {
  return { inputs: [], steps: [], notes: [], preparation: 0, cfn: {}, terraform: {}, ...change };
}

describe('renderCli', () => {
  it('writes a script that stops at the first error, with what is to be filled in first', () => {
    const text = renderCli(
      plan({
        notes: ['A note\nof two lines'],
        inputs: [
          { name: 'SUBNET_ID', what: 'a subnet', list: false },
          { name: 'SECURITY_GROUP_IDS', what: 'the groups', list: true },
        ],
        steps: [
          step('CreateVolume', { Size: 8, SnapshotId: 'snap-1' }, { saves: { name: 'VOLUME_ID', query: 'VolumeId' } }),
          step('volume-available', { VolumeIds: [{ Ref: 'VOLUME_ID' }] }, { kind: 'wait' }),
          step(
            'DescribeSnapshotTierStatus',
            { Filters: [{ Name: 'snapshot-id', Values: ['snap-1'] }] },
            { kind: 'poll', until: { query: 'SnapshotTierStatuses[0].X', is: 'done' } },
          ),
          step(
            'ModifySnapshotAttribute',
            { SnapshotId: { Ref: 'ID' } },
            { kind: 'each', each: { list: 'IDS', item: 'ID' } },
          ),
          step('RunInstances', {
            SubnetId: { Ref: 'SUBNET_ID' },
            SecurityGroupIds: { Ref: 'SECURITY_GROUP_IDS', list: true },
            EbsOptimized: true,
            MultiAZ: false,
            MinCount: 1,
            MaxCount: 1,
          }),
        ],
      }),
      'Restores a volume',
    );
    expect(text).toBe(`#!/bin/sh
# Restores a volume
# - A note of two lines
set -eu

# To be filled in: a subnet
SUBNET_ID="\${SUBNET_ID:?is to be filled in}"

# To be filled in: the groups (several, separated by blanks)
SECURITY_GROUP_IDS="\${SECURITY_GROUP_IDS:?is to be filled in}"

# 1. Do CreateVolume
VOLUME_ID=$(aws ec2 create-volume --region eu-west-1 --size 8 --snapshot-id snap-1 --query VolumeId --output text)

# 2. Do volume-available
aws ec2 wait volume-available --region eu-west-1 --volume-ids "$VOLUME_ID"

# 3. Do DescribeSnapshotTierStatus
until [ "$(aws ec2 describe-snapshot-tier-status --region eu-west-1 --filters '[{"Name":"snapshot-id","Values":["snap-1"]}]' --query 'SnapshotTierStatuses[0].X' --output text)" = done ]; do sleep 60; done

# 4. Do ModifySnapshotAttribute
for ID in $IDS; do
  aws ec2 modify-snapshot-attribute --region eu-west-1 --snapshot-id "$ID" > /dev/null
done

# 5. Do RunInstances
aws ec2 run-instances --region eu-west-1 --subnet-id "$SUBNET_ID" --security-group-ids $SECURITY_GROUP_IDS --ebs-optimized --no-multi-az --count 1 > /dev/null
`);
  });

  it('names the profile of each account where there are several', () => {
    const steps = [step('A', {}), step('B', {}, { account_id: '222222222222' })];
    const text = renderCli(plan({ steps }), 'x');
    expect(text).toContain(
      '# 2. Do B (account 222222222222)\naws ec2 b --region eu-west-1 --profile "$PROFILE_222222222222"',
    );
  });

  it('sets a word that begins like an option apart from options', () => {
    expect(renderCli(plan({ steps: [step('A', { Ids: ['a', { Ref: 'B' }] })] }), 'x')).toContain('--ids a "$B"');
    expect(renderCli(plan({ steps: [step('A', { KeyName: '-x', Names: ['-y', 'z'] })] }), 'x')).toContain(
      `aws ec2 a --region eu-west-1 --key-name=-x --names '["-y","z"]'`,
    );
  });

  it('keeps the title and the notes in comments, whatever they hold', () => {
    const text = renderCli(plan({ notes: ['x\nrm -rf /'] }), 'a\n\u001b[2Jexit 1');
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['set -eu', '']);
  });

  it('gives a shell each value as it is, whatever it holds', () => {
    // `aws` writes its words, which a shell has taken apart by then.
    const words = (values: Values): readonly string[] => {
      const script = renderCli(plan({ steps: [step('A', values)] }), 'x').replace(' > /dev/null', '');
      const shell = `aws() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${script}`;
      return spawnSync('sh', ['-c', shell], { encoding: 'utf8', env: {} }).stdout.split('\0').slice(4, -1);
    };
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('\'"\\$`!#&|;<>(){}[]*? ~\té\u{1F600}aZ-')),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (value) => {
        const flat = words({ Name: value });
        expect(value.startsWith('-') ? flat : [`--name=${flat[1] ?? ''}`]).toEqual([`--name=${value}`]);
        const [, deep = ''] = words({ Tags: [{ Key: value, Value: value }] });
        expect(JSON.parse(deep)).toEqual([{ Key: value, Value: value }]);
      }),
      { numRuns: 60 },
    );
  });

  it('puts what an earlier step answered into JSON', () => {
    expect(
      renderCli(plan({ steps: [step('A', { X: [{ Id: { Ref: 'ID' }, N: 1 }, [{ Ref: 'B' }]] })] }), 'x'),
    ).toContain(`--x '[{"Id":"'"$ID"'","N":1},["'"$B"'"]]'`);
  });
});

describe('kebab', () => {
  it.each([
    ['DBInstanceIdentifier', 'db-instance-identifier'],
    ['EnableIAMDatabaseAuthentication', 'enable-iam-database-authentication'],
    ['MultiAZ', 'multi-az'],
    ['ServerlessV2ScalingConfiguration', 'serverless-v2-scaling-configuration'],
    ['RestoreDBInstanceFromDBSnapshot', 'restore-db-instance-from-db-snapshot'],
    ['Iops', 'iops'],
  ])('writes %s as the AWS CLI does', (name, expected) => {
    expect(kebab(name)).toBe(expected);
  });
});

describe('shellQuoted', () => {
  it('leaves a plain word, and quotes any other', () => {
    expect([shellQuoted('a-b_c=1'), shellQuoted("it's"), shellQuoted('')]).toEqual(['a-b_c=1', `'it'\\''s'`, "''"]);
  });
});

const TEMPLATE = plan({
  inputs: [
    { name: 'SUBNET_ID', what: 'a subnet; it was ${x}', list: false },
    { name: 'GROUP_IDS', what: 'groups', list: true },
    { name: 'UNUSED', what: 'x', list: false },
  ],
  notes: ['A note'],
  preparation: 1,
  steps: [
    step('CopySnapshot', { SourceSnapshotId: 'snap-1' }, { saves: { name: 'SNAPSHOT_ID', query: 'SnapshotId' } }),
    step('B', {}),
  ],
  cfn: {
    Volume: {
      Type: 'AWS::EC2::Volume',
      Properties: { SnapshotId: { Ref: 'SNAPSHOT_ID' }, Size: 8, Tags: [{ Key: 'yes', Value: '0123' }] },
    },
    Attachment: {
      Type: 'AWS::EC2::VolumeAttachment',
      Properties: {
        VolumeId: { Ref: 'Volume' },
        Subnet: { Ref: 'SUBNET_ID' },
        Groups: { Ref: 'GROUP_IDS', list: true },
      },
    },
  },
  terraform: {
    aws_ebs_volume: {
      restored: { snapshot_id: { Ref: 'SNAPSHOT_ID' }, tags: { note: '${file("/etc/passwd")} %{x}' } },
    },
    aws_volume_attachment: {
      restored: { volume_id: { Ref: 'aws_ebs_volume.restored.id' }, groups: { Ref: 'GROUP_IDS', list: true } },
    },
  },
});

const Comments = z.object({ '//': z.array(z.string()) });

describe('renderCfn', () => {
  it('writes a template whose resources stay, with what comes before as comments', () => {
    const text = renderCfn(TEMPLATE, 'Restores\na volume');
    expect(text).toMatch(
      /^# Restores a volume\n# - A note\n#\n# Commands to be run before the stack is made:\n#\n# # 1\. Do CopySnapshot\n# SNAPSHOT_ID=/,
    );
    expect(parse(text)).toEqual({
      AWSTemplateFormatVersion: '2010-09-09',
      Description: 'Restores\na volume',
      Parameters: {
        SnapshotId: { Type: 'String', Description: 'what the command before answered' },
        SubnetId: { Type: 'String', Description: 'a subnet; it was ${x}' },
        GroupIds: { Type: 'CommaDelimitedList', Description: 'groups' },
      },
      Resources: {
        Volume: {
          Type: 'AWS::EC2::Volume',
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
          Properties: { SnapshotId: { Ref: 'SnapshotId' }, Size: 8, Tags: [{ Key: 'yes', Value: '0123' }] },
        },
        Attachment: expect.objectContaining({
          Properties: { VolumeId: { Ref: 'Volume' }, Subnet: { Ref: 'SubnetId' }, Groups: { Ref: 'GroupIds' } },
        }),
      },
    });
  });

  it.each([
    ['renderCfn', (asked: Restoration) => renderCfn(asked, 'x')],
    [
      'renderTerraform',
      (asked: Restoration) => Comments.parse(JSON.parse(renderTerraform(asked, 'x', 'eu-west-1')))['//'].join('\n'),
    ],
  ])('asks for what the commands before it need: %s', (_, render) => {
    const text = render(
      plan({
        inputs: [
          { name: 'KMS_KEY_ID', what: 'the KMS key for the copy', list: false },
          { name: 'KMS_KEY', what: 'used later', list: false },
        ],
        preparation: 1,
        steps: [step('CopySnapshot', { KmsKeyId: { Ref: 'KMS_KEY_ID' } }), step('B', { X: { Ref: 'KMS_KEY' } })],
      }),
    );
    expect(text).toMatch(
      /To be filled in: the KMS key for the copy\n.*KMS_KEY_ID="\$\{KMS_KEY_ID:\?is to be filled in\}"/,
    );
    expect(text).not.toContain('used later');
  });

  it('lets CloudFormation check an image', () => {
    const text = renderCfn(
      plan({ cfn: { Instance: { Type: 'AWS::EC2::Instance', Properties: { ImageId: { Ref: 'IMAGE_ID' } } } } }),
      'x',
    );
    expect(parse(text)).toMatchObject({ Parameters: { ImageId: { Type: 'AWS::EC2::Image::Id' } } });
  });

  it('has neither parameters nor commands where none are needed', () => {
    const text = renderCfn(
      plan({ cfn: { Volume: { Type: 'AWS::EC2::Volume', Properties: { Encrypted: true } } } }),
      'x',
    );
    expect(text).toMatch(/^# x\nAWSTemplate/);
    expect(parse(text)).not.toHaveProperty('Parameters');
  });
});

describe('renderTerraform', () => {
  it('writes JSON in which no text is an expression, and nothing is destroyed', () => {
    expect(JSON.parse(renderTerraform(TEMPLATE, 'Restores a volume', 'eu-west-1'))).toEqual({
      '//': expect.arrayContaining(['Restores a volume', 'Commands to be run before terraform apply:']),
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      provider: { aws: { region: 'eu-west-1' } },
      variable: {
        snapshot_id: { description: 'what the command before answered', type: 'string' },
        group_ids: { description: 'groups', type: 'list(string)' },
      },
      resource: {
        aws_ebs_volume: {
          restored: {
            snapshot_id: '${var.snapshot_id}',
            tags: { note: '$${file("/etc/passwd")} %%{x}' },
            lifecycle: { prevent_destroy: true },
          },
        },
        aws_volume_attachment: {
          restored: {
            volume_id: '${aws_ebs_volume.restored.id}',
            groups: '${var.group_ids}',
            lifecycle: { prevent_destroy: true },
          },
        },
      },
    });
  });

  it('has no variables where none are needed', () => {
    const text = renderTerraform(plan({ terraform: { aws_ebs_volume: { restored: { size: 8 } } } }), 'x', 'eu-west-1');
    expect(JSON.parse(text)).not.toHaveProperty('variable');
  });
});
