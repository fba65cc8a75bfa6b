import { describe, expect, it } from '@jest/globals';
import {
  Checkup,
  DIAGNOSIS_CODES,
  buildCheckup,
  resultOf,
} from '../../../../layers/engine/src/domain/doctor/checkup.js';
import { DIAGNOSES } from '../../../../layers/engine/src/domain/telling/catalogue.js';

describe('the diagnoses', () => {
  it('are those of the catalogue, in its order, each as bad as its level', () => {
    expect(DIAGNOSIS_CODES).toEqual(DIAGNOSES.map(({ code }) => code));
    const levels = { failed: 'error', warning: 'warn', ok: 'info' } as const;
    expect(DIAGNOSIS_CODES.map((code) => levels[resultOf(code)])).toEqual(DIAGNOSES.map(({ level }) => level));
  });
});

describe('buildCheckup', () => {
  const built = () =>
    buildCheckup([
      { check: 'quotas', reason: 'fine', text: 'q' },
      { check: 'keys', reason: 'fine', text: 'k', region: 'us-east-1' },
      { check: 'keys', reason: 'fine', text: 'k', region: 'eu-west-1', subject: 'b' },
      { check: 'keys', reason: 'fine', text: 'k', region: 'eu-west-1', subject: 'a' },
      { check: 'keys', reason: 'key-of-another-account', text: 'k' },
      { check: 'keys', reason: 'key-disabled', text: 'k', region: 'us-east-1', advice: 'Enable it.' },
      { check: 'permissions', reason: 'fine', text: 'p', backup_type: 'docdb' },
      { check: 'permissions', reason: 'fine', text: 'p', backup_type: 'ebs' },
      { check: 'permissions', reason: 'fine', text: 'p', backup_type: 'ebs' },
      { check: 'credentials', reason: 'fine', text: 'c' },
    ]);

  it('orders by check, then by how bad it is, then by type, region and subject; what is said twice counts once', () => {
    const checkup = built();
    expect(
      checkup.findings.map(({ check, result, backup_type: type, region, subject }) =>
        [check, result, type, region, subject].filter((part) => part !== undefined).join(' '),
      ),
    ).toEqual([
      'credentials ok',
      'permissions ok ebs',
      'permissions ok docdb',
      'keys failed us-east-1',
      'keys warning',
      'keys ok eu-west-1 a',
      'keys ok eu-west-1 b',
      'keys ok us-east-1',
      'quotas ok',
    ]);
    expect(checkup.counts).toEqual({ failed: 1, warning: 1, ok: 7 });
  });

  it('leaves two that differ in their reason alone in their order', () => {
    const { findings } = buildCheckup([
      { check: 'permissions', reason: 'not-tried', text: 'p' },
      { check: 'permissions', reason: 'fine', text: 'p' },
    ]);
    expect(findings.map(({ reason }) => reason)).toEqual(['not-tried', 'fine']);
  });

  it('leaves those in order that are', () => {
    const { findings } = buildCheckup(
      ['a', 'b', 'c'].map((subject) => ({ check: 'keys', reason: 'fine', text: 'k', subject })),
    );
    expect(findings.map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
  });

  it('is what the schema says', () => {
    const checkup = built();
    expect(Checkup.parse(checkup)).toEqual(checkup);
  });
});
