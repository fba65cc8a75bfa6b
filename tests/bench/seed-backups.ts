import { formatDateCreated } from '@shelvery/engine/terminal';
import type { Emulator } from '../emulator/emulator.js';

const FILES_AT_ONCE = 1_000;
/** Nobody reads the files of backups that are there; by their size they are metadata. */
const FILE = `# ${'as long as metadata '.repeat(10)}\n`;

/** Which backups an estate is to have. */
export interface SeededBackups {
  readonly volumeIds: readonly string[];
  /** How old the backups of each volume are. */
  readonly days: readonly number[];
  /** What a backup's name begins with, before its date. */
  readonly nameOf: (volumeId: string) => string;
  readonly describe: (volumeId: string, name: string) => string;
}

/**
 * Seeds daily backups of volumes with the tags that both Shelverys know them by, and their metadata files into the data
 * bucket, which is there.
 */
export async function seedDailyBackups(
  emulator: Emulator,
  { volumeIds, days, nameOf, describe }: SeededBackups,
): Promise<void> {
  const { account, region } = emulator;
  const now = Date.now();
  const backups = volumeIds.flatMap((volumeId) =>
    days.map((age) => {
      const at = new Date(now - age * 86_400_000);
      const date = formatDateCreated(at);
      return { volumeId, startTime: at.toISOString(), date, name: `${nameOf(volumeId)}-${date}-daily` };
    }),
  );
  await emulator.seedSnapshots(
    backups.map(({ volumeId, startTime, date, name }) => {
      const tags = {
        Name: name,
        'shelvery:tag_name': 'shelvery',
        'shelvery:name': name,
        'shelvery:date_created': date,
        'shelvery:src_account': account,
        'shelvery:region': region,
        'shelvery:retention_type': 'daily',
        'shelvery:entity_id': volumeId,
        'shelvery:backup': 'true',
      };
      return { volumeId, startTime, description: describe(volumeId, name), tags };
    }),
  );
  for (let at = 0; at < backups.length; at += FILES_AT_ONCE) {
    const some = backups.slice(at, at + FILES_AT_ONCE);
    const files = some.map(({ name }) => [`backups/ebs/${name}.yaml`, FILE] as const);
    await emulator.seedObjects(`shelvery.data.${account}-${region}.base2tools`, Object.fromEntries(files));
  }
}
