import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

import { readEndpoint } from '../../emulator/read-endpoint.js';
import { root } from '../../whole/sam/sam-cli.js';

const python = `${root}.venv/deployed/bin/python`;
const harness = `${root}tests/deployed/harness`;
const reports = `${root}reports/deployed`;

/** A call in botocore's names, such as `events` and `list_rules`. */
export interface Question {
  readonly service: string;
  readonly operation: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Whose things are looked at, and where. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

/** A running ministack: CloudFormation, Lambda, SQS, SNS, SSM, EventBridge and what else a stack is made of. */
export interface Ministack {
  readonly endpoint: string;
  /** For SDK clients in this process. */
  clientConfig(place: Place): {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly forcePathStyle: true;
  };
  /** For a child process. */
  environment(place: Place): Readonly<Record<string, string>>;
  /** Asks services for which the project has no SDK client; the answers are in the order of the questions. */
  ask(place: Place, questions: readonly Question[]): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

const Answers = z.array(z.unknown());

/**
 * Starts a ministack of its own, which ends with this process at the latest. What it says is in
 * `reports/deployed/ministack.log`.
 *
 * @param forFunctions environment of its functions, beside what Lambda sets
 */
export async function startMinistack(forFunctions: Readonly<Record<string, string>>): Promise<Ministack> {
  mkdirSync(reports, { recursive: true });
  const child = spawn(python, [`${harness}/ministack.py`, process.execPath, `${reports}/ministack.log`], {
    env: { ...machine(), ...forFunctions },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const endpoint = await readEndpoint(
    child,
    'ministack',
    'Is its Python environment set up: `node scripts/setup.mjs --deployed`?',
  );
  return {
    endpoint,
    clientConfig: ({ account, region }) => ({
      endpoint,
      region,
      // ministack takes an access key of twelve digits for that account's.
      credentials: { accessKeyId: account, secretAccessKey: 'any' },
      forcePathStyle: true,
    }),
    environment: ({ account, region }) => ({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
    async ask(place, questions) {
      const asked = { endpoint, ...place, questions: questions.map((question) => ({ parameters: {}, ...question })) };
      const asking = spawn(python, [`${harness}/ask.py`], { env: machine(), stdio: ['pipe', 'pipe', 'inherit'] });
      asking.stdin.end(JSON.stringify(asked));
      return Answers.parse(JSON.parse(await text(asking.stdout)));
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

/** This process's environment without what belongs to its user's AWS, to Python, and to jest's Node. */
function machine(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|MINISTACK|PYTHON|NODE_OPTIONS|SHELVERY|shelvery|POWERTOOLS|LAMBDA)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
