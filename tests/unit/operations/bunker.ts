import { BackupId, ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { AccountId, BackupType } from '../../../layers/engine/src/domain/values.js';
import type { CreatedBackup, SharedCopy } from '../../../layers/engine/src/ports.js';
import type { HeldBackup } from '../../simulation/world/held.js';
import { bucketNameOf } from '../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';
import type { Asked, MemoryEstate, Ran, Told } from './memory-estate.js';
import { lacking, withAdapter } from './other-parts.js';

export const VOLUME = 'vol-0000000a';
export const VOLUME_2 = 'vol-0000000b';
export const VOLUME_3 = 'vol-0000000c';

/** The bucket of the source account. */
export const SOURCE_BUCKET = bucketNameOf(OTHER_ACCOUNT, LOCAL);
const SHARED = `backups/shared/${OWN_ACCOUNT}/`;

/** The name of the backup that `share` makes of a resource, as long as no time has gone by. */
export const nameOf = (entity: string): string => `${entity}-2026-11-24-0301-daily`;

/** The key of a shared file by its name, in one of the folders for our account. */
export const keyOf = (name: string, folder = 'ebs'): string => `${SHARED}${folder}/${name}.yaml`;

/** The id of a backup, as outcomes have it; where it is missing, none that a backup has. */
export const idOf = (backup: Pick<HeldBackup, 'id'> | undefined): BackupId => BackupId.parse(backup?.id ?? 'missing');

/** What is told of a shared file about which no more is known than where it is. */
export const ofFile = (name: string, folder = 'ebs') => ({
  operation: 'PullSharedBackup' as const,
  sourceAccount: OTHER_ACCOUNT,
  bucket: SOURCE_BUCKET,
  backupS3Location: keyOf(name, folder),
});

/** What is told of the shared file of a resource's backup, once it has been read. */
export const ofShared = (entity: string, folder = 'ebs') => ({
  ...ofFile(nameOf(entity), folder),
  backupName: nameOf(entity),
  entityId: ResourceId.parse(entity),
  retentionType: 'daily',
  region: LOCAL,
});

/** What is told of a shared file that was set aside. */
export const setAside = (name: string, why: string, folder = 'ebs'): Told => ({
  ...ofFile(name, folder),
  newS3Location: keyOf(name, `${folder}-failed`),
  status: 'failed',
  error: `MetadataRefused: ${keyOf(name, folder)} was set aside: ${why}`,
});

/** An estate in which our account pulls what the other one shares with it. Both have their data buckets. */
export interface Bunker extends MemoryEstate {
  /** The source account makes a backup of each of these resources, and shares it with ours. */
  share(entities: readonly string[], more?: ShareOptions): Promise<readonly HeldBackup[]>;
  pull(asked?: Asked): Promise<Ran>;
  /** The files for our account in the source's bucket, by folder and name. */
  files(account?: AccountId): readonly string[];
  /** The text of one of them. */
  text(file: string): string;
  /** Puts a file there by hand. */
  put(file: string, text: string): void;
}

export interface ShareOptions {
  readonly account?: AccountId;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** @param type of the backups. */
export async function openBunker(type: BackupType = 'ebs'): Promise<Bunker> {
  const estate = openEstate(type);
  const sharing = { shelvery_share_aws_account_ids: OWN_ACCOUNT };
  await estate.run('create_data_buckets');
  await estate.run('create_data_buckets', { account: OTHER_ACCOUNT, settings: sharing });
  return {
    ...estate,
    async share(entities, { account = OTHER_ACCOUNT, settings = {}, tags = {} } = {}) {
      const before = new Set(estate.backups({ account }));
      for (const id of entities) estate.resource(id, { account, tags });
      await estate.run('create_backups', { account, settings: { ...sharing, ...settings } });
      return estate.backups({ account }).filter((backup) => !before.has(backup));
    },
    pull: async ({ settings = {}, ...asked } = {}) =>
      await estate.run('pull_shared_backups', {
        settings: { shelvery_source_aws_account_ids: OTHER_ACCOUNT, ...settings },
        ...asked,
      }),
    files: (account = OTHER_ACCOUNT) =>
      estate.keys(LOCAL, account).flatMap((key) => (key.startsWith(SHARED) ? [key.slice(SHARED.length)] : [])),
    text: (file) => estate.read(`${SHARED}${file}`, LOCAL, OTHER_ACCOUNT) ?? '',
    put: (file, text) => {
      estate.file(`${SHARED}${file}`, text, LOCAL, OTHER_ACCOUNT);
    },
  };
}

/** Parts in which what is given makes the copies of shared backups, and may have the adapter make them. */
export function copyingBy(
  by: (copy: SharedCopy, make: () => Promise<CreatedBackup>) => Promise<CreatedBackup>,
): ReturnType<typeof withAdapter> {
  return withAdapter((adapter) => ({
    copyShared: (copy) => by(copy, async () => await (adapter.copyShared?.(copy) ?? lacking())),
  }));
}
