import { BACKUP_TYPES } from '@shelvery/engine';
import type { BackupType } from '@shelvery/engine';
import { startEmulator } from '../emulator/emulator.js';
import { measureCalls } from './call-counts.js';
import type { MeasureOptions } from './call-counts.js';
import { measureColdImports } from './cold-import.js';
import { LOOKS, measureLook, seedBackups } from './looks.js';
import { measurePacedCreates } from './paced-calls.js';
import type { PacedOptions } from './paced-calls.js';

/** What Python Shelvery needs for the same, as counted on 1,200 volumes. */
const ORIGINAL = { create: 9.0, clean: 6.0 };

const BACKUPS_LOOKED_AT = 10_000;

/** Resources of each type. */
const RESOURCES: Readonly<Record<BackupType, number>> = {
  ebs: 1_200,
  ec2ami: 300,
  rds: 300,
  rds_cluster: 300,
  docdb: 300,
  redshift: 300,
};

const ESTATES: readonly MeasureOptions[] = BACKUP_TYPES.flatMap((type) =>
  (type === 'ebs' ? [false, true] : [false]).map((topics) => ({ type, resources: RESOURCES[type], topics })),
);

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

say(
  'AWS calls per backup (every call counts: account look-up, lists in pages of 100, polls of snapshots that are pending 5 s)',
);
const emulator = await startEmulator({ region: 'eu-west-1', stderr: 'ignore' });
try {
  for (const estate of ESTATES) {
    const measured = await measureCalls(emulator, estate);
    const create = measured.callsToCreate / measured.created;
    const clean = measured.callsToClean / measured.removed;
    const versus =
      estate.type === 'ebs'
        ? `  (${(ORIGINAL.create / create).toFixed(1)} and ${(ORIGINAL.clean / clean).toFixed(1)} times fewer than the original)`
        : '';
    say(
      `  ${`${estate.type}, ${String(estate.resources)}${estate.topics ? ', with topics' : ''}`.padEnd(28)} create ${create.toFixed(3)}, remove ${clean.toFixed(3)}` +
        `   in ${measured.secondsToCreate.toFixed(1)} s and ${measured.secondsToClean.toFixed(1)} s${versus}`,
    );
  }
  say(`A look at ${String(BACKUPS_LOOKED_AT)} backups, by the built program`);
  await seedBackups(emulator, BACKUPS_LOOKED_AT);
  for (const look of LOOKS) {
    const { cpuSeconds, megabytes, firstLineSeconds } = await measureLook(emulator, look, BACKUPS_LOOKED_AT);
    say(
      `  ${look.join(' ').padEnd(28)} ${cpuSeconds.toFixed(1)} s of its own, ${megabytes.toFixed(0)} MB, first line after ${firstLineSeconds.toFixed(1)} s`,
    );
  }
} finally {
  await emulator.stop();
}

const PACED: readonly (PacedOptions & { readonly what: string })[] = [
  { what: '10,000, alone', creates: 10_000 },
  { what: '3,000, half of the bucket taken by another', creates: 3_000, rivalPerSecond: 2.5 },
  { what: '3,000, the bucket empty at first', creates: 3_000, tokensAtFirst: 0 },
];

say("Snapshots against AWS's bucket for CreateSnapshot, in emulated time");
for (const { what, ...options } of PACED) {
  const { seconds, bound, refused, failed, used, slowestReadMs } = await measurePacedCreates(options);
  say(
    `  ${what.padEnd(44)} ${(seconds / bound).toFixed(3)} of the least time (${seconds.toFixed(0)} of ${bound.toFixed(0)} s), ` +
      `${(100 * refused).toFixed(2)} % refused, ${String(failed)} failed, ${(100 * used).toFixed(1)} % of the bucket used, slowest read ${slowestReadMs.toFixed(0)} ms`,
  );
}

say('Cold import of a function with its layer (code that is loaded, median of seven starts)');
for (const { name, kilobytes, milliseconds } of await measureColdImports()) {
  say(`  ${name.padEnd(28)} ${String(kilobytes)} KB, ${String(milliseconds)} ms`);
}
