import { setFlagsFromString } from 'node:v8';
import { heapFlags } from './heap-flags.js';

declare const __SHELVERY_VERSION__: string;

// Begins with little: what follows does not load on a Node that is too old, and takes half a second.
const OLDEST_NODE = 22;
const [, , ...words] = process.argv;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `Shelvery needs Node.js ${String(OLDEST_NODE)} or newer, and this is Node.js ${process.versions.node}: install a newer one from https://nodejs.org.\n`,
  );
  process.exitCode = 2;
} else if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${__SHELVERY_VERSION__}\n`);
} else {
  for (const flag of heapFlags(words)) setFlagsFromString(flag);
  const { runProcess } = await import('./run-process.js');
  await runProcess(process);
}
