import { isGiven, onEverything, onTargets, targetsOf, text } from '../calls.js';
import type { RecordedCall, Rule, Rules } from '../calls.js';
import type { AccessRequest } from '../evaluate.js';
import { granting, readingWith, usingKey, writingWith } from './keys.js';

/** DocumentDB's actions are RDS's (page "Actions, resources, and condition keys for Amazon RDS"). */
const REFERENCE = 'Actions, resources, and condition keys for Amazon RDS';
const ON_CREATION = 'Grant permission to tag Amazon RDS resources during creation';
const KEYS = 'AWS KMS key management';

type Kind = 'snapshot' | 'cluster-snapshot';

/** What is about to be made, by the name that the call gives it, and the tags that it gives. */
function making(call: RecordedCall, kind: Kind, nameParameter: string): readonly AccessRequest[] {
  const resource = `arn:aws:rds:${call.region}:${call.account}:${kind}:${text(call, nameParameter)}`;
  const context = { 'aws:ResourceAccount': call.account };
  return [
    { action: `rds:${call.action}`, resource, context },
    ...(isGiven(call, 'Tags') ? [{ action: 'rds:AddTagsToResource', resource, context }] : []),
  ];
}

function create(operation: string, kind: Kind, sourceParameter: string, nameParameter: string): Rule {
  return {
    action: `rds:${operation}`,
    pages: [REFERENCE, ON_CREATION, KEYS],
    asks: (call) => {
      const sources = targetsOf(call, sourceParameter);
      const via = { service: 'rds', region: call.region } as const;
      // Page "AWS KMS key management": what it takes to make anything under a key, a snapshot of what is encrypted
      // among it.
      const keys = sources.flatMap(({ kmsKeyId: key }) =>
        key === null ? [] : [...usingKey(['kms:DescribeKey'], arnOf(call, key), via), granting(arnOf(call, key), via)],
      );
      return [...onTargets(`rds:${operation}`, sources), ...making(call, kind, nameParameter), ...keys];
    },
  };
}

/**
 * Page "Copying a DB snapshot for Amazon RDS" ("Limitations", cross-Region): both the source and the target are asked
 * for.
 */
function copy(operation: string, kind: Kind, sourceParameter: string, nameParameter: string): Rule {
  return {
    action: `rds:${operation}`,
    pages: [
      REFERENCE,
      ON_CREATION,
      'Copying a DB snapshot for Amazon RDS',
      KEYS,
      'Sharing encrypted snapshots for Amazon RDS',
    ],
    asks: (call) => {
      const sources = targetsOf(call, sourceParameter);
      const [named] = targetsOf(call, 'KmsKeyId');
      const here = { service: 'rds', region: call.region } as const;
      const read = sources.flatMap(({ arn, kmsKeyId }) => {
        if (kmsKeyId === null) return [];
        const key = arnOf(call, kmsKeyId);
        const there = { service: 'rds', region: arn.split(':')[3] ?? '' } as const;
        // Without another key the copy stays under its source's.
        return [...readingWith(key, there), ...(named === undefined ? writingWith(key, here) : [])];
      });
      const written = named === undefined ? [] : writingWith(named.arn, here);
      return [...onTargets(`rds:${operation}`, sources), ...making(call, kind, nameParameter), ...read, ...written];
    },
  };
}

/** The emulator names the default key of a database without an ARN. */
function arnOf(call: RecordedCall, key: string): string {
  return key.startsWith('arn:') ? key : `arn:aws:kms:${call.region}:${call.account}:key/aws-rds`;
}

function change(operation: string, parameter: string): Rule {
  return {
    action: `rds:${operation}`,
    pages: [REFERENCE],
    asks: (call) => onTargets(`rds:${operation}`, targetsOf(call, parameter)),
  };
}

export const RDS: Rules = {
  ...Object.fromEntries(
    ['DescribeDBClusterSnapshots', 'DescribeDBClusters', 'DescribeDBInstances', 'DescribeDBSnapshots'].map(
      (operation) => [operation, onEverything(`rds:${operation}`, REFERENCE)],
    ),
  ),
  AddTagsToResource: change('AddTagsToResource', 'ResourceName'),
  CopyDBClusterSnapshot: copy(
    'CopyDBClusterSnapshot',
    'cluster-snapshot',
    'SourceDBClusterSnapshotIdentifier',
    'TargetDBClusterSnapshotIdentifier',
  ),
  CopyDBSnapshot: copy('CopyDBSnapshot', 'snapshot', 'SourceDBSnapshotIdentifier', 'TargetDBSnapshotIdentifier'),
  CreateDBClusterSnapshot: create(
    'CreateDBClusterSnapshot',
    'cluster-snapshot',
    'DBClusterIdentifier',
    'DBClusterSnapshotIdentifier',
  ),
  CreateDBSnapshot: create('CreateDBSnapshot', 'snapshot', 'DBInstanceIdentifier', 'DBSnapshotIdentifier'),
  DeleteDBClusterSnapshot: change('DeleteDBClusterSnapshot', 'DBClusterSnapshotIdentifier'),
  DeleteDBSnapshot: change('DeleteDBSnapshot', 'DBSnapshotIdentifier'),
  ModifyDBClusterSnapshotAttribute: change('ModifyDBClusterSnapshotAttribute', 'DBClusterSnapshotIdentifier'),
  ModifyDBSnapshotAttribute: change('ModifyDBSnapshotAttribute', 'DBSnapshotIdentifier'),
};
