import { Document, Scalar, visit } from 'yaml';
import type * as z from 'zod';
import type { Backup } from '../backup/backup.js';
import { factsFrom } from '../backup/resource-facts.js';
import { PREFIX_TAG, TAG, tagKey } from '../backup/backup-tags.js';
import { formatIso } from '../calendar.js';
import { present } from '../present.js';
import { readDocument } from './metadata-document.js';
import { pythonFields } from './metadata-python.js';
import { AWS_TAG, MetadataSchema } from './metadata-schema.js';
import type { BackupMetadata } from './metadata-schema.js';
import type { BackupType, Tags } from '../values.js';

export { MAX_METADATA_BYTES, MAX_SHARED_BYTES, MIN_METADATA_BYTES, unusableSize } from './metadata-document.js';
export type { BackupMetadata } from './metadata-schema.js';

/** What a file says of a backup beyond the backup itself. */
interface MetadataExtra {
  /** When it was removed, for the file under `removed/`. */
  readonly deletedAt?: Date;
}

/**
 * The metadata of a backup, from what was listed, without a further call. Tags that no copy could be given (AWS's own,
 * and `__proto__`) are left out; the others are in the order of their keys, so that the same backup always gives the
 * same file.
 */
export function metadataOf(backup: Backup, type: BackupType, extra: MetadataExtra = {}): BackupMetadata {
  const { deletedAt } = extra;
  const { encrypted, kmsKeyId } = backup.found;
  const metadata: BackupMetadata = {
    schema_version: 1,
    account_id: backup.srcAccount,
    backup_id: backup.id,
    backup_type: type,
    name: backup.name,
    region: backup.region,
    entity_id: backup.entityId,
    retention_type: backup.retentionType,
    date_created: formatIso(backup.createdAt),
    encrypted,
    ...present({ kms_key_id: kmsKeyId, restore: backup.facts }),
    tags: copyableTags(withoutCopies(backup.found.tags)),
  };
  return deletedAt === undefined ? metadata : withDeletion(metadata, deletedAt);
}

/** The same metadata, with the time of the backup's removal in its place among the fields. */
export function withDeletion(metadata: BackupMetadata, deletedAt: Date): BackupMetadata {
  const { encrypted, kms_key_id: key, restore, tags, ...rest } = metadata;
  return {
    ...rest,
    date_deleted: formatIso(deletedAt),
    ...present({ encrypted, kms_key_id: key, restore }),
    tags,
  };
}

/** Leaves out `dr_copies`. Copies are made after the file is written, so that the file would differ at each writing. */
function withoutCopies(tags: Tags): Tags {
  const key = tagKey(tags[PREFIX_TAG] ?? '', TAG.drCopies);
  return Object.fromEntries(Object.entries(tags).filter(([each]) => each !== key));
}

/** Without AWS's own tags, which no call may set, and without `__proto__`; in the order of their keys. */
function copyableTags(tags: Tags): Tags {
  return Object.fromEntries(
    Object.entries(tags)
      .filter(([key]) => key !== '__proto__' && !AWS_TAG.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * Writes metadata as plain YAML, without tags or aliases. Texts are quoted, so that readers of YAML 1.1 and 1.2 alike
 * take an account number or a time for the text that it is.
 */
export function formatMetadata(metadata: BackupMetadata): string {
  const document = new Document(metadata, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(place, node) {
      // Our own field names stay plain; a tag's key may be anything.
      if (place === 'key' && /^[a-z_]+$/.test(String(node.value))) return;
      if (typeof node.value === 'string') node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** A metadata file that could be read. It is what somebody wrote: `verifyMetadata` comes before any use by a bunker. */
export interface ParsedMetadata {
  /** Version 1 of our schema, or a file of the original. */
  readonly format: 1 | 'python';
  /** What it says, as version 1 would say it. */
  readonly document: BackupMetadata;
  readonly createdAt: Date;
  /** The tag prefix that the backup was made under. */
  readonly prefix: string;
}

const MAX_PROBLEM = 500;

/**
 * Reads a metadata file: version 1, or the original's Python objects as plain data. Never throws for what is in the
 * text, evaluates nothing, and refuses what is not understood with a problem that says what.
 *
 * @example
 * const parsed = parseMetadata(text);
 * if ('problem' in parsed) …
 */
export function parseMetadata(text: string): ParsedMetadata | { readonly problem: string } {
  const parsed = parseEither(text);
  // Problems quote the file: cut to what somebody reads, and without what moves a terminal's cursor.
  return 'problem' in parsed ? { problem: parsed.problem.slice(0, MAX_PROBLEM).replace(/\p{Cc}/gu, '?') } : parsed;
}

function parseEither(text: string): ParsedMetadata | { readonly problem: string } {
  const read = readDocument(text);
  if ('problem' in read) return read;
  if (read.pythonClass === 'BackupResource') return parseFields(pythonFields(read.fields), 'python');
  if (read.pythonClass !== undefined) return { problem: `it is a Python ${read.pythonClass}, not a backup` };
  const version = read.fields.schema_version;
  if (version === undefined) return { problem: 'schema_version is missing' };
  if (version !== '1')
    return { problem: `schema_version is ${JSON.stringify(version)}; this version of Shelvery reads 1` };
  return parseFields(read.fields, 1);
}

function parseFields(
  fields: Readonly<Record<string, unknown>>,
  format: ParsedMetadata['format'],
): ParsedMetadata | { readonly problem: string } {
  // What is wrong in it is left out by itself: it is of no use but to people, and no reason to lose the backup.
  const { restore: told, ...others } = fields;
  const read = MetadataSchema.safeParse(
    { ...others, ...present({ restore: factsFrom(told) }), schema_version: 1 },
    { error: wrongType },
  );
  if (!read.success) return { problem: problemOf(read.error) };
  const { date_created: created, date_deleted: deleted, tags } = read.data;
  const prefix = tags[PREFIX_TAG];
  if (prefix === undefined || prefix === '')
    return { problem: `its tag ${PREFIX_TAG}, which names the prefix of the others, is missing` };
  const createdAt = new Date(created);
  return {
    format,
    document: {
      ...read.data,
      date_created: formatIso(createdAt),
      ...(deleted === undefined ? {} : { date_deleted: formatIso(new Date(deleted)) }),
      tags: copyableTags(tags),
    },
    createdAt,
    prefix,
  };
}

/** For people what zod says to programmers; of all else it says enough. */
function wrongType(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'it is missing' : `it is no ${issue.expected}`;
}

function problemOf(error: z.ZodError): string {
  // Not z.core.toDotPath: naming z.core takes the whole of zod into the bundle.
  return error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ');
}
