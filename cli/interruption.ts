import { EXIT } from './exit-code.js';

/** Whether somebody has asked the process to stop. */
export interface Interruption {
  /** Aborts pauses. */
  readonly signal: AbortSignal;
  isInterrupted(): boolean;
  /** Stops listening. */
  end(): void;
}

/** What signals come from. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * The first SIGINT or SIGTERM asks for a clean stop: the run finishes what is in progress and starts nothing new. The
 * second ends the process at once.
 */
export function watchSignals(source: SignalSource, onFirst: () => void): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) source.exit(EXIT.interrupted);
    controller.abort();
    onFirst();
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    isInterrupted: () => controller.signal.aborted,
    end: () => {
      source.off('SIGINT', onSignal);
      source.off('SIGTERM', onSignal);
    },
  };
}
