import { contextOf, isGiven, onEverything, onTargets, targetsOf, text } from '../calls.js';
import type { RecordedCall, Rule, Rules, Target } from '../calls.js';
import type { AccessRequest } from '../evaluate.js';
import { usingKey } from './keys.js';

const REFERENCE = 'Actions, resources, and condition keys for Amazon Redshift';

/** A snapshot's ARN names its cluster, which the service only knows where the call says it. */
function arnOf(call: RecordedCall, cluster: string, snapshot: string): string {
  return `arn:aws:redshift:${call.region}:${call.account}:snapshot:${cluster}/${snapshot}`;
}

/**
 * A change of a snapshot. Pages "DeleteClusterSnapshot", "AuthorizeSnapshotAccess", "RevokeSnapshotAccess",
 * SnapshotClusterIdentifier: without it the cluster's name can only be `*` to a policy, so that no snapshot is meant
 * whose tags a condition could look at.
 */
function changing(action: string, call: RecordedCall): readonly AccessRequest[] {
  const cluster = text(call, 'SnapshotClusterIdentifier');
  return targetsOf(call, 'SnapshotIdentifier').map((snapshot) =>
    cluster === ''
      ? {
          action,
          resource: arnOf(call, '*', text(call, 'SnapshotIdentifier')),
          context: { 'aws:ResourceAccount': snapshot.account },
        }
      : { action, resource: arnOf(call, cluster, text(call, 'SnapshotIdentifier')), context: contextOf(snapshot) },
  );
}

function change(operation: string): Rule {
  return {
    action: `redshift:${operation}`,
    pages: [REFERENCE, operation],
    asks: (call) => changing(`redshift:${operation}`, call),
  };
}

/** Each snapshot by itself, as if one call deleted it. Page "BatchDeleteClusterSnapshots" names the members. */
function deletingTogether(call: RecordedCall): readonly AccessRequest[] {
  const requests: AccessRequest[] = [];
  for (let n = 1; ; n += 1) {
    const member = `Identifiers.DeleteClusterSnapshotMessage.${String(n)}`;
    const name = text(call, `${member}.SnapshotIdentifier`);
    if (name === '') return requests;
    const one = {
      SnapshotIdentifier: name,
      SnapshotClusterIdentifier: text(call, `${member}.SnapshotClusterIdentifier`),
    };
    const targets = targetsOf(call, 'SnapshotIdentifier').filter(({ arn }) => arn.endsWith(`/${name}`));
    requests.push(...changing('redshift:BatchDeleteClusterSnapshots', { ...call, parameters: one, targets }));
  }
}

/** Page "Sharing a cluster snapshot" ("Security considerations for sharing encrypted snapshots"). */
function keysOfShared(call: RecordedCall, snapshots: readonly Target[]): readonly AccessRequest[] {
  const via = { service: 'redshift', region: call.region } as const;
  return snapshots.flatMap(({ kmsKeyId }) => (kmsKeyId === null ? [] : usingKey(['kms:DescribeKey'], kmsKeyId, via)));
}

export const REDSHIFT: Rules = {
  DescribeClusterSnapshots: onEverything('redshift:DescribeClusterSnapshots', REFERENCE),
  DescribeClusters: onEverything('redshift:DescribeClusters', REFERENCE),
  AuthorizeSnapshotAccess: {
    action: 'redshift:AuthorizeSnapshotAccess',
    pages: [REFERENCE, 'AuthorizeSnapshotAccess', 'Sharing a cluster snapshot'],
    asks: (call) => [
      ...changing('redshift:AuthorizeSnapshotAccess', call),
      ...keysOfShared(call, targetsOf(call, 'SnapshotIdentifier')),
    ],
  },
  BatchDeleteClusterSnapshots: {
    action: 'redshift:BatchDeleteClusterSnapshots',
    pages: [REFERENCE, 'BatchDeleteClusterSnapshots'],
    asks: deletingTogether,
  },
  CopyClusterSnapshot: {
    action: 'redshift:CopyClusterSnapshot',
    pages: [REFERENCE],
    asks: (call) => {
      const cluster = text(call, 'SourceSnapshotClusterIdentifier') || '*';
      const names = [text(call, 'SourceSnapshotIdentifier'), text(call, 'TargetSnapshotIdentifier')];
      return names.map((name) => ({
        action: 'redshift:CopyClusterSnapshot',
        resource: arnOf(call, cluster, name),
        context: {},
      }));
    },
  },
  CreateClusterSnapshot: {
    action: 'redshift:CreateClusterSnapshot',
    pages: [REFERENCE, 'Tagging overview'],
    asks: (call) => {
      const resource = arnOf(call, text(call, 'ClusterIdentifier'), text(call, 'SnapshotIdentifier'));
      const tagging = isGiven(call, 'Tags') ? ['redshift:CreateTags'] : [];
      return ['redshift:CreateClusterSnapshot', ...tagging].map((action) => ({ action, resource, context: {} }));
    },
  },
  CreateTags: {
    action: 'redshift:CreateTags',
    pages: [REFERENCE],
    asks: (call) => onTargets('redshift:CreateTags', targetsOf(call, 'ResourceName')),
  },
  DeleteClusterSnapshot: change('DeleteClusterSnapshot'),
  RevokeSnapshotAccess: change('RevokeSnapshotAccess'),
};
