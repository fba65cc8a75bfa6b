import { EMULATED_BEGINNING } from './emulated-time.js';
import type { EmulatedTime } from './emulated-time.js';
import { doneByEc2, refusedByEc2 } from './throttled-aws.js';
import type { AnswerOfAws, AskedOfAws } from './throttled-aws.js';

/** A marked volume, and what it is attached to. */
export interface MemoryVolume {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly attached?: { readonly instance: string; readonly device: string };
}

/** A snapshot, as far as a run of backups sees it; times are milliseconds since the beginning. */
export interface MemorySnapshot {
  readonly id: string;
  readonly region: string;
  readonly volumeId: string;
  readonly description: string;
  readonly startedAt: number;
  readonly completeAt: number;
  readonly isCopy: boolean;
  readonly tags: Map<string, string>;
}

export interface MemoryEc2 {
  /** @throws Error where something is asked that this EC2 does not know. */
  answer(asked: AskedOfAws): AnswerOfAws;
  readonly snapshots: ReadonlyMap<string, MemorySnapshot>;
}

export interface MemoryEc2Options {
  readonly time: Pick<EmulatedTime, 'now'>;
  readonly volumes: readonly MemoryVolume[];
  /** How long a copy takes, in milliseconds; asked for each. */
  readonly copyTakes?: () => number;
}

/**
 * Page "Copy an Amazon EBS snapshot": 20 snapshot copies at a time for each region that they go to; `ResourceLimitExceeded`
 * for more.
 */
export const COPIES_AT_A_TIME = 20;
/** EC2 gives an arbitrary volume for copies (page "CopySnapshot"). */
const ARBITRARY_VOLUME = 'vol-ffffffff';

/**
 * EC2 with volumes, the instances that they are attached to, and snapshots, in memory: the calls that a run of EBS backups
 * makes, as the Amazon EC2 API Reference has each.
 */
export function createMemoryEc2({ time, volumes, copyTakes = () => 0 }: MemoryEc2Options): MemoryEc2 {
  const snapshots = new Map<string, MemorySnapshot>();
  const running: MemorySnapshot[] = [];
  const byInstance = Map.groupBy(
    volumes.filter(({ attached }) => attached !== undefined),
    ({ attached }) => attached?.instance ?? '',
  );

  const make = (made: Pick<MemorySnapshot, 'region' | 'volumeId' | 'isCopy'>, params: Params, takes = 0): string => {
    const startedAt = time.now();
    const snapshot: MemorySnapshot = {
      ...made,
      id: `snap-${snapshots.size.toString(16).padStart(17, '0')}`,
      description: params.get('Description') ?? '',
      startedAt,
      completeAt: startedAt + takes,
      tags: tagsIn(params, 'TagSpecification.1.Tag'),
    };
    snapshots.set(snapshot.id, snapshot);
    if (made.isCopy) running.push(snapshot);
    return `<snapshotId>${snapshot.id}</snapshotId><volumeId>${made.volumeId}</volumeId><status>pending</status><startTime>${dated(startedAt)}</startTime>`;
  };
  const list = <T>(params: Params, all: readonly T[], set: string, item: (each: T) => string): string => {
    const from = Number(params.get('NextToken') ?? '0');
    const to = from + Number(params.get('MaxResults') ?? '1000');
    const items = all.slice(from, to).map((each) => `<item>${item(each)}</item>`);
    const next = to < all.length ? `<nextToken>${String(to)}</nextToken>` : '';
    return `<${set}>${items.join('')}</${set}>${next}`;
  };

  const actions: Readonly<Record<string, (params: Params, region: string) => string | AnswerOfAws>> = {
    'ec2:DescribeVolumes': (params) => {
      onlyFilters(params, ['tag-key']);
      return list(params, volumes, 'volumeSet', volumeItem);
    },
    'ec2:DescribeInstances': (params) => {
      onlyFilters(params, ['instance-id', 'instance-state-name']);
      const found = filtersOf(params).find(({ name }) => name === 'instance-id')?.values ?? [];
      return list(params, found, 'reservationSet', (id) => instanceItem(id, byInstance.get(id) ?? []));
    },
    'ec2:DescribeSnapshots': (params, region) => {
      const found = filtersOf(params).reduce(
        (all, filter) => all.filter((snapshot) => passes(snapshot, filter)),
        candidates(snapshots, params).filter((snapshot) => snapshot.region === region),
      );
      return list(params, found, 'snapshotSet', (snapshot) => snapshotItem(snapshot, time.now()));
    },
    'ec2:CreateSnapshot': (params, region) =>
      make({ region, volumeId: params.get('VolumeId') ?? '', isCopy: false }, params),
    'ec2:CreateSnapshots': (params, region) => {
      const members = byInstance.get(params.get('InstanceSpecification.InstanceId') ?? '') ?? [];
      if ([...params.keys()].some((name) => name.includes('Exclude'))) throw new Error('nothing is left out here');
      const made = members.map(({ id }) => `<item>${make({ region, volumeId: id, isCopy: false }, params)}</item>`);
      return `<snapshotSet>${made.join('')}</snapshotSet>`;
    },
    'ec2:CreateTags': (params) => {
      for (const id of listed(params, 'ResourceId')) {
        const snapshot = snapshots.get(id);
        if (snapshot === undefined) return refusedByEc2('InvalidSnapshot.NotFound', `${id} does not exist.`);
        for (const [key, value] of tagsIn(params, 'Tag')) snapshot.tags.set(key, value);
      }
      return '<return>true</return>';
    },
    'ec2:CopySnapshot': (params, region) => {
      const pending = running.filter((copy) => copy.region === region && time.now() < copy.completeAt);
      if (pending.length >= COPIES_AT_A_TIME) {
        return refusedByEc2('ResourceLimitExceeded', 'Too many snapshot copies in progress. The limit is 20.');
      }
      running.splice(0, Infinity, ...running.filter((copy) => time.now() < copy.completeAt));
      return make({ region, volumeId: ARBITRARY_VOLUME, isCopy: true }, params, copyTakes());
    },
  };
  return {
    snapshots,
    answer({ action, region, request }) {
      const answer = actions[action]?.(new URLSearchParams(String(request.body)), region);
      if (answer === undefined) throw new Error(`${action} is not known here`);
      return typeof answer === 'string' ? doneByEc2(action, answer) : answer;
    },
  };
}

type Params = URLSearchParams;

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** `<name>.1`, `<name>.2` … */
function listed(params: Params, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = 1; ; at += 1) {
    const value = params.get(`${name}.${String(at)}`);
    if (value === null) return values;
    values.push(value);
  }
}

function filtersOf(params: Params): readonly Filter[] {
  const filters: Filter[] = [];
  for (let at = 1; ; at += 1) {
    const name = params.get(`Filter.${String(at)}.Name`);
    if (name === null) return filters;
    filters.push({ name, values: listed(params, `Filter.${String(at)}.Value`) });
  }
}

function onlyFilters(params: Params, known: readonly string[]): void {
  const other = filtersOf(params).find(({ name }) => !known.includes(name));
  if (other !== undefined) throw new Error(`the filter ${other.name} is not known here`);
}

/** What a filter by id leaves of all snapshots, without a look at each. */
function candidates(snapshots: ReadonlyMap<string, MemorySnapshot>, params: Params): readonly MemorySnapshot[] {
  const ids = filtersOf(params).find(({ name }) => name === 'snapshot-id')?.values;
  return ids === undefined ? [...snapshots.values()] : ids.flatMap((id) => snapshots.get(id) ?? []);
}

function passes({ id, tags }: MemorySnapshot, { name, values }: Filter): boolean {
  if (name === 'snapshot-id') return values.includes(id);
  if (!name.startsWith('tag:')) throw new Error(`the filter ${name} is not known here`);
  const value = tags.get(name.slice('tag:'.length));
  return value !== undefined && values.includes(value);
}

function tagsIn(params: Params, prefix: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (let at = 1; ; at += 1) {
    const key = params.get(`${prefix}.${String(at)}.Key`);
    if (key === null) return tags;
    tags.set(key, params.get(`${prefix}.${String(at)}.Value`) ?? '');
  }
}

function dated(milliseconds: number): string {
  return new Date(EMULATED_BEGINNING + milliseconds).toISOString();
}

function tagSet(tags: Iterable<readonly [string, string]>): string {
  const items = [...tags].map(([key, value]) => `<item><key>${text(key)}</key><value>${text(value)}</value></item>`);
  return `<tagSet>${items.join('')}</tagSet>`;
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function volumeItem({ id, tags, attached }: MemoryVolume): string {
  const attachment =
    attached === undefined
      ? ''
      : `<item><instanceId>${attached.instance}</instanceId><device>${attached.device}</device><status>attached</status></item>`;
  return `<volumeId>${id}</volumeId><size>8</size><status>in-use</status><createTime>2026-01-01T00:00:00.000Z</createTime><attachmentSet>${attachment}</attachmentSet>${tagSet(Object.entries(tags))}`;
}

function instanceItem(id: string, volumes: readonly MemoryVolume[]): string {
  const devices = volumes.map(
    (volume) =>
      `<item><deviceName>${volume.attached?.device ?? ''}</deviceName><ebs><volumeId>${volume.id}</volumeId><status>attached</status></ebs></item>`,
  );
  const root = volumes[0]?.attached?.device ?? '';
  return `<instancesSet><item><instanceId>${id}</instanceId><rootDeviceName>${root}</rootDeviceName><blockDeviceMapping>${devices.join('')}</blockDeviceMapping></item></instancesSet>`;
}

function snapshotItem({ id, volumeId, description, startedAt, completeAt, tags }: MemorySnapshot, now: number): string {
  const status = now < completeAt ? 'pending' : 'completed';
  return `<snapshotId>${id}</snapshotId><volumeId>${volumeId}</volumeId><status>${status}</status><startTime>${dated(startedAt)}</startTime><volumeSize>8</volumeSize><description>${text(description)}</description>${tagSet(tags)}`;
}
