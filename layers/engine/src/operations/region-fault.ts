import { aboutUnknownRegion } from '../domain/config/known-regions.js';
import { ShelveryError } from '../domain/errors.js';
import type { Region } from '../domain/values.js';
import { faultName, toShelveryError } from '../domain/telling/faults.js';
import { someNamed } from '../domain/telling/some-named.js';

/** Of a name that DNS does not have. A name server that does not answer has another code. */
const NO_SUCH_HOST = 'ENOTFOUND';

/** Whether an error means that there is no such region: AWS has no host there, and this version does not know it either. */
export function isOfNoRegion(error: unknown, region: Region): boolean {
  return faultName(error) === NO_SUCH_HOST && aboutUnknownRegion(region) !== undefined;
}

/**
 * The error of a call in a DR region, as `toShelveryError` has it. Where there is no such region it is the configuration's,
 * and no repeat mends it.
 *
 * @param namedBy ids of backups whose tag names the region.
 */
export function toRegionError(
  error: unknown,
  region: Region,
  doing: string,
  namedBy: readonly string[] = [],
): ShelveryError {
  const unknown = aboutUnknownRegion(region);
  if (unknown === undefined || !isOfNoRegion(error, region)) return toShelveryError(error, doing);
  const backups = namedBy.length === 0 ? 'the backups that were made with it' : someNamed(namedBy, 1);
  return new ShelveryError(
    'ConfigurationError',
    `${NO_SUCH_HOST} while ${doing}: AWS has nothing in ${region}, ${unknown}. ` +
      `Correct shelvery_dr_regions, and the tag dr_regions of ${backups}, where it stays.`,
    { cause: error },
  );
}
