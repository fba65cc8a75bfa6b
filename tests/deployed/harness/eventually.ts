import { setTimeout } from 'node:timers/promises';

const LOOK_EVERY_MS = 250;

/**
 * Looks again and again until what is looked at is as it should be; what was wrong with the last look is thrown when
 * that took too long.
 *
 * @param look throws as long as it is not
 */
export async function eventually<T>(
  look: () => Promise<T>,
  { within = 90_000, every = LOOK_EVERY_MS } = {},
): Promise<T> {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await setTimeout(every);
  }
}
