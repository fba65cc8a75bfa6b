// Begins with nothing but the version of Node: what follows does not load on one that is too old.
const OLDEST_NODE = 22;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `Shelvery needs Node.js ${String(OLDEST_NODE)} or newer, and this is Node.js ${process.versions.node}: install a newer one from https://nodejs.org.\n`,
  );
  process.exitCode = 2;
} else {
  const { runProcess } = await import('./run-process.js');
  await runProcess(process);
}
