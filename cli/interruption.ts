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
 *
 * @param onSecond what has to be done before the process ends at once: nothing else is.
 */
export function watchSignals(
  source: SignalSource,
  onFirst: () => void,
  onSecond: () => void = () => undefined,
): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      onSecond();
      source.exit(EXIT.interrupted);
    }
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

/** What makes a terminal show its cursor. Live progress hides that, and shows it again only when it comes to its end. */
const SHOW_CURSOR = '\u001B[?25h';

/**
 * What gives a terminal its cursor back. It is to be asked for before live progress begins, which keeps to itself until its
 * end what others write meanwhile.
 */
export function cursorOf(stderr: { readonly isTTY?: boolean; write(text: string): unknown }): () => void {
  const write = stderr.write.bind(stderr);
  return () => {
    if (stderr.isTTY === true) write(SHOW_CURSOR);
  };
}
