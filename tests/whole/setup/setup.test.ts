import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { root, run } from '../sam/sam-cli.js';
import type { Ended } from '../sam/sam-cli.js';

const folder = mkdtempSync(`${tmpdir()}/shelvery-setup-`);
afterAll(() => rmSync(folder, { recursive: true }));

/** A script, as the command line of the set-up names it. */
function script(name: string, text: string): string {
  writeFileSync(`${folder}/${name}.mjs`, text);
  return relative(root, `${folder}/${name}.mjs`);
}
const setUp = (...args: readonly string[]): Promise<Ended> => run(process.execPath, ['scripts/setup.mjs', ...args]);

const tell = `process.stdout.write(JSON.stringify([process.execPath, process.argv.slice(2), process.env.PATH.split(':')[0]]) + '\\n');`;

describe('scripts/setup.mjs', () => {
  it("runs what follows with the project's own Node and programs, one after the other", async () => {
    const telling = script('tell', tell);
    const { status, stdout } = await setUp('then', telling, 'one', '--two', 'then', telling);
    expect(status).toBe(0);
    const told = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const programs = `${root}node_modules/.bin`;
    expect(told).toEqual([
      [process.execPath, ['one', '--two'], programs],
      [process.execPath, [], programs],
    ]);
  });

  it('ends with the exit code of the first that fails, and runs no other', async () => {
    const failing = script('fail', 'process.exit(3);');
    expect(await setUp('then', failing, 'then', script('tell', tell))).toMatchObject({ status: 3, stdout: '' });
  });

  it('stands first in every script that needs it, and no script starts `node` a second time by name', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(`${root}package.json`, 'utf8')));
    for (const command of Object.values(scripts)) expect(command).not.toMatch(/&&|;/);
    expect(scripts['start']).toMatch(/^node scripts\/setup\.mjs then /);
    expect(scripts['test']).toMatch(/^node scripts\/setup\.mjs then /);
    expect(scripts['test:deployed']).toMatch(/^node scripts\/setup\.mjs --sam --deployed then /);
  });
});
