import { afterAll, beforeAll, beforeEach, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { runShelvery } from './shelvery.js';
import type { Ended } from './shelvery.js';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';

/** The built program beside an emulator of its own. */
export interface EmulatedProgram {
  readonly emulator: () => Emulator;
  /** Runs the program to its end, in the account and region of the emulator. */
  readonly shelvery: (...args: string[]) => Promise<Ended>;
  /** Has EC2 refuse every call of an action, for lack of a permission. */
  readonly refuse: (action: string) => Promise<number>;
}

/** Gives the tests of a file an emulator, empty before each of them. @param always words that end every command. */
export function useEmulatedProgram(...always: readonly string[]): EmulatedProgram {
  // Each test starts processes, on a machine that may be busy.
  jest.setTimeout(60_000);
  let started: Emulator;
  beforeAll(async () => {
    started = await startEmulator({ account: ACCOUNT, region: REGION });
  });
  afterAll(() => started.stop());
  beforeEach(() => started.reset());
  return {
    emulator: () => started,
    shelvery: (...args) => runShelvery([...args, ...always], { environment: started.environment() }),
    refuse: (action) =>
      started.addFault({ kind: 'refuse', action, code: 'UnauthorizedOperation', status: 403, times: 'always' }),
  };
}

/** A schema that is published in docs/. */
export function publishedSchema(file: string): z.ZodType {
  const text = readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');
  return z.fromJSONSchema(z.record(z.string(), z.json()).parse(JSON.parse(text)));
}
