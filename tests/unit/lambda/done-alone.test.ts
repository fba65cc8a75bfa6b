import { describe, expect, it } from '@jest/globals';
import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { parseEvent } from '../../../layers/engine/src/lambda/parse-event.js';
import type { ConfiguredEvent } from '../../../layers/engine/src/lambda/parse-event.js';
import { isDoneAlone } from '../../../layers/engine/src/lambda/work-on-event.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../domain/builders.js';

type Config = Readonly<Record<string, string>>;

const OFF = {};
const SOURCES = { shelvery_source_aws_account_ids: OTHER_ACCOUNT };
const ON = { ...SOURCES, shelvery_completion_events: 'ENABLED' };
const KEY = {
  shelvery_reencrypt_kms_key_id: `arn:aws:kms:${LOCAL}:${OWN_ACCOUNT}:key/0123abcd-0123-4567-89ab-0123456789ab`,
};
const ID = 'snap-0123456789abcdef0';
const ebs = (region: string, detail: Readonly<Record<string, unknown>>) => ({
  'detail-type': 'EBS Snapshot Notification',
  source: 'aws.ec2',
  account: OWN_ACCOUNT,
  region,
  detail: { result: 'succeeded', snapshot_id: `arn:aws:ec2::${region}:snapshot/${ID}`, ...detail },
});

const pull = (more: Readonly<Record<string, unknown>> = {}) => ({ action: 'pull_shared_backups', ...more });
const shared = (by: string, region = LOCAL) => ebs(region, { event: 'shareSnapshot', source: by });
const completed = ebs(LOCAL, { event: 'createSnapshot' });
const copies = { action: 'do_copy_backup', arguments: { BackupId: ID, OriginRegion: LOCAL, Region: DR } };
const shares = {
  action: 'do_share_backup',
  arguments: { BackupId: ID, Region: LOCAL, AwsAccountId: OTHER_ACCOUNT },
};
const stores = { action: 'do_store_backup_data', arguments: { BackupId: ID, BackupRegion: LOCAL } };

/** Whether records of a queue with these bodies are worked on alone, in a function that is configured so. */
function isAlone(environment: Config, ...bodies: readonly unknown[]): boolean {
  return isDoneAlone(eventOf(environment, bodies), LOCAL);
}

function eventOf(environment: Config, bodies: readonly unknown[]): ConfiguredEvent {
  const records = bodies.map((body, at) => ({ messageId: `m-${String(at)}`, body: JSON.stringify(body) }));
  const event = parseEvent({ Records: records }, 'ebs');
  const runConfig = resolveRunConfig({ environment });
  const items = event.items.map(({ work, ...given }) => {
    if (work instanceof ShelveryError) throw work;
    return { ...given, work, runConfig };
  });
  return { ...event, items };
}

describe('an event is worked on while no other makes copies', () => {
  it.each<[string, unknown, Config]>([
    ['a pull, with events off', pull(), OFF],
    ['a pull, with events on', pull(), ON],
    ['what a source has shared here, with events on', shared(OTHER_ACCOUNT), ON],
    ['a backup that is complete, with events on', completed, ON],
    ['a copy, with events on', copies, ON],
    ['a share where backups are re-encrypted for it', shares, KEY],
  ])('where it is %s', (_, body, config) => {
    expect(isAlone(config, body)).toBe(true);
  });

  it.each<[string, unknown, Config]>([
    ['a pull that only looks', pull({ dry_run: true }), ON],
    ['a run that makes backups', { action: 'create_backups' }, { ...ON, ...KEY }],
    ['what a source has shared, with events off', shared(OTHER_ACCOUNT), SOURCES],
    ['what a stranger has shared', shared(THIRD_ACCOUNT), ON],
    ['what a source has shared in another region', shared(OTHER_ACCOUNT, DR), ON],
    ['a backup that is complete, with events off', completed, OFF],
    ['a copy, with events off', copies, OFF],
    ['a share where backups are not re-encrypted, with events off', shares, OFF],
    ['a share where backups are not re-encrypted, with events on', shares, ON],
    ['a backup to record', stores, { ...ON, ...KEY }],
  ])('not where it is %s', (_, body, config) => {
    expect(isAlone(config, body)).toBe(false);
  });

  it.each([
    ['a copy', copies, ON],
    ['a share where backups are re-encrypted for it', shares, KEY],
  ])('not where it is %s in an invocation, which waits for its backups', (_, body, config) => {
    expect(isDoneAlone({ ...eventOf(config, [body]), source: 'direct' }, LOCAL)).toBe(false);
  });

  it('where any of its records makes copies', () => {
    expect(isAlone(ON, stores, copies, stores)).toBe(true);
    expect(isAlone(ON, stores, shared(THIRD_ACCOUNT))).toBe(false);
  });

  it('not where all of them are refused', () => {
    const error = new ShelveryError('EventError', 'The message is not JSON.');
    expect(isDoneAlone({ source: 'queue', identity: undefined, items: [{ error }] }, LOCAL)).toBe(false);
  });
});
