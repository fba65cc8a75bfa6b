/** What an invocation on this machine needs, and where it is. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A function cannot be invoked, for a reason that the reader can do something about. */
export class CannotInvoke extends Error {}

/** A function as `npm run build` makes it. */
export interface BuiltFunction {
  readonly name: string;
  readonly code: string;
  readonly layer: string;
}

/** The folder of a backup type's function, below `functions/`. */
export function folderOf(type: string): string {
  return type.replaceAll('_', '-');
}

/** Finds a function by its folder's name, or by its backup type. */
export function findFunction(wanted: string, dist = `${root}dist`): BuiltFunction {
  const names = readdirSync(`${root}functions`).filter((folder) => existsSync(`${root}functions/${folder}/handler.ts`));
  const name = names.find((each) => each === folderOf(wanted));
  if (name === undefined)
    throw new CannotInvoke(`There is no function ${JSON.stringify(wanted)}. The functions are ${names.join(', ')}.`);
  const found = { name, code: `${dist}/functions/${name}`, layer: `${dist}/layer` };
  if (![found.code, found.layer].every((folder) => existsSync(folder)))
    throw new CannotInvoke('The functions are not built: run `npm run build`.');
  return found;
}

export function readEvent(file: string): unknown {
  if (!existsSync(file))
    throw new CannotInvoke(`There is no file ${file}. Samples are in events/, one for each function and action.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CannotInvoke(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** AWS's runtime interface emulator, which is part of the SAM CLI's package. */
export function findRuntimeEmulator(): string {
  const name = new Map([
    ['x64', 'aws-lambda-rie-x86_64'],
    ['arm64', 'aws-lambda-rie-arm64'],
  ]).get(arch);
  if (platform !== 'linux' || name === undefined) {
    throw new CannotInvoke(
      `AWS's runtime interface emulator runs only on Linux, and this is ${platform} ${arch}: use \`sam local invoke\`, which needs Docker.`,
    );
  }
  const libraries = `${root}.venv/sam/lib`;
  const folders = existsSync(libraries) ? readdirSync(libraries) : [];
  const found = folders
    .map((folder) => `${libraries}/${folder}/site-packages/samcli/local/rapid/${name}`)
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new CannotInvoke('The SAM CLI is not set up here: run `node scripts/setup.mjs --sam`.');
  return found;
}

/** What Lambda and the template set, over the given environment without its options for Node. */
export function lambdaEnvironment(
  name: string,
  own: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const region = own['AWS_REGION'] ?? own['AWS_DEFAULT_REGION'] ?? '';
  if (region === '') throw new CannotInvoke('No region is set: set AWS_REGION, or use --env AWS_REGION=eu-west-1.');
  return {
    AWS_LAMBDA_FUNCTION_TIMEOUT: '900',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    ...own,
    AWS_REGION: region,
    NODE_OPTIONS: '--enable-source-maps',
    AWS_LAMBDA_FUNCTION_NAME: `shelvery-${name}`,
    // The account in the function's ARN is nobody's: the function asks AWS whose the credentials are.
    AWS_SAM_LOCAL: 'true',
  };
}
