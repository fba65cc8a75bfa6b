// What every bundle has in common.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * The SDK's schema of a service is one file, whose parts esbuild drops where they are not used: but not those with
 * computed keys (`{ [_xN]: … }`), as a key could have effects. Here the keys are constants of the file; written out,
 * the EC2 client takes 20 KB in place of 560.
 */
const shakeableSchemas = {
  name: 'shakeable-schemas',
  setup(context) {
    context.onLoad({ filter: /[\\/]@aws-sdk[\\/].*[\\/]schemas_0\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const constants = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name, text]) => [name, text]),
      );
      return {
        loader: 'js',
        contents: withoutNeedlessErrors(source, constants).replace(/\[(_\w+)\]:/g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        ),
      };
    });
  },
};

/**
 * `import … from 'node:http'` loads Node's fetch and its WebSocket, too, since a module's exports are all read when it is
 * imported: 60 ms of processor time at the start of each function. `require` reads what is used.
 */
const httpByRequire = {
  name: 'http-by-require',
  setup(context) {
    context.onResolve({ filter: /^(?:node:)?https?$/ }, ({ path, kind }) =>
      ['import-statement', 'dynamic-import'].includes(kind)
        ? { path: path.replace(/^node:/, ''), namespace: 'node-http' }
        : undefined,
    );
    context.onLoad({ filter: /.*/, namespace: 'node-http' }, ({ path }) => ({
      contents: `module.exports = require('node:${path}');`,
    }));
  },
};

/**
 * Every class of a client's errors is in each bundle, as each is registered: 40 KB for SSM alone. Of an error that is not
 * registered the SDK makes one of the service's base class, with the code in the answer as its name. Nothing here asks for
 * more than that (AWS's errors are told apart by name), so that the others go: those whose name is not the code stay.
 */
function withoutNeedlessErrors(source, constants) {
  const errors = source.matchAll(/^export var (\w+)\$ = \[-3, n0, (_\w+),\s+\{([^}]*)\}/gm);
  return [...errors].reduce((text, [, variable, name, traits]) => {
    const code = /\[_aQE\]: \[`([^`]+)`/.exec(traits)?.[1];
    const isNeeded = code !== undefined && JSON.stringify(code) !== constants.get(name);
    return isNeeded ? text : text.replace(`n0_registry.registerError(${variable}$, ${variable});\n`, '');
  }, source);
}

/** @satisfies {import('esbuild').BuildOptions} */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Half the size of what the default order gives: the SDK's `main` is CommonJS, which cannot be shaken.
  mainFields: ['module', 'main'],
  conditions: ['import', 'module'],
  define: { __SHELVERY_VERSION__: JSON.stringify(version) },
  plugins: [shakeableSchemas, httpByRequire],
  logLevel: 'warning',
};

/** CommonJS packages within an ES module still call `require` for Node's own modules. */
export const requireBanner =
  "import { createRequire as shelveryCreateRequire } from 'node:module'; const require = shelveryCreateRequire(import.meta.url);";

/**
 * Of a program that is run at once, on this Node, and kept by nobody. @satisfies {import('esbuild').BuildOptions}
 */
export const programOptions = {
  ...bundleOptions,
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  target: `node${process.versions.node}`,
  banner: { js: requireBanner },
};
