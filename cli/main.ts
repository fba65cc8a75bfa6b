import { setFlagsFromString } from 'node:v8';

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
  // Most of what answers of AWS are parsed into is garbage at once. Node lets it grow to 32 MB and more before it is
  // collected, and keeps that memory: a look at a large estate takes a third less with the space that it has at first.
  setFlagsFromString('--semi-space-growth-factor=1');
  // What is garbage only later may otherwise become three times what is needed. Much less than this takes a second more of
  // a look at 10,000 backups, as all that is in use is gone through more often.
  setFlagsFromString('--heap-growing-percent=100');
  const { runProcess } = await import('./run-process.js');
  await runProcess(process);
}
