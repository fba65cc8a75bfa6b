/**
 * npm run invoke -- <function> <event.json> [--env KEY=VALUE]…: a built function with its layer, invoked on this
 * machine without Docker.
 */
import process, { env, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { CannotInvoke, findFunction, findRuntimeEmulator, lambdaEnvironment, readEvent } from './built-function.js';
import { startLocalLambda } from './local-lambda.js';
import type { Invoked, LocalLambda } from './local-lambda.js';
import { startSurroundings } from './surroundings.js';
import type { Surroundings } from './surroundings.js';

const USAGE = `Usage: npm run invoke -- <function> <event.json> [--env KEY=VALUE]…

Invokes a built function with an event, with the credentials and the region of the environment. Its answer goes to stdout, its logs to
stderr. What it would have further invocations of itself do is done here, one after the other.

  --env KEY=VALUE   sets a variable of the function, such as shelvery_dr_regions=eu-central-1

Exit code: 0 OK; 3 when a part of it failed; 1 when it failed; 2 when it could not be invoked.
`;

interface Asked {
  readonly name: string;
  readonly eventFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

function readArguments(args: readonly string[]): Asked | 'help' {
  const { values, positionals } = parse(args);
  if (values.help === true) return 'help';
  const [name, eventFile] = positionals;
  if (name === undefined || eventFile === undefined || positionals.length > 2) throw new CannotInvoke(USAGE);
  const environment: Record<string, string> = {};
  for (const pair of values.env ?? []) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined)
      throw new CannotInvoke(`--env takes KEY=VALUE, and ${JSON.stringify(pair)} is not one.`);
    environment[key] = value;
  }
  return { name, eventFile, environment };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { env: { type: 'string', multiple: true }, help: { type: 'boolean' } },
    });
  } catch (error) {
    throw new CannotInvoke(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
  }
}

const Answer = z.object({
  /** Of a run's report. */
  status: z.string().optional(),
  /** Of a batch. */
  batchItemFailures: z.array(z.unknown()).optional(),
  /** To CloudFormation. */
  Status: z.string().optional(),
});

/** The exit code of one invocation. */
function judge(invoked: Invoked): number {
  if ('failure' in invoked) return 1;
  const { status, batchItemFailures = [], Status } = Answer.safeParse(invoked.answer).data ?? {};
  if (status === 'FAILED' || Status === 'FAILED' || batchItemFailures.length > 0) return 1;
  return status === 'PARTIAL' ? 3 : 0;
}

/** Invokes the function with the event, and then with whatever it invoked itself with. */
async function invokeToTheEnd(lambda: LocalLambda, surroundings: Surroundings, event: unknown): Promise<number> {
  const first = await lambda.invoke(surroundings.place(event));
  const [toCloudFormation] = surroundings.takeAnswers();
  const shown = 'answer' in first && toCloudFormation !== undefined ? { answer: toCloudFormation } : first;
  stdout.write(`${JSON.stringify('failure' in shown ? shown.failure : shown.answer, null, 2)}\n`);
  let exitCode = judge(shown);
  for (let waiting = surroundings.takeInvocations(); waiting.length > 0; waiting = surroundings.takeInvocations()) {
    for (const payload of waiting) {
      stderr.write(`The function invoked itself: ${JSON.stringify(payload)}\n`);
      const next = await lambda.invoke(payload);
      if ('failure' in next) stderr.write(`${next.failure.errorType}: ${next.failure.errorMessage}\n`);
      if (judge(next) !== 0) exitCode ||= 1;
    }
  }
  return exitCode;
}

async function main(): Promise<number> {
  const asked = readArguments(process.argv.slice(2));
  if (asked === 'help') {
    stdout.write(USAGE);
    return 0;
  }
  const built = findFunction(asked.name);
  const event = readEvent(asked.eventFile);
  const emulator = findRuntimeEmulator();
  const surroundings = await startSurroundings();
  try {
    const environment = lambdaEnvironment(built.name, { ...env, ...surroundings.environment, ...asked.environment });
    const lambda = await startLocalLambda({ ...built, emulator, environment, log: stderr });
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => void lambda.stop().finally(() => process.exit(130)));
    try {
      return await invokeToTheEnd(lambda, surroundings, event);
    } finally {
      await lambda.stop();
    }
  } finally {
    await surroundings.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotInvoke)) throw error;
  stderr.write(`${error.message.trimEnd()}\n`);
  process.exitCode = 2;
}
