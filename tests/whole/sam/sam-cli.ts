import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
/** A file of the Python environment that the SAM CLI is installed in. */
export const inSamEnvironment = (name: string): string => `${root}.venv/sam/bin/${name}`;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with nothing of this process's AWS settings but what is given. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:AWS_|NODE_OPTIONS$)/.test(name));
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: {
      ...Object.fromEntries(own),
      SAM_CLI_TELEMETRY: '0',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (stdout += data));
  child.stderr.setEncoding('utf8').on('data', (data: string) => (stderr += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
