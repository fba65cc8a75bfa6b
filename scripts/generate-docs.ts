// node scripts/run-ts.mjs scripts/generate-docs.ts [--check]: brings the pages that are made from the code up to date;
// with --check it changes nothing and fails where one is not.
import process from 'node:process';
import { PAGES } from './docs/pages.js';
import { bringUpToDate } from './made-files.js';

bringUpToDate(PAGES, 'npm run docs', process.argv.includes('--check'));
