import {
  AddTagsToResourceCommand,
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { clientPerRegion } from '@shelvery/engine';
import type { AwsAccess, BackupAdapter } from '@shelvery/engine';
import { createClusterAdapter } from '../shared/cluster-adapter.js';
import { RDS_CLUSTER_RULES } from '../shared/cluster-rules.js';

/** Engines of other services, which RDS lists among its own. */
const OTHER_SERVICES: readonly string[] = ['docdb', 'neptune'];

/** Backups of Aurora and Multi-AZ clusters, never of DocumentDB's or Neptune's. */
export function createRdsClusterAdapter(parts: { readonly access: AwsAccess; readonly prefix: string }): BackupAdapter {
  const { access } = parts;
  const client = clientPerRegion(access, (region) => new RDSClient(access.config(region)));
  /**
   * For calls that make something: if the SDK repeated one, the name that the first try took would seem somebody
   * else's.
   */
  const making = clientPerRegion(access, (region) => new RDSClient(access.config(region, 'refused-only')));
  return createClusterAdapter(parts, {
    type: 'rds_cluster',
    resourceNoun: 'RDS cluster',
    rules: RDS_CLUSTER_RULES,
    listed: [],
    // A cluster without an engine in the answer is left out: it could be another service's.
    takes: (engine) => engine !== '' && !OTHER_SERVICES.includes(engine),
    // Engines of Multi-AZ clusters are `mysql` and `postgres` (page "Limitations of Multi-AZ DB clusters for Amazon
    // RDS").
    uncopied: (engine) =>
      engine.startsWith('aurora')
        ? undefined
        : { source: 'a Multi-AZ cluster', inRegion: true, toRegion: true, toAccount: true },
    pullsAcrossRegions: true,
    copiesAutomated: (values) => values.shelvery_rds_backup_mode === 'RDS_COPY_AUTOMATED_SNAPSHOT',
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
