import type { Clock } from '../ports.js';

/** Pauses for so many milliseconds, or until its signal ends that. Returns whether the pause came to its end. */
export async function pause(
  clock: Pick<Clock, 'sleep'>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await clock.sleep(milliseconds, signal);
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}
