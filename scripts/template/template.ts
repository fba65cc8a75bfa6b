import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { TYPES } from './backup-types.js';
import { CONDITIONS } from './conditions.js';
import { CONFIGURATION } from './configuration.js';
import { DASHBOARD } from './dashboard.js';
import { DATA_BUCKETS_SECTION } from './data-buckets.js';
import { GLOBALS, LAYER } from './globals.js';
import { commented } from './intrinsics.js';
import { GIVEN_UP, GIVEN_UP_ALARMS, TOPICS } from './notices.js';
import { OUTPUTS } from './outputs.js';
import { GROUPS, PARAMETERS, declaration } from './parameters.js';
import { SHARED_POLICIES } from './shared-policies.js';
import { typeSection } from './type-section.js';
import { writeYaml } from './write-yaml.js';

const HEADING = `Made by npm run template from scripts/template, the engine's backup types and its configuration keys: change those.

Every resource type that comes out of the transform is on the page "List of Supported AWS Resources" of the Serverless
Application Repository (tests/whole/sam/sar-resource-types.json). AWS::Scheduler::Schedule is not: schedules are
rules, in UTC, which pass on the time that they were due.
Names begin with the stack's, so that two stacks live in one account. The longest additions leave it 45 characters.`;

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

/** The text of `template.yaml`. */
export function renderTemplate(): string {
  return writeYaml(HEADING, [
    { name: 'AWSTemplateFormatVersion', content: '2010-09-09' },
    { name: 'Transform', content: 'AWS::Serverless-2016-10-31' },
    {
      name: 'Description',
      content:
        'Shelvery - grandfather-father-son backups of AWS resources, with DR copies, sharing and a bunker account',
    },
    {
      name: 'Metadata',
      content: {
        'AWS::ServerlessRepo::Application': commented('Takes no intrinsic functions.', {
          Name: 'shelvery',
          Description:
            'Grandfather-father-son backups of EBS volumes, EC2 instances, RDS instances and clusters, DocumentDB and Redshift, with copies in DR regions, sharing between accounts and a bunker account',
          Author: 'shelvery',
          SpdxLicenseId: 'MIT',
          LicenseUrl: 'LICENSE',
          ReadmeUrl: 'README.md',
          Labels: ['backup', 'snapshots', 'disaster-recovery', 'ebs', 'ec2', 'rds', 'aurora', 'documentdb', 'redshift'],
          SemanticVersion: version,
        }),
        'AWS::CloudFormation::Interface': {
          ParameterGroups: GROUPS.map(({ label, parameters }) => ({
            Label: { default: label },
            Parameters: parameters.map(({ name }) => name),
          })),
          ParameterLabels: Object.fromEntries(PARAMETERS.map(({ name, label }) => [name, { default: label }])),
        },
      },
    },
    {
      name: 'Parameters',
      content: {
        sections: GROUPS.map(({ label, parameters }) => ({
          comment: label,
          members: Object.fromEntries(parameters.map((parameter) => [parameter.name, declaration(parameter)])),
        })),
      },
    },
    { name: 'Conditions', content: CONDITIONS },
    { name: 'Globals', content: GLOBALS },
    {
      name: 'Resources',
      content: {
        sections: [
          LAYER,
          CONFIGURATION,
          TOPICS,
          GIVEN_UP,
          ...SHARED_POLICIES,
          ...TYPES.map(typeSection),
          DATA_BUCKETS_SECTION,
          GIVEN_UP_ALARMS,
          DASHBOARD,
        ],
      },
    },
    { name: 'Outputs', content: OUTPUTS },
  ]);
}
