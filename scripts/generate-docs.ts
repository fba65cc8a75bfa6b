// node scripts/run-ts.mjs scripts/generate-docs.ts [--check]: brings the pages that are made from the code up to date;
// with --check it changes nothing and fails where one is not.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { PAGES } from './docs/pages.js';

const check = process.argv.includes('--check');
for (const { file, render } of PAGES) {
  const url = new URL(`../${file}`, import.meta.url);
  const present = existsSync(url) ? readFileSync(url, 'utf8') : '';
  const wanted = render(present);
  if (wanted === present) continue;
  if (check) {
    process.stderr.write(`${file} is out of date: run npm run docs.\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(url, wanted);
    process.stdout.write(`${file} written\n`);
  }
}
