/** What a parameter takes: one of some words, or what matches a pattern of CloudFormation, in words for people. */
export type Shape = { readonly values: readonly string[] } | { readonly pattern: string; readonly means: string };
type Pattern = Extract<Shape, { readonly pattern: string }>;

const whole = (expression: string): string => `^${expression}$`;

/** The same, or nothing. */
export function orNothing({ pattern, means }: Pattern): Pattern {
  return { pattern: whole(`(${pattern.slice(1, -1)})?`), means: `${means}, or nothing` };
}

/** A list of what matches an expression, with commas between; it may be empty. */
export function words(expression: string, means: string): Pattern {
  return { pattern: whole(`(${expression}(,${expression})*)?`), means: `${means}, separated by commas` };
}

export const BOOLEAN: Shape = { values: ['true', 'false'] };

export const NUMBER_TO_10000: Pattern = { pattern: '^([0-9]{1,4}|10000)$', means: 'a whole number from 0 to 10000' };
export const NUMBER_TO_1000: Pattern = { pattern: '^([0-9]{1,3}|1000)$', means: 'a whole number from 0 to 1000' };

/** Hours of up to a year. */
export const HOURS: Pattern = {
  pattern: '^([1-9][0-9]{0,2}|[1-7][0-9]{3}|8[0-6][0-9]{2}|87[0-5][0-9]|8760)$',
  means: 'a whole number of hours from 1 to 8760',
};
/** CloudWatch's alarms look back for seven days at most. */
export const HOURS_OF_A_WEEK: Pattern = {
  pattern: '^([1-9][0-9]?|1[0-5][0-9]|16[0-8])$',
  means: 'a whole number of hours from 1 to 168',
};
export const COUNT_TO_1000000: Pattern = {
  pattern: '^([1-9][0-9]{0,5}|1000000)$',
  means: 'a whole number from 1 to 1000000',
};

const CRON_FIELD = '[0-9A-Za-z*?,/#-]+';
export const CRON: Pattern = {
  pattern: whole(`(${CRON_FIELD}( ${CRON_FIELD}){5})?`),
  means: 'the six fields of a cron expression, such as 0 1 ? * * *, or nothing',
};

/** Hours of up to ten years. */
export const HOURS_OF_TEN_YEARS: Pattern = {
  pattern: '^([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-6][0-9]{3}|87[0-5][0-9]{2}|87600)$',
  means: 'a whole number of hours from 1 to 87600',
};

const REGION = '[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}';
export const REGIONS = words(REGION, 'region codes such as eu-west-1');

const ACCOUNT = '[0-9]{12}';
/** Some accounts, and not more than a policy has room for. */
export const accounts = (most: number): Pattern => ({
  pattern: whole(`(${ACCOUNT}(,${ACCOUNT}){0,${most - 1}})?`),
  means: `12-digit account ids, separated by commas, at most ${most}`,
});

const KEY_ID = '(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})';
const KEY_ALIAS = 'alias/[A-Za-z0-9/_-]{1,250}';
const KEY = `(${KEY_ID}|${KEY_ALIAS}|arn:[a-z][a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/${KEY_ID}|${KEY_ALIAS}))`;
export const KMS_KEYS: Pattern = {
  ...words(`(${REGION}=)?${KEY}`, ''),
  means:
    'a key id, key ARN, alias (alias/name) or alias ARN, or region=key pairs, separated by commas, one for each region',
};

export const OPTION_GROUPS = words(
  `${REGION}=[A-Za-z]([A-Za-z0-9]|-(?=[A-Za-z0-9])){0,254}`,
  'region=group pairs, one for each region',
);

const RETENTION_NAME = '(?=[A-Za-z0-9-]{1,20}:)[A-Za-z0-9]+(-[A-Za-z0-9]+)*';
/** Which names are taken, and that none comes twice, the engine says. */
export const RETENTION_TYPES = words(
  `${RETENTION_NAME}:([1-9][0-9]{0,8}|[12][0-9]{9}|3[01][0-9]{8})`,
  'name:seconds pairs, names of letters and digits with single hyphens between them',
);

const topic = (name: string): string => `arn:[a-z][a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:${name}{1,256}(\\.fifo)?`;
export const TOPIC: Pattern = { pattern: whole(topic('[A-Za-z0-9_-]')), means: 'the ARN of an SNS topic' };
export const TOPICS_WITH_WILDCARDS = words(topic('[A-Za-z0-9_*-]'), 'ARNs of SNS topics');

export const KMS_KEY_ARNS = words('arn:[a-z][a-z-]*:kms:[a-z0-9*-]+:[0-9]{12}:key/[A-Za-z0-9*-]+', 'ARNs of KMS keys');

const ROLE_ARN = 'arn:[a-z][a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=.@/-]{1,512}';
export const ROLE: Pattern = { pattern: whole(ROLE_ARN), means: 'the ARN of an IAM role' };
export const ROLES = words(ROLE_ARN, 'ARNs of IAM roles');
