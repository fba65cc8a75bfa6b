import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Project } from './places.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The page with the worked example, and the type that it adds. */
export const PAGE = 'docs/adding-a-type.md';
export const NEW_TYPE = 'neptune';

/** The project as it is. */
export const PROJECT: Project = {
  exists: (path) => existsSync(root + path),
  read: (path) => readFileSync(root + path, 'utf8'),
};

/** A code block of the page: a whole file, or changes to one. */
export interface Step {
  readonly path: string;
  readonly kind: 'file' | 'change';
  readonly lines: readonly string[];
}

/** The example's steps, in the page's order: blocks that begin with "```ts <path>" or "```diff <path>". */
export function readSteps(page: string): readonly Step[] {
  return [...page.matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm)].map(([, language, path = '', block = '']) => ({
    path,
    kind: language === 'ts' ? 'file' : 'change',
    lines: block.replace(/\n$/, '').split('\n'),
  }));
}

/**
 * The files that the steps make or change, as they are then.
 *
 * @throws Error where a change does not fit the file as it is.
 */
export function takeSteps(steps: readonly Step[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { path, kind, lines } of steps) {
    const text =
      kind === 'file' ? `${lines.join('\n')}\n` : changed(path, files.get(path) ?? PROJECT.read(path), lines);
    files.set(path, text);
  }
  return files;
}

/** Each hunk (they are parted by `@@`) has to fit in one place. */
function changed(path: string, text: string, lines: readonly string[]): string {
  const hunks = lines.join('\n').split('\n@@\n');
  return hunks.reduce((present, hunk) => {
    const without = (sign: string): string =>
      hunk
        .split('\n')
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    const [before, after] = [without('+'), without('-')];
    if (present.split(before).length !== 2) throw new Error(`A change of ${PAGE} does not fit ${path}:\n${before}`);
    return present.replace(before, () => after);
  }, text);
}

/** The project with some files in place of its own. */
export function withFiles(files: ReadonlyMap<string, string>): Project {
  return {
    exists: (path) => files.has(path) || PROJECT.exists(path),
    read: (path) => files.get(path) ?? PROJECT.read(path),
  };
}
