import { prepareEnvironment } from './environment.js';
import { runCli } from './run-cli.js';

/** Runs the command line of a process, and sets its exit code. */
export async function runProcess(process: NodeJS.Process): Promise<void> {
  prepareEnvironment(process.env);
  process.exitCode = await runCli(process.argv.slice(2), {
    environment: process.env,
    program: process.argv[1],
    stdout: process.stdout,
    stderr: process.stderr,
  });
  // A region that did not answer in time is still being asked, with nobody left to wait for it.
  process.stdout.write('', () => {
    process.exit();
  });
}
