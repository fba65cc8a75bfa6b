import type { Clock } from '@shelvery/engine/terminal';

/** Calls `tick` again and again, with a pause before each time, while work goes on; gives what the work gives. */
export async function withTicks<T>(
  clock: Pick<Clock, 'sleep'>,
  milliseconds: number,
  tick: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const ticking = async (): Promise<void> => {
    for (;;) {
      try {
        await clock.sleep(milliseconds, over.signal);
      } catch (error) {
        if (over.signal.aborted) return;
        throw error;
      }
      if (over.signal.aborted) return;
      tick();
    }
  };
  const ended = ticking();
  try {
    return await work();
  } finally {
    over.abort();
    await ended;
  }
}
