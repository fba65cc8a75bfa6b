import { STSClient } from '@aws-sdk/client-sts';
import { Region, ShelveryError } from '@shelvery/engine/terminal';
import { isSet } from './environment.js';

/**
 * The local region: `--region`, else AWS_REGION, AWS_DEFAULT_REGION (boto3's name, which the SDK does not read), else
 * the profile's.
 *
 * @throws ShelveryError `UsageError` where none is named, or what is named is no region.
 */
export async function resolveRegion(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Region> {
  const sources: readonly (readonly [string, string | undefined])[] = [
    ['--region', option],
    ['AWS_REGION', environment['AWS_REGION']],
    ['AWS_DEFAULT_REGION', environment['AWS_DEFAULT_REGION']],
  ];
  for (const [source, value] of sources)
    if (value !== undefined && (source === '--region' || isSet(value))) return parseRegion(source, value);
  const profile = environment['AWS_PROFILE'];
  return parseRegion(
    isSet(profile) ? `the region of the profile ${profile}` : 'the region of the default profile',
    await regionOfProfile(),
  );
}

function parseRegion(source: string, value: string): Region {
  const region = Region.safeParse(value.trim());
  if (region.success) return region.data;
  throw new ShelveryError(
    'UsageError',
    `${source} is ${JSON.stringify(value)}; allowed: a region code such as eu-west-1.`,
  );
}

async function regionOfProfile(): Promise<string> {
  try {
    return await new STSClient({}).config.region();
  } catch (error) {
    throw new ShelveryError(
      'UsageError',
      'No region is set: use --region, or set AWS_REGION, AWS_DEFAULT_REGION, or a region in the profile (AWS_PROFILE).',
      {
        cause: error,
      },
    );
  }
}
