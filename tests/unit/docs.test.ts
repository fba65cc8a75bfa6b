import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { EXIT } from '../../cli/exit-code.js';
import { ACTIONS } from '../../layers/engine/src/domain/actions.js';
import { KEEP_REASONS, REMOVE_REASONS } from '../../layers/engine/src/domain/plan/plan-clean.js';
import { QUOTAS } from '../../layers/engine/src/domain/plan/quotas.js';
import type { Quota } from '../../layers/engine/src/domain/plan/quotas.js';
import { CONFIG_KEYS } from '../../layers/engine/src/domain/config/config-schema.js';
import { resolveResourceConfig, resolveRunConfig } from '../../layers/engine/src/domain/config/config.js';
import { DIAGNOSES, ERRORS, FINDINGS, LOG_LINES } from '../../layers/engine/src/domain/telling/catalogue.js';
import { formatMetadata, parseMetadata } from '../../layers/engine/src/domain/files/metadata.js';
import { PAGES, withPart } from '../../scripts/docs/pages.js';

const page = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The fenced blocks of a language on a page. */
function blocks(file: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...page(file).matchAll(pattern)].map(([, block = '']) => block);
}

describe('the pages made from the code', () => {
  it.each(PAGES.map(({ file, render }) => [file, render] as const))(
    '%s is up to date (else: npm run docs)',
    (file, render) => {
      const present = page(file);
      expect(present).toBe(render(present));
    },
  );

  it('are refused without the marks of the part that is made', () => {
    expect(() => withPart('no marks', 'keys', '')).toThrow('<!-- keys: made by npm run docs -->');
  });
});

describe('all pages', () => {
  const root = new URL('../../', import.meta.url);
  const files = [
    'README.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'tests/emulator/README.md',
    'CONTRIBUTING.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ];

  it.each(files)('%s links to what is there, and names scripts that are', (file) => {
    const text = page(file);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(new URL(link, new URL(file, root))))).toEqual([]);
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(page('package.json')));
    const named = [...text.matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+)\b/g)].map(([, script = '']) => script);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  it.each(files)('%s links to headings that are there', (file) => {
    const links = [...page(file).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const missing = links.filter(([, to = '', anchor = '']) => {
      const target = to === '' ? new URL(file, root) : new URL(to, new URL(file, root));
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, '')
          .replaceAll(' ', '-'),
      );
      return !headings.includes(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  it('quotes only what Shelvery or AWS says', () => {
    const root = new URL('../../', import.meta.url);
    const sources = globSync(['cli/*.ts', 'functions/**/*.ts', 'layers/engine/src/**/*.ts'], { cwd: root });
    const text = sources.map((file) => readFileSync(new URL(file, root), 'utf8')).join('\n');
    /** Said by CloudFormation. */
    const others = ['Invalid region'];
    const quoted = [...page('docs/troubleshooting.md').matchAll(/"([^"]+)"/g)].flatMap(([, words = '']) =>
      words.split('…').map((part) => part.trim()),
    );
    expect(quoted.length).toBeGreaterThan(10);
    expect(quoted.filter((words) => !text.includes(words) && !others.includes(words))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it.each([...ERRORS, ...LOG_LINES, ...FINDINGS, ...DIAGNOSES].map(({ code }) => code))(
    'says what to do about %s',
    (code) => {
      expect(page('docs/operations.md')).toMatch(new RegExp(`^\\|[^|]*\`${code}\`[^|]*\\|`, 'm'));
    },
  );

  it('names only codes that there are', () => {
    const codes = new Set([...ERRORS, ...LOG_LINES, ...FINDINGS, ...DIAGNOSES].map(({ code }): string => code));
    const named = [
      ...page('docs/operations.md').matchAll(
        /^\| `([\w-]+)` \| (?:error|warn|info|breach|warning|note|failed|ok) \|/gm,
      ),
    ].map(([, code = '']) => code);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
    expect(named).toHaveLength(codes.size);
  });
});

describe('docs/json.md', () => {
  it('names every reason of a listed backup', () => {
    const [paragraph = ''] = /^- `reason` of a listed backup[\s\S]*?(?=^- )/m.exec(page('docs/json.md')) ?? [];
    // Cleaning alone keeps for `files-first`: it moves the files of a backup that it could not remove.
    const reasons = [
      ...KEEP_REASONS.filter((reason) => reason !== 'files-first'),
      ...REMOVE_REASONS,
      'somebodys',
      'no-origin',
      'missing-copy',
    ];
    expect([...paragraph.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word).sort()).toEqual(
      ['reason', ...reasons].sort(),
    );
  });

  it('names every exit code', () => {
    const named = [...page('docs/json.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(named).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });
});

describe('docs/quotas-and-cost.md', () => {
  const limit = (quota: Quota | undefined): string => (quota?.limit ?? 0).toLocaleString('en-US');
  const { ebs, ec2ami, rds, rds_cluster: cluster, docdb, redshift } = QUOTAS;

  it.each([
    ['EBS copies at once to a region', limit(ebs.copies)],
    ['RDS copies at once between regions', `${limit(rds.copies)} (Aurora ${limit(cluster.copies)})`],
    ['Manual RDS snapshots of a region', limit(rds.stored)],
    ['Manual cluster snapshots (Aurora, DocumentDB)', limit(cluster.stored)],
    ['Manual cluster snapshots (Aurora, DocumentDB)', limit(docdb.stored)],
    ['Redshift manual snapshots', limit(redshift.stored)],
    ['EBS snapshots of a region', limit(ebs.stored)],
    ['AMIs of a region', limit(ec2ami.stored)],
  ])('says of "%s" what the estimates go by: %s', (quota, figure) => {
    expect(page('docs/quotas-and-cost.md')).toContain(`\n| ${quota} | ${figure} | `);
  });
});

describe('docs/configuration.md', () => {
  const configuration = 'docs/configuration.md';

  it.each(CONFIG_KEYS)('has a row for %s', (key) => {
    expect(page(configuration)).toContain(`\n| \`${key}\` | `);
  });

  it('has only payloads that are legal', () => {
    const payloads = blocks(configuration, 'json').map((block) =>
      z.object({ config: z.unknown() }).parse(JSON.parse(block)),
    );
    expect(payloads).not.toHaveLength(0);
    for (const { config } of payloads)
      expect(() => resolveRunConfig({ payload: config, environment: {} })).not.toThrow();
  });

  it('has only settings in commands that are legal', () => {
    const text = blocks(configuration, 'sh').join('');
    const settings = [...text.matchAll(/(?:export|--config) (shelvery_\w+)=(?:"([^"]*)"|(\S*))/g)];
    const parameters = [...text.matchAll(/--name \S*\/(shelvery_\w+) --value (\S+)/g)];
    const payload = Object.fromEntries(
      [...settings, ...parameters].map(([, key = '', quoted, plain]) => [key, quoted ?? plain]),
    );
    expect(Object.keys(payload)).toHaveLength(5);
    expect(() => resolveRunConfig({ payload, environment: {} })).not.toThrow();
  });

  it('has only tags that are legal', () => {
    const tags = Object.fromEntries(
      blocks(configuration, '').flatMap((block) =>
        [...block.matchAll(/^(\S+) += (.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
      ),
    );
    expect(Object.keys(tags)).toHaveLength(3);
    expect(resolveResourceConfig(resolveRunConfig({ environment: {} }), tags).problems).toEqual([]);
  });
});

describe('docs/deploying.md', () => {
  const Statement = z.object({
    Effect: z.literal('Allow'),
    Principal: z.record(z.string(), z.string()),
    Action: z.union([z.string(), z.array(z.string())]),
    Condition: z.record(z.string(), z.record(z.string(), z.string())),
  });
  const Policy = z.union([z.object({ Statement: z.tuple([Statement]) }), Statement]);
  const statements = blocks('docs/deploying.md', 'json').map((block) => {
    const policy = Policy.parse(JSON.parse(block));
    return 'Statement' in policy ? policy.Statement[0] : policy;
  });

  it.each([
    ['CloudWatch use the key of an alarm topic', { Service: 'cloudwatch.amazonaws.com' }, 'aws:SourceAccount'],
    ['the functions take on a role before they are there', { AWS: 'arn:aws:iam::111111111111:root' }, 'sts:ExternalId'],
    ['the repository read the package', { Service: 'serverlessrepo.amazonaws.com' }, 'aws:SourceAccount'],
  ])('has the policy that lets %s, and nobody else', (_, Principal, key) => {
    const found = statements.filter((each) => JSON.stringify(each.Principal) === JSON.stringify(Principal));
    expect(found).toHaveLength(1);
    expect(found[0]?.Condition['StringEquals']).toHaveProperty([key]);
  });

  it("says how long a name may be that the repository puts its own before, and how long the parameters' lists", () => {
    const text = page('docs/deploying.md');
    expect(text).toContain(`${45 - 'serverlessrepo-'.length} are left for the name`);
    const { Parameters } = z
      .object({
        Parameters: z.record(z.string(), z.looseObject({ Description: z.string(), MaxLength: z.number().optional() })),
      })
      .parse(parse(page('template.yaml'), { logLevel: 'silent' }));
    const limited = Object.entries(Parameters).filter(([, { MaxLength }]) => MaxLength !== undefined);
    expect(limited.map(([name]) => name)).toEqual(['AllowedTopics', 'AllowedKmsKeys', 'AllowedRoles']);
    for (const [, { Description, MaxLength = 0 }] of limited) {
      expect(Description).toContain(`at most ${MaxLength.toLocaleString('en')} characters`);
      expect(text).toContain(`${MaxLength.toLocaleString('en')} characters`);
    }
  });
});

describe('docs/metadata.md', () => {
  it('shows a file as it is written', () => {
    const [example = ''] = blocks('docs/metadata.md', 'yaml');
    const parsed = parseMetadata(example);
    expect(parsed).not.toHaveProperty('problem');
    if ('document' in parsed) expect(formatMetadata(parsed.document)).toBe(example);
  });

  it('shows a file that the published schema allows', () => {
    const schema = z.fromJSONSchema(
      z.record(z.string(), z.json()).parse(JSON.parse(page('docs/metadata.schema.json'))),
    );
    const [example = ''] = blocks('docs/metadata.md', 'yaml');
    expect(schema.safeParse(parse(example)).error).toBeUndefined();
  });
});

describe('docs/migrating.md', () => {
  it('names only parameters and outputs that the template has', () => {
    const { Parameters, Outputs } = z
      .object({ Parameters: z.record(z.string(), z.unknown()), Outputs: z.record(z.string(), z.unknown()) })
      .parse(parse(page('template.yaml'), { logLevel: 'silent' }));
    const named = [
      ...page('docs/migrating.md').matchAll(/\b((?:Shelvery|Allowed|Schedules|DataBuckets)[A-Z][A-Za-z]+)\b/g),
    ];
    const names = new Set(named.map(([, name = '']) => name));
    expect(names.size).toBeGreaterThan(10);
    expect([...names].filter((name) => !(name in Parameters) && !(name in Outputs))).toEqual([]);
  });

  it('names only commands that there are', () => {
    const commands = [...page('docs/migrating.md').matchAll(/shelvery all (\w+)/g)].map(([, action]) => action);
    expect(commands.length).toBeGreaterThan(4);
    expect(commands.filter((action) => !ACTIONS.some((known) => known === action))).toEqual([]);
  });
});
