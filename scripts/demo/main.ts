import { startEmulator } from '../../tests/emulator/emulator.js';
import { showHalfYear } from './acts/half-year.js';
import { showSixTypes } from './acts/six-types.js';
import { showTwoAccounts } from './acts/two-accounts.js';
import { CLOSING_WORDS } from './closing-words.js';
import { interruption } from './interruption.js';
import { createRunner } from './runner.js';
import { createScreen } from './screen.js';

const HOME = { account: '111111111111', region: 'eu-west-1' } as const;

const screen = createScreen(process.stdout, process.stderr, process.env);
screen.say('Shelvery on an embedded AWS: nothing leaves this machine, no account is needed.');
screen.say('It takes about a minute; Ctrl-C ends it.');
const emulator = await startEmulator({ ...HOME, stderr: 'ignore' });

async function showAll(): Promise<void> {
  screen.say(`The embedded AWS answers at ${emulator.endpoint}. Each of the three acts begins with an empty one.`);
  for (const show of [showHalfYear, showSixTypes, showTwoAccounts]) {
    await emulator.reset();
    await show(emulator, createRunner(emulator), HOME, screen);
  }
  screen.title('The same against your own account');
  screen.say(CLOSING_WORDS);
}

try {
  const signal = await Promise.race([showAll(), interruption()]);
  if (signal !== undefined) {
    screen.fail(`Interrupted by ${signal}.`);
    // What an act still waits for would keep the process; the embedded AWS ends with it.
    process.exit(130);
  }
  // Also says whether anything was called that AWS would refuse.
  await emulator.stop();
} catch (error) {
  screen.fail(`The demonstration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
