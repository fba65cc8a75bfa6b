import { fromProcess } from '@aws-sdk/credential-provider-process';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { ShelveryError, isShelveryError, lacksCredentials, reworded } from '@shelvery/engine/terminal';
import { isSet } from './environment.js';

type Variables = Readonly<Record<string, string | undefined>>;
type Profile = Readonly<Record<string, string | undefined>>;

/** The profile that the SDK takes, and whether somebody named it. */
function nameOfProfile(environment: Variables): { readonly name: string; readonly isNamed: boolean } {
  const named = environment['AWS_PROFILE'];
  return isSet(named) ? { name: named, isNamed: true } : { name: 'default', isNamed: false };
}

/** The profiles of both files; what stands in the credentials file wins, as in the SDK. */
async function readProfiles(): Promise<ReadonlyMap<string, Profile>> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)].filter((name) => !name.includes('.'));
  return new Map(names.map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]));
}

/** What the user gave a profile's name by: `AWS_PROFILE` is set from the others, too. */
function namedBy(name: string, environment: Variables, option: string | undefined): string {
  if (option !== undefined) return '--profile';
  return environment['AWS_DEFAULT_PROFILE'] === name ? 'AWS_DEFAULT_PROFILE' : 'AWS_PROFILE';
}

/**
 * Throws where a profile is named that there is not: the SDK would go on without one, and ask for a region, or for
 * credentials, in other words.
 *
 * @param option what `--profile` was given, where it was.
 * @throws ShelveryError `UsageError`, which names the profiles that there are.
 */
export async function checkProfile(environment: Variables, option?: string): Promise<void> {
  const { name, isNamed } = nameOfProfile(environment);
  if (!isNamed) return;
  const profiles = await readProfiles();
  if (profiles.has(name)) return;
  const files = [
    environment['AWS_CONFIG_FILE'] ?? '~/.aws/config',
    environment['AWS_SHARED_CREDENTIALS_FILE'] ?? '~/.aws/credentials',
  ].join(' nor in ');
  const known =
    profiles.size === 0 ? 'These files have no profile.' : `There are: ${[...profiles.keys()].sort().join(', ')}.`;
  throw new ShelveryError(
    'UsageError',
    `${namedBy(name, environment, option)} is ${JSON.stringify(name)}, and there is no such profile in ${files}. ${known}`,
  );
}

/**
 * Says of missing or expired credentials what to do about them in the profile that is in use: to sign in, or what the
 * command said that was to give them. The SDK keeps the first apart from its profile, and the second to itself.
 */
export async function aboutProfile(error: unknown, environment: Variables): Promise<unknown> {
  if (!isShelveryError(error) || !lacksCredentials(error)) return error;
  const { name } = nameOfProfile(environment);
  const used = profilesUsedBy(name, await readProfiles());
  const signsIn = used.find(([, profile]) => isSet(profile['sso_session']) || isSet(profile['sso_start_url']));
  if (signsIn !== undefined) {
    return reworded(
      error,
      `The profile ${signsIn[0]} is not signed in, or its session has expired. Sign in: aws sso login --profile ${signsIn[0]}`,
    );
  }
  const asks = used.find(([, profile]) => isSet(profile['credential_process']));
  const why = asks === undefined ? undefined : await failureOfProcess(asks[0]);
  return why === undefined || asks === undefined
    ? error
    : reworded(error, `The credential_process of the profile ${asks[0]} gives no credentials: ${why}`);
}

/** The profile, and those that it has its credentials from (`source_profile`), each once. */
function profilesUsedBy(
  first: string,
  profiles: ReadonlyMap<string, Profile>,
): readonly (readonly [string, Profile])[] {
  const used = new Map<string, Profile>();
  for (let name: string | undefined = first; name !== undefined && !used.has(name);) {
    const profile: Profile | undefined = profiles.get(name);
    if (profile === undefined) break;
    used.set(name, profile);
    name = profile['source_profile'];
  }
  return [...used];
}

/** What the command of a profile says when it is asked once more; nothing where it gives credentials now. */
async function failureOfProcess(profile: string): Promise<string | undefined> {
  try {
    await fromProcess({ profile })();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}
