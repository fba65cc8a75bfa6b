import { describe, expect, it } from '@jest/globals';
import { KNOWN_REGIONS, aboutUnknownRegion } from '../../../../layers/engine/src/domain/config/known-regions.js';
import { Region } from '../../../../layers/engine/src/domain/values.js';

describe('a region', () => {
  it.each(KNOWN_REGIONS.map((region) => [region]))('is known: %s', (region) => {
    expect(aboutUnknownRegion(Region.parse(region))).toBeUndefined();
  });

  it.each([
    ['eu-centrall-1', 'which is no region that this version knows (did you mean eu-central-1?)'],
    ['us-est-1', 'which is no region that this version knows (did you mean us-east-1?)'],
    ['moon-far-side-9', 'which is no region that this version knows'],
  ])('is not known: %s', (region, text) => {
    expect(aboutUnknownRegion(Region.parse(region))).toBe(text);
  });
});
