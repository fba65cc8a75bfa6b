import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CopyDBClusterSnapshotCommand, DocDBClient } from '@aws-sdk/client-docdb';
import {
  CopyDBClusterSnapshotCommand as CopyRdsSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const THERE = 'eu-central-1';
const refused = { name: 'InvalidParameterValue' };

/** Pages "CopyDBClusterSnapshot" of Amazon DocumentDB and of Amazon RDS, PreSignedUrl. */
describe('presigned URLs of copies from another region', () => {
  let emulator: Emulator;
  let key: string;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
    key = await accountsOf(emulator).makeKey({ region: THERE });
  });
  afterAll(() => emulator.stop());

  async function make(Engine: string, encrypted: boolean): Promise<string> {
    const rds = new RDSClient(emulator.clientConfig());
    const cluster = {
      DBClusterIdentifier: 'cluster',
      Engine,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
      StorageEncrypted: encrypted,
    };
    await rds.send(new CreateDBClusterCommand(cluster));
    const snapshot = { DBClusterIdentifier: 'cluster', DBClusterSnapshotIdentifier: 'made' };
    const { DBClusterSnapshot } = await rds.send(new CreateDBClusterSnapshotCommand(snapshot));
    return DBClusterSnapshot?.DBClusterSnapshotArn ?? '';
  }
  const copyOf = (arn: string) => ({
    SourceDBClusterSnapshotIdentifier: arn,
    TargetDBClusterSnapshotIdentifier: 'copy',
  });
  const docdb = (): DocDBClient => new DocDBClient(emulator.clientConfig(emulator.account, THERE));

  /** The URL that the SDK puts into a copy with a key. */
  async function signedUrl(arn: string): Promise<string> {
    const copy = { ...copyOf(arn), TargetDBClusterSnapshotIdentifier: 'first', KmsKeyId: key };
    await docdb().send(new CopyDBClusterSnapshotCommand(copy));
    const [call] = await emulator.calls({ action: 'CopyDBClusterSnapshot' });
    return String(call?.parameters.PreSignedUrl);
  }

  it('are taken as the SDK signs them, with a key', async () => {
    const url = await signedUrl(await make('docdb', true));
    expect(url).toContain('X-Amz-Signature=');
  });
  it('are taken of a role', async () => {
    const arn = await make('docdb', true);
    const role = { RoleArn: `arn:aws:iam::${emulator.account}:role/backup`, RoleSessionName: 'test' };
    const { Credentials: keys } = await new STSClient(emulator.clientConfig()).send(new AssumeRoleCommand(role));
    const credentials = {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    };
    const client = new DocDBClient({ ...emulator.clientConfig(emulator.account, THERE), credentials });
    await client.send(new CopyDBClusterSnapshotCommand({ ...copyOf(arn), KmsKeyId: key }));
  });
  it('are refused with a parameter that the signature does not cover, as the SDK makes them without a key', async () => {
    const copy = new CopyDBClusterSnapshotCommand(copyOf(await make('docdb', false)));
    await expect(docdb().send(copy)).rejects.toMatchObject({
      ...refused,
      message: 'PreSignedurl could not be authenticated',
    });
  });
  it('are refused that say something else than the call, or were changed', async () => {
    const arn = await make('docdb', true);
    const url = await signedUrl(arn);
    for (const PreSignedUrl of [
      url.replace('cluster-snapshot%3Amade', 'cluster-snapshot%3Aother'),
      url.replace(/(?<=X-Amz-Signature=)./, (digit) => (digit === '0' ? '1' : '0')),
      url.replace(/X-Amz-Expires=3600/, 'X-Amz-Expires=7200'),
      `${url}&More`,
      url.replace(`DestinationRegion=${THERE}`, 'DestinationRegion=eu-west-3'),
    ]) {
      const copy = new CopyDBClusterSnapshotCommand({ ...copyOf(arn), KmsKeyId: key, PreSignedUrl });
      await expect(docdb().send(copy)).rejects.toMatchObject(refused);
    }
  });
  it('are ignored by RDS, whose page wants them in GovCloud regions alone', async () => {
    const rds = new RDSClient(emulator.clientConfig(emulator.account, THERE));
    await rds.send(new CopyRdsSnapshotCommand(copyOf(await make('aurora-postgresql', false))));
  });
});
