import { describe, expect, it } from '@jest/globals';
import { ignoredProxy, prepareEnvironment, useProfile } from '../../../cli/environment.js';
import { checkProfile } from '../../../cli/profile.js';

describe('checkProfile', () => {
  it.each<[string, string | undefined, Record<string, string>]>([
    ['AWS_PROFILE', undefined, { AWS_PROFILE: 'nope' }],
    ['AWS_PROFILE', undefined, { AWS_PROFILE: 'nope', AWS_DEFAULT_PROFILE: 'other' }],
    ['AWS_DEFAULT_PROFILE', undefined, { AWS_DEFAULT_PROFILE: 'nope' }],
    ['--profile', 'nope', {}],
    ['--profile', 'nope', { AWS_PROFILE: 'other', AWS_DEFAULT_PROFILE: 'nope' }],
  ])('says by what a profile was named that there is not: %s', async (named, option, environment) => {
    prepareEnvironment(environment);
    useProfile(environment, option);
    await expect(checkProfile(environment, option)).rejects.toMatchObject({
      code: 'UsageError',
      message: expect.stringMatching(new RegExp(`^${named} is "nope", and there is no such profile in `)),
    });
  });
});

describe('ignoredProxy', () => {
  it.each(['22.21.0', '22.22.1', '24.5.0', '24.21.0', '25.0.0'])('has nothing to say of Node.js %s', (version) => {
    expect(ignoredProxy({ HTTPS_PROXY: 'http://proxy:3128' }, version)).toBeUndefined();
  });

  it.each(['22.10.0', '23.11.0', '24.4.1'])('names the variable that Node.js %s does not use', (version) => {
    expect(ignoredProxy({ https_proxy: 'http://proxy:3128' }, version)).toBe(
      `https_proxy is set, but Node.js ${version} does not use it: run Shelvery with Node.js 22.21, 24.5 or newer.`,
    );
    expect(ignoredProxy({ HTTPS_PROXY: ' ' }, version)).toBeUndefined();
    expect(ignoredProxy({}, version)).toBeUndefined();
  });
});
