import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { RunConfig } from '../../../layers/engine/src/domain/config/config.js';
import { remember } from '../../../layers/engine/src/domain/remember.js';

/**
 * What an installation's settings come to, with those of a payload over them. Each configuration is understood once: it
 * takes longer than all else that a short process does.
 */
export const configOf = remember(
  (
    environment: Readonly<Record<string, string>>,
    payload: Readonly<Record<string, unknown>> | undefined,
    inStack: boolean,
  ): RunConfig => resolveRunConfig({ environment, payload: payload ?? {}, inStack }),
  (...given) => JSON.stringify(given),
);
