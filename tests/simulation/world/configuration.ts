import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { RunConfig } from '../../../layers/engine/src/domain/config/config.js';

/** Each configuration is understood once: it takes longer than all else that a short process does. */
const understood = new Map<string, RunConfig>();

/** What an installation's settings come to, with those of a payload over them. */
export function configOf(
  environment: Readonly<Record<string, string>>,
  payload: Readonly<Record<string, unknown>> | undefined,
  inStack: boolean,
): RunConfig {
  const key = JSON.stringify([environment, payload, inStack]);
  const known = understood.get(key) ?? resolveRunConfig({ environment, payload: payload ?? {}, inStack });
  understood.set(key, known);
  return known;
}
