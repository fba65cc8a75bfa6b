import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { RestorePlan } from '@shelvery/engine';
import type { Emulator } from '../../emulator/emulator.js';

const PROGRAMS = join(import.meta.dirname, '../../../.venv/emulator/bin');

/** The AWS CLI, of the version that the emulator's environment pins, loaded once for all commands. */
export interface AwsCli {
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts `aws_server.py`. */
export async function startAwsCli(): Promise<AwsCli> {
  const child = spawn(join(PROGRAMS, 'python'), [join(import.meta.dirname, 'aws_server.py')], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [first] = z.tuple([z.instanceof(Buffer)]).parse(await once(child.stdout, 'data'));
  return {
    socket: first.toString().trim(),
    async stop() {
      const end = once(child, 'close');
      child.stdin.end();
      await end;
    },
  };
}

/** How a script ended. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * Runs what restore_plan wrote as somebody would who saved it: in a shell, with the AWS CLI on the path, and what is to be
 * filled in set in the environment.
 *
 * @param account whose credentials there are; the profiles of other accounts are there, too.
 */
export async function runScript(
  { emulator, aws }: { readonly emulator: Emulator; readonly aws: AwsCli },
  { text: script, inputs }: Pick<RestorePlan, 'text' | 'inputs'>,
  account: string,
  answers: Readonly<Record<string, string>>,
): Promise<ScriptEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'restore-'));
  try {
    await writeFile(join(folder, 'restore.sh'), script);
    const profiles = inputs.flatMap(({ name }) => /^PROFILE_(\d{12})$/.exec(name)?.[1] ?? []);
    const lines = profiles.map((id) => `[of-${id}]\naws_access_key_id = ${id}\naws_secret_access_key = emulator\n`);
    await writeFile(join(folder, 'credentials'), lines.join('\n'));
    // Credentials in the environment would go before a profile only where none is named.
    const child = spawn('sh', [join(folder, 'restore.sh')], {
      env: {
        PATH: `${join(import.meta.dirname, 'bin')}:${process.env['PATH'] ?? ''}`,
        AWS_SERVER: aws.socket,
        ...emulator.credentials(account),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
        AWS_CONFIG_FILE: join(folder, 'config'),
        AWS_PAGER: '',
        ...Object.fromEntries(profiles.map((id) => [`PROFILE_${id}`, `of-${id}`])),
        ...answers,
      },
    });
    child.stdin.end();
    const [stderr] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'close')]);
    return { code: child.exitCode, stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}
