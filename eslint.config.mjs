import { defineConfig } from 'eslint/config';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const emptyCatch = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'A catch handles the error or throws it again.',
};

const clocksAndChance = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'The domain has no clock: take the time as a value.',
  },
  {
    selector: 'NewExpression[callee.name=/^(Date|UTCDate)$/][arguments.length=0]',
    message: 'The domain has no clock: take the time as a value.',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'The domain has no clock: take the time as a value.' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'The domain decides the same every time.',
  },
];

export default defineConfig(
  {
    ignores: ['.cache/', 'dist/', 'coverage/', 'reports/', '.stryker-tmp/', '.aws-sam/', '.venv/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', emptyCatch],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // Brackets show that the key of a record may be missing.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
    },
  },
  {
    files: ['layers/**/*.ts', 'functions/**/*.ts', 'cli/**/*.{ts,tsx}'],
    rules: {
      // `as const` stays allowed.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      // What Lambda logs has a code from the catalogue, what the CLI prints goes through its output.
      'no-console': 'error',
    },
  },
  {
    // Where untyped input becomes a typed value, and nowhere else.
    files: ['**/parse-*.ts', '**/read-*.ts'],
    rules: { '@typescript-eslint/consistent-type-assertions': 'error' },
  },
  {
    files: ['layers/engine/src/domain/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', emptyCatch, ...clocksAndChance],
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'].map((name) => ({
          name,
          message: 'The domain is pure: take what it needs as a value.',
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: 'node:crypto', allowImportNames: ['createHash'], message: 'The domain only hashes.' }],
          patterns: [{ regex: '^node:(?!crypto$)', message: 'The domain has no I/O.' }],
        },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: {
      // Fakes of asynchronous ports have nothing to wait for, and often nothing to do.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // A test that meets an undefined there fails, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { URL: 'readonly', module: 'writable' } },
  },
);
