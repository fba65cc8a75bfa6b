import type { ShelveryError } from '../domain/errors.js';

/**
 * What work comes to, unless a time is over before: the work is left to itself then.
 *
 * @param patience aborted when nobody waits any longer: see `Clock.timeout`.
 * @throws what `tooLate` says, where the time is over first.
 */
export async function inTime<T>(work: Promise<T>, patience: AbortSignal, tooLate: () => ShelveryError): Promise<T> {
  const late = Promise.withResolvers<never>();
  const onAbort = (): void => {
    late.reject(tooLate());
  };
  patience.addEventListener('abort', onAbort);
  if (patience.aborted) onAbort();
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    patience.removeEventListener('abort', onAbort);
  }
}
