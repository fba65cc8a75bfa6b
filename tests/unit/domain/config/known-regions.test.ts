import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { KNOWN_REGIONS, aboutUnknownRegion } from '../../../../layers/engine/src/domain/config/known-regions.js';
import { partitionOf } from '../../../../layers/engine/src/domain/partition.js';
import { Region } from '../../../../layers/engine/src/domain/values.js';

/** The partitions that the SDK knows, each with its regions. The SDK exports none of it: its file is read. */
function partitionsOfSdk(): ReadonlyMap<string, readonly string[]> {
  const core = import.meta.resolve('@aws-sdk/core/package.json');
  const file = new URL('dist-es/submodules/client/util-endpoints/lib/aws/partitions.js', core);
  const json = readFileSync(file, 'utf8').replace(/^export const partitionsInfo = |;\s*$/g, '');
  const { partitions } = z
    .object({ partitions: z.array(z.object({ id: z.string(), regions: z.record(z.string(), z.unknown()) })) })
    .parse(JSON.parse(json));
  // What is for a whole partition, as of IAM, is no region: `aws-global`.
  return new Map(
    partitions.map(({ id, regions }) => [id, Object.keys(regions).filter((each) => !each.endsWith('-global'))]),
  );
}

describe('a region', () => {
  it('is known where the SDK knows it, and no other is: a new version of the SDK may have more', () => {
    expect([...KNOWN_REGIONS].sort()).toEqual([...partitionsOfSdk().values()].flat().sort());
  });

  it('is in the partition that the SDK has it in', () => {
    for (const [partition, regions] of partitionsOfSdk()) {
      expect(regions.length).toBeGreaterThan(0);
      for (const region of regions) expect([region, partitionOf(Region.parse(region))]).toEqual([region, partition]);
    }
  });

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
