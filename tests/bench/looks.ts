import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Emulator } from '../emulator/emulator.js';
import { USAGE, measureRun } from './measured-run.js';
import type { MeasuredRun, Program } from './measured-run.js';
import { seedDailyBackups } from './seed-backups.js';

/** The program as `npm run build` makes it. */
const PROGRAM = join(import.meta.dirname, '../../dist/cli/shelvery.mjs');
/** Looks at an estate, from a terminal. */
export const LOOKS = [
  ['ebs', 'list_backups'],
  ['ebs', 'status'],
  ['ebs', 'clean_backups', '--dry-run'],
] as const;

const BACKUPS_OF_A_VOLUME = 20;

/** Seeds so many backups of marked volumes, twenty of each, all with their metadata file. */
export async function seedBackups(emulator: Emulator, backups: number): Promise<void> {
  await emulator.reset();
  const { account, region } = emulator;
  const ids = Array.from(
    { length: Math.ceil(backups / BACKUPS_OF_A_VOLUME) },
    (_, index) => `vol-${index.toString(16).padStart(17, '0')}`,
  );
  await emulator.seedVolumes(
    ids.map((id) => ({ id, tags: { Name: `data-${id.slice(-4)}`, 'shelvery:create_backup': 'true' } })),
  );
  const s3 = new S3Client(emulator.clientConfig());
  await s3.send(
    new CreateBucketCommand({
      Bucket: `shelvery.data.${account}-${region}.base2tools`,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  s3.destroy();
  await seedDailyBackups(emulator, {
    volumeIds: ids,
    days: Array.from({ length: BACKUPS_OF_A_VOLUME }, (_, day) => day),
    nameOf: (volumeId) => `data-${volumeId.slice(-4)}-000000`,
    describe: (volumeId) => `Made by Shelvery: daily backup of ${volumeId}`,
  });
}

/** Runs one look at so many backups to its end, in a pipe. */
export async function measureLook(emulator: Emulator, args: readonly string[], backups: number): Promise<MeasuredRun> {
  const run = await measureRun(shelvery(args, emulator.environment()));
  if (run.lines < backups && args[1] !== 'status') {
    throw new Error(`${args.join(' ')} has only ${String(run.lines)} lines`);
  }
  return run;
}

/** The built program. @param imported by it before it begins, beside what tells its usage. */
export function shelvery(
  args: readonly string[],
  environment: Program['environment'],
  imported: readonly string[] = [],
): Program {
  const imports = [USAGE, ...imported].flatMap((module) => ['--import', module]);
  return { command: process.execPath, args: [...imports, PROGRAM, ...args], environment };
}
