import { TAG, tagKey } from './backup-tags.js';
import { parseDateCreated } from '../calendar.js';
import { parseSource } from './copy-source.js';
import { REENCRYPTED_ENDING } from './naming.js';
import type { Backup, FoundBackup, Place, ReadBackup } from './backup.js';
import { AccountId, ResourceId } from '../values.js';
import { judgedBy } from './judged-by.js';
import type { BackupReader } from './judged-by.js';

/**
 * Understands the tags of a snapshot that carries our mark: the one place where raw tags become a `Backup`, and where
 * it is decided whose tags configure it. What is not understood is `unreadable`, and kept. Where the tags do not say
 * whose backup it is (the original's oldest ones), it is the own account's.
 */
export function readBackup(found: FoundBackup, reader: BackupReader): ReadBackup {
  const prefix = reader.config.values.shelvery_tag_prefix;
  const ownAccount = reader.home.accountId;
  const tag = (last: string): string | undefined => found.tags[tagKey(prefix, last)];
  const unreadable = (last: string, is: string | undefined, allowed: string): ReadBackup => ({
    kind: 'unreadable',
    found,
    problem: `its tag ${tagKey(prefix, last)} is ${is === undefined ? 'missing' : JSON.stringify(is)}; allowed: ${allowed}`,
  });
  const name = tag(TAG.name);
  if (name === undefined || !/^[A-Za-z0-9-]{1,255}$/.test(name)) {
    return unreadable(TAG.name, name, 'letters, digits and hyphens');
  }
  const date = tag(TAG.dateCreated);
  const createdAt = date === undefined ? undefined : parseDateCreated(date);
  if (createdAt === undefined) return unreadable(TAG.dateCreated, date, 'YYYY-MM-DD-HHmm');
  const retentionType = tag(TAG.retentionType);
  if (retentionType === undefined || retentionType === '') {
    return unreadable(TAG.retentionType, retentionType, 'a retention type');
  }
  const entityId = ResourceId.safeParse(tag(TAG.entityId));
  if (!entityId.success) return unreadable(TAG.entityId, tag(TAG.entityId), 'the id of a resource');
  const srcAccount = AccountId.safeParse(tag(TAG.srcAccount) ?? ownAccount);
  if (!srcAccount.success) return unreadable(TAG.srcAccount, tag(TAG.srcAccount), '12 digits');
  const place = placeOf(tag(TAG.drCopy), tag(TAG.crossAccountCopy));
  const source = place === 'dr' ? tag(TAG.drSourceBackup) : place === 'pulled' ? tag(TAG.srcBackup) : undefined;
  if (place === 'dr' && parseSource(source) === undefined)
    return unreadable(TAG.drSourceBackup, source, '<region>:<id>');
  const copiedAt = parseDateCreated(tag(TAG.dateCopied) ?? '');
  const foreign = tag(TAG.crossAccountCopy) === 'true';
  const backup: Backup = {
    found,
    id: found.id,
    region: found.region,
    name,
    entityId: entityId.data,
    createdAt,
    retentionType,
    srcAccount: srcAccount.data,
    place,
    foreign,
    ...(source === undefined || source === '' ? {} : { source }),
    ...(copiedAt === undefined ? {} : { copiedAt }),
    held: tag(TAG.hold)?.toLowerCase() === 'true',
    temporary: place !== 'pulled' && [name, found.id].some((text) => text.endsWith(REENCRYPTED_ENDING)),
    ...judgedBy({ entityId: entityId.data, foreign, tags: found.tags }, reader),
  };
  return { kind: 'backup', backup };
}

function placeOf(drCopy: string | undefined, crossAccountCopy: string | undefined): Place {
  if (drCopy === 'true') return 'dr';
  return crossAccountCopy === 'true' ? 'pulled' : 'local';
}

/**
 * The name of a backup's metadata files. Temporary snapshots of the original have their source's name in their tags:
 * their files are named after their own id, so that those of the source are never touched.
 */
export function recordName(backup: Backup): string {
  return backup.temporary && !backup.name.endsWith(REENCRYPTED_ENDING)
    ? backup.id.replace(/[^A-Za-z0-9-]/g, '-')
    : backup.name;
}
