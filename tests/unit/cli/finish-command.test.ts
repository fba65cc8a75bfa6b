import { describe, expect, it } from '@jest/globals';
import { shellQuoted } from '@shelvery/engine/terminal';
import { finishCommand, programWord } from '../../../cli/finish-command.js';
import { TIME, aRequest } from './runs.js';

const parts = {
  program: 'shelvery',
  request: aRequest(),
  time: TIME,
  region: 'eu-west-1',
  now: new Date('2026-11-24T04:00:00Z'),
};

describe('finishCommand', () => {
  it('repeats the run with its time', () => {
    expect(finishCommand('ebs', parts)).toBe(
      'shelvery ebs create_backups --as-of 2026-11-24T03:01:00Z --region eu-west-1',
    );
  });

  it('is one for all types', () => {
    expect(finishCommand('all', parts)).toBe(
      'shelvery all create_backups --as-of 2026-11-24T03:01:00Z --region eu-west-1',
    );
  });

  it('says --backdate when the time is more than 24 hours ago by now, or where it was said', () => {
    const later = new Date('2026-11-25T03:02:00Z');
    expect(finishCommand('ebs', { ...parts, now: later })).toContain(' --backdate ');
    expect(finishCommand('ebs', { ...parts, request: aRequest({ backdate: true }) })).toContain(' --backdate ');
    expect(
      finishCommand('ebs', { ...parts, now: later, request: aRequest({ action: 'clean_backups' }) }),
    ).not.toContain('--backdate');
  });

  it('has the configuration, quoted for a shell', () => {
    const request = aRequest({
      types: ['ebs', 'rds'],
      config: [
        ['shelvery_dr_regions', 'eu-west-2, eu-west-3'],
        ['shelvery_select_entity', "it's"],
      ],
    });
    expect(finishCommand('ebs', { ...parts, request })).toMatch(
      /--config 'shelvery_dr_regions=eu-west-2, eu-west-3' --config 'shelvery_select_entity=it'\\''s'$/,
    );
  });

  it.each([
    ['prod', ' --stack prod'],
    [false, ' --no-stack'],
  ] as const)('names the stack whose configuration it had, or that none counts: %s', (stack, words) => {
    expect(finishCommand('ebs', { ...parts, stack })).toBe(
      `shelvery ebs create_backups --as-of 2026-11-24T03:01:00Z --region eu-west-1${words}`,
    );
  });

  it('does not repeat a secret', () => {
    const command = finishCommand('ebs', {
      ...parts,
      request: aRequest({ config: [['role_external_id', 'a-secret']] }),
    });
    expect(command).toMatch(/ --config 'role_external_id=<the same value>'$/);
  });

  it.each([
    ['a dry run', aRequest({ dryRun: true })],
    ['a list', aRequest({ action: 'list_backups' })],
  ])('has nothing for %s', (_what, request) => {
    expect(finishCommand('ebs', { ...parts, request })).toBeUndefined();
  });
});

describe('programWord', () => {
  it.each([
    ['/usr/local/bin/shelvery', 'shelvery'],
    [undefined, 'shelvery'],
    ['/opt/shelvery/dist/cli/shelvery.mjs', 'node /opt/shelvery/dist/cli/shelvery.mjs'],
    ['/opt/my tools/shelvery.mjs', "node '/opt/my tools/shelvery.mjs'"],
  ])('%s is called by %s', (path, word) => {
    expect(programWord(path)).toBe(word);
  });
});

describe('shellQuoted', () => {
  it.each([
    ['plain-word_1', 'plain-word_1'],
    ['', "''"],
    ['$(reboot)', "'$(reboot)'"],
    ["a'b", String.raw`'a'\''b'`],
  ])('%j', (word, quoted) => {
    expect(shellQuoted(word)).toBe(quoted);
  });
});
