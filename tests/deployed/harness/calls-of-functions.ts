import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Emulator } from '../../emulator/emulator.js';
import { root } from '../../integration/sam/sam-cli.js';

/** Beside the function's name Powertools has its own version in the application's id. */
const APPLICATION = / app\/(\S+?)-PT-NO-OP-/;

/** By a function's name, such as `shelvery-ebs`: the calls that it made, as `ec2:CopySnapshot`, each once and sorted. */
export type CallsOfFunctions = Readonly<Record<string, readonly string[]>>;

/** What each deployed function has called so far, by the emulator's log; a call is named by the service that it was signed for. */
export async function callsOfFunctions(emulator: Emulator): Promise<CallsOfFunctions> {
  const found = new Map<string, Set<string>>();
  for (const { userAgent, service, action } of await emulator.calls()) {
    const [, name] = APPLICATION.exec(userAgent) ?? [];
    if (name === undefined) continue;
    const calls = found.get(name) ?? new Set<string>();
    found.set(name, calls.add(`${service}:${action}`));
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, calls]) => [name, [...calls].sort()]));
}

/** Leaves the calls in `reports/calls/deployed.json`, for whoever compares them with the functions' roles. */
export function reportCalls(calls: CallsOfFunctions): void {
  const file = `${root}reports/calls/deployed.json`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(calls, null, 2)}\n`);
}
