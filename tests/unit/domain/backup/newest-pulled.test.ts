import { describe, expect, it } from '@jest/globals';
import { newestPulledAgeHours, silentSources } from '../../../../layers/engine/src/domain/backup/newest-pulled.js';
import { backup, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-01-12 03:00');
const FIRST = '222222222222';
const SECOND = '333333333333';

function ages(
  backups: readonly BackupParts[],
  config: Readonly<Record<string, unknown>> = { shelvery_source_aws_account_ids: [FIRST, SECOND] },
): Readonly<Record<string, number>> | undefined {
  const found = newestPulledAgeHours({
    now: NOW,
    backups: backups.map((parts) => backup(parts)),
    config: runConfig(config),
  });
  return found === undefined ? undefined : Object.fromEntries(found);
}
const pulled = (account: string, created: string, more: BackupParts = {}): BackupParts => ({
  place: 'pulled',
  account,
  created,
  ...more,
});

describe('the age of the newest pulled backup', () => {
  it('is told of each source account, whatever is older, failed or being made', () => {
    const backups = [
      pulled(FIRST, '2026-01-10-0300'),
      pulled(FIRST, '2026-01-11-0300'),
      pulled(FIRST, '2026-01-12-0200', { state: 'pending' }),
      pulled(FIRST, '2026-01-12-0100', { state: 'failed' }),
      pulled(SECOND, '2026-01-12-0100'),
    ];
    expect(ages(backups)).toEqual({ [FIRST]: 24, [SECOND]: 2 });
  });

  it('is that of the data, and never below nothing', () => {
    const tags = { 'shelvery:snapshot_time': '2026-01-11-0000' };
    expect(ages([pulled(FIRST, '2026-01-12-0200', { tags })])).toEqual({ [FIRST]: 27 });
    expect(ages([pulled(FIRST, '2026-01-12-0310')])).toEqual({ [FIRST]: 0 });
  });

  it('is told neither of accounts that are not configured, nor of own backups', () => {
    expect(ages([pulled('444444444444', '2026-01-11-0300'), { created: '2026-01-11-0300' }])).toEqual({});
    expect(ages([pulled(FIRST, '2026-01-11-0300')], {})).toEqual({});
  });

  it('is not told of what was copied on to another region', () => {
    expect(ages([{ place: 'dr-of-pulled', account: FIRST, created: '2026-01-11-0300' }])).toEqual({});
  });

  it('is not told by a run that looks at one resource only', () => {
    expect(ages([], { shelvery_select_entity: 'vol-1' })).toBeUndefined();
  });
});

describe('a source account', () => {
  const config = runConfig({ shelvery_source_aws_account_ids: [FIRST, SECOND], shelvery_rpo_hours: 26 });

  it('is silent when the newest backup that was pulled from it is older than the objective', () => {
    const backups = [pulled(FIRST, '2026-01-11-0100'), pulled(SECOND, '2026-01-11-0000')].map((parts) => backup(parts));
    const silent = silentSources(newestPulledAgeHours({ now: NOW, backups, config }), config);
    expect(Object.fromEntries(silent)).toEqual({ [SECOND]: 27 });
  });

  it('is not silent where nothing was ever pulled from it, nor where nobody looked', () => {
    expect(silentSources(newestPulledAgeHours({ now: NOW, backups: [], config }), config).size).toBe(0);
    expect(silentSources(undefined, config).size).toBe(0);
  });
});
