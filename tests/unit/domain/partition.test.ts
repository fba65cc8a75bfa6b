import { expect, it } from '@jest/globals';
import { partitionOf } from '../../../layers/engine/src/domain/partition.js';
import { Region } from '../../../layers/engine/src/domain/values.js';

it.each([
  ['eu-west-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
])('%s is in the partition %s', (region, partition) => {
  expect(partitionOf(Region.parse(region))).toBe(partition);
});
