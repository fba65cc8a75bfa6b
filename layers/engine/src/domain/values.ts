import * as z from 'zod';

/**
 * The identifiers that the engine passes around, each with a brand so that none is taken for another.
 * They are made only by parsing: `AccountId.parse('111111111111')`.
 */

/** A 12-digit AWS account number. */
export const AccountId = z
  .string()
  .regex(/^\d{12}$/, '12 digits')
  .brand<'AccountId'>();
export type AccountId = z.infer<typeof AccountId>;

/** An AWS region code, such as `eu-west-1` or `us-gov-east-1`. */
export const Region = z
  .string()
  .regex(/^[a-z]{2,}(?:-[a-z]+)+-\d{1,2}$/, 'a region code such as eu-west-1')
  .brand<'Region'>();
export type Region = z.infer<typeof Region>;

/** What the service calls a backup: a snapshot id, an image id, or a snapshot's name. */
export const BackupId = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9:._-]{0,254})$/, 'an id of a snapshot or an image')
  .brand<'BackupId'>();
export type BackupId = z.infer<typeof BackupId>;

/** What the service calls a resource: a volume id, an instance id, a database or cluster identifier. */
export const ResourceId = z
  .string()
  .min(1)
  .max(255)
  .refine((id) => !/\p{Cc}/u.test(id), 'an id without control characters')
  .brand<'ResourceId'>();
export type ResourceId = z.infer<typeof ResourceId>;

/** One run: in Lambda the request id, on the CLI a UUID. It is written into every backup's tags. */
export const RunId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'letters, digits and hyphens, at most 64')
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

/**
 * The kinds of backup, as payloads, keys and notifications name them: the one list of them. What each needs elsewhere is
 * in docs/adding-a-type.md.
 */
export const BACKUP_TYPES = ['ebs', 'ec2ami', 'rds', 'rds_cluster', 'docdb', 'redshift'] as const;
export const BackupType = z.enum(BACKUP_TYPES);
export type BackupType = z.infer<typeof BackupType>;

/** Tags of a resource or a backup, by key. */
export type Tags = Readonly<Record<string, string>>;
