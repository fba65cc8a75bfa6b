import { expect } from '@jest/globals';

import type { Emulator } from './emulator.js';

/**
 * Fails the test that made an illegal call, rather than the end of the file.
 *
 * @example afterEach(() => expectNoViolations(emulator));
 */
export async function expectNoViolations(emulator: Emulator): Promise<void> {
  expect(await emulator.takeViolations()).toEqual([]);
}
