import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emulator } from '../../emulator/emulator.js';
import { PROGRAM } from '../cli/shelvery.js';

const AWS_CLI = join(import.meta.dirname, '../../../.venv/emulator/bin/aws');
const DONE = '@@ the step is done';
const FAILED = '@@ exit code ';

/** What a step did. */
export interface StepEnd {
  readonly printed: string;
  /** Of commands that did not end with 0. */
  readonly exitCodes: readonly number[];
}

/** A shell in which steps of a guide are run, one after the other, as its reader would. */
export interface Shell {
  run(commands: string): Promise<StepEnd>;
  end(): Promise<void>;
}

/**
 * A bash with `shelvery` and AWS's own `aws` on its path, and a home in which each name of `profiles` is a profile of
 * the account that it names. The shell knows nothing of the machine's user.
 */
export async function openShell(emulator: Emulator, profiles: Readonly<Record<string, string>>): Promise<Shell> {
  const home = await mkdtemp(join(tmpdir(), 'guide-'));
  const bin = join(home, 'bin');
  await mkdir(bin);
  const command = async (name: string, words: readonly string[]): Promise<void> => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  };
  await command('shelvery', [process.execPath, PROGRAM]);
  // By an option, as some services are called at AWS's own address whatever the environment says.
  await command('aws', [AWS_CLI, '--endpoint-url', emulator.endpoint]);
  const sections = Object.entries(profiles).map(
    ([name, account]) =>
      `[profile ${name}]\naws_access_key_id = ${account}\naws_secret_access_key = emulator\nregion = ${emulator.region}\n`,
  );
  await writeFile(join(home, 'config'), sections.join('\n'));

  const shell = spawn('bash', ['--noprofile', '--norc'], {
    cwd: home,
    env: {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      LC_ALL: 'C.UTF-8',
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    },
  });
  const ended = once(shell, 'close');
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  shell.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  shell.stdin.write(`trap 'echo "${FAILED}$?"' ERR\n`);

  return {
    async run(commands) {
      output = '';
      shell.stdin.write(`{\n${commands}\n} </dev/null 2>&1\necho '${DONE}'\n`);
      while (!output.includes(DONE)) {
        const over = await Promise.race([once(shell.stdout, 'data').then(() => false), ended.then(() => true)]);
        if (over) throw new Error(`The shell ended: ${output}`);
      }
      const lines = output.split('\n').filter((line) => line !== DONE);
      return {
        printed: lines.filter((line) => !line.startsWith(FAILED)).join('\n'),
        exitCodes: lines.filter((line) => line.startsWith(FAILED)).map((line) => Number(line.slice(FAILED.length))),
      };
    },
    async end() {
      shell.stdin.end();
      await ended;
      await rm(home, { recursive: true });
    },
  };
}
