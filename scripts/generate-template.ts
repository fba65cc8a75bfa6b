// node scripts/run-ts.mjs scripts/generate-template.ts [--check]: writes template.yaml and template-dr-region.yaml from
// the backup types, the events of AWS and the configuration keys; with --check it changes nothing and fails where a file is
// not what would be written.
import process from 'node:process';
import { bringUpToDate } from './made-files.js';
import { renderDrRegionTemplate } from './template/dr-region-template.js';
import { renderTemplate } from './template/template.js';

bringUpToDate(
  [
    { file: 'template.yaml', render: renderTemplate },
    { file: 'template-dr-region.yaml', render: renderDrRegionTemplate },
  ],
  'npm run template',
  process.argv.includes('--check'),
);
