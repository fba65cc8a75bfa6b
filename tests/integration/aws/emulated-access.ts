import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { openAwsAccess } from '../../../layers/engine/src/aws/access.js';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { LOG_LINES } from '../../../layers/engine/src/domain/telling/catalogue.js';
import type { LogCode } from '../../../layers/engine/src/domain/telling/catalogue.js';
import { AccountId, Region } from '../../../layers/engine/src/domain/values.js';
import type { Log } from '../../../layers/engine/src/ports.js';

export const ACCOUNT = AccountId.parse('111111111111');
export const OTHER_ACCOUNT = AccountId.parse('222222222222');
export const HOME_REGION = Region.parse('eu-west-1');
export const DR_REGION = Region.parse('eu-central-1');

/** Starts an emulator, points this process at it, and opens access to it as the product does. */
export async function startEmulatedAccess(): Promise<{ readonly emulator: Emulator; readonly access: AwsAccess }> {
  const emulator = await startEmulator({ account: ACCOUNT, region: HOME_REGION });
  Object.assign(process.env, emulator.environment());
  return { emulator, access: await openAwsAccess({ region: HOME_REGION, clock: systemClock }) };
}

export interface KeptLog extends Log {
  readonly lines: readonly {
    readonly level: string;
    readonly code: LogCode;
    readonly message: string;
    readonly data: unknown;
  }[];
}

/** A log that keeps its lines, and takes only those that are as the catalogue says. */
export function keptLog(): KeptLog {
  const lines: { level: string; code: LogCode; message: string; data: unknown }[] = [];
  const at = (level: string) => (code: LogCode, message: string, data?: unknown) => {
    const said = LOG_LINES.find((line) => line.code === code && line.level === level);
    if (said === undefined) throw new Error(`${code} is not in the catalogue at level ${level}.`);
    said.data.parse(data ?? {});
    lines.push({ level, code, message, data });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
