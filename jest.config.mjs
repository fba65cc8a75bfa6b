import { packagesForTests } from './scripts/packages-for-tests.mjs';

const swc = (jsc) => ['@swc/jest', { swcrc: false, jsc: { ...jsc, target: 'es2024' }, module: { type: 'es6' } }];

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '\\.ts$': swc({ parser: { syntax: 'typescript' } }),
    '\\.tsx$': swc({
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    }),
  },
  moduleNameMapper: { ...(await packagesForTests()), '^(\\.{1,2}/.*)\\.js$': '$1' },
  // The built layer has a second package by the engine's name.
  modulePathIgnorePatterns: ['<rootDir>/(dist|\\.venv|\\.aws-sam|\\.stryker-tmp)/'],
  globals: { __SHELVERY_VERSION__: '0.0.0-test' },
};

export const unit = { ...shared, displayName: 'unit', testMatch: ['<rootDir>/tests/{unit,simulation}/**/*.test.ts'] };

/** Those that start emulators. */
const emulated = { ...shared, globalSetup: '<rootDir>/tests/emulator/fork-server.mjs' };

export default {
  maxWorkers: 2,
  // A hang ends, and a machine that others keep busy passes: tests start servers and processes.
  testTimeout: 60_000,
  projects: [
    unit,
    {
      ...emulated,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/{integration,emulator}/**/*.test.ts'],
    },
    // Too long for every run of `npm test`: `npm run test:whole`, `test:deployed` and `test:faults`.
    { ...emulated, displayName: 'whole', testMatch: ['<rootDir>/tests/whole/**/*.test.ts'] },
    { ...emulated, displayName: 'deployed', testMatch: ['<rootDir>/tests/deployed/**/*.test.ts'] },
    { ...emulated, displayName: 'faults', testMatch: ['<rootDir>/tests/faults/**/*.test.ts'] },
  ],
  // v8 counts what a module never called generously.
  coverageProvider: 'babel',
  collectCoverageFrom: ['layers/engine/src/**/*.ts'],
  coverageReporters: ['text-summary', 'html', 'lcovonly'],
  coverageThreshold: { './layers/engine/src/domain/': { branches: 100 } },
};
