import { describe, expect, it } from '@jest/globals';
import { ListedBackup } from '@shelvery/engine/terminal';
import { filterList } from '../../../cli/filter-list.js';
import type { ListFilter } from '../../../cli/filter-list.js';

const NOW = new Date('2026-11-24T03:00:00Z');

function listed(id: string, changes: Partial<ListedBackup> = {}): ListedBackup {
  return {
    name: id,
    id,
    resource: 'vol-1',
    region: 'eu-west-1',
    place: 'local',
    retention_type: 'daily',
    created: '2026-11-20T03:00:00.000Z',
    expires_at: '2026-12-24T03:00:00.000Z',
    reason: 'not-expired',
    fate: 'expires 2026-12-24',
    state: 'available',
    metadata: 'present',
    encrypted: true,
    shared_with: [],
    ...changes,
  };
}

function untimed(): ListedBackup {
  const entries = Object.entries(listed('untimed', { reason: 'unreadable', metadata: 'unknown' }));
  return ListedBackup.parse(Object.fromEntries(entries.filter(([key]) => key !== 'expires_at')));
}

const ALL: readonly ListedBackup[] = [
  listed('good'),
  listed('soon', { expires_at: '2026-11-30T03:00:00.000Z' }),
  listed('held', { reason: 'held', expires_at: '2026-11-01T03:00:00.000Z' }),
  listed('expired', { reason: 'expired', expires_at: '2026-11-23T03:00:00.000Z' }),
  listed('failed', { state: 'failed' }),
  listed('pending', { state: 'pending', metadata: 'missing' }),
  listed('copy', { place: 'dr', shared_with: ['222222222222'] }),
  listed('missing', { place: 'dr', state: 'missing', encrypted: false }),
  // Encrypted, though StorageEncrypted is false: under a key that AWS owns.
  listed('owned-key', { encrypted: false, aws_owned_key: true }),
  listed('badly-tagged', { reason: 'bad-configuration' }),
  // What tells no time of its own is never said to expire.
  untimed(),
];
const ids = (filter: ListFilter): readonly string[] => filterList(ALL, filter, NOW).map(({ id }) => id);

describe('filterList', () => {
  it('keeps all where nothing is asked for', () => {
    expect(ids({})).toHaveLength(ALL.length);
  });

  it.each([
    ['held', ['held']],
    ['expiring', ['soon', 'held', 'expired']],
    ['removable', ['expired']],
    ['failed', ['failed']],
    ['pending', ['pending']],
    ['missing', ['missing']],
    ['no-metadata', ['pending']],
    ['copies', ['copy', 'missing']],
    ['shared', ['copy']],
    ['unencrypted', ['missing']],
    ['problems', ['failed', 'badly-tagged', 'untimed']],
  ] as const)('keeps by %s only %j', (only, expected) => {
    expect(ids({ only })).toEqual(expected);
  });

  it('keeps what expires before a time, also together with a word', () => {
    const expiresBefore = new Date('2026-11-24T00:00:00Z');
    expect(ids({ expiresBefore })).toEqual(['held', 'expired']);
    expect(ids({ expiresBefore, only: 'held' })).toEqual(['held']);
    expect(ids({ expiresBefore: new Date('2026-11-10T00:00:00Z'), only: 'expiring' })).toEqual(['held']);
  });
});
