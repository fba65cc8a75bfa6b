import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ShelveryError } from '../errors.js';
import { sharedAccountPrefix } from './keys.js';
import { AccountId } from '../values.js';
import type { BackupType, Region } from '../values.js';

/** What the policy of a data bucket is planned from. */
export interface BucketPolicyInput {
  /** The policy that the bucket has, as S3 answers it. */
  readonly existing?: string | undefined;
  readonly bucket: string;
  readonly partition: string;
  readonly owner: AccountId;
  /** Who writes it; see `writerOf`. */
  readonly writer: string;
  readonly readers: BucketReaders;
  /** Only what this writer gave is taken away: the bucket may be of no more use to it, or another's alone. */
  readonly onlyWithdraws?: boolean;
  /** The only accounts that the policy may name: set to find out which of them S3 refuses. */
  readonly only?: readonly AccountId[];
}

/**
 * The accounts that backups are shared with, by who names them. The policy remembers that, so that a run takes away
 * only what it knows of: no run sees the tags of another type's resources, or the configuration of another stack.
 */
export interface BucketReaders {
  /** Those that the configuration names. */
  readonly accounts: readonly AccountId[];
  /** Those that tags of one type's marked resources name. */
  readonly tagged?: { readonly type: BackupType; readonly accounts: readonly AccountId[] };
  /**
   * True: `accounts` and `tagged` are complete, so that others lose what these gave them. False: accounts are only
   * added.
   */
  readonly exact: boolean;
  /** Accounts that the configuration no longer names: they lose access although `exact` is false. */
  readonly without?: readonly AccountId[];
}

export interface BucketPolicyPlan {
  readonly policy: string;
  /** False when the policy that is there means the same. */
  readonly changed: boolean;
  /** The accounts that the planned policy names. */
  readonly accounts: readonly AccountId[];
  /** Those of them that the policy that is there names. */
  readonly known: readonly AccountId[];
}

/** Page "Bucket policies for Amazon S3": at most 20 KB. */
const MAX_BYTES = 20 * 1024;

const Text = z.union([z.string(), z.boolean().transform(String), z.number().transform(String)]);
const OneOrMany = z.union([Text.transform((one) => [one]), z.array(Text)]);
const Statement = z.looseObject({
  Sid: z.string().optional(),
  Effect: z.string().optional(),
  Principal: z
    .union([
      z.literal('*').transform((all): Record<string, string[]> => ({ AWS: [all] })),
      z.record(z.string(), OneOrMany),
    ])
    .optional(),
  Action: OneOrMany.optional(),
  Resource: OneOrMany.optional(),
  Condition: z.record(z.string(), z.record(z.string(), OneOrMany)).optional(),
});
type Statement = z.infer<typeof Statement>;
const Sid = z.string().catch('');

/** A policy with its statements as they are, for those that stay. */
const Policy = z.looseObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: z
    .union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.unknown()).transform((one) => [one])])
    .prefault([]),
});

/** The `Id` of policies that the original product wrote. */
const LEGACY_ID = 'shelvery-generated';
const TLS_ONLY = 'ShelveryTlsOnly';
const LOCATION = 'ShelveryLocation';
const LIST = 'ShelveryList';
const FILES = 'ShelveryFiles';
const OTHERS_OF_OURS = new RegExp(`^(?:${TLS_ONLY}|${LOCATION}|${LIST}\\d{12})$`);
/**
 * An account's statement for its files, and who names the account:
 * `ShelveryFiles222222222222ForConfigByshelveryeuwest1AndRdsByterminaleuwest1`. Older versions did not say by whose
 * configuration or tags (`…ForConfigAndRds`): that counts as everybody's, until somebody who names the account takes it
 * over.
 */
const CLAIMED = new RegExp(`^${FILES}(\\d{12})(?:For([A-Za-z0-9]+))?$`);
/** The configuration as one that names an account. */
const CONFIG = 'Config';

/** A type as one whose resources' tags name an account; a `Sid` has letters and digits only. */
function claimOf(type: BackupType): string {
  return type.replace(/(?:^|_)[a-z]/g, (start) => start.slice(-1).toUpperCase());
}

/** What stands before a writer; writers have no capital letters. */
const BY = 'By';
/** Longest part of a stack's name that a writer has. */
const MAX_NAME = 20;

/**
 * Whom a policy names as the writer of a statement: a stack, or a terminal, and its region, as a bucket for DR copies
 * may also be the local one of a stack of the same name. Lower-case letters and digits alone, since a `Sid` has no
 * others, and capital letters stand between its parts; a hash tells names apart that differ in what is left out.
 *
 * @param stack The stack's name; none for a terminal.
 * @example writerOf('shelvery', Region.parse('eu-west-1')) // 'shelveryeuwest1'
 */
export function writerOf(stack: string | undefined, region: Region): string {
  const place = region.replaceAll('-', '');
  if (stack === undefined) return `${TERMINAL}${place}`;
  const name = stack
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, MAX_NAME);
  const isWhole = name === stack && name !== TERMINAL;
  return `${name}${isWhole ? '' : createHash('sha256').update(stack).digest('hex').slice(0, 6)}${place}`;
}

const TERMINAL = 'terminal';

/** Who names each account: `Config` or a type, and by which writer. */
type Claims = ReadonlyMap<AccountId, ReadonlySet<string>>;

/**
 * Plans the policy of a data bucket: TLS only, and each account lists and moves files in its own
 * `backups/shared/<account>/`, nothing else. Statements that are not ours stay as they are; those that the original
 * product wrote are replaced by ours. A policy that accounts are only to be taken out of is left as it is where there
 * are none.
 *
 * @throws ShelveryError `ConfigurationError` when so many accounts are named that the policy is longer than S3 takes.
 */
export function planBucketPolicy(input: BucketPolicyInput): BucketPolicyPlan {
  const found = readPolicy(input);
  if (input.onlyWithdraws === true && !withdrawsAny(found.claims, input)) {
    const named = [...found.claims.keys()];
    return { policy: input.existing ?? '', changed: false, accounts: named, known: named };
  }
  const claims = planClaims(found.claims, input);
  const accounts = [...claims.keys()];
  const ours = ourStatements(input, claims);
  const { Id: id, Version: version, Statement: _, ...rest } = found.policy;
  const policy = JSON.stringify({
    // The version stays: an older one takes `${…}` in other people's statements literally.
    Version: version ?? '2012-10-17',
    ...(id === undefined || id === LEGACY_ID ? {} : { Id: id }),
    ...rest,
    Statement: [...found.others, ...ours],
  });
  if (Buffer.byteLength(policy) > MAX_BYTES) {
    throw new ShelveryError(
      'ConfigurationError',
      `The policy of ${input.bucket} would have ${Buffer.byteLength(policy)} bytes, and S3 takes ${MAX_BYTES}: share with fewer than ${accounts.length} accounts ` +
        '(shelvery_share_aws_account_ids, in the configuration and in tags), or shorten the other statements.',
    );
  }
  const same = (left: readonly Statement[], right: readonly Statement[]): boolean => {
    const [a, b] = [left, right].map((statements) => statements.map(canonical).sort().join('\n'));
    return a === b;
  };
  return {
    policy,
    changed: !same(found.ours, ours),
    accounts,
    known: accounts.filter((account) => found.claims.has(account)),
  };
}

/** Whom the readers name: by the configuration, and by tags of one type's resources. */
function namedBy({ accounts, tagged }: BucketReaders): ReadonlyMap<string, readonly AccountId[]> {
  const byTags = tagged === undefined ? [] : [[claimOf(tagged.type), tagged.accounts] as const];
  return new Map([[CONFIG, accounts] as const, ...byTags]);
}

/** Whether the policy still names an account for what it was named for. */
function stays(account: AccountId, claim: string, { onlyWithdraws, readers, writer }: BucketPolicyInput): boolean {
  // A claim that does not say whose it is counts as this writer's only in a bucket that its configuration names.
  const unsaid = onlyWithdraws === true ? undefined : writer;
  const end = claim.indexOf(BY);
  const [what, by] = end < 0 ? [claim, unsaid] : [claim.slice(0, end), claim.slice(end + BY.length)];
  const named = namedBy(readers).get(what);
  if (by !== writer || named?.includes(account) === true) return true;
  return readers.exact ? named === undefined : what !== CONFIG || readers.without?.includes(account) !== true;
}

function withdrawsAny(found: Claims, input: BucketPolicyInput): boolean {
  return [...found].some(([account, claims]) => [...claims].some((claim) => !stays(account, claim, input)));
}

function planClaims(found: Claims, input: BucketPolicyInput): Claims {
  const { onlyWithdraws, readers, owner, only, writer } = input;
  const claims = new Map<AccountId, Set<string>>();
  const add = (account: AccountId, claim: string): Set<string> | undefined => {
    if (account === owner || only?.includes(account) === false) return undefined;
    const named = (claims.get(account) ?? new Set()).add(claim);
    claims.set(account, named);
    return named;
  };
  const addOwn = (account: AccountId, what: string): void => {
    // What nobody was told as the writer of is this one's from now on.
    add(account, `${what}${BY}${writer}`)?.delete(what);
  };
  for (const [account, named] of found)
    for (const claim of named) if (stays(account, claim, input)) add(account, claim);
  if (onlyWithdraws === true) return claims;
  for (const [what, accounts] of namedBy(readers)) for (const account of accounts) addOwn(account, what);
  return claims;
}

interface FoundPolicy {
  readonly policy: z.infer<typeof Policy>;
  /** Statements of ours and of the original product. */
  readonly ours: readonly Statement[];
  readonly others: readonly Readonly<Record<string, unknown>>[];
  readonly claims: Claims;
}

function readPolicy({ existing, bucket, partition, owner }: BucketPolicyInput): FoundPolicy {
  const policy = Policy.parse(existing === undefined ? {} : JSON.parse(existing));
  const ours: Statement[] = [];
  const others: Readonly<Record<string, unknown>>[] = [];
  const claims = new Map<AccountId, ReadonlySet<string>>();
  for (const raw of policy.Statement) {
    const sid = Sid.parse(raw['Sid']);
    const statement = Statement.catch({}).parse(raw);
    const named = accountsOf(statement, partition);
    const legacy = policy.Id === LEGACY_ID && isLegacy(statement, { bucket, partition, owner, named });
    const claim = CLAIMED.exec(sid);
    if (!legacy && claim === null && !OTHERS_OF_OURS.test(sid)) {
      others.push(raw);
      continue;
    }
    ours.push(statement);
    // An account counts only in the statement that we wrote for it. One that somebody added there by hand does not.
    const [, claimed, by = CONFIG] = claim ?? [];
    for (const account of named) if (legacy || claimed === account) claims.set(account, new Set(by.split('And')));
  }
  return { policy, ours, others, claims };
}

/** The accounts among a statement's principals. S3 shows `AIDA…` for a principal that is gone: that is no account. */
function accountsOf(statement: Statement, partition: string): readonly AccountId[] {
  return (statement.Principal?.AWS ?? []).flatMap((principal) => {
    const account = AccountId.safeParse(
      principal.startsWith(`arn:${partition}:iam::`) ? principal.split(':')[4] : principal,
    );
    return account.success ? [account.data] : [];
  });
}

function ourStatements(
  { bucket, partition }: BucketPolicyInput,
  claims: Claims,
): readonly (Statement & { readonly Sid: string })[] {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const tlsOnly = {
    Sid: TLS_ONLY,
    Effect: 'Deny',
    Principal: { AWS: ['*'] },
    Action: ['s3:*'],
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
  };
  const accounts = [...claims.keys()];
  if (accounts.length === 0) return [tlsOnly];
  const location = {
    Sid: LOCATION,
    Effect: 'Allow',
    Principal: { AWS: accounts.map((account) => rootOf(account, partition)) },
    Action: ['s3:GetBucketLocation'],
    Resource: [arn],
  };
  const own = [...claims].flatMap(([account, named]) => {
    const Principal = { AWS: [rootOf(account, partition)] };
    const prefix = sharedAccountPrefix(account);
    return [
      {
        Sid: `${LIST}${account}`,
        Effect: 'Allow',
        Principal,
        Action: ['s3:ListBucket'],
        Resource: [arn],
        Condition: { StringLike: { 's3:prefix': [prefix, `${prefix}*`] } },
      },
      {
        Sid: `${FILES}${account}For${[...named].sort().join('And')}`,
        Effect: 'Allow',
        Principal,
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        Resource: [`${arn}/${prefix}*`],
      },
    ];
  });
  return [tlsOnly, location, ...own];
}

function rootOf(account: AccountId, partition: string): string {
  return `arn:${partition}:iam::${account}:root`;
}

interface LegacyParts {
  readonly bucket: string;
  readonly partition: string;
  readonly owner: AccountId;
  readonly named: readonly AccountId[];
}

/** Whether a statement is, word for word, one that the original product wrote for its owner or for one account. */
function isLegacy(statement: Statement, { bucket, partition, owner, named }: LegacyParts): boolean {
  const [account] = named;
  if (account === undefined) return false;
  const arn = `arn:${partition}:s3:::${bucket}`;
  const allow = (Action: string[], Resource: string[]): string =>
    canonical({ Effect: 'Allow', Principal: { AWS: [rootOf(account, partition)] }, Action, Resource });
  const shapes =
    account === owner
      ? [allow(['s3:*'], [arn, `${arn}/*`])]
      : [allow(['s3:Get*', 's3:List*'], [arn]), allow(['s3:*'], [`${arn}/backups/shared/${account}*`])];
  return shapes.includes(canonical(statement));
}

/**
 * A statement as text that is the same for all ways of writing it: S3 turns lists of one into words, account ids into
 * ARNs, and sorts.
 */
function canonical(statement: Statement): string {
  const { Principal = {}, Action = [], Resource = [], Condition = {}, ...rest } = statement;
  const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].sort();
  const entries = <T, U>(
    record: Readonly<Record<string, T>>,
    map: (value: T) => U,
  ): readonly (readonly [string, U])[] =>
    Object.entries(record)
      .map(([key, value]) => [key, map(value)] as const)
      .sort(([a], [b]) => a.localeCompare(b));
  return JSON.stringify([
    entries(rest, (value) => value),
    entries(Principal, (principals) =>
      sorted(principals.map((principal) => principal.replace(/^arn:[a-z-]+:iam::(\d{12}):root$/, '$1'))),
    ),
    sorted(Action),
    sorted(Resource),
    entries(Condition, (test) => entries(test, sorted)),
  ]);
}
