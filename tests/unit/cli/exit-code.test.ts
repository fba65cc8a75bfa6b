import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '@shelvery/engine/terminal';
import { exitCodeOf, exitCodeOfError } from '../../../cli/exit-code.js';
import { buildStatus } from '../../../layers/engine/src/domain/status/backup-status.js';
import { TIME, aResult, ran } from './runs.js';

const error = new ShelveryError('Unexpected', 'Broken.');
const good = { operation: 'CreateBackup', status: 'ok' } as const;
const bad = { operation: 'CreateBackup', status: 'failed', error } as const;
const ignored = { operation: 'CreateBackup', status: 'ignored', reason: 'none' } as const;

const broken = {
  backupStatus: buildStatus({ findings: [{ reason: 'no-backup', text: '' }], resources: [], sources: [] }),
};

describe('exitCodeOf', () => {
  it.each([
    ['0 when all is well', [ran(aResult([good]))], 0],
    ['0 when there was nothing to do', [ran(aResult([]))], 0],
    ['0 when something was ignored', [ran(aResult([good, ignored]))], 0],
    ['3 when some of it failed', [ran(aResult([good, bad]))], 3],
    ['1 when nothing succeeded', [ran(aResult([bad]))], 1],
    ['1 when a run ended by an error of its own', [{ kind: 'broken', type: 'rds', time: TIME, error } as const], 1],
    ['130 when it was interrupted', [ran(aResult([good]), { interrupted: true })], 130],
    ['the worst of several: 3 over 0', [ran(aResult([good])), ran(aResult([good, bad]))], 3],
    ['3 when one run failed and others did not', [ran(aResult([bad])), ran(aResult([good]))], 3],
    ['4 when a status finds the objective broken', [ran(aResult([], broken))], 4],
    ['4 also where something could not be looked at', [ran(aResult([bad], broken)), ran(aResult([bad]))], 4],
    ['1 when every run failed', [ran(aResult([bad])), ran(aResult([bad]))], 1],
    [
      'the worst of several: 130 over 1',
      [ran(aResult([bad])), { kind: 'not-begun', type: 'rds', time: TIME } as const],
      130,
    ],
  ])('%s', (_what, runs, code) => {
    expect(exitCodeOf(runs)).toBe(code);
  });
});

describe('exitCodeOfError', () => {
  const refused = Object.assign(new Error('expired'), { name: 'ExpiredToken' });
  const unreachable = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  it.each([
    ['2 for bad usage', new ShelveryError('UsageError', ''), 2],
    ['2 for bad configuration', new ShelveryError('ConfigurationError', ''), 2],
    ['2 for missing credentials', new ShelveryError('CredentialsError', ''), 2],
    ['2 for expired credentials', new ShelveryError('CredentialsError', '', { cause: refused, mendable: true }), 2],
    [
      '1 when AWS could not be asked',
      new ShelveryError('CredentialsError', '', { cause: unreachable, mendable: true }),
      1,
    ],
    ['1 for anything else', error, 1],
  ])('%s', (_what, thrown, code) => {
    expect(exitCodeOfError(thrown)).toBe(code);
  });
});
