import { EXIT } from './exit-code.js';

/** Whether somebody has asked the process to stop. */
export interface Interruption {
  /** Ends what is waited for. */
  readonly signal: AbortSignal;
  isInterrupted(): boolean;
  /** Listens no more. */
  end(): void;
}

/** What signals come from. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * The first SIGINT or SIGTERM asks for a clean stop: nothing more is begun, what is under way is finished. The second
 * ends the process at once.
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
