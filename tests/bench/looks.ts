import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Emulator } from '../emulator/emulator.js';

/** The program as `npm run build` makes it. */
const PROGRAM = join(import.meta.dirname, '../../dist/cli/shelvery.mjs');
/** Run in the program's own process: what it has used is written where nothing else is. */
const USAGE = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`,
)}`;

/** Looks at an estate, from a terminal. */
export const LOOKS = [
  ['ebs', 'list_backups'],
  ['ebs', 'status'],
  ['ebs', 'clean_backups', '--dry-run'],
] as const;

/** What one look cost. */
export interface MeasuredLook {
  /** Processor time of the program itself, in seconds. */
  readonly cpuSeconds: number;
  /** The most memory that it had at a time, in MB. */
  readonly megabytes: number;
  /** From its start to the first line of its answer, in seconds. */
  readonly firstLineSeconds: number;
}

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
export async function measureLook(emulator: Emulator, args: readonly string[], backups: number): Promise<MeasuredLook> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', USAGE, PROGRAM, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...emulator.environment() },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const [, stdout, , usagePipe] = z
    .tuple([z.unknown(), Stream, z.unknown(), Stream])
    .rest(z.unknown())
    .parse(child.stdio);
  let firstLine = 0;
  let lines = 0;
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    firstLine ||= performance.now();
    lines += chunk.split('\n').length - 1;
  });
  const [usage] = await Promise.all([text(usagePipe), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${String(child.exitCode)}`);
  const { userCPUTime, systemCPUTime, maxRSS } = Usage.parse(JSON.parse(usage));
  if (lines < backups && args[1] !== 'status') throw new Error(`${args.join(' ')} has only ${String(lines)} lines`);
  return {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    megabytes: maxRSS / 1024,
    firstLineSeconds: (firstLine - began) / 1000,
  };
}

const Stream = z.instanceof(Readable);

/** Microseconds, and kilobytes (page "Process" of Node.js, `process.resourceUsage`). */
const Usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });
