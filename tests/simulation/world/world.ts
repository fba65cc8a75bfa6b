import type { Action } from '../../../layers/engine/src/domain/actions.js';
import type { DelayedMessage } from '../../../layers/engine/src/domain/delayed.js';
import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import type { StatusReport } from '../../../layers/engine/src/domain/telling/status-report.js';
import type { Region } from '../../../layers/engine/src/domain/values.js';
import type { PlanLine } from '../../../layers/engine/src/operations/context.js';
import type { ListedBackup } from '../../../layers/engine/src/operations/regions/listed-backup.js';
import type { Call, Conductor } from '../conductor/conductor.js';
import type { Process } from '../conductor/process.js';
import type { HeldBackup, HeldResource, View } from './held.js';

/** An object in a bucket. */
export interface HeldObject {
  readonly body: string;
  readonly etag: string;
  readonly lastModified: number;
}

/** A bucket with what is in it. */
export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: Region;
  readonly objects: Map<string, HeldObject>;
  policy?: string;
}

/** Something that was told to somebody. */
export interface Told {
  readonly at: number;
  readonly process: Process;
  readonly outcome: Outcome;
  /** Whether it reached its topic. */
  readonly published: boolean;
}

/** An event that nobody will work on any more: it lies in a dead-letter queue, and an alarm tells of it. */
export interface DeadLetter {
  readonly at: number;
  readonly payload: unknown;
}

/** Watches what is about to happen; whoever finds something forbidden says so. */
export interface Witness {
  archiving?(process: Process, backup: HeldBackup): void;
  making?(process: Process, made: HeldBackup, source: HeldBackup | undefined): void;
  removing?(process: Process, backup: HeldBackup): void;
  sharing?(process: Process, backup: HeldBackup, account: string): void;
  putting?(process: Process, bucket: Bucket, key: string, body: string): void;
  erasing?(process: Process, bucket: Bucket, key: string): void;
  puttingPolicy?(process: Process, bucket: Bucket, policy: string): void;
  telling?(process: Process, outcome: Outcome): void;
  /** A line of the log. */
  saying?(process: Process, code: string, message: string): void;
  /** What a dry run of an action would do. */
  planning?(process: Process, action: Action, plan: readonly PlanLine[]): void;
  /** A list of backups was asked for. */
  listing?(process: Process, listed: readonly ListedBackup[]): void;
  /** A run has come to its end. */
  reporting?(process: Process, report: StatusReport, told: readonly Outcome[]): void;
  /** A process calls AWS. */
  calling?(process: Process, call: Call): void;
  /** A process has ended by an error. */
  threw?(process: Process, error: unknown): void;
  /** A function's process has come to its end by itself. */
  ended?(process: Process): void;
}

/** All that there is, of every account. */
export interface World {
  readonly conductor: Conductor;
  readonly resources: Map<string, HeldResource>;
  readonly backups: Map<string, HeldBackup>;
  readonly buckets: Map<string, Bucket>;
  /** All that were ever started. */
  readonly processes: Process[];
  readonly told: Told[];
  readonly deadLetters: DeadLetter[];
  /** Delayed operations that a terminal gave up waiting for: it named them, with the command that finishes them. */
  readonly unfinished: DelayedMessage[];
  readonly witnesses: Witness[];
  /** Copies that a service makes at the same time, at most. */
  readonly copiesAtATime: number;
  /** Many copies take hours. */
  readonly copiesAreSlow: boolean;
  /** All backups that were ever made, in order; `alone` where whoever made it was sure that no other makes copies. */
  readonly everMade: {
    readonly at: number;
    readonly backup: HeldBackup;
    readonly by?: Process;
    readonly alone: boolean;
  }[];
  /** Where each backup was ever copied to, `<account> <region>`. */
  readonly everCopied: Map<string, Set<string>>;
  /** What a person deleted. */
  readonly deletedByHand: HeldBackup[];
  /** What a person wrote over files. */
  readonly brokenByHand: Set<HeldObject>;
  /** Until when no snapshot can be stored, and no key be used for a copy, by `<account> <region>`. */
  readonly fullUntil: Map<string, number>;
  readonly keysRefusedUntil: Map<string, number>;
  /** What was found that must never be. */
  readonly violations: string[];
  /** The greatest number of processes that were at work at a time. */
  mostAtOnce: number;
  /** How often each invariant was checked, by the name of its check. */
  readonly checked: Map<string, number>;
  /** How databases' automated snapshots are: none, one each night, or none any more since the first night. */
  readonly automated: AutomatedSnapshots;
}

export type AutomatedSnapshots = 'none' | 'nightly' | 'stopped';

/** Where a backup is held; names of snapshots are those of an account, a region and a type. */
export function backupPlace(at: Pick<HeldBackup, 'account' | 'region' | 'type' | 'id'>): string {
  return `${at.type} ${at.account} ${at.region} ${at.id}`;
}

export function resourcePlace(at: Pick<HeldResource, 'account' | 'region' | 'type' | 'id'>): string {
  return `${at.type} ${at.account} ${at.region} ${at.id}`;
}

/** Whether it is still so in an account's region. */
export function stillSo(
  untils: ReadonlyMap<string, number>,
  { account, region }: Pick<HeldBackup, 'account' | 'region'>,
  time: number,
): boolean {
  return time < (untils.get(`${account} ${region}`) ?? 0);
}

export function createWorld(
  conductor: Conductor,
  { copiesAtATime, copiesAreSlow, automated }: Pick<World, 'copiesAtATime' | 'copiesAreSlow' | 'automated'>,
): World {
  return {
    conductor,
    resources: new Map(),
    backups: new Map(),
    buckets: new Map(),
    processes: [],
    told: [],
    deadLetters: [],
    unfinished: [],
    witnesses: [],
    copiesAtATime,
    copiesAreSlow,
    everMade: [],
    everCopied: new Map(),
    deletedByHand: [],
    brokenByHand: new Set(),
    fullUntil: new Map(),
    keysRefusedUntil: new Map(),
    violations: [],
    mostAtOnce: 0,
    checked: new Map(),
    automated,
  };
}

/** What there is now, as somebody sees it who looks at all of it at once. */
export function viewOf({ conductor, backups, resources }: World): View {
  const at = conductor.now();
  const gone = [...backups.values()].filter(({ goneButListedUntil = 0 }) => at < goneButListedUntil);
  return { at, backups: existing([...backups.values()]), gone, resources: [...resources.values()] };
}

/** Without what lists only still show. */
export function existing(backups: readonly HeldBackup[]): readonly HeldBackup[] {
  return backups.filter(({ goneButListedUntil }) => goneButListedUntil === undefined);
}

/** A backup that exists. */
export function backupAt(
  world: World,
  at: Pick<HeldBackup, 'account' | 'region' | 'type' | 'id'>,
): HeldBackup | undefined {
  const held = world.backups.get(backupPlace(at));
  return held?.goneButListedUntil === undefined ? held : undefined;
}

/** How far a backup has come at a time. */
export function stateAt({ readyAt, outcome }: HeldBackup, time: number): 'pending' | 'available' | 'failed' {
  return time < readyAt ? 'pending' : outcome;
}

/** Takes a backup out of its service; lists may show it for a while. A copy of it that is being made fails. */
export function takeAway(world: World, backup: HeldBackup): void {
  const { conductor, backups } = world;
  const now = conductor.now();
  const lag = conductor.chance.int(0, conductor.conditions.weather.lag);
  const place = backupPlace(backup);
  if (lag === 0) backups.delete(place);
  else backups.set(place, { ...backup, goneButListedUntil: now + lag });
  for (const [at, copy] of backups)
    if (copy.copyOf === place && now < copy.readyAt) backups.set(at, { ...copy, outcome: 'failed' });
}

/** Counts that an invariant was checked. */
export function counted({ checked }: World, check: string): void {
  checked.set(check, (checked.get(check) ?? 0) + 1);
}

/** Says that something happened that must never happen. */
export function violated({ conductor, violations }: World, what: string): void {
  violations.push(what);
  conductor.tell(`VIOLATION ${what}`);
}
