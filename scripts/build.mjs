// Bundles what is deployed and installed: the engine's layer, the functions and the CLI.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions, requireBanner, version } from './bundle-options.mjs';
import { licensesOf } from './licenses.mjs';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const engine = JSON.parse(readFileSync('layers/engine/package.json', 'utf8'));
/** What only the CLI asks for is in no function. */
const FOR_THE_CLI = ['./terminal', './doctor'];
const entryPaths = Object.keys(engine.exports).filter((path) => !FOR_THE_CLI.includes(path));
/** '.' is index, './lambda' is lambda. */
const entryName = (path) => (path === '.' ? 'index' : path.slice('./'.length));

const deployed = {
  ...bundleOptions,
  target: 'node24',
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  banner: { js: requireBanner },
  outExtension: { '.js': '.mjs' },
};

async function buildLayer() {
  const folder = 'dist/layer/nodejs/node_modules/@shelvery/engine';
  rmSync('dist/layer', { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    ...deployed,
    entryPoints: Object.fromEntries(
      entryPaths.map((path) => [entryName(path), `layers/engine/${engine.exports[path]}`]),
    ),
    // What the entries share is one chunk, so that both see the same instances.
    splitting: true,
    chunkNames: 'chunk-[hash]',
    outdir: folder,
  });
  const manifest = {
    name: engine.name,
    version,
    license: engine.license,
    type: 'module',
    exports: Object.fromEntries(entryPaths.map((path) => [path, `./${entryName(path)}.mjs`])),
  };
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function buildFunctions() {
  rmSync('dist/functions', { recursive: true, force: true });
  const names = existsSync('functions') ? readdirSync('functions') : [];
  await Promise.all(
    names
      .filter((name) => existsSync(`functions/${name}/handler.ts`))
      .map((name) =>
        build({
          ...deployed,
          entryPoints: { index: `functions/${name}/handler.ts` },
          external: entryPaths.map((path) => engine.name + path.slice('.'.length)),
          // Credentials from elsewhere than Lambda's environment are chunks that are never loaded there.
          splitting: true,
          chunkNames: 'chunk-[hash]',
          outdir: `dist/functions/${name}`,
        }),
      ),
  );
}

/**
 * Three files: the program; what begins it, which alone is read on a Node that is too old; and the pages for a browser, which
 * only the commands that make one read.
 */
async function buildCli() {
  const program = 'dist/cli/run-process.js';
  rmSync('dist/cli', { recursive: true, force: true });
  const pages = 'dist/cli/pages.js';
  const [{ metafile }, { metafile: ofPages }] = await Promise.all([
    build({
      ...deployed,
      entryPoints: ['cli/run-process.ts'],
      target: 'node22',
      metafile: true,
      external: ['./pages.js'],
      outfile: program,
    }),
    build({
      ...deployed,
      entryPoints: ['cli/pages.ts'],
      target: 'node22',
      metafile: true,
      outfile: pages,
    }),
    build({
      ...deployed,
      entryPoints: ['cli/main.ts'],
      target: 'node20',
      banner: { js: '#!/usr/bin/env node' },
      external: ['./run-process.js'],
      outfile: 'dist/cli/shelvery.mjs',
    }),
  ]);
  const lambdaOnly = Object.keys(metafile.outputs[program].inputs).find((path) => path.includes('@middy/'));
  if (lambdaOnly !== undefined) throw new Error(`The CLI's bundle contains ${lambdaOnly}, which only runs in Lambda.`);
  const bundled = [metafile.outputs[program], ofPages.outputs[pages]].flatMap(({ inputs }) => Object.keys(inputs));
  writeFileSync('dist/cli/THIRD-PARTY-LICENSES.txt', licensesOf(bundled));
  chmodSync('dist/cli/shelvery.mjs', 0o755);
}

await Promise.all([buildLayer(), buildFunctions(), buildCli()]);
