// node scripts/run-ts.mjs scripts/report-picture.ts: makes docs/report.png, the picture of a report of a made-up estate.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AccountId, BUILT_IN_PRICES, Region, buildReport } from '@shelvery/engine/terminal';
import { reportPage } from '../cli/pages.js';
import { startBrowser } from '../tests/whole/report/browser.js';
import { NOW, SAMPLE } from '../tests/whole/report/sample-estate.js';

const home = { accountId: AccountId.parse('111111111111'), region: Region.parse('eu-west-1') };
const html = reportPage(buildReport({ now: NOW, home, types: SAMPLE, prices: BUILT_IN_PRICES }), { version: '1.0.0' });
const folder = mkdtempSync(`${tmpdir()}/shelvery-picture-`);
const browser = await startBrowser();
try {
  writeFileSync(`${folder}/report.html`, html);
  const page = await browser.newPage({ viewport: { width: 1000, height: 1180 } });
  await page.goto(pathToFileURL(`${folder}/report.html`).href);
  await page.screenshot({ path: fileURLToPath(new URL('../docs/report.png', import.meta.url)) });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
