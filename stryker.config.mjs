import { env } from 'node:process';
import { unit } from './jest.config.mjs';

/** What is mutated, beneath layers/engine/src; `scripts/mutate.mjs` names it. */
const part = env.SHELVERY_MUTATED ?? 'domain/backup';

/** The domain's own tests decide on what it is made of. */
const byUnitTests = {
  mutate: [`layers/engine/src/${part}/**/*.ts`],
  // Of the domain it is known within milliseconds what a mutant's tests say.
  testRunner: part.startsWith('domain') ? 'domain' : 'jest',
  plugins: ['@stryker-mutator/jest-runner', './scripts/mutation/domain-runner.mjs'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
      // All tests that are of the domain alone. Others load the engine, too, and would all be run for every mutant.
      testMatch: ['<rootDir>/tests/unit/domain/**/*.test.ts'],
      // Stryker puts this over jest.config.mjs, whose projects would run beside it.
      projects: [],
      moduleNameMapper: {
        ...unit.moduleNameMapper,
        // The link in node_modules leads to the sources without mutants.
        '^@shelvery/engine$': '<rootDir>/layers/engine/src/index.ts',
        '^@shelvery/engine/lambda$': '<rootDir>/layers/engine/src/lambda/index.ts',
      },
    },
  },
  incremental: true,
  incrementalFile: `reports/mutation/${part.replaceAll('/', '-')}.json`,
};

/** Operations have no unit tests: the lives of the simulation decide. */
const bySimulation = {
  // Of `operations` itself what is in no part of its own.
  mutate: [`layers/engine/src/${part}/${part === 'operations' ? '' : '**/'}*.ts`],
  plugins: ['./scripts/simulation-runner.mjs'],
  testRunner: 'simulation',
  testRunnerNodeArgs: ['--max-old-space-size=1024'],
};

export default {
  ...(part.startsWith('domain/') ? byUnitTests : bySimulation),
  coverageAnalysis: 'perTest',
  // A constant of a module that is loaded once cannot be switched from test to test.
  ignoreStatic: true,
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  ignorePatterns: ['.venv', 'dist', 'coverage', 'reports', '.aws-sam'],
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 80 },
};
