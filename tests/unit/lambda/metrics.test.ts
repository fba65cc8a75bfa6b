import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import { AccountId, BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { beginSilence, createMetrics, tellMetrics } from '../../../layers/engine/src/lambda/metrics.js';

/** The embedded metric format, as CloudWatch reads it from the log. */
const Emitted = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ]),
  }),
});

let lines: string[];
beforeEach(() => {
  lines = [];
  // Has Powertools write to the console that is watched here.
  Object.assign(process.env, { POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false' });
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line);
  });
});
afterEach(() => {
  delete process.env['POWERTOOLS_DEV'];
  delete process.env['POWERTOOLS_METRICS_DISABLED'];
  jest.restoreAllMocks();
});

const ENVIRONMENT = { POWERTOOLS_METRICS_NAMESPACE: 'Shelvery/stack' };

const PULLED = new Map([
  [AccountId.parse('111111111111'), 2],
  [AccountId.parse('222222222222'), 30],
]);

/** What is emitted for a type's outcomes, as the function makes its metrics. */
function emitted(type: BackupType, outcomes: readonly Outcome[], age?: number): z.infer<typeof Emitted> {
  tellMetrics(createMetrics(ENVIRONMENT, type), type, {
    outcomes,
    lostNotifications: 2,
    ...(age === undefined
      ? {}
      : {
          newestBackupAgeHours: age,
          marksLost: true,
          newestPulledAgeHours: PULLED,
          backupStatus: { counts: { resources: 7, breach: 2, warning: 3, note: 1 } },
        }),
  });
  return Emitted.parse(JSON.parse(lines[0] ?? ''));
}

const failed: Outcome = { operation: 'CreateBackup', status: 'failed', error: new ShelveryError('AwsError', 'x') };
const ok = (operation: Outcome['operation']): Outcome => ({ operation, status: 'ok' });

describe('the metrics of an invocation', () => {
  it('count what was done, and what failed, also where nothing did', () => {
    expect(
      emitted('ebs', [ok('CreateBackup'), ok('CreateBackup'), ok('CopyBackupToRegion'), ok('StoreBackupData')], 3.5),
    ).toMatchObject({
      BackupsCreated: 2,
      BackupsCopied: 1,
      BackupsFailed: 0,
      NewestBackupAgeHours: 3.5,
      CleaningsEnded: 1,
      MarksLost: 1,
      NewestPulledBackupAgeHours: 30,
      NotificationsLost: 2,
      ResourcesMarked: 7,
      ObjectiveBreaches: 2,
      StatusWarnings: 3,
    });
    const ofAccounts = lines.slice(1).map((line): unknown => JSON.parse(line));
    expect(ofAccounts).toEqual([
      expect.objectContaining({ SourceAccount: '111111111111', NewestPulledBackupAgeHours: 2 }),
      expect.objectContaining({ SourceAccount: '222222222222', NewestPulledBackupAgeHours: 30 }),
    ]);
    lines = [];
    const without = emitted('ebs', [failed, { operation: 'CreateBackup', status: 'ignored', reason: 'x' }]);
    expect(without).toMatchObject({ BackupsFailed: 1 });
    expect(without).not.toHaveProperty('NewestBackupAgeHours');
    expect(without).not.toHaveProperty('CleaningsEnded');
    expect(without).not.toHaveProperty('MarksLost');
  });

  it.each(BACKUP_TYPES)('have the dimensions that the alarms of %s watch', (type) => {
    const Alarm = z.object({
      Type: z.literal('AWS::CloudWatch::Alarm'),
      Properties: z.object({
        MetricName: z.string(),
        Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
      }),
    });
    const template = z
      .object({ Resources: z.record(z.string(), z.unknown()) })
      .parse(parse(readFileSync(new URL('../../../template.yaml', import.meta.url), 'utf8'), { logLevel: 'silent' }));
    const alarms = Object.values(template.Resources)
      .flatMap((resource) => Alarm.safeParse(resource).data ?? [])
      .filter(({ Properties }) =>
        Properties.Dimensions.some(({ Name, Value }) => Name === 'BackupType' && Value === type),
      );
    expect(alarms.map(({ Properties }) => Properties.MetricName).sort()).toEqual([
      'BackupsFailed',
      'CleaningsEnded',
      'MarksLost',
      'NewestBackupAgeHours',
      'NewestPulledBackupAgeHours',
      'NotificationsLost',
      'ObjectiveBreaches',
    ]);
    const metrics = emitted(type, [failed], 1);
    const [{ Dimensions, Metrics: named }] = metrics._aws.CloudWatchMetrics;
    for (const { Properties } of alarms) {
      expect(named.map(({ Name }) => Name)).toContain(Properties.MetricName);
      expect(Dimensions).toEqual([Properties.Dimensions.map(({ Name }) => Name)]);
      expect(metrics).toMatchObject(Object.fromEntries(Properties.Dimensions.map(({ Name, Value }) => [Name, Value])));
    }
  });

  it('count the silence of a new stack from when it was made, for each type', () => {
    beginSilence(ENVIRONMENT);
    expect(lines.map((line) => Emitted.parse(JSON.parse(line)))).toEqual(
      BACKUP_TYPES.map((type) => expect.objectContaining({ service: type, BackupType: type, CleaningsEnded: 0 })),
    );
  });
});
