import { describe, expect, it } from '@jest/globals';
import { addHours } from 'date-fns';
import fc from 'fast-check';
import { ACTIONS, DELAYED_ACTIONS } from '../../../layers/engine/src/domain/actions.js';
import { holdOf } from '../../../layers/engine/src/domain/backup/hold.js';
import { readBackup } from '../../../layers/engine/src/domain/backup/read-backup.js';
import { expiryOf } from '../../../layers/engine/src/domain/backup/retention.js';
import { resolveResourceConfig, resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import { sharableWith } from '../../../layers/engine/src/domain/config/tag-limits.js';
import { dated, formatDelayedArguments, parseDelayedArguments } from '../../../layers/engine/src/domain/delayed.js';
import type { DelayedOperation } from '../../../layers/engine/src/domain/delayed.js';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { formatMetadata, metadataOf, parseMetadata } from '../../../layers/engine/src/domain/files/metadata.js';
import { verifySharedMetadata } from '../../../layers/engine/src/domain/files/metadata-verify.js';
import { planClean } from '../../../layers/engine/src/domain/plan/plan-clean.js';
import { AccountId, BackupId, Region } from '../../../layers/engine/src/domain/values.js';
import { parseEvent } from '../../../layers/engine/src/lambda/parse-event.js';
import {
  HOME,
  LOCAL,
  OWN_ACCOUNT,
  RULES,
  backup,
  foundBackup,
  resource,
  resourcesById,
  utc,
} from '../domain/builders.js';
import { cases, mutated, mutatedText, nasty, toJson } from './cases.js';
import type { Json } from './cases.js';

const NOW = utc('2026-02-01 03:00');
const THEIRS = AccountId.parse('222222222222');
const texts = (value: Json): Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, each]): [string, string][] =>
          typeof each === 'string' ? [[key, each]] : [],
        ),
      )
    : {};

describe('a file that anybody may have written', () => {
  const written = metadataOf(backup({ id: 'snap-0123456789abcdef0', entity: 'vol-0123456789abcdef0' }), 'ebs');
  const where = {
    accountId: written.account_id,
    region: LOCAL,
    type: 'ebs',
    name: written.name,
    lastModified: NOW,
  } as const;

  let right = 0;
  const isRightOrRefused = (text: string): void => {
    const parsed = parseMetadata(text);
    if ('problem' in parsed) {
      expect(parsed.problem).not.toBe('');
      return;
    }
    const verdict = verifySharedMetadata(parsed, where, ['daily', 'weekly', 'monthly', 'yearly']);
    if ('problem' in verdict) return;
    right += 1;
    const { document, createdAt } = parsed;
    expect([document.account_id, document.region, document.name]).toEqual([where.accountId, where.region, where.name]);
    expect(document.backup_id).toMatch(/^snap-[0-9a-f]{8,17}$/);
    expect(document.entity_id).toMatch(/^vol-[0-9a-f]{8,17}$/);
    expect(createdAt.getTime()).toBeLessThanOrEqual(NOW.getTime() + 900_000);
  };

  it('is refused with a reason, or says what is so: changed somewhere in its text', () => {
    fc.assert(fc.property(mutatedText(formatMetadata(written)), isRightOrRefused), cases(6_000));
  });

  it('is refused with a reason, or says what is so: with other values, or without some', () => {
    const good = toJson(written);
    fc.assert(
      fc.property(mutated(good), (value) => {
        isRightOrRefused(JSON.stringify(value));
      }),
      cases(6_000),
    );
    expect(right).toBeGreaterThan(100);
  });
});

describe('tags that anybody may have put there', () => {
  const environment = { shelvery_allowed_share_aws_account_ids: '333333333333' };
  const config = resolveRunConfig({ environment });
  const GOOD: Json = { ...foundBackup({ entity: 'vol-1', created: '2026-01-01-0300' }).tags, 'shelvery:region': LOCAL };
  const asked: Json = {
    'shelvery:create_backup': 'true',
    'shelvery:config:shelvery_keep_daily_backups': '3',
    'shelvery:config:shelvery_keep_last_backups': '0',
    'shelvery:config:shelvery_share_aws_account_ids': '333333333333',
    'shelvery:config:shelvery_copy_kms_key_id': `arn:aws:kms:eu-west-1:${OWN_ACCOUNT}:key/11111111-2222-3333-4444-555555555555`,
    'shelvery:config:shelvery_dr_regions': 'eu-central-1',
  };

  it('remove nothing that the plan does not justify, and end no cleaning', () => {
    const snapshots = fc.array(
      fc.record({
        tags: mutated({ ...GOOD, 'shelvery:hold': '', 'shelvery:dr_copy': '', 'shelvery:src_backup': '' }),
        own: mutated(asked),
        state: fc.constantFrom('available' as const, 'pending' as const, 'failed' as const),
        description: fc.constantFrom('', 'theirs', 'Made by Shelvery: daily backup of vol-1'),
        volumeId: fc.constantFrom('vol-1', 'vol-2'),
      }),
      { minLength: 1, maxLength: 4 },
    );
    let removed = 0;
    fc.assert(
      fc.property(snapshots, mutated(asked), (list, live) => {
        const by = { home: HOME, config, rules: RULES.ebs, resources: resourcesById(resource('vol-1', texts(live))) };
        const backups = list.map(({ tags, own, ...facts }, at) =>
          readBackup(
            {
              ...foundBackup(),
              ...facts,
              id: BackupId.parse(`snap-${String(at)}`),
              startedAt: utc('2026-01-01 03:00'),
              tags: { ...texts(tags), ...texts(own) },
            },
            by,
          ),
        );
        const plan = planClean({
          now: NOW,
          localRegion: LOCAL,
          region: LOCAL,
          backups,
          beingCopied: new Set(),
          config,
        });
        removed += plan.remove.length;
        for (const { backup: gone, reason } of plan.remove) {
          expect(holdOf(gone.found.tags, 'shelvery')).toBeUndefined();
          expect(gone.found.state).not.toBe('pending');
          expect(gone.config.problems).toEqual([]);
          // What Shelvery made says so itself, whatever its tags say.
          if (gone.place === 'local')
            expect([gone.found.volumeId, gone.found.description]).toEqual([
              'vol-1',
              expect.stringMatching(/^Made by Shelvery/),
            ]);
          const expires = expiryOf(gone.createdAt, gone.retentionType, gone.config.values, gone.place);
          if (reason === 'expired') expect(expires?.getTime()).toBeLessThan(NOW.getTime());
        }
      }),
      cases(8_000),
    );
    expect(removed).toBeGreaterThan(100);
  });

  it('share with nobody, and name no key, that the configuration does not allow', () => {
    fc.assert(
      fc.property(mutated(asked), (tags) => {
        const { values } = resolveResourceConfig(config, texts(tags), { ownAccount: OWN_ACCOUNT });
        const allowed = new Set([...sharableWith(config.values), OWN_ACCOUNT]);
        expect(values.shelvery_share_aws_account_ids.filter((account) => !allowed.has(account))).toEqual([]);
        const keys = [...values.shelvery_copy_kms_key_id.values(), ...values.shelvery_reencrypt_kms_key_id.values()];
        expect(keys.filter((key) => key.startsWith('arn:') && key.split(':')[4] !== OWN_ACCOUNT)).toEqual([]);
      }),
      cases(5_000),
    );
  });
});

const OPERATIONS: readonly Json[] = [
  {
    action: 'do_store_backup_data',
    arguments: {
      BackupId: 'snap-1',
      BackupRegion: LOCAL,
      SourceAccount: THEIRS,
      SharedKey: 'backups/shared/x.yaml',
      Attempt: 1,
    },
  },
  {
    action: 'do_copy_backup',
    arguments: { BackupId: 'snap-1', OriginRegion: LOCAL, Region: 'eu-central-1', Deadline: '2026-02-02T03:00:00Z' },
  },
  {
    action: 'do_share_backup',
    arguments: { BackupId: 'snap-1', Region: LOCAL, AwsAccountId: THEIRS, lambda_wait_iteration: 2 },
  },
];

/** Every value of an operation is one that was understood. */
function isUnderstood(operation: DelayedOperation): void {
  expect(DELAYED_ACTIONS).toContain(operation.action);
  expect(BackupId.safeParse(operation.backupId).success).toBe(true);
  expect(Region.safeParse(operation.region).success).toBe(true);
  if (operation.action === 'do_copy_backup') expect(operation.toRegion).not.toBe(operation.region);
  if (operation.action === 'do_share_backup') expect(AccountId.safeParse(operation.account).success).toBe(true);
}

describe('a message that anybody may have sent', () => {
  it.each(DELAYED_ACTIONS)('is a problem that is named, or understood in every value: %s', (action) => {
    const given = fc
      .oneof(...OPERATIONS.map(mutated), nasty)
      .map((value) => (typeof value === 'object' && value !== null && 'arguments' in value ? value.arguments : value));
    fc.assert(
      fc.property(given, (raw) => {
        const read = parseDelayedArguments(action, raw);
        if ('problem' in read) {
          expect(read.problem).not.toBe('');
          return;
        }
        isUnderstood(read.operation);
        const { deadline } = dated(read.waiting, NOW, 48);
        expect(deadline?.getTime()).toBeLessThanOrEqual(addHours(NOW, 48).getTime());
        const again = parseDelayedArguments(
          action,
          JSON.parse(JSON.stringify(formatDelayedArguments(read.operation, read.waiting))),
        );
        expect(again).toEqual(read);
      }),
      cases(3_500),
    );
  });
});

describe('an event that anybody may have sent', () => {
  const PAYLOADS: readonly Json[] = [
    {
      backup_type: 'ebs',
      action: 'create_backups',
      scheduled_time: '2026-01-10T03:00:00Z',
      dry_run: true,
      config: { shelvery_keep_daily_backups: 5, shelvery_share_aws_account_ids: [THEIRS] },
    },
    { action: 'do_delayed_operations', arguments: { Operations: OPERATIONS } },
    {
      action: 'clean_backups',
      arguments: { HandOver: { RunId: 'run', Count: 1, Remaining: 2 } },
      is_started_internally: true,
      Timestamp: 1,
    },
    ...OPERATIONS,
    {
      source: 'aws.ec2',
      'detail-type': 'EBS Snapshot Notification',
      account: OWN_ACCOUNT,
      region: LOCAL,
      detail: { event: 'createSnapshot', result: 'succeeded', snapshot_id: 'arn:aws:ec2::eu-west-1:snapshot/snap-1' },
    },
    {
      source: 'aws.ec2',
      'detail-type': 'EBS Snapshot Notification',
      account: OWN_ACCOUNT,
      region: LOCAL,
      detail: { event: 'shareSnapshot', result: 'succeeded', source: THEIRS },
    },
  ];
  const message = JSON.stringify(PAYLOADS[0]);
  const EVENTS: readonly Json[] = [
    ...PAYLOADS,
    { id: 'event', 'detail-type': 'Scheduled Event', time: '2026-01-10T03:00:00Z', detail: PAYLOADS[0] ?? null },
    {
      Records: PAYLOADS.map((payload, at) => ({
        messageId: String(at),
        body: JSON.stringify(payload),
        attributes: { SentTimestamp: '1767000000000' },
      })),
    },
    { Records: [{ Sns: { MessageId: 'one', Message: message, Timestamp: '2026-01-10T03:00:00Z' } }] },
  ];

  it('is refused with an error that says why, or asks for something on the closed list', () => {
    fc.assert(
      fc.property(fc.oneof(...EVENTS.map(mutated), nasty), (event) => {
        let items: ReturnType<typeof parseEvent>['items'] = [];
        try {
          ({ items } = parseEvent(event, 'ebs'));
        } catch (error) {
          expect(error).toBeInstanceOf(ShelveryError);
          expect(error).toMatchObject({ code: 'EventError', message: expect.stringMatching(/\S/) });
        }
        for (const { work } of items) {
          if (work instanceof ShelveryError) expect(work.message.length).toBeGreaterThan(10);
          else if (work.kind === 'action') expect(ACTIONS).toContain(work.action);
          else if (work.kind === 'delayed') for (const { operation } of work.messages) isUnderstood(operation);
          else if (work.kind === 'completed') expect(work.ids.every((id) => BackupId.safeParse(id).success)).toBe(true);
        }
      }),
      cases(8_000),
    );
  });

  it('has a configuration that is refused with an error that says why, or shares with whom the stack names', () => {
    const good = {
      shelvery_keep_daily_backups: 5,
      shelvery_dr_regions: 'eu-central-1',
      shelvery_share_aws_account_ids: [THEIRS],
      shelvery_custom_retention_types: 'hourly:3600',
      shelvery_copy_kms_key_id: 'alias/a',
      role_arn: 'arn:aws:iam::111111111111:role/a',
    };
    fc.assert(
      fc.property(fc.oneof(mutated(good), nasty), (payload) => {
        try {
          const { values } = resolveRunConfig({
            payload,
            environment: { shelvery_share_aws_account_ids: THEIRS },
            inStack: true,
          });
          expect(values.shelvery_share_aws_account_ids.filter((account) => account !== THEIRS)).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(ShelveryError);
          expect(error).toMatchObject({ code: 'ConfigurationError' });
        }
      }),
      cases(4_000),
    );
  });
});
