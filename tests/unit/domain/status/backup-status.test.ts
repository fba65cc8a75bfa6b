import { describe, expect, it } from '@jest/globals';
import {
  BackupStatus,
  FINDING_CODES,
  buildStatus,
  fitStatus,
  severityOf,
} from '../../../../layers/engine/src/domain/status/backup-status.js';
import { FINDINGS } from '../../../../layers/engine/src/domain/telling/catalogue.js';

const row = (id: string, name?: string) => ({
  id,
  ...(name === undefined ? {} : { name }),
  rpo_hours: 26,
  copies: [],
  pulled_by: [],
  running: 0,
  held: 0,
});
const build = (): BackupStatus =>
  buildStatus({
    findings: [
      { reason: 'held', resource: 'vol-3', text: 'held' },
      { reason: 'near-miss', resource: 'vol-2', text: 'near' },
      { reason: 'dr-copy-missing', resource: 'vol-1', region: 'us-east-1', text: 'missing' },
      { reason: 'dr-copy-missing', resource: 'vol-1', region: 'eu-west-2', text: 'missing' },
      { reason: 'dr-copy-missing', resource: 'vol-9', resource_name: 'a', text: 'missing' },
      { reason: 'source-silent', account: '111111111111', text: 'silent' },
      { reason: 'no-metadata', text: 'nothing named' },
      { reason: 'no-metadata', region: 'eu-west-1', text: 'nothing named' },
      { reason: 'no-metadata', text: 'nothing named' },
    ],
    resources: [row('vol-2'), row('vol-9', 'a'), row('vol-1', 'a')],
    sources: [
      { account: '222222222222', resources: 0, not_seen_for_60_days: 0 },
      { account: '111111111111', resources: 0, not_seen_for_60_days: 0 },
      { account: '111111111111', resources: 1, not_seen_for_60_days: 0 },
    ],
  });

describe('the findings', () => {
  it('are those of the catalogue, in its order, each as bad as its level', () => {
    expect(FINDING_CODES).toEqual(FINDINGS.map(({ code }) => code));
    const levels = { breach: 'error', warning: 'warn', note: 'info' } as const;
    expect(FINDING_CODES.map((code) => levels[severityOf(code)])).toEqual(FINDINGS.map(({ level }) => level));
  });
});

describe('buildStatus', () => {
  it('puts the worst first, and orders by name and region', () => {
    const status = build();
    expect(status.findings.map(({ reason, resource, region }) => [reason, resource, region])).toEqual([
      ['dr-copy-missing', 'vol-9', undefined],
      ['dr-copy-missing', 'vol-1', 'eu-west-2'],
      ['dr-copy-missing', 'vol-1', 'us-east-1'],
      ['source-silent', undefined, undefined],
      ['near-miss', 'vol-2', undefined],
      ['no-metadata', undefined, undefined],
      ['no-metadata', undefined, undefined],
      ['no-metadata', undefined, 'eu-west-1'],
      ['held', 'vol-3', undefined],
    ]);
    expect(status.resources.map(({ id }) => id)).toEqual(['vol-1', 'vol-9', 'vol-2']);
    expect(status.sources.map(({ account }) => account)).toEqual(['111111111111', '111111111111', '222222222222']);
  });

  it('counts, and says that the objective is broken by a breach alone', () => {
    const status = build();
    expect(status).toMatchObject({ objective: 'broken', counts: { resources: 3, breach: 4, warning: 4, note: 1 } });
    const warned = buildStatus({ findings: [{ reason: 'near-miss', text: '' }], resources: [], sources: [] });
    expect(warned.objective).toBe('met');
  });

  it('has the published shape', () => {
    const status = build();
    expect(BackupStatus.parse(status)).toEqual(status);
  });
});

describe('fitStatus', () => {
  const bytes = (part: unknown): number => Buffer.byteLength(JSON.stringify(part));

  it('leaves a status as it is that fits', () => {
    const status = build();
    // The counts of what is left out have room of their own.
    expect(fitStatus(status, bytes(status) + 100)).toEqual(status);
  });

  it('leaves all resources out where one finding has no room', () => {
    const status = build();
    const long = { ...status, findings: [...status.findings, { ...status.findings[0], text: 'x'.repeat(5_000) }] };
    const fitted = fitStatus(BackupStatus.parse(long), bytes(status) + 1_000);
    expect(fitted).toMatchObject({
      findings: status.findings,
      findings_omitted: 1,
      resources: [],
      resources_omitted: 3,
    });
  });

  it('keeps the worst findings, then resources, and counts what it leaves out', () => {
    const status = build();
    const none = bytes({ ...status, findings: [], resources: [] });
    const some = fitStatus(status, none + 250);
    expect(some.findings.length).toBeGreaterThan(0);
    expect(some.findings).toEqual(status.findings.slice(0, some.findings.length));
    expect(some).toMatchObject({
      counts: status.counts,
      findings_omitted: status.findings.length - some.findings.length,
      resources: [],
      resources_omitted: 3,
    });
    const withFindings = fitStatus(status, bytes({ ...status, resources: [] }) + bytes(status.resources[0]) + 10);
    expect(withFindings).toMatchObject({ findings: status.findings, findings_omitted: 0, resources_omitted: 2 });
    expect(fitStatus(withFindings, none).resources_omitted).toBe(3);
  });
});
