import { parseSource } from '../../../layers/engine/src/domain/backup/copy-source.js';
import { parseDateCreated } from '../../../layers/engine/src/domain/calendar.js';
import { describeCopy, describeNew } from '../../../layers/engine/src/domain/backup/descriptions.js';
import { ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../simulation/world/held.js';
import { backupPlace } from '../../simulation/world/world.js';
import { OWN_ACCOUNT, foundBackup } from '../domain/builders.js';
import type { BackupParts } from '../domain/builders.js';
import type { MemoryEstate } from './memory-estate.js';

/**
 * Adds a backup that is there already, with the tags that `foundBackup` gives it, and the description that Shelvery gives
 * to one. It was begun at the time that its tags tell, where no other is given, and is of the type of the resources.
 */
export function hold(
  { world }: Pick<MemoryEstate, 'world'>,
  parts: BackupParts,
  more: Partial<HeldBackup> = {},
): HeldBackup {
  const { id, region, tags, startedAt } = foundBackup(parts);
  const [type = more.type ?? 'ebs'] = [...world.resources.values()].map((resource) => resource.type);
  const of = parts.entity ?? 'vol-1';
  const copied = parseSource(tags['shelvery:dr_source_backup'] ?? tags['shelvery:src_backup']);
  const createdAt =
    (startedAt ?? parseDateCreated(tags['shelvery:date_created'] ?? ''))?.getTime() ?? world.conductor.now();
  const held: HeldBackup = {
    account: OWN_ACCOUNT,
    region,
    type,
    id,
    tags,
    sharedWith: [],
    createdAt,
    readyAt: parts.state === 'pending' ? Infinity : createdAt,
    outcome: parts.state === 'failed' ? 'failed' : 'available',
    dataTime: createdAt,
    encrypted: false,
    archived: false,
    description:
      copied === undefined
        ? describeNew(parts.type ?? 'daily', ResourceId.parse(of))
        : describeCopy(copied.id, copied.region),
    of,
    ofUid: '',
    madeBy: { by: 'shelvery', prefix: 'shelvery' },
    listedFrom: createdAt,
    ...(copied === undefined ? {} : { copyOf: `${type} ${copied.region} ${copied.id}` }),
    ...more,
  };
  world.backups.set(backupPlace(held), held);
  return held;
}
