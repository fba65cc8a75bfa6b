// What every bundle has in common.
import { readFileSync } from 'node:fs';

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
        contents: source.replace(/\[(_\w+)\]:/g, (key, name) =>
          constants.has(name) ? `${constants.get(name)}:` : key,
        ),
      };
    });
  },
};

/** @satisfies {import('esbuild').BuildOptions} */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Half the size of what the default order gives: the SDK's `main` is CommonJS, which cannot be shaken.
  mainFields: ['module', 'main'],
  conditions: ['import', 'module'],
  define: { __SHELVERY_VERSION__: JSON.stringify(version) },
  plugins: [shakeableSchemas],
  logLevel: 'warning',
};

/** CommonJS packages within an ES module still call `require` for Node's own modules. */
export const requireBanner =
  "import { createRequire as shelveryCreateRequire } from 'node:module'; const require = shelveryCreateRequire(import.meta.url);";
