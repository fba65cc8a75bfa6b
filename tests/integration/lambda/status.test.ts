import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHandler } from '@shelvery/engine/lambda';
import * as z from 'zod';
import { ADAPTERS } from '../../../cli/adapters.js';
import { environmentOf, lambdaContext, useProcess } from '../harness/installation.js';
import { VOLUME, VOLUME_2, bucketOf, HOME, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useEbsEstate();

const schema = z.fromJSONSchema(
  z
    .record(z.string(), z.json())
    .parse(JSON.parse(readFileSync(new URL('../../../docs/answer.schema.json', import.meta.url), 'utf8'))),
);

/** What a breach is seen by: a volume whose only backup has old data, as a tag says: the snapshot itself is made now. */
async function makeEstate(): Promise<void> {
  await estate.run('create_data_buckets');
  await estate.volume(VOLUME, { Name: 'orders' });
  await estate.backup({ created: '2026-01-10-0300', tags: { 'shelvery:snapshot_time': '2026-01-10-0300' } });
}

describe('the status, invoked by its schedule', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    jest.spyOn(console, 'log').mockImplementation((line: string) => {
      lines.push(line);
    });
  });
  afterEach(() => {
    delete process.env['POWERTOOLS_DEV'];
    delete process.env['POWERTOOLS_METRICS_DISABLED'];
    jest.restoreAllMocks();
  });

  it('is answered, goes to the topic for status reports, and is counted in metrics', async () => {
    await makeEstate();
    const topic = await estate.topic('status');
    const installation = estate.install({ shelvery_status_sns_topic: topic });
    useProcess(installation);
    // Metrics are written to the console that is watched here.
    Object.assign(process.env, { POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false' });
    const { clock } = installation;
    const handler = createHandler('ebs', ADAPTERS.ebs, { environment: environmentOf(installation), clock });
    const event = {
      backup_type: 'ebs',
      action: 'status',
      scheduled_time: clock.now().toISOString(),
    };
    const answer = await handler(event, lambdaContext(installation));
    expect(schema.safeParse(answer).error).toBeUndefined();
    const finding = { severity: 'breach', reason: 'backup-too-old', resource: VOLUME, resource_name: 'orders' };
    expect(answer).toMatchObject({
      status: 'OK',
      backup_status: { objective: 'broken', findings: [finding, { reason: 'no-metadata' }] },
    });
    const [message, ...others] = await estate.emulator().publishedMessages();
    expect(others).toEqual([]);
    expect(JSON.parse(message?.message ?? '')).toEqual(answer);
    const metrics = lines.flatMap((line) => {
      const emitted = z.looseObject({ ObjectiveBreaches: z.number() }).safeParse(JSON.parse(line));
      return emitted.success ? [emitted.data] : [];
    });
    expect(metrics).toMatchObject([
      { BackupType: 'ebs', ObjectiveBreaches: 1, StatusWarnings: 1, ResourcesMarked: 1, BackupsFailed: 0 },
    ]);
  });
});

describe('an answer', () => {
  it.each([['list_backups'], ['show_config'], ['status'], ['clean_backups'], ['create_data_buckets']])(
    'of %s has the published shape',
    async (action) => {
      await makeEstate();
      const dry_run = action === 'clean_backups';
      const answer = await lambdaFunction(estate.install())({ action, dry_run });
      expect(answer).toMatchObject({ action, status: 'OK' });
      expect(schema.safeParse(answer).error).toBeUndefined();
    },
  );

  it('that is longer than Lambda takes is written to the data bucket, and named', async () => {
    await makeEstate();
    await estate.volume(VOLUME_2, { Name: 'x'.repeat(255) });
    // About 750 bytes each.
    const created = Array.from({ length: 7_500 }, (_, index) => ({
      volume: VOLUME_2,
      created: `20${String(10 + Math.floor(index / 336))}-${twoDigits((index % 12) + 1)}-${twoDigits((Math.floor(index / 12) % 28) + 1)}-0300`,
      tags: { 'shelvery:hold': 'yes' },
    }));
    await estate.backups(created);
    const answer = await lambdaFunction(estate.install())({ action: 'list_backups' }, { requestId: 'the-request' });
    expect(schema.safeParse(answer).error).toBeUndefined();
    const key = 'backups/answers/ebs/list_backups-the-request.json';
    expect(answer).toMatchObject({ status: 'OK', answer_s3_location: `s3://${bucketOf(HOME)}/${key}` });
    expect(answer).not.toHaveProperty('listed');
    const whole: unknown = JSON.parse((await estate.files())[key] ?? '');
    expect(schema.safeParse(whole).error).toBeUndefined();
    expect(whole).toMatchObject({ run_id: 'the-request', summary: { collected: 7_501 } });
  }, 120_000);
});

const twoDigits = (number: number): string => String(number).padStart(2, '0');
