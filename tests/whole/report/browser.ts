import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import * as z from 'zod';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = `${root}.cache`;
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(`${root}node_modules/@sparticuz/chromium/package.json`, 'utf8')));
const folder = `${cache}/chromium-${version}`;

/**
 * Starts a browser: the Chromium that comes with the packages for Linux x64; on other machines the one that
 * SHELVERY_TEST_BROWSER names.
 */
export async function startBrowser(): Promise<Browser> {
  // Pages of our own need no sandbox, which is refused to root.
  const args = ['--no-sandbox', '--no-zygote', '--font-render-hinting=none'];
  const own = process.env['SHELVERY_TEST_BROWSER'];
  if (own !== undefined) return await chromium.launch({ executablePath: own, args });
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      'Only on Linux x64 a browser comes with the packages: set SHELVERY_TEST_BROWSER to the path of a Chromium.',
    );
  if (!existsSync(folder)) unpack();
  return await chromium.launch({
    executablePath: `${folder}/chromium`,
    args,
    // Its libraries and its font, so that it needs none of the machine's and pages look the same everywhere.
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      LD_LIBRARY_PATH: `${folder}/al2023/lib`,
      FONTCONFIG_FILE: `${folder}/fonts.conf`,
    },
  });
}

function unpack(): void {
  mkdirSync(cache, { recursive: true });
  // Another test may do the same at this time: whoever is first wins.
  const mine = mkdtempSync(`${cache}/making-chromium-`);
  const { status, stderr } = spawnSync(process.execPath, [`${root}scripts/unpack-chromium.mjs`, mine], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Chromium could not be unpacked: ${stderr}`);
  writeFileSync(
    `${mine}/fonts.conf`,
    [
      '<?xml version="1.0"?>',
      '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
      `<fontconfig><dir>${folder}/fonts/fonts</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>`,
    ].join('\n'),
  );
  try {
    renameSync(mine, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(mine, { recursive: true });
  }
}
