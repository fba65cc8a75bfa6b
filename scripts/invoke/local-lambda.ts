/** One Lambda function on this machine: the built bundle with its layer, in AWS's runtime interface emulator. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { execPath } from 'node:process';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const runtimeClient = fileURLToPath(new URL('./runtime-client.mjs', import.meta.url));

/** What is run, and with what. */
export interface LocalLambdaOptions {
  /** AWS's runtime interface emulator. */
  readonly emulator: string;
  /** Folders of the built function and of its layer. */
  readonly code: string;
  readonly layer: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the logs go. */
  readonly log: Writable;
}

/** How an invocation ended: with the handler's answer, or as AWS describes a failure. */
export type Invoked =
  { readonly answer: unknown } | { readonly failure: { readonly errorType: string; readonly errorMessage: string } };

/** A function that stays warm until it is stopped. */
export interface LocalLambda {
  invoke(payload: unknown): Promise<Invoked>;
  stop(): Promise<void>;
}

const NotListening = z.object({ code: z.literal('ECONNREFUSED') });

/** Starts a function. */
export async function startLocalLambda({
  emulator,
  code,
  layer,
  environment,
  log,
}: LocalLambdaOptions): Promise<LocalLambda> {
  const folder = install(code, layer);
  const [address, runtimeApi] = [await freeAddress(), await freeAddress()];
  const args = [
    '--runtime-interface-emulator-address',
    address,
    '--runtime-api-address',
    runtimeApi,
    '--log-level',
    'error',
  ];
  const child = spawn(emulator, [...args, execPath, runtimeClient, `${folder}/index.mjs`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let over: string | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      over ??= reason;
      resolve();
    };
    child.on('error', (cause) => end(`${emulator} could not be started: ${cause.message}`));
    child.on('close', (status, signal) =>
      end(`The runtime interface emulator ended with ${signal ?? String(status)}.`),
    );
  });

  /** Asks again until the emulator listens. */
  async function reach(payload: string): Promise<string> {
    for (;;) {
      try {
        return await post(`http://${address}/2015-03-31/functions/function/invocations`, payload);
      } catch (error) {
        if (over !== undefined) throw new Error(over, { cause: error });
        if (!NotListening.safeParse(error).success) throw error;
        await setTimeout(20);
      }
    }
  }

  return {
    invoke: async (payload) => readAnswer(await reach(JSON.stringify(payload))),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Puts a function and its layer where Node finds the one from the other: Lambda finds ES modules of layers through
 * NODE_PATH, Node does not.
 */
function install(code: string, layer: string): string {
  const folder = mkdtempSync(`${tmpdir()}/shelvery-invoke-`);
  cpSync(code, folder, { recursive: true });
  mkdirSync(`${folder}/node_modules`);
  symlinkSync(`${layer}/nodejs/node_modules/@shelvery`, `${folder}/node_modules/@shelvery`);
  return folder;
}

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

/** Without the time limit that `fetch` has for answers: an invocation may take fifteen minutes. */
function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST' }, (response) => {
      text(response).then(resolve, reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

const Failure = z.object({ errorType: z.string(), errorMessage: z.string() });

function readAnswer(body: string): Invoked {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // What the emulator says itself (`Task timed out after 900.00 seconds`) is no JSON.
    return { failure: { errorType: 'Sandbox', errorMessage: body } };
  }
  const failure = Failure.safeParse(answer);
  return failure.success ? { failure: failure.data } : { answer };
}
