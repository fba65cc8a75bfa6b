import { describe, expect, it } from '@jest/globals';
import { helpWithin } from '../../../cli/help.js';
import { parseArguments } from '../../../cli/arguments.js';
import { parseTimeOption } from '../../../cli/time-option.js';
import { BACKUP_TYPES, COMMANDS, CONFIG_KEYS } from '@shelvery/engine/terminal';

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

  it('reads which page a report writes, and by which prices', () => {
    expect(request('all', 'report', '--html', 'report.html', '--prices', 'prices.json').page).toEqual({
      file: 'report.html',
      prices: 'prices.json',
    });
    expect(request('ebs', 'report', '--html=-').page).toEqual({ file: '-' });
    for (const without of [[], ['--html', '']])
      expect(() => parseArguments(['ebs', 'report', ...without])).toThrow(
        'report needs --html FILE, such as --html report.html; - is standard output.',
      );
    expect(() => parseArguments(['ebs', 'report', '--html', 'a.html', '--json'])).toThrow('not with report');
    expect(() => parseArguments(['ebs', 'status', '--html', 'a.html'])).toThrow(
      '--html goes with report, runbook, not with status.',
    );
  });

  it('takes all for every type', () => {
    expect(request('all', 'list_backups').types).toEqual(BACKUP_TYPES);
  });

  it('names a wrong type and a wrong action together, the nearest words, and all that are allowed', () => {
    expect(() => parseArguments(['rds-cluster', 'cleanbackups'])).toThrow(
      [
        `"rds-cluster" is not a backup type; did you mean rds_cluster? Allowed: ${BACKUP_TYPES.join(', ')}, all.`,
        '"cleanbackups" is not an action; did you mean clean_backups? Allowed: create_backups, clean_backups, pull_shared_backups, create_data_buckets, archive_pending_backups, list_backups, status, show_config, restore_plan, report, runbook, doctor.',
      ].join('\n'),
    );
  });

  it('gives no hint where nothing is near', () => {
    expect(() => parseArguments(['kubernetes', 'list_backups'])).toThrow(
      '"kubernetes" is not a backup type. Allowed: ebs,',
    );
  });

  it('selects a resource, narrows a list, and says less or more', () => {
    expect(
      request(
        'ebs',
        'list_backups',
        '--resource',
        'vol-1',
        '--only',
        'held',
        '--expires-before',
        '2026-12-01',
        '--quiet',
      ),
    ).toMatchObject({
      config: [['shelvery_select_entity', 'vol-1']],
      filter: { only: 'held', expiresBefore: new Date('2026-12-01T00:00:00Z') },
      quiet: true,
    });
  });

  it('takes --dry-run with what changes nothing anyway', () => {
    expect(request('ebs', 'status', '--dry-run').dryRun).toBe(true);
  });

  it('says so where the words are the wrong way round', () => {
    expect(() => parseArguments(['list_backups', 'ebs'])).toThrow(
      'The backup type comes first: shelvery ebs list_backups.\nshelvery --help lists every option.',
    );
  });

  it('hints at several words where any may be meant', () => {
    expect(() => parseArguments(['ebs', 'create'])).toThrow('did you mean create_backups or create_data_buckets?');
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
    [
      'an option that goes with another action',
      ['ebs', 'status', '--only=held'],
      '--only goes with list_backups, not with status.',
    ],
    [
      'a backdate for a list',
      ['ebs', 'list_backups', '--backdate'],
      '--backdate goes with create_backups, not with list_backups.',
    ],
    [
      'a word for --only that is none',
      ['ebs', 'list_backups', '--only', 'hold'],
      '"hold" is not a word for --only; did you mean held?',
    ],
    [
      'a time for --expires-before that is none',
      ['ebs', 'list_backups', '--expires-before', 'soon'],
      '--expires-before is "soon"',
    ],
    ['a resource of every type', ['all', 'status', '--resource', 'vol-1'], '--resource needs the type of the resource'],
    [
      'a resource that is named twice',
      ['ebs', 'status', '--resource', 'vol-1', '--config', 'shelvery_select_entity=vol-2'],
      '--config sets shelvery_select_entity twice',
    ],
    [
      'to be quiet and verbose at once',
      ['ebs', 'status', '--quiet', '--verbose'],
      '--quiet and --verbose exclude each other',
    ],
    [
      'a stack and no stack at once',
      ['ebs', 'clean_backups', '--stack', 'prod', '--no-stack'],
      '--stack and --no-stack exclude each other',
    ],
    [
      'no stack and a stack at once',
      ['ebs', 'clean_backups', '--no-stack', '--stack=prod'],
      '--stack and --no-stack exclude each other',
    ],
    [
      'two resources, of which one would be passed over',
      ['ebs', 'clean_backups', '--resource', 'vol-1', '--resource', 'vol-2'],
      '--resource is given 2 times, and takes one value.',
    ],
    ['a shell that it has no completion for', ['completion', 'tcsh'], '"tcsh" is not a shell'],
    ['help of what is no action', ['help', 'list'], '"list" is not an action; did you mean list_backups?'],
    ['an option without its value', ['ebs', 'list_backups', '--region'], '--region <region>'],
  ])('refuses %s', (_what, argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });

  // Such as "$VOLUME" where that is not set: what is meant for one volume must not go to all of them.
  it.each([
    ['ebs clean_backups --resource', '--resource is ""; allowed: the id of one resource.'],
    ['ebs clean_backups --profile', '--profile is ""; allowed: the name of a profile.'],
    ['ebs clean_backups --stack', '--stack is ""; allowed: the name of a CloudFormation stack'],
    ['ebs clean_backups --as-of', '--as-of is ""; allowed: a time'],
    ['ebs clean_backups --config', '--config "" is not key=value'],
    ['ebs list_backups --only', '"" is not a word for --only'],
    ['ebs list_backups --expires-before', '--expires-before is ""; allowed: a time'],
    ['ebs restore_plan snap-1 --as', '"" is not a word for --as'],
    ['ebs restore_plan snap-1 --into', '--into is ""; allowed: a region'],
    ['ebs restore_plan', 'restore_plan needs the name or the id of a backup'],
    ['ebs report --html a.html --prices', '--prices is ""; allowed: a JSON file'],
  ])('refuses %s with an empty text', (words, message) => {
    expect(() => parseArguments([...words.split(' '), ''])).toThrow(message);
  });

  it('refuses an empty or a blank resource in each way to write it, and takes another empty value for not set', () => {
    const clean = (...argv: string[]) => request('ebs', 'clean_backups', ...argv);
    for (const blank of ['', ' ']) {
      expect(() => clean(`--resource=${blank}`)).toThrow(`--resource is "${blank}"`);
      expect(() => clean('--config', `shelvery_select_entity=${blank}`)).toThrow(
        `--config shelvery_select_entity is "${blank}"; allowed: the id of one resource.`,
      );
    }
    expect(clean('--config', 'shelvery_dr_regions=').config).toEqual([['shelvery_dr_regions', '']]);
  });

  it('does not take the value of an option for another option', () => {
    expect(request('ebs', 'status', '--config', 'a=1', '--resource', '--only').config).toEqual([
      ['a', '1'],
      ['shelvery_select_entity', '--only'],
    ]);
  });

  it('prints the version', () => {
    expect(text('--version')).toBe('0.0.0-test');
    expect(text('-V')).toBe('0.0.0-test');
  });

  it.each([80, 120, 300])('keeps its help within a terminal of %i columns, and within 120', (width) => {
    for (const argv of [['--help'], ...COMMANDS.map((action) => ['help', action])]) {
      const parsed = parseArguments(argv, width);
      const lines = parsed.kind === 'text' ? parsed.text.split('\n') : [];
      expect(lines.length).toBeGreaterThan(20);
      expect(lines.filter((line) => line.length > Math.min(width, 120))).toEqual([]);
    }
  });

  it('goes on below the meaning of a word, where that is too long for the terminal', () => {
    const lines = helpWithin('short\n  word  what it means, at length\n      a sentence that is indented', 22);
    expect(lines.split('\n')).toEqual([
      'short',
      '  word  what it means,',
      '        at length',
      '      a sentence that',
      '      is indented',
    ]);
  });

  it.each([[['-h']], [['help']], [['ebs', '--help']], [['help', 'ebs']]])('prints the general help for %j', (argv) => {
    expect(text(...argv)).toBe(text('--help'));
  });

  it.each(COMMANDS)('prints the help of %s with its options, and its keys with their defaults', (action) => {
    const help = text('help', action);
    expect(text('ebs', action, '-h')).toBe(help);
    const words = action === 'restore_plan' ? `<type> ${action} <name or id>` : `<type|all> ${action}`;
    expect(help.startsWith(`Usage: shelvery ${words} [options]\n`)).toBe(true);
    expect(help.includes('--only <what>')).toBe(action === 'list_backups');
    expect(help).toMatch(/^ {2}shelvery_tag_prefix\n {6}.*\n {6}Allowed: .* Default: shelvery\.$/m);
    expect(
      Math.max(
        ...(help
          .split('Configuration keys')[0]
          ?.split('\n')
          .map((line) => line.length) ?? []),
      ),
    ).toBeLessThanOrEqual(120);
  });

  it('says that --quiet leaves whole what was asked for', () => {
    expect(text('--help').replaceAll(/\s+/g, ' ')).toContain(
      '--quiet print only warnings, what failed, and what needs somebody; lists, plans and configurations stay whole',
    );
  });

  it('tells every key in the help of some action that goes by it', () => {
    const told = COMMANDS.filter((action) => action !== 'show_config')
      .map((action) => text('help', action))
      .join('\n');
    expect(CONFIG_KEYS.filter((key) => !told.includes(`\n  ${key}`))).toEqual(['boto3_retries']);
  });

  it('lists every action and every configuration key in its help', () => {
    const help = text('--help');
    expect(help).toContain('archive_pending_backups  move monthly');
    for (const key of CONFIG_KEYS) expect(help).toContain(`  ${key} `);
  });
});

describe('restore_plan', () => {
  const asked = (...argv: string[]) => {
    const parsed = parseArguments(['ebs', 'restore_plan', ...argv]);
    return parsed.kind === 'run' ? parsed.request.restore : undefined;
  };

  it('takes a backup, a form and a place', () => {
    expect(asked('snap-1')).toEqual({ backup: 'snap-1', form: 'cli', into: {} });
    expect(asked('snap-1', '--as', 'cfn', '--into', 'eu-central-1')).toEqual({
      backup: 'snap-1',
      form: 'cfn',
      into: { region: 'eu-central-1' },
    });
    expect(asked('snap-1', '--into', '222222222222')?.into).toEqual({ account: '222222222222' });
    expect(asked('snap-1', '--into', 'eu-central-1/222222222222')?.into).toEqual({
      region: 'eu-central-1',
      account: '222222222222',
    });
  });

  it.each([
    [[], /restore_plan needs the name or the id of a backup/],
    [['x', '--as', 'bicep'], /"bicep" is not a word for --as.* Allowed: cli, cfn, terraform/],
    [['x', '--into', 'Ireland'], /--into is "Ireland"; allowed: a region, an account/],
    [['x', '--into', 'eu-west-1/eu-west-2'], /--into is/],
    [['x', '--into', '111111111111/222222222222'], /--into is/],
  ])('says what is wrong with %j', (argv, problem) => {
    expect(() => asked(...argv)).toThrow(problem);
  });

  it('needs one type, and no other action takes a further word', () => {
    expect(() => parseArguments(['all', 'restore_plan', 'x'])).toThrow(/needs the type of the backup in place of all/);
    expect(() => parseArguments(['ebs', 'status', 'x'])).toThrow(/status takes no further word, and "x" was given/);
    expect(() => parseArguments(['ebs', 'status', '--into', 'eu-west-1'])).toThrow(/--into goes with restore_plan/);
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
