import { resolveResourceConfig as resolve } from '../../../../../layers/engine/src/domain/config/config.js';
import type { ResourceConfig, RunConfig } from '../../../../../layers/engine/src/domain/config/config.js';
import { remember } from '../../../../../layers/engine/src/domain/remember.js';

export * from '../../../../../layers/engine/src/domain/config/config.js';

type Resolve = typeof resolve;

/** Runs with the same settings have the same configuration: see `configOf`. */
const byRun = new WeakMap<RunConfig, Resolve>();

export function resolveResourceConfig(...[run, ...given]: Parameters<Resolve>): ResourceConfig {
  const known =
    byRun.get(run) ??
    remember(resolve, (_, tags, limit) =>
      // Other tags are none of its business.
      JSON.stringify([Object.entries(tags).filter(([key]) => key.includes(':config:')), limit]),
    );
  byRun.set(run, known);
  return known(run, ...given);
}
