import type { Backup, ServiceRules } from '../backup/backup.js';
import { REENCRYPTED_ENDING, derivedName } from '../backup/naming.js';
import { recordName } from '../backup/read-backup.js';

/** The names that a backup's shared file may have: its own, or its re-encrypted snapshot's. */
export function sharedNamesOf(backup: Backup, rules: ServiceRules): readonly string[] {
  return [recordName(backup), derivedName(backup.name, REENCRYPTED_ENDING, rules)];
}

/** Names of an account's shared files: those not pulled yet, those pulled, and those moved to `ebs-archived/`. */
export interface SharedFiles {
  readonly waiting: ReadonlySet<string>;
  readonly processed: ReadonlySet<string>;
  readonly setAside: ReadonlySet<string>;
}
