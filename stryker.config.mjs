import { env } from 'node:process';

/** What is mutated, beneath layers/engine/src; `scripts/mutate.mjs` names it. */
const part = env.SHELVERY_MUTATED ?? 'domain/backup';

/** Of `domain` and `operations` themselves what is in no part of its own. */
const inside = ['domain', 'operations'].includes(part) ? '' : '**/';

/** The domain's own tests decide on what it is made of. */
const byUnitTests = {
  incremental: true,
  incrementalFile: `reports/mutation/${part.replaceAll('/', '-')}.json`,
};

/** Unit tests and lives of the simulation decide on operations. */
const bySimulation = {
  testRunnerNodeArgs: ['--max-old-space-size=1024'],
  // A change that goes round in circles is ended by how often it was reached, and by the world's most steps: a machine that
  // has become busy since the first run must not make one that survives look as though it did.
  timeoutFactor: 6,
};

export default {
  mutate: [`layers/engine/src/${part}/${inside}*.ts`],
  plugins: ['./scripts/mutation/engine-runner.mjs'],
  testRunner: 'engine',
  ...(part.startsWith('domain') ? byUnitTests : bySimulation),
  coverageAnalysis: 'perTest',
  // A constant of a module that is loaded once cannot be switched from test to test.
  ignoreStatic: true,
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  ignorePatterns: ['.venv', 'dist', 'coverage', 'reports', '.aws-sam'],
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
