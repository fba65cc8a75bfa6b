// node scripts/run-ts.mjs scripts/generate-template.ts [--check]: writes template.yaml from the backup types and the
// configuration keys; with --check it changes nothing and fails where the file is not what would be written.
import process from 'node:process';
import { bringUpToDate } from './made-files.js';
import { renderTemplate } from './template/template.js';

bringUpToDate(
  [{ file: 'template.yaml', render: renderTemplate }],
  'npm run template',
  process.argv.includes('--check'),
);
