import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { NOT_CALLED_IN_LAMBDA, UNUSED_PERMISSIONS } from '../../iam/exceptions.js';
import { operationsInCode } from '../../iam/operations.js';
import { HOME, SOURCE } from '../../integration/harness/copy-estate.js';
import { playAll, playDataBuckets } from './plays.js';
import type { DeployedFunction } from './stack.js';

const FUNCTIONS = [...BACKUP_TYPES, 'data-buckets'] as const;
/** Plays of all that a function does in its stacks: some hundred calls on a machine that may be busy. */
const PLAY_MS = 60_000;

let emulator: Emulator;
const played = new Map<string, readonly DeployedFunction[]>();
beforeAll(async () => {
  emulator = await startEmulator({ account: SOURCE, region: HOME });
  for (const name of FUNCTIONS)
    played.set(name, name === 'data-buckets' ? await playDataBuckets(emulator) : await playAll(emulator, name));
}, FUNCTIONS.length * PLAY_MS);
afterAll(() => emulator.stop());

const playedBy = (name: string): readonly DeployedFunction[] => played.get(name) ?? [];

describe.each(FUNCTIONS)('the role of the function for %s', (name) => {
  it('allows everything that the function does', () => {
    expect(new Set(playedBy(name).flatMap((deployed) => deployed.denied()))).toEqual(new Set());
  });

  it('allows nothing that the function does not do, but what is excepted with a reason', () => {
    const used = new Set(playedBy(name).flatMap((deployed) => deployed.used()));
    const allowed = playedBy(name).flatMap((deployed) => deployed.allowed());
    expect(used.size).toBeGreaterThan(10);
    expect(new Set(allowed.filter((each) => !used.has(each)))).toEqual(
      new Set(Object.keys(UNUSED_PERMISSIONS[name] ?? {})),
    );
  });
});

describe('the proof', () => {
  it('has played every operation that is in the code', () => {
    const called = new Set([...played.values()].flat().flatMap((deployed) => [...deployed.operations()]));
    expect(operationsInCode().length).toBeGreaterThan(50);
    expect(operationsInCode().filter((operation) => !called.has(operation))).toEqual(Object.keys(NOT_CALLED_IN_LAMBDA));
  });
});
