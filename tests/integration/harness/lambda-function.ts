import { createHandler } from '@shelvery/engine/lambda';
import { ADAPTERS } from '../../../cli/adapters.js';
import { environmentOf, lambdaContext, useProcess } from './installation.js';
import type { Installation, Invocation } from './installation.js';

/** A function that stays warm between its invocations; it resolves to its answer, or throws. */
export type WarmFunction = (event: unknown, invocation?: Invocation) => Promise<unknown>;

/** Puts the product on Lambda, with its configuration in the environment. */
export function lambdaFunction(installation: Installation): WarmFunction {
  useProcess(installation);
  const handler = createHandler(installation.type, ADAPTERS[installation.type], {
    environment: environmentOf(installation),
    clock: installation.clock,
  });
  return async (event, invocation = {}) => await handler(event, lambdaContext(installation, invocation));
}
