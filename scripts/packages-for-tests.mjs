// The packages that the product is built on, for tests: each test file loads all that it imports anew, and the hundreds
// of modules of AWS's clients take seconds, where a few files take a tenth of that.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions, requireBanner } from './bundle-options.mjs';

/** What the product and its tests import. What is missing here is loaded from its package. */
const IMPORTS = [
  '@aws-lambda-powertools/logger',
  '@aws-lambda-powertools/logger/middleware',
  '@aws-lambda-powertools/metrics',
  '@aws-lambda-powertools/parameters/ssm',
  '@aws-sdk/client-docdb',
  '@aws-sdk/client-ec2',
  '@aws-sdk/client-kms',
  '@aws-sdk/client-lambda',
  '@aws-sdk/client-rds',
  '@aws-sdk/client-redshift',
  '@aws-sdk/client-s3',
  '@aws-sdk/client-sns',
  '@aws-sdk/client-sqs',
  '@aws-sdk/client-ssm',
  '@aws-sdk/client-sts',
  '@aws-sdk/credential-provider-process',
  '@date-fns/utc',
  '@middy/core',
  '@smithy/core/config',
  '@smithy/core/protocols',
  '@smithy/core/retry',
  '@smithy/node-http-handler',
  '@smithy/signature-v4',
  'commander',
  'd3-scale',
  'date-fns',
  'fast-check',
  'fastest-levenshtein',
  'listr2',
  'p-limit',
  'preact',
  'preact/jsx-runtime',
  'preact-render-to-string',
  'yaml',
  'zod',
];

/**
 * Within Jest every look-up of a global asks the test's context anew, at a hundred times the cost of a variable. Those
 * that tests replace, as they do the clock and `process.env`, are not among them.
 */
const GLOBALS = [
  ...['Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'Buffer', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number'],
  ...['Object', 'Promise', 'RangeError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TextDecoder', 'TextEncoder'],
  ...['TypeError', 'Uint8Array', 'WeakMap', 'WeakSet', 'encodeURIComponent', 'isNaN', 'parseFloat', 'parseInt'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}.cache/packages-for-tests`;
const nameOf = (specifier) => specifier.replaceAll('/', '+');

/** All that a package exports, by name: esbuild knows no names of those that are CommonJS. */
const namedExports = {
  name: 'named-exports',
  setup(context) {
    context.onResolve({ filter: /^exports-of:/ }, ({ path }) => ({
      path: path.slice('exports-of:'.length),
      namespace: 'exports-of',
    }));
    context.onLoad({ filter: /./, namespace: 'exports-of' }, async ({ path }) => {
      const names = new Set(Object.keys(await import(path)));
      // Node gives CommonJS these, by the first of which it can be told.
      if (names.delete('module.exports')) for (const added of ['default', '__esModule']) names.delete(added);
      return { contents: `export { ${[...names].join(', ')} } from '${path}';`, resolveDir: root };
    });
  },
};

/** Jest's `moduleNameMapper` for them. They are bundled again only when packages or this bundling change. */
export async function packagesForTests() {
  const files = ['node_modules/.package-lock.json', 'scripts/packages-for-tests.mjs', 'scripts/bundle-options.mjs'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(root + file));
  const folder = `${cache}/${hash.digest('hex').slice(0, 16)}`;
  if (!existsSync(folder)) await bundleTo(folder);
  return Object.fromEntries(
    IMPORTS.map((specifier) => [`^${specifier.replaceAll('.', '\\.')}$`, `${folder}/${nameOf(specifier)}.mjs`]),
  );
}

async function bundleTo(folder) {
  mkdirSync(cache, { recursive: true });
  // Another run may do the same at this time: whoever is first wins.
  const mine = mkdtempSync(`${cache}/making-`);
  await build({
    ...bundleOptions,
    absWorkingDir: root,
    target: 'node24',
    // Names and lines stay, for what failing tests show.
    minifySyntax: true,
    entryPoints: Object.fromEntries(IMPORTS.map((specifier) => [nameOf(specifier), `exports-of:${specifier}`])),
    plugins: [...bundleOptions.plugins, namedExports],
    splitting: true,
    banner: { js: `${requireBanner} const { ${GLOBALS.join(', ')} } = globalThis;` },
    outExtension: { '.js': '.mjs' },
    outdir: mine,
  });
  try {
    renameSync(mine, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(mine, { recursive: true });
  }
}
