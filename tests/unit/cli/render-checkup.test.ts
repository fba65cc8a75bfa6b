import { describe, expect, it } from '@jest/globals';
import type { Checkup } from '@shelvery/engine/doctor';
import { plain } from '../../../cli/output.js';
import { checkupSummary, renderCheckup } from '../../../cli/render-checkup.js';

const checkup: Checkup = {
  counts: { failed: 1, warning: 1, ok: 1 },
  findings: [
    { check: 'clock', result: 'ok', reason: 'fine', text: "This machine's clock is within a minute of AWS's." },
    {
      check: 'permissions',
      result: 'failed',
      reason: 'call-refused',
      backup_type: 'rds_cluster',
      region: 'eu-central-1',
      subject: 'rds:DescribeDBClusters',
      text: 'AWS refuses rds:DescribeDBClusters in eu-central-1.',
      advice: 'Allow rds:DescribeDBClusters in the policy of the role or user that Shelvery runs as.',
    },
    {
      check: 'buckets',
      result: 'warning',
      reason: 'bucket-missing',
      region: 'eu-west-1',
      text: 'The data bucket shelvery.data.111111111111-eu-west-1.base2tools is not there yet.',
    },
  ],
};
const rendered = (width: number | undefined, quiet = false): string =>
  renderCheckup(checkup, { paint: plain, width, quiet });

describe('renderCheckup', () => {
  it('has one line for each finding in a pipe', () => {
    expect(rendered(undefined).split('\n')).toEqual([
      'CHECK        RESULT   TYPE         REGION        WHAT IS FOUND, AND WHAT TO DO',
      "clock        ok                                  This machine's clock is within a minute of AWS's.",
      'permissions  failed   rds_cluster  eu-central-1  AWS refuses rds:DescribeDBClusters in eu-central-1. Allow rds:DescribeDBClusters in the policy of the role or user that Shelvery runs as.',
      'buckets      warning               eu-west-1     The data bucket shelvery.data.111111111111-eu-west-1.base2tools is not there yet.',
    ]);
  });

  it.each([80, 120])('fits a terminal of %i columns, with every word of what is found', (width) => {
    const lines = rendered(width).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    const words = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(words).toContain('in the policy of the role or user that Shelvery runs as.');
    expect(words.includes('eu-central-1 AWS refuses')).toBe(width === 120);
  });

  it('leaves out what is well where only the rest is asked for', () => {
    expect(rendered(undefined, true)).not.toContain('clock ');
    expect(rendered(undefined, true)).toContain('\nbuckets ');
    const well = { ...checkup, findings: checkup.findings.slice(0, 1) };
    expect(renderCheckup(well, { paint: plain, width: undefined, quiet: true })).toBe('');
  });
});

describe('checkupSummary', () => {
  it.each([
    [{ failed: 0, warning: 0, ok: 3 }, 'OK: 0 failed, 0 warnings, 3 ok'],
    [{ failed: 0, warning: 1, ok: 3 }, 'OK: 0 failed, 1 warning, 3 ok'],
    [{ failed: 2, warning: 2, ok: 0 }, 'FAILED: 2 failed, 2 warnings, 0 ok'],
  ])('counts %j', (counts, text) => {
    expect(checkupSummary({ ...checkup, counts }, plain)).toBe(text);
  });
});
