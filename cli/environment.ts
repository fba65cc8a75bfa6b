/**
 * Sets what the SDK reads from the environment, before its first client is made: `AWS_DEFAULT_PROFILE` is boto3's name
 * for the profile, and the SDK knows `AWS_PROFILE` alone.
 */
export function prepareEnvironment(environment: Record<string, string | undefined>): void {
  const profile = environment['AWS_DEFAULT_PROFILE'];
  if (isSet(profile) && !isSet(environment['AWS_PROFILE'])) environment['AWS_PROFILE'] = profile;
}

/** Makes the SDK take the profile of `--profile`, before its first client is made. */
export function useProfile(environment: Record<string, string | undefined>, profile: string | undefined): void {
  if (profile !== undefined) environment['AWS_PROFILE'] = profile;
}

/** Whether a variable has a value; an empty one counts as not set. */
export function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
