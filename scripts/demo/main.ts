import { startEmulator } from '../../tests/emulator/emulator.js';
import { showHalfYear } from './acts/half-year.js';
import { showEveryType } from './acts/every-type.js';
import { showTwoAccounts } from './acts/two-accounts.js';
import { CLOSING_WORDS } from './closing-words.js';
import { interruption } from './interruption.js';
import { createRunner } from './runner.js';
import { createScreen } from './screen.js';

const HOME = { account: '111111111111', region: 'eu-west-1' } as const;

const screen = createScreen(process.stdout, process.stderr, process.env);
screen.say('Shelvery on an embedded AWS: nothing leaves this machine, no account is needed.');
screen.say('It takes about a minute; Ctrl-C ends it.');
const interrupted = interruption();

async function showAll(): Promise<void> {
  const emulator = await startEmulator({ ...HOME, stderr: 'ignore' });
  screen.say(`The embedded AWS answers at ${emulator.endpoint}. Each of the three acts begins with an empty one.`);
  for (const show of [showHalfYear, showEveryType, showTwoAccounts]) {
    await emulator.reset();
    await show(emulator, createRunner(emulator), HOME, screen);
  }
  // Fails if anything was called that AWS would refuse.
  await emulator.stop();
  screen.title('The same against your own account');
  screen.say(CLOSING_WORDS);
}

// Whatever an act still waits for would keep the process: it exits, and the embedded AWS ends with it.
try {
  const signal = await Promise.race([showAll(), interrupted]);
  if (signal !== undefined) {
    screen.fail(`Interrupted by ${signal}.`);
    process.exit(130);
  }
} catch (error) {
  screen.fail(`The demonstration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
