import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { RestorePlan } from '@shelvery/engine/terminal';
import type { Emulator } from '../../emulator/emulator.js';

const PROGRAMS = join(import.meta.dirname, '../../../.venv/emulator/bin');

/** The AWS CLI, of the version that the emulator's environment pins, loaded once for all commands. */
export interface AwsCli {
  /** What a command needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The profile of an account, in the file of credentials that the server reads once. */
const profileOf = (account: string): string => `of-${account}`;

/**
 * Starts `aws_server.py`.
 *
 * @param accounts whose profiles there are.
 */
export async function startAwsCli(accounts: readonly string[] = []): Promise<AwsCli> {
  const folder = await mkdtemp(join(tmpdir(), 'aws-'));
  const credentials = join(folder, 'credentials');
  const profiles = accounts.map(
    (account) => `[${profileOf(account)}]\naws_access_key_id = ${account}\naws_secret_access_key = emulator\n`,
  );
  await writeFile(credentials, profiles.join('\n'));
  const files = { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: join(folder, 'config'), AWS_PAGER: '' };
  const child = spawn(join(PROGRAMS, 'python'), [join(import.meta.dirname, 'aws_server.py')], {
    env: { PATH: process.env['PATH'] ?? '', ...files },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [first] = z.tuple([z.instanceof(Buffer)]).parse(await once(child.stdout, 'data'));
  return {
    environment: { ...files, AWS_SERVER: first.toString().trim() },
    async stop() {
      const end = once(child, 'close');
      child.stdin.end();
      await end;
      await rm(folder, { recursive: true });
    },
  };
}

/** How a script ended. */
interface ScriptEnd {
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
  const profiles = inputs.flatMap(({ name }) => /^PROFILE_(\d{12})$/.exec(name)?.[1] ?? []);
  const child = spawn('sh', ['-s'], {
    env: {
      PATH: `${join(import.meta.dirname, 'bin')}:${process.env['PATH'] ?? ''}`,
      ...emulator.credentials(account),
      ...aws.environment,
      ...Object.fromEntries(profiles.map((id) => [`PROFILE_${id}`, profileOf(id)])),
      ...answers,
    },
  });
  child.stdin.end(script);
  const [stderr] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'close')]);
  return { code: child.exitCode, stderr };
}

/** Checks CloudFormation templates by cfn-lint; what it says of them, nothing where all is well. */
export async function lintTemplates(templates: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'templates-'));
  try {
    const files = Object.entries(templates).map(([name, template]) => ({
      path: join(folder, `${name}.yaml`),
      template,
    }));
    for (const { path, template } of files) await writeFile(path, template);
    const child = spawn(
      join(PROGRAMS, 'python'),
      [
        join(PROGRAMS, 'cfn-lint'), // Zones and versions are those of what is restored.
        '--ignore-checks',
        'W3010',
        'W3690',
        '--regions',
        'eu-west-1',
        '--',
        ...files.map(({ path }) => path),
      ],
      {
        env: { PATH: process.env['PATH'] ?? '' },
      },
    );
    child.stdin.end();
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return stdout + stderr;
  } finally {
    await rm(folder, { recursive: true });
  }
}
