import { describe, expect, it } from '@jest/globals';
import type { RunResult } from '@shelvery/engine/terminal';
import { present } from '../../../layers/engine/src/domain/present.js';
import { runCli } from '../harness/product.js';
import type { Installation } from '../harness/product.js';
import type { TestClock } from '../harness/test-clock.js';
import { ACCOUNT, DR, HOME, OTHER_ACCOUNT, VOLUME, VOLUME_2, reasons, useEbsEstate } from '../harness/ebs-estate.js';

const NOW = '2026-03-31T01:00:00Z';
const estate = useEbsEstate();

describe('list_backups', () => {
  it('tells of every backup what cleaning would do, where it is, and whether its metadata is there', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    const old = await estate.backup({ created: '2026-01-10-0300' });
    const newest = await estate.backup({ created: '2026-03-30-0300' });
    await estate.putFile(`backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`, 'x'.repeat(200));
    const held = await estate.backup({ created: '2026-01-11-0300', tags: { 'shelvery:hold': 'true' } });
    const failed = await estate.backup({ created: '2026-03-29-0300', state: 'error' });
    const unreadable = await estate.backup({ created: 'yesterday' });
    const copy = await estate.backup({
      created: '2026-03-30-0300',
      region: DR,
      tags: { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${HOME}:${newest}` },
    });
    const { listed = [], outcomes, report } = await estate.run('list_backups', NOW, { shelvery_dr_regions: DR });
    expect(reasons(outcomes)).toEqual([]);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 6 } });
    const rows = Object.fromEntries(listed.map((row) => [row.id, row]));
    expect(rows[newest]).toEqual({
      name: `${VOLUME}-2026-03-30-0300-daily`,
      id: newest,
      resource: VOLUME,
      region: HOME,
      place: 'local',
      retention_type: 'daily',
      created: '2026-03-30T03:00:00.000Z',
      expires_at: '2026-04-13T03:00:00.000Z',
      reason: 'not-expired',
      fate: 'expires 2026-04-13',
      state: 'available',
      metadata: 'present',
      size_gib: 8,
      encrypted: false,
      source_account: ACCOUNT,
      shared_with: [],
    });
    expect(rows[old]).toMatchObject({
      reason: 'expired',
      expires_at: '2026-01-24T03:00:00.000Z',
      fate: 'expired 2026-01-24; clean_backups removes it',
      metadata: 'missing',
    });
    expect(rows[held]).toMatchObject({
      reason: 'held',
      expires_at: '2026-01-25T03:00:00.000Z',
      fate: 'on hold: it has the tag shelvery:hold',
    });
    expect(rows[failed]?.state).toBe('failed');
    expect(rows[unreadable]?.reason).toBe('unreadable');
    expect(rows[unreadable]?.fate).toContain(`${unreadable} is kept: its tag shelvery:date_created is "yesterday"`);
    expect(rows[copy]).toMatchObject({ place: 'dr', region: DR, metadata: 'unknown' });
  });

  it('is sorted by the name of the resource, then by time; what names none comes last', async () => {
    await estate.volume(VOLUME, { Name: 'stock' });
    await estate.volume(VOLUME_2, { Name: 'orders' });
    await estate.backup({ created: '2026-03-29-0300' });
    await estate.backup({ volume: VOLUME_2, created: '2026-03-30-0300' });
    await estate.backup({ created: 'yesterday' });
    await estate.backup({ volume: VOLUME_2, created: '2026-03-28-0300' });
    await estate.backup({
      volume: 'vol-0cccccccccccccccc',
      created: '2026-03-28-0300',
      tags: { ResourceName: 'gone' },
    });
    const { listed = [] } = await estate.run('list_backups', NOW);
    expect(listed.map(({ entity_name: name, created }) => [name, created.slice(0, 10)])).toEqual([
      ['gone', '2026-03-28'],
      ['orders', '2026-03-28'],
      ['orders', '2026-03-30'],
      ['stock', '2026-03-29'],
      [undefined, ''],
    ]);
  });

  it('tells under which key a backup is, and which accounts a file offers it to, pulled or not', async () => {
    const config = { shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},333333333333` };
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets', undefined, config);
    await estate.backups([{ created: '2026-03-29-0300' }, { created: '2026-03-30-0300' }]);
    await estate.putFile(`backups/shared/${OTHER_ACCOUNT}/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`, 'x'.repeat(200));
    await estate.putFile(
      `backups/shared/333333333333/ebs-processed/${VOLUME}-2026-03-30-0300-daily.yaml`,
      'x'.repeat(200),
    );
    const { listed = [] } = await estate.run('list_backups', NOW, config);
    expect(listed.map(({ created, shared_with: accounts }) => [created.slice(0, 10), accounts])).toEqual([
      ['2026-03-29', []],
      ['2026-03-30', [OTHER_ACCOUNT, '333333333333']],
    ]);
  });

  it('does not say with whom a backup is shared where the bucket cannot be listed', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    await estate.backup({ created: '2026-03-30-0300' });
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'ListObjectsV2',
      code: 'AccessDenied',
      status: 403,
      nth: 2,
      times: 'always',
    });
    const { listed = [], report } = await estate.run('list_backups', NOW);
    expect(report).toMatchObject({ status: 'PARTIAL', entries: [{ operation: 'ListBackups' }] });
    expect(report.entries[0]?.error).toContain('with whom backups are shared is not known');
    expect(listed).toMatchObject([{ metadata: 'missing' }]);
    expect(listed[0]).not.toHaveProperty('shared_with');
  });

  it('changes nothing, and publishes no report', async () => {
    await estate.volume(VOLUME);
    await estate.backup({ created: '2026-01-10-0300' });
    const topic = await estate.topic('status');
    await estate.emulator().clearCalls();
    await estate.run('list_backups', NOW, { shelvery_status_sns_topic: topic });
    expect((await estate.emulator().calls()).filter(({ action }) => !/^(Describe|List|Get|Head)/.test(action))).toEqual(
      [],
    );
  });
});

describe('list_backups in a DR region', () => {
  const MADE = '2026-03-30-0300';
  const copyOf = (id: string, more: { readonly created?: string; readonly tags?: Record<string, string> } = {}) => ({
    created: more.created ?? MADE,
    region: DR,
    tags: { 'shelvery:region': DR, 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': id, ...more.tags },
  });
  /** Lists the DR region as if it were the local one; its clock is impatient where it is told to be. */
  const listThere = async (more: Partial<Installation> = {}): Promise<RunResult> => {
    const installation = { ...estate.install(), region: DR, ...more };
    const { result, error } = await runCli(installation, { action: 'list_backups', time: NOW });
    if (result === undefined) throw error;
    return result;
  };
  /** Waits for nothing, and tells for how long it should have. */
  const impatient = (): { readonly clock: TestClock; readonly waits: readonly number[] } => {
    const waits: number[] = [];
    const timeout = (milliseconds: number): AbortSignal => {
      waits.push(milliseconds);
      const signal = AbortSignal.timeout(100);
      // The harness waits for every call: what was given up is answered after all.
      signal.addEventListener('abort', () => void estate.emulator().clearFaults());
      return signal;
    };
    return { clock: { ...estate.clock(), timeout }, waits };
  };

  it('shows the copies from other regions, whose cleaning decides about them', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    const copy = await estate.backup(copyOf(`${HOME}:snap-0123456789abcdef0`));
    const old = await estate.backup(copyOf(`${HOME}:snap-0123456789abcdef1`, { created: '2026-01-10-0300' }));
    const held = await estate.backup(copyOf('us-east-1:snap-2', { tags: { 'shelvery:hold': 'yes' } }));
    const own = await estate.backup(copyOf(`${DR}:snap-0123456789abcdef3`));
    const lost = await estate.backup(copyOf(''));
    const { listed = [], report } = await listThere();
    expect(report.status).toBe('OK');
    expect(Object.fromEntries(listed.map(({ id, place, fate }) => [id, `${place}: ${fate}`]))).toEqual({
      [copy]: `dr: expires 2026-04-13 (by its own tags; the cleaning of ${HOME} decides)`,
      [old]: `dr: expired 2026-01-24; clean_backups removes it (by its own tags; the cleaning of ${HOME} decides)`,
      [held]: 'dr: on hold: it has the tag shelvery:hold (by its own tags; the cleaning of us-east-1 decides)',
      [own]: 'dr: kept: its tags do not say which region it was copied from',
      [lost]: `: ${lost} is kept: its tag shelvery:dr_source_backup is missing; allowed: <region>:<id>`,
    });
  });

  it('needs no other region: one that refuses or does not answer is one ERROR, after 10 s at most', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    const copy = await estate.backup(copyOf(`${HOME}:snap-0123456789abcdef0`));
    await estate.emulator().addFault({ kind: 'hold-before', region: HOME, service: 'ec2', times: 'always' });
    const { clock, waits } = impatient();
    const { listed = [], outcomes, report } = await listThere({ clock });
    expect(listed.map(({ id }) => id)).toEqual([copy]);
    expect(report.status).not.toBe('OK');
    expect(waits).toEqual([10_000]);
    expect(reasons(outcomes)).toEqual([`The DR region ${HOME} did not answer within 10 s: its copies are left out.`]);
  });
});

describe('a DR copy that is missing', () => {
  const listWith = async (
    tags: Record<string, string>,
    more: Record<string, string> = {},
    created = '2026-03-28-0300',
  ) => {
    await estate.volume(VOLUME);
    const id = await estate.backup({ created, tags: { 'shelvery:dr_regions': DR, ...tags } });
    const { listed = [], report } = await estate.run('list_backups', NOW, more);
    return { id, report, missing: listed.filter(({ state }) => state === 'missing') };
  };

  it('is a line of its own, though no region is configured any more', async () => {
    const { id, missing, report } = await listWith({});
    expect(missing).toEqual([
      {
        name: `${VOLUME}-2026-03-28-0300-daily`,
        id: '',
        resource: VOLUME,
        region: DR,
        place: 'dr',
        retention_type: 'daily',
        created: '2026-03-28T03:00:00.000Z',
        reason: 'missing-copy',
        fate: `no copy of ${id} is there; make it with: shelvery ebs create_backups --resource ${VOLUME} --as-of 2026-03-28T03:00:00Z --backdate --region ${HOME} --config shelvery_current_retention_type=daily --config shelvery_dr_regions=${DR}`,
        state: 'missing',
        metadata: 'unknown',
        source_account: ACCOUNT,
      },
    ]);
    expect(report.summary.collected).toBe(1);
  });

  it('may still be being made', async () => {
    const { id, missing } = await listWith({}, {}, '2026-03-30-0300');
    expect(missing.map(({ fate }) => fate)).toEqual([
      `no copy of ${id} is there yet; it is waited for until 2026-04-01T03:00:00Z`,
    ]);
  });

  it('was not promised, has expired, or its region did not answer: then nothing is said', async () => {
    expect((await listWith({ 'shelvery:dr_regions': '' }, { shelvery_dr_regions: DR })).missing).toEqual([]);
    await estate.emulator().reset();
    expect((await listWith({}, { shelvery_keep_daily_backups_dr: '1' })).missing).toEqual([]);
    await estate.emulator().reset();
    await estate.emulator().addFault({ kind: 'refuse', code: 'OptInRequired', region: DR, times: 'always' });
    expect((await listWith({})).missing).toEqual([]);
  });

  it('is found by what it was made of, finished or not, whatever its other tags say', async () => {
    await estate.volume(VOLUME);
    const copied = async (id: string, tags: Record<string, string>, state?: 'pending' | 'error'): Promise<void> => {
      const of = { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${HOME}:${id}` };
      await estate.backup({ created: '2026-03-28-0300', region: DR, tags: { ...of, ...tags }, ...present({ state }) });
    };
    const ids = await estate.backups(
      ['0301', '0302', '0303'].map((time) => ({ created: `2026-03-28-${time}`, tags: { 'shelvery:dr_regions': DR } })),
    );
    const [pending = '', unreadable = '', failed = ''] = ids;
    await copied(pending, {}, 'pending');
    await copied(unreadable, { 'shelvery:date_created': 'yesterday' });
    await copied(failed, {}, 'error');
    const { listed = [] } = await estate.run('list_backups', NOW);
    expect(listed.filter(({ state }) => state === 'missing').map(({ fate }) => fate)).toEqual([
      expect.stringContaining(failed),
    ]);
  });
});
