// node scripts/unpack-chromium.mjs <folder>: unpacks the Chromium that comes with the packages, its libraries and a font
// into a folder that is there. For tests of pages.
import { argv, env } from 'node:process';

const [, , folder] = argv;
// The package unpacks to the folder for temporary files, and its libraries where it takes itself for Lambda's.
env.TMPDIR = folder;
env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x';
const { default: chromium } = await import('@sparticuz/chromium');
await chromium.executablePath();
