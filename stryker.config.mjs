import { env } from 'node:process';
import { unit } from './jest.config.mjs';

/** What is mutated, beneath layers/engine/src; `scripts/mutate.mjs` names it. */
const part = env.SHELVERY_MUTATED ?? 'domain/backup';

export default {
  mutate: [`layers/engine/src/${part}/**/*.ts`],
  testRunner: 'jest',
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
  coverageAnalysis: 'perTest',
  // A constant of a module that is loaded once cannot be switched from test to test.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `reports/mutation/${part.replaceAll('/', '-')}.json`,
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  ignorePatterns: ['.venv', 'dist', 'coverage', 'reports', '.aws-sam'],
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 80 },
};
