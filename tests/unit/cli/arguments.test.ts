import { describe, expect, it } from '@jest/globals';
import { parseArguments } from '../../../cli/arguments.js';
import { parseTimeOption } from '../../../cli/time-option.js';
import { BACKUP_TYPES, CONFIG_KEYS } from '@shelvery/engine';

function request(...argv: string[]) {
  const parsed = parseArguments(argv);
  if (parsed.kind === 'text') throw new Error(parsed.text);
  return parsed.request;
}

function text(...argv: string[]): string {
  const parsed = parseArguments(argv);
  return parsed.kind === 'text' ? parsed.text : '';
}

describe('parseArguments', () => {
  it('reads a type and an action', () => {
    expect(request('rds_cluster', 'clean_backups')).toEqual({
      types: ['rds_cluster'],
      action: 'clean_backups',
      dryRun: false,
      backdate: false,
      json: false,
      verbose: false,
      quiet: false,
      wide: false,
      filter: {},
      config: [],
    });
  });

  it('reads every option, before or after the words', () => {
    expect(
      request(
        '--dry-run',
        'ebs',
        '--config',
        'a=1',
        'create_backups',
        '--config',
        'b=x=y',
        '--as-of',
        '2026-11-24',
        '--backdate',
        '--region',
        'eu-west-1',
        '--json',
        '--verbose',
        '--wide',
        '--profile',
        'prod',
      ),
    ).toEqual({
      types: ['ebs'],
      action: 'create_backups',
      dryRun: true,
      backdate: true,
      json: true,
      verbose: true,
      quiet: false,
      wide: true,
      filter: {},
      profile: 'prod',
      asOf: new Date('2026-11-24T00:00:00Z'),
      region: 'eu-west-1',
      config: [
        ['a', '1'],
        ['b', 'x=y'],
      ],
    });
  });

  it('takes all for every type', () => {
    expect(request('all', 'list_backups').types).toEqual(BACKUP_TYPES);
  });

  it('names a wrong type and a wrong action together, the nearest words, and all that are allowed', () => {
    expect(() => parseArguments(['rds-cluster', 'cleanbackups'])).toThrow(
      [
        `"rds-cluster" is not a backup type; did you mean rds_cluster? Allowed: ${BACKUP_TYPES.join(', ')}, all.`,
        '"cleanbackups" is not an action; did you mean clean_backups? Allowed: create_backups, clean_backups, pull_shared_backups, create_data_buckets, archive_pending_backups, list_backups, status, show_config.',
      ].join('\n'),
    );
  });

  it('gives no hint where nothing is near', () => {
    expect(() => parseArguments(['kubernetes', 'list_backups'])).toThrow(
      '"kubernetes" is not a backup type. Allowed: ebs,',
    );
  });

  it.each([
    ['a pair without =', ['ebs', 'list_backups', '--config', 'a'], '--config "a" is not key=value'],
    ['a pair without a key', ['ebs', 'list_backups', '--config', '=1'], '--config "=1" is not key=value'],
    ['a key named twice', ['ebs', 'list_backups', '--config', 'a=1', '--config', 'a=2'], '--config sets a twice'],
    [
      'a stack by a name that is none',
      ['ebs', 'list_backups', '--stack', '/shelvery/prod'],
      '--stack is "/shelvery/prod"',
    ],
    ['an option without its value', ['ebs', 'list_backups', '--region'], '--region <region>'],
  ])('refuses %s', (_what, argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });

  it('prints the version', () => {
    expect(text('--version')).toBe('0.0.0-test');
    expect(text('-V')).toBe('0.0.0-test');
  });

  it('lists every action and every configuration key in its help', () => {
    const help = text('--help');
    expect(help).toContain('archive_pending_backups  move monthly');
    for (const key of CONFIG_KEYS) expect(help).toContain(`  ${key} `);
  });
});

describe('parseTimeOption', () => {
  it.each([
    ['2026-11-24T03:01:00Z', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01Z', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01:30.250Z', '2026-11-24T03:01:30.250Z'],
    ['2026-11-24T04:01:00+01:00', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01:00', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T04:01+01:00', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24T03:01', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24-0301', '2026-11-24T03:01:00.000Z'],
    ['20261124-0301', '2026-11-24T03:01:00.000Z'],
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    [' 2028-02-29 ', '2028-02-29T00:00:00.000Z'],
  ])('reads %s as UTC', (word, time) => {
    expect(parseTimeOption('--as-of', word).toISOString()).toBe(time);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '24.11.2026',
    '1764000000',
    '2026-11-24 03:01',
    '2026-11-24T25:00:00Z',
  ])('refuses %j and says what is allowed', (word) => {
    expect(() => parseTimeOption('--as-of', word)).toThrow(
      `--as-of is ${JSON.stringify(word)}; allowed: a time such as 2026-11-24T03:01:00Z`,
    );
  });
});
