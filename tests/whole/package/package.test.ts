import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { CONFIG_KEYS } from '@shelvery/engine/terminal';
import { root, run } from '../sam/sam-cli.js';
import type { Ended } from '../sam/sam-cli.js';

const MINUTES = 60_000;
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(`${root}package.json`, 'utf8')));
const folder = mkdtempSync(`${tmpdir()}/shelvery-package-`);
const installed = `${folder}/installed/lib/node_modules/shelvery`;

async function done(ended: Promise<Ended>): Promise<Ended> {
  const { status, stdout, stderr } = await ended;
  if (status !== 0) throw new Error(stdout + stderr);
  return { status, stdout, stderr };
}

/** The installed command, far from the source tree. */
const shelvery = (...args: readonly string[]): Promise<Ended> =>
  run(`${folder}/installed/bin/shelvery`, args, { cwd: folder });

beforeAll(async () => {
  await done(run(process.execPath, ['scripts/package.mjs', folder]));
  const tarball = `${folder}/shelvery-${version}.tgz`;
  const where = ['--global', '--prefix', `${folder}/installed`, '--cache', `${folder}/cache`];
  await done(run('npm', ['install', ...where, '--offline', '--no-update-notifier', tarball], { cwd: folder }));
}, 5 * MINUTES);
afterAll(() => rmSync(folder, { recursive: true }));

describe('the package of the command line', () => {
  it('has no dependencies, and at most 20 files', () => {
    const manifest: unknown = JSON.parse(readFileSync(`${installed}/package.json`, 'utf8'));
    expect(manifest).toEqual({
      name: 'shelvery',
      version,
      description: expect.any(String),
      license: 'MIT',
      type: 'module',
      bin: { shelvery: 'shelvery.mjs' },
      engines: { node: '>=22' },
    });
    expect(existsSync(`${installed}/node_modules`)).toBe(false);
    const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    expect(files.length).toBeLessThanOrEqual(20);
  });

  it('has the pages that its pages lead to, and the licenses of what is bundled', () => {
    const pages = ['README.md', ...readdirSync(`${installed}/docs`).map((name) => `docs/${name}`)].filter((file) =>
      file.endsWith('.md'),
    );
    const links = pages.flatMap((file) =>
      [...readFileSync(`${installed}/${file}`, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) =>
        join(installed, dirname(file), link),
      ),
    );
    expect(new Set(links).size).toBeGreaterThan(8);
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
    const licenses = readFileSync(`${installed}/THIRD-PARTY-LICENSES.txt`, 'utf8');
    for (const name of ['@aws-sdk/client-ec2', 'commander', 'preact', 'zod']) expect(licenses).toContain(`\n${name} `);
  });

  it('has every page that the program names, and those that it takes to restore and to take over', () => {
    const named = ['shelvery.mjs', 'run-process.js', 'pages.js'].flatMap(
      (file) => readFileSync(`${installed}/${file}`, 'utf8').match(/\bdocs\/[a-z-]+\.(?:md|schema\.json)/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(0);
    const wanted = new Set([...named, 'docs/restoring.md', 'docs/migrating.md']);
    expect([...wanted].filter((page) => !existsSync(`${installed}/${page}`))).toEqual([]);
  });

  it('tells its version', async () => {
    expect(await shelvery('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('tells what it can do, every configuration key included', async () => {
    const { status, stdout, stderr } = await shelvery('ebs', '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const key of CONFIG_KEYS) expect(stdout).toContain(key);
  });
});
