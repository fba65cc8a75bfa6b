import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Emulator } from '../emulator/emulator.js';
import { USAGE, measureRun } from './measured-run.js';
import type { MeasuredRun, Program } from './measured-run.js';

/** The program as `npm run build` makes it. */
const PROGRAM = join(import.meta.dirname, '../../dist/cli/shelvery.mjs');
/** Looks at an estate, from a terminal. */
export const LOOKS = [
  ['ebs', 'list_backups'],
  ['ebs', 'status'],
  ['ebs', 'clean_backups', '--dry-run'],
] as const;

const BACKUPS_OF_A_VOLUME = 20;
const NAMES_AT_ONCE = 1_000;

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
  const now = Date.now();
  const planned = ids.flatMap((volumeId) =>
    Array.from({ length: BACKUPS_OF_A_VOLUME }, (_, day) => {
      const at = new Date(now - day * 86_400_000).toISOString();
      const date = `${at.slice(0, 10)}-${at.slice(11, 13)}${at.slice(14, 16)}`;
      const name = `data-${volumeId.slice(-4)}-000000-${date}-daily`;
      return { volumeId, at, date, name };
    }),
  );
  await emulator.seedSnapshots(
    planned.map(({ volumeId, at, date, name }) => ({
      volumeId,
      startTime: at,
      description: `Made by Shelvery: daily backup of ${volumeId}`,
      tags: {
        Name: name,
        'shelvery:tag_name': 'shelvery',
        'shelvery:name': name,
        'shelvery:date_created': date,
        'shelvery:src_account': account,
        'shelvery:region': region,
        'shelvery:retention_type': 'daily',
        'shelvery:entity_id': volumeId,
        'shelvery:backup': 'true',
      },
    })),
  );
  const bucket = `shelvery.data.${account}-${region}.base2tools`;
  const s3 = new S3Client(emulator.clientConfig());
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  s3.destroy();
  for (let at = 0; at < planned.length; at += NAMES_AT_ONCE) {
    const some = planned.slice(at, at + NAMES_AT_ONCE);
    await emulator.seedObjects(
      bucket,
      Object.fromEntries(some.map(({ name }) => [`backups/ebs/${name}.yaml`, '{}\n'])),
    );
  }
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
