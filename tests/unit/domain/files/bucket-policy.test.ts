import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { planBucketPolicy, writerOf } from '../../../../layers/engine/src/domain/files/bucket-policy.js';
import type { BucketPolicyInput, BucketReaders } from '../../../../layers/engine/src/domain/files/bucket-policy.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { AccountId, Region } from '../../../../layers/engine/src/domain/values.js';

const OWNER = AccountId.parse('111111111111');
const FIRST = AccountId.parse('222222222222');
const SECOND = AccountId.parse('333333333333');
const THIRD = AccountId.parse('444444444444');
const BUCKET = 'shelvery.data.111111111111-eu-west-1.base2tools';
const ARN = `arn:aws:s3:::${BUCKET}`;

const WRITER = writerOf('shelvery', Region.parse('eu-west-1'));

type Input = Partial<Omit<BucketPolicyInput, 'readers'> & BucketReaders>;
const plan = ({ accounts = [], tagged, exact = false, without, ...input }: Input = {}) =>
  planBucketPolicy({
    bucket: BUCKET,
    partition: 'aws',
    owner: OWNER,
    writer: WRITER,
    readers: {
      accounts,
      exact,
      ...present({ tagged, without }),
    },
    ...input,
  });

const Read = z.object({
  Id: z.string().optional(),
  Version: z.string(),
  Statement: z.array(z.looseObject({ Sid: z.string().optional() })),
});
const read = (policy: string) => Read.parse(JSON.parse(policy));
const sids = (policy: string) => read(policy).Statement.map((statement) => statement.Sid);

/** As S3 gives a policy back: lists of one as a word, statements in another order. */
const asS3Answers = (policy: string): string => {
  const unwrap = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 1 ? unwrap(value[0]) : value.map(unwrap).reverse();
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, key === 'Statement' ? item : unwrap(item)]),
    );
  };
  const { Statement, ...rest } = read(policy);
  return JSON.stringify({ ...rest, Statement: Statement.map(unwrap).reverse() });
};

/** What the original product wrote. */
const legacy = (accounts: readonly string[], extra: readonly object[] = []) =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'shelvery-generated',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${OWNER}:root` },
        Action: 's3:*',
        Resource: [ARN, `${ARN}/*`],
      },
      ...accounts.flatMap((account) => [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: ['s3:Get*', 's3:List*'],
          Resource: ARN,
        },
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 's3:*',
          Resource: `${ARN}/backups/shared/${account}*`,
        },
      ]),
      ...extra,
    ],
  });

const USERS_OWN = {
  Sid: 'Audit',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::999999999999:role/audit' },
  Action: 's3:GetObject',
  Resource: `${ARN}/*`,
};

describe('planBucketPolicy', () => {
  it('denies what does not come over TLS, and allows nobody anything where nothing is shared', () => {
    expect(read(plan().policy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'ShelveryTlsOnly',
          Effect: 'Deny',
          Principal: { AWS: ['*'] },
          Action: ['s3:*'],
          Resource: [ARN, `${ARN}/*`],
          Condition: { Bool: { 'aws:SecureTransport': ['false'] } },
        },
      ],
    });
    expect(plan().changed).toBe(true);
  });

  it('lets an account list and move its own shared files, and ask for the location, nothing else', () => {
    const { policy, accounts } = plan({ accounts: [FIRST] });
    expect(accounts).toEqual([FIRST]);
    const Principal = { AWS: [`arn:aws:iam::${FIRST}:root`] };
    expect(read(policy).Statement.slice(1)).toEqual([
      { Sid: 'ShelveryLocation', Effect: 'Allow', Principal, Action: ['s3:GetBucketLocation'], Resource: [ARN] },
      {
        Sid: `ShelveryList${FIRST}`,
        Effect: 'Allow',
        Principal,
        Action: ['s3:ListBucket'],
        Resource: [ARN],
        Condition: { StringLike: { 's3:prefix': [`backups/shared/${FIRST}/`, `backups/shared/${FIRST}/*`] } },
      },
      {
        Sid: `ShelveryFiles${FIRST}ForConfigBy${WRITER}`,
        Effect: 'Allow',
        Principal,
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        Resource: [`${ARN}/backups/shared/${FIRST}/*`],
      },
    ]);
  });

  it('names the partition in every ARN', () => {
    const { policy } = plan({ accounts: [FIRST], partition: 'aws-us-gov' });
    expect(policy).not.toContain('arn:aws:');
    expect(plan({ accounts: [FIRST], partition: 'aws-us-gov', existing: policy }).changed).toBe(false);
  });

  it('finds its own policy unchanged, however S3 writes it', () => {
    const { policy } = plan({ accounts: [FIRST, SECOND] });
    for (const existing of [
      policy,
      asS3Answers(policy),
      policy.replaceAll(`arn:aws:iam::${FIRST}:root`, FIRST),
      policy.replace('"Principal":{"AWS":["*"]}', '"Principal":"*"'),
      policy.replace('["false"]', 'false'),
    ]) {
      expect(plan({ existing, accounts: [SECOND, FIRST] }).changed).toBe(false);
    }
  });

  it('finds it unchanged whatever the order of what a statement says', () => {
    const { policy } = plan({ accounts: [FIRST] });
    const { Statement, ...rest } = read(policy);
    const turned = Statement.map((one) => Object.fromEntries(Object.entries(one).reverse()));
    expect(plan({ existing: JSON.stringify({ ...rest, Statement: turned }) }).changed).toBe(false);
  });

  it('knows accounts by their ARN in its partition, and by their number alone', () => {
    const { policy } = plan({ accounts: [FIRST, SECOND] });
    expect(plan({ existing: policy.replaceAll(`arn:aws:iam::${FIRST}:root`, FIRST) }).accounts).toEqual([
      FIRST,
      SECOND,
    ]);
    expect(plan({ existing: policy.replaceAll('arn:aws:iam::', 'arn:aws-cn:iam::') }).accounts).toEqual([]);
  });

  it('only adds accounts, unless it is to be exact', () => {
    const { policy: existing } = plan({ accounts: [FIRST] });
    expect(plan({ existing, accounts: [SECOND] })).toMatchObject({ changed: true, accounts: [FIRST, SECOND] });
    expect(plan({ existing, accounts: [] })).toMatchObject({ changed: false, accounts: [FIRST] });
    expect(plan({ existing, accounts: [SECOND], exact: true })).toMatchObject({ changed: true, accounts: [SECOND] });
    expect(plan({ existing, accounts: [], exact: true })).toMatchObject({ changed: true, accounts: [] });
  });

  it('takes away the accounts that are to go, and no other', () => {
    const existing = plan({ accounts: [FIRST, SECOND] }).policy;
    expect(plan({ existing, without: [FIRST] })).toMatchObject({ changed: true, accounts: [SECOND] });
    expect(plan({ existing, accounts: [FIRST], without: [FIRST] })).toMatchObject({ changed: false });
  });

  it('takes away only what it knows of: accounts that tags of another type name stay', () => {
    const ebs = plan({ accounts: [FIRST], tagged: { type: 'ebs', accounts: [FIRST, SECOND] } });
    expect(sids(ebs.policy)).toContain(`ShelveryFiles${FIRST}ForConfigBy${WRITER}AndEbsBy${WRITER}`);
    const both = plan({ existing: ebs.policy, tagged: { type: 'rds_cluster', accounts: [SECOND] } });
    expect(sids(both.policy)).toContain(`ShelveryFiles${SECOND}ForEbsBy${WRITER}AndRdsClusterBy${WRITER}`);
    const untagged = plan({
      existing: both.policy,
      accounts: [FIRST],
      tagged: { type: 'ebs', accounts: [] },
      exact: true,
    });
    expect(untagged).toMatchObject({
      changed: true,
      accounts: expect.arrayContaining([FIRST, SECOND]),
      known: expect.arrayContaining([FIRST, SECOND]),
    });
    expect(sids(untagged.policy)).toEqual(
      expect.arrayContaining([
        `ShelveryFiles${FIRST}ForConfigBy${WRITER}`,
        `ShelveryFiles${SECOND}ForRdsClusterBy${WRITER}`,
      ]),
    );
    expect(plan({ existing: untagged.policy, tagged: { type: 'docdb', accounts: [] }, exact: true }).accounts).toEqual([
      SECOND,
    ]);
    expect(
      plan({ existing: untagged.policy, tagged: { type: 'rds_cluster', accounts: [] }, exact: true }).accounts,
    ).toEqual([]);
    expect(plan({ existing: both.policy, without: [FIRST, SECOND] }).accounts).toEqual([FIRST, SECOND]);
  });

  it('takes no account that tags name where it does not know of tags', () => {
    const existing = plan({ accounts: [FIRST], tagged: { type: 'ebs', accounts: [SECOND] } }).policy;
    expect(plan({ existing, exact: true }).accounts).toEqual([SECOND]);
  });

  it('leaves out who is not among those that it may name, and keeps who names the others', () => {
    const existing = plan({ tagged: { type: 'ebs', accounts: [FIRST] } }).policy;
    const { policy, accounts, known } = plan({ existing, accounts: [SECOND], only: [FIRST] });
    expect(plan({ existing, accounts: [SECOND] })).toMatchObject({ accounts: [FIRST, SECOND], known: [FIRST] });
    expect({ policy, accounts, known }).toEqual({ policy: existing, accounts: [FIRST], known: [FIRST] });
    expect(plan({ existing, only: [] }).accounts).toEqual([]);
  });

  it('gives the owner no statement', () => {
    expect(plan({ accounts: [OWNER], tagged: { type: 'ebs', accounts: [OWNER] } }).accounts).toEqual([]);
  });

  it('mends a statement of its own that somebody changed', () => {
    const { policy } = plan({ accounts: [FIRST] });
    const wider = policy.replace(`/backups/shared/${FIRST}/*"]`, '/*"]');
    const emptied = JSON.stringify({ Version: '2012-10-17', Statement: { Sid: 'ShelveryTlsOnly', Effect: 'Deny' } });
    const unreadable = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: 'ShelveryTlsOnly', Action: { not: 'a list' } }],
    });
    expect(wider).not.toBe(policy);
    expect(plan({ existing: wider })).toEqual({ policy, changed: true, accounts: [FIRST], known: [FIRST] });
    for (const existing of [emptied, unreadable]) expect(plan({ existing })).toEqual({ ...plan(), changed: true });
  });

  it.each([
    ['whom it denies what comes without TLS', '"Principal":{"AWS":["*"]}', `"Principal":{"AWS":["${FIRST}"]}`],
    ['what it denies', '"Bool":{"aws:SecureTransport":["false"]}', '"Bool":{"aws:SecureTransport":["true"]}'],
    ['by what test', '"Bool":{"aws:SecureTransport"', '"Null":{"aws:SecureTransport"'],
  ])('mends a statement in which somebody changed %s', (_, own, theirs) => {
    const { policy } = plan({ accounts: [FIRST] });
    expect(policy).toContain(own);
    expect(plan({ existing: policy.replace(own, theirs) })).toMatchObject({ policy, changed: true });
  });

  it('gives no statements to an account that was written by hand into those of another', () => {
    const existing = plan({ accounts: [FIRST] }).policy.replaceAll(
      `arn:aws:iam::${FIRST}:root`,
      `arn:aws:iam::${SECOND}:root`,
    );
    expect(plan({ existing }).accounts).toEqual([]);
  });

  it('drops an account that is gone, which S3 shows by an id', () => {
    const existing = plan({ accounts: [FIRST, SECOND] }).policy.replaceAll(
      `arn:aws:iam::${FIRST}:root`,
      'AIDACKCEVSQ6C2EXAMPLE',
    );
    expect(plan({ existing })).toMatchObject({ changed: true, accounts: [SECOND] });
  });

  it('leaves statements that are not its own as they are, and what the policy says beside them', () => {
    const similar = { ...USERS_OWN, Sid: 'ShelveryReaders' };
    const nobody = { Effect: 'Deny', NotPrincipal: { AWS: 'AIDACKCEVSQ6C2EXAMPLE' }, Action: 's3:*', Resource: ARN };
    const existing = JSON.stringify({ Version: '2008-10-17', Id: 'mine', Statement: [USERS_OWN, similar, nobody] });
    const { policy, changed } = plan({ existing, accounts: [FIRST] });
    expect(changed).toBe(true);
    expect(read(policy)).toMatchObject({ Id: 'mine', Version: '2008-10-17' });
    expect(read(policy).Statement.slice(0, 3)).toEqual([USERS_OWN, similar, nobody]);
    expect(plan({ existing: policy, accounts: [FIRST] }).changed).toBe(false);
  });

  it('leaves the only statement of a policy, which S3 may show without a list', () => {
    const existing = JSON.stringify({ Version: '2012-10-17', Statement: USERS_OWN });
    expect(read(plan({ existing }).policy).Statement[0]).toEqual(USERS_OWN);
  });

  it("replaces the original product's statements and keeps their accounts", () => {
    const existing = legacy([FIRST, SECOND], [USERS_OWN]);
    const { policy, changed, accounts } = plan({ existing });
    expect(changed).toBe(true);
    expect(accounts).toEqual([FIRST, SECOND]);
    expect(read(policy).Id).toBeUndefined();
    expect(sids(policy)).toEqual([
      'Audit',
      'ShelveryTlsOnly',
      'ShelveryLocation',
      `ShelveryList${FIRST}`,
      `ShelveryFiles${FIRST}ForConfig`,
      `ShelveryList${SECOND}`,
      `ShelveryFiles${SECOND}ForConfig`,
    ]);
    expect(plan({ existing, exact: true, accounts: [SECOND] }).accounts).toEqual([SECOND]);
  });

  it.each([
    ['another Id', legacy([FIRST]).replace('shelvery-generated', 'by-hand'), 3],
    ['another resource', legacy([FIRST]).replace(`/backups/shared/${FIRST}*`, '/backups/*'), 1],
    ['another action', legacy([FIRST]).replace('"s3:Get*",', ''), 1],
    [
      'a condition',
      legacy([], [{ ...read(legacy([FIRST])).Statement[1], Condition: { Bool: { 'aws:SecureTransport': 'true' } } }]),
      1,
    ],
  ])("does not take statements for the original product's that have %s", (_what, existing, staying) => {
    expect(sids(plan({ existing }).policy).filter((sid) => sid === undefined)).toHaveLength(staying);
  });

  it("leaves what somebody allowed a service beside the original product's statements", () => {
    const service = {
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${ARN}/*`,
    };
    expect(read(plan({ existing: legacy([FIRST], [service]) }).policy).Statement[0]).toEqual(service);
  });

  describe('of two stacks that see to one bucket', () => {
    const [ours, theirs] = ['shelvery', 'longterm'].map((name) => writerOf(name, Region.parse('eu-west-1')));
    const as = (writer: string | undefined, input: Input) => plan({ ...input, ...present({ writer }) });

    it('takes nothing from the other, by its configuration or by its tags', () => {
      const tagged = { type: 'ebs', accounts: [FIRST] } as const;
      const both = as(theirs, { existing: as(ours, { accounts: [FIRST], tagged }).policy, accounts: [SECOND] }).policy;
      const none = { type: 'ebs', accounts: [] } as const;
      expect(as(theirs, { existing: both, exact: true, tagged: none }).accounts).toEqual([FIRST]);
      expect(as(theirs, { existing: both, without: [FIRST, SECOND] }).accounts).toEqual([FIRST]);
      expect(as(ours, { existing: both, exact: true, tagged: none }).accounts).toEqual([SECOND]);
    });

    it('keeps an account that both name until neither does', () => {
      const both = as(theirs, { existing: as(ours, { accounts: [FIRST] }).policy, accounts: [FIRST] }).policy;
      expect(sids(both)).toContain(`ShelveryFiles${FIRST}ForConfigBy${theirs ?? ''}AndConfigBy${ours ?? ''}`);
      const one = as(ours, { existing: both, exact: true });
      expect(one.accounts).toEqual([FIRST]);
      expect(as(theirs, { existing: one.policy, exact: true }).accounts).toEqual([]);
    });

    it('takes over what an earlier version wrote without a stack, where it names the account itself', () => {
      const { policy } = as(ours, { accounts: [FIRST, SECOND] });
      const earlier = policy.replaceAll(`By${ours ?? ''}`, '');
      expect(sids(earlier)).toContain(`ShelveryFiles${FIRST}ForConfig`);
      const taken = as(ours, { existing: earlier, accounts: [FIRST, SECOND] });
      expect(taken).toMatchObject({ changed: true, policy });
      expect(as(ours, { existing: earlier, accounts: [FIRST], exact: true }).accounts).toEqual([FIRST]);
    });
  });

  describe('that accounts are only to be taken out of', () => {
    const left = (input: Input) => plan({ onlyWithdraws: true, exact: true, ...input });
    const tagged = { type: 'ebs', accounts: [SECOND] } as const;
    const existing = plan({ accounts: [FIRST], tagged }).policy;

    it('loses those that nobody names any longer, and gets none', () => {
      expect(left({ existing, tagged: { type: 'ebs', accounts: [] } })).toMatchObject({ changed: true, accounts: [] });
      const ofTags = left({ existing, tagged, accounts: [THIRD] });
      expect(ofTags).toMatchObject({ changed: true, accounts: [SECOND], known: [SECOND] });
      expect(sids(ofTags.policy)).toContain(`ShelveryFiles${SECOND}ForEbsBy${WRITER}`);
      expect(left({ existing, accounts: [FIRST] }).changed).toBe(false);
      expect(left({ existing, accounts: [FIRST], tagged: { type: 'rds', accounts: [] } }).changed).toBe(false);
    });

    it('loses no more than those who are to lose it, where the others are not known', () => {
      expect(left({ existing, exact: false })).toMatchObject({ changed: false, accounts: [FIRST, SECOND] });
      expect(left({ existing, exact: false, without: [FIRST, SECOND] })).toMatchObject({
        changed: true,
        accounts: [SECOND],
      });
    });

    it.each([
      ['nothing', undefined],
      ['what others wrote', JSON.stringify({ Version: '2012-10-17', Statement: [USERS_OWN] })],
      ["the original product's", legacy([FIRST])],
      ['an earlier version', existing.replaceAll(`By${WRITER}`, '')],
      ["another stack's", existing.replaceAll(WRITER, writerOf('longterm', Region.parse('eu-west-1')))],
    ])('stays as it is where it is %s', (_, found) => {
      expect(left({ existing: found })).toMatchObject({ changed: false, policy: found ?? '' });
    });

    it('loses what is refused with what is taken out, and nothing else', () => {
      const three = plan({ accounts: [FIRST, SECOND, THIRD] }).policy;
      const input = { existing: three, accounts: [FIRST, SECOND], only: [SECOND] };
      expect(left(input)).toMatchObject({ changed: true, accounts: [SECOND] });
    });
  });

  it('says how many accounts are too many for a policy', () => {
    const accounts = Array.from({ length: 60 }, (_, index) => AccountId.parse(String(222222222222 + index)));
    expect(() => plan({ accounts })).toThrow(
      /would have \d+ bytes, and S3 takes 20480: share with fewer than 60 accounts/,
    );
    expect(plan({ accounts: accounts.slice(0, 30) }).changed).toBe(true);
  });

  it('takes a policy that is just as long as S3 takes, and says of a longer one what to do', () => {
    const withSid = (length: number) =>
      plan({
        existing: JSON.stringify({ Version: '2012-10-17', Statement: [{ ...USERS_OWN, Sid: 'a'.repeat(length) }] }),
      });
    const rest = 20_480 - withSid(0).policy.length;
    expect(withSid(rest).policy).toHaveLength(20_480);
    expect(() => withSid(rest + 1)).toThrow(
      expect.objectContaining({
        code: 'ConfigurationError',
        message: expect.stringMatching(/\(shelvery_share_aws_account_ids, .*\), or shorten the other statements\.$/),
      }),
    );
  });
});

describe('the writer of a policy', () => {
  const HOME = Region.parse('eu-west-1');

  it.each([
    ['shelvery', 'shelveryeuwest1'],
    [undefined, 'terminaleuwest1'],
  ])('is the stack, or the terminal, and its region: %s', (stack, writer) => {
    expect(writerOf(stack, HOME)).toBe(writer);
  });

  it('is another for each stack and region', () => {
    const names = [
      'shelvery',
      'Shelvery',
      'shel-very',
      'shelvery-',
      'terminal',
      undefined,
      'x'.repeat(20),
      'x'.repeat(21),
    ];
    const writers = names.flatMap((name) => [writerOf(name, HOME), writerOf(name, Region.parse('us-east-1'))]);
    expect(new Set(writers).size).toBe(writers.length);
    for (const writer of writers) expect(writer).toMatch(/^[a-z0-9]{1,60}$/);
    expect(writerOf('a'.repeat(128), HOME)).toMatch(/^a{20}[0-9a-f]{6}euwest1$/);
  });
});
