import * as z from 'zod';
import { ResourceFacts } from '../backup/resource-facts.js';
import { AccountId, BackupId, BackupType, Region, ResourceId } from '../values.js';

/** Keys that AWS keeps for itself: they do not count, and no call may set them. */
export const AWS_TAG = /^aws:/i;

/** AWS allows 50 tags a resource, keys of 128 and values of 256 characters (page "Tag your AWS resources"). */
const MetadataTags = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .refine((tags) => Object.keys(tags).filter((key) => !AWS_TAG.test(key)).length <= 50, 'at most 50');

/** A backup's own name: no character that could lead out of a folder of keys. */
const MetadataName = z.string().regex(/^[A-Za-z0-9-]{1,255}$/, 'letters, digits and hyphens, at most 255');

/**
 * A metadata file, version 1: what is written, and what is published as `docs/metadata.schema.json`. Names are the
 * original's. Readers leave out fields that they do not know.
 */
export const MetadataSchema = z
  .object({
    schema_version: z.literal(1).describe('The version of this schema.'),
    account_id: AccountId.describe('The account that the backup was made in.'),
    backup_id: BackupId.describe('What the service calls the backup: a snapshot id, an image id, or a name.'),
    backup_type: BackupType.optional().describe("The kind of backup; the original's files do not say it."),
    name: MetadataName.describe('The name of the backup.'),
    region: Region.describe('The region that the backup is in.'),
    entity_id: ResourceId.describe('The resource that was backed up.'),
    retention_type: z.string().min(1).max(256).describe('daily, weekly, monthly, yearly, or a custom retention type.'),
    date_created: z.iso.datetime({ offset: true }).describe('The time that the backup is named after, ISO 8601.'),
    date_deleted: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('When the backup was removed, ISO 8601; in files under removed/ only.'),
    encrypted: z
      .boolean()
      .optional()
      .describe("Whether the backup is encrypted; the original's files say it of databases only."),
    kms_key_id: z.string().min(1).max(2048).optional().describe('The KMS key that the backup is encrypted with.'),
    restore: ResourceFacts.optional().describe(
      'What the resource was, for whoever restores the backup. Left out in files of earlier versions and of the original.',
    ),
    tags: MetadataTags.describe("The backup's tags."),
  })
  .meta({ title: 'Shelvery backup metadata, version 1' });

/** What a metadata file says, as it is written. Times are ISO 8601 in UTC, to the second. */
export type BackupMetadata = Readonly<z.infer<typeof MetadataSchema>>;
