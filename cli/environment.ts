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

/**
 * What to say where a proxy is named and this Node does not obey it; nothing where it does. Page "HTTP" of Node.js,
 * "Built-in Proxy Support": from 22.21 and 24.5 on.
 *
 * @param nodeVersion as `process.versions.node` has it: `22.10.0`.
 */
export function ignoredProxy(
  environment: Readonly<Record<string, string | undefined>>,
  nodeVersion: string,
): string | undefined {
  const named = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => isSet(environment[name]));
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const obeys = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  return named === undefined || obeys
    ? undefined
    : `${named} is set, but Node.js ${nodeVersion} does not use it: run Shelvery with Node.js 22.21, 24.5 or newer.`;
}
