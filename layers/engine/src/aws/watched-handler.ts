import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import type { ClockCorrection } from '../ports.js';

/** What the SDK's clients take to send requests with: a handler, or the options of one. */
export type HandlerChoice = Handler | NodeHttpHandlerOptions;
type Handler = Exclude<ReturnType<typeof NodeHttpHandler.create>, NodeHttpHandler>;

/** Sends requests as the given handler does, and lets a clock learn AWS's time from every answer, errors as well. */
export function watchedHandler(choice: HandlerChoice, correction: ClockCorrection | undefined): HandlerChoice {
  if (correction === undefined) return choice;
  const inner = NodeHttpHandler.create(choice);
  return {
    metadata: inner.metadata ?? { handlerProtocol: 'http/1.1' },
    async handle(request, options) {
      const answered = correction.asking();
      const answer = await inner.handle(request, options);
      const { date, age } = answer.response.headers;
      // What a cache kept has an old date.
      if (age === undefined) answered(date);
      return answer;
    },
    // Extensions of the SDK would change the handler's options by these; there are none.
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => inner.destroy?.(),
  };
}
