// The simulation as one program, packages with it: that starts sooner than from a hundred files.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, stop } from 'esbuild';
import { programOptions } from './bundle-options.mjs';

/**
 * Modules of the engine that are in tests/simulation/remembered, too, are taken from there: they give the same answers to
 * the same questions without working them out again. A real process asks each once; here thousands of processes do.
 */
const remembered = (root) => ({
  name: 'remembered',
  setup({ onResolve }) {
    const engine = resolve(root, 'layers/engine/src');
    const answers = resolve(root, 'tests/simulation/remembered');
    onResolve({ filter: /^\..*\.js$/ }, ({ path, importer, resolveDir }) => {
      const file = resolve(resolveDir, path).replace(/\.js$/, '.ts');
      if (!file.startsWith(engine) || importer.startsWith(answers)) return undefined;
      const instead = file.replace(engine, answers);
      return existsSync(instead) ? { path: instead } : undefined;
    });
  },
});

/** Bundles a module of the simulation of the project in `root` into a file. */
export async function buildSimulation({ root = programOptions.absWorkingDir, entryPoint, outfile }) {
  await build({
    ...programOptions,
    absWorkingDir: root,
    plugins: [...programOptions.plugins, remembered(root)],
    entryPoints: [entryPoint],
    outfile,
  });
  await stop();
}
