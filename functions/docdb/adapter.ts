import {
  AddTagsToResourceCommand,
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DocDBClient,
  ModifyDBClusterSnapshotAttributeCommand,
} from '@aws-sdk/client-docdb';
import { clientPerRegion } from '@shelvery/engine';
import type { AwsAccess, BackupAdapter } from '@shelvery/engine';
import { createClusterAdapter } from '../shared/cluster-adapter.js';
import { DOCDB_RULES } from '../shared/cluster-rules.js';

/** Backups of DocumentDB clusters, and of nothing else that RDS lists. */
export function createDocdbAdapter(parts: { readonly access: AwsAccess; readonly prefix: string }): BackupAdapter {
  const { access } = parts;
  const client = clientPerRegion(access, (region) => new DocDBClient(access.config(region)));
  /**
   * For calls that make something: if the SDK repeated one, the name that the first try took would seem somebody
   * else's.
   */
  const making = clientPerRegion(access, (region) => new DocDBClient(access.config(region, 'refused-only')));
  return createClusterAdapter(parts, {
    type: 'docdb',
    resourceNoun: 'DocumentDB cluster',
    rules: DOCDB_RULES,
    listed: [{ Name: 'engine', Values: ['docdb'] }],
    takes: (engine) => engine === 'docdb',
    pullsAcrossRegions: false,
    copiesAutomated: (values) => values.shelvery_docdb_backup_mode === 'DOCDB_COPY_AUTOMATED_SNAPSHOT',
    changes: {
      create: (region, input) => making(region).send(new CreateDBClusterSnapshotCommand(input)),
      copyingClient: making,
      copy: (region, input) => making(region).send(new CopyDBClusterSnapshotCommand(input)),
      remove: (region, id) =>
        client(region).send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id })),
      share: (region, input) => client(region).send(new ModifyDBClusterSnapshotAttributeCommand(input)),
      tag: (region, input) => client(region).send(new AddTagsToResourceCommand(input)),
    },
  });
}
