import { isFields } from './metadata-document.js';
import type { Plain, PlainFields } from './metadata-document.js';

/**
 * The fields of the original's `BackupResource`, under the names of version 1, their values not yet checked. What is
 * not used of them (`entity_resource`, `expire_date`, most of `resource_properties`) is left out.
 */
export function pythonFields(fields: PlainFields): Readonly<Record<string, unknown>> {
  const properties = isFields(fields.resource_properties) ? fields.resource_properties : {};
  const read = {
    account_id: fields.account_id,
    backup_id: backupId(fields.backup_id),
    name: fields.name,
    // A private attribute, which Python keeps under its class's name.
    region: fields._BackupResource__region,
    entity_id: fields.entity_id,
    retention_type: fields.retention_type,
    date_created: isoTime(fields.date_created),
    date_deleted: isoTime(fields.date_deleted),
    // Instances say Encrypted, clusters StorageEncrypted.
    encrypted: properties.Encrypted ?? properties.StorageEncrypted,
    kms_key_id: properties.KmsKeyId,
    tags: fields.tags,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined && value !== null));
}

/** A time as PyYAML writes it, `2024-01-02 03:04:05.123456+00:00`, as ISO 8601; without an offset it is UTC. */
function isoTime(time: Plain | undefined): Plain | undefined {
  if (typeof time !== 'string') return time;
  const iso = time.replace(' ', 'T');
  return /[+-]\d{2}:\d{2}$/.test(iso) ? iso : `${iso}Z`;
}

/** The original names Redshift snapshots by ARN, the service by what follows the cluster in it. */
function backupId(id: Plain | undefined): Plain | undefined {
  return typeof id === 'string' ? id.replace(/^arn:[a-z-]+:redshift:[a-z0-9-]+:\d{12}:snapshot:[^/]+\//, '') : id;
}
