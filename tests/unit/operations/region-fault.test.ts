import { describe, expect, it } from '@jest/globals';
import { Region } from '../../../layers/engine/src/domain/values.js';
import { isOfNoRegion, toRegionError } from '../../../layers/engine/src/operations/region-fault.js';
import { DR } from '../domain/builders.js';

const NOWHERE = Region.parse('eu-centrall-1');
const fault = (code: string): Error => Object.assign(new Error(`getaddrinfo ${code} ec2.amazonaws.com`), { code });

describe('an error in a DR region', () => {
  it('is of no region where AWS has no host there and nobody knows it', () => {
    expect(isOfNoRegion(fault('ENOTFOUND'), NOWHERE)).toBe(true);
    expect(isOfNoRegion(fault('ENOTFOUND'), DR)).toBe(false);
    expect(isOfNoRegion(fault('EAI_AGAIN'), NOWHERE)).toBe(false);
  });

  it('is what it always is otherwise', () => {
    for (const [code, region] of [
      ['ENOTFOUND', DR],
      ['EAI_AGAIN', NOWHERE],
    ] as const) {
      expect(toRegionError(fault(code), region, 'listing')).toMatchObject({ code: 'AwsError', mendable: true });
    }
  });

  it('keeps what was thrown, and speaks of all backups where none are named', () => {
    const thrown = fault('ENOTFOUND');
    const error = toRegionError(thrown, NOWHERE, 'listing');
    expect(error.cause).toBe(thrown);
    expect(error.message).toContain('the tag dr_regions of the backups that were made with it, where');
  });

  it.each([
    [[], 'the backups that were made with it'],
    [['snap-1'], 'snap-1'],
    [['snap-1', 'snap-2', 'snap-3'], 'snap-1 and 2 more'],
  ])('says what to correct, also in tags: %j', (namedBy, backups) => {
    expect(toRegionError(fault('ENOTFOUND'), NOWHERE, 'listing', namedBy)).toMatchObject({
      code: 'ConfigurationError',
      mendable: false,
      message:
        'ENOTFOUND while listing: AWS has nothing in eu-centrall-1, which is no region that this version knows ' +
        `(did you mean eu-central-1?). Correct shelvery_dr_regions, and the tag dr_regions of ${backups}, where it stays.`,
    });
  });
});
