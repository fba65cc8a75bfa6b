import { unit } from './jest.config.mjs';

export default {
  mutate: ['layers/engine/src/domain/{plan-*,retention*,naming*}.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
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
  concurrency: 2,
  ignorePatterns: ['.venv', 'dist', 'coverage', 'reports', '.aws-sam'],
  reporters: ['clear-text', 'progress', 'html'],
  thresholds: { high: 95, low: 90, break: 80 },
};
