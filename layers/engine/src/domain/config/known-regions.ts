import type { Region } from '../values.js';
import { nearest } from './config.js';

/**
 * The regions that AWS had when this was written (the SDK's list of partitions). It opens others: a region that is not
 * here is never refused for that alone.
 */
export const KNOWN_REGIONS: readonly string[] = (
  'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ' +
  'ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 ' +
  'eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 ' +
  'me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 ' +
  'cn-northwest-1 eusc-de-east-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 ' +
  'us-isof-east-1 us-isof-south-1 us-gov-east-1 us-gov-west-1'
).split(' ');

/**
 * What is said of a region that this version does not know; nothing of the others.
 *
 * @example aboutUnknownRegion('eu-centrall-1') // 'which is no region that this version knows (did you mean eu-central-1?)'
 */
export function aboutUnknownRegion(region: Region): string | undefined {
  if (KNOWN_REGIONS.includes(region)) return undefined;
  const meant = nearest(region, KNOWN_REGIONS);
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  return `which is no region that this version knows${hint}`;
}
