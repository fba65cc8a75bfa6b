// node scripts/run-ts.mjs <entry.ts> [arguments]: runs a TypeScript file that uses the engine, without a build.
// Node strips types, but does not find x.ts where './x.js' is imported: so the project's own files are bundled first.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import process from 'node:process';
import { build, stop } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) {
  process.stderr.write('Usage: node scripts/run-ts.mjs <entry.ts> [arguments]\n');
  process.exit(2);
}

const installedPackages = {
  name: 'installed-packages',
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@shelvery/') ? undefined : { path, external: true },
    );
  },
};

/** A file keeps its own place, though it runs from the bundle's. */
const ownPlace = {
  name: 'own-place',
  setup(context) {
    context.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll(/\bimport\.meta\.url\b/g, () => JSON.stringify(pathToFileURL(path).href))
        .replaceAll(/\bimport\.meta\.filename\b/g, () => JSON.stringify(path))
        .replaceAll(/\bimport\.meta\.dirname\b/g, () => JSON.stringify(dirname(path))),
    }));
  },
};

// Below node_modules, so that packages are found from there.
const folder = resolve(root, 'node_modules/.cache/shelvery');
const outfile = resolve(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`);
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(outfile, { force: true }));

await build({
  ...bundleOptions,
  absWorkingDir: root,
  entryPoints: [`./${relative(root, resolve(entry))}`],
  target: `node${process.versions.node}`,
  sourcemap: 'inline',
  sourcesContent: false,
  plugins: [installedPackages, ownPlace],
  outfile,
});
await stop();

// In this process: signals, streams and the exit code are the script's own.
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], resolve(entry), ...args];
await import(pathToFileURL(outfile).href);
