import { UTCDate } from '@date-fns/utc';
import { subYears } from 'date-fns';
import type { Home } from '../config/targets.js';
import { present } from '../present.js';
import { SEVERITIES } from '../status/backup-status.js';
import type { BackupStatus, Finding, ProtectedResource, Severity, SourceAccount } from '../status/backup-status.js';
import type { BackupType } from '../values.js';
import { findGaps } from './gaps.js';
import type { Gap, Promised } from './gaps.js';
import type { PromisedResource, ReportedBackup, SeenType } from './inventory.js';
import type { PriceTable } from './prices.js';
import { estimateCost, storageOf, takesStorage } from './storage.js';
import type { CostEstimate, StorageRow } from './storage.js';

/** Everything that a report is made of. */
export interface ReportInput {
  readonly now: Date;
  readonly home: Home;
  readonly types: readonly SeenType[];
  readonly prices: PriceTable;
}

/** A backup on a timeline. */
export interface Mark {
  readonly at: Date;
  readonly retention: string;
  /** `available`, `pending`, `archived`, `failed` or `missing`. */
  readonly state: string;
  readonly name: string;
}

/** The backups of a resource in one place, the oldest first. */
export interface Lane {
  /** `offered`: to another account, which may have pulled them. */
  readonly kind: 'local' | 'dr' | 'pulled' | 'offered';
  /** A region, or an account that backups are offered to. */
  readonly where: string;
  readonly marks: readonly Mark[];
  /** How many are older than what the timeline shows. */
  readonly before: number;
}

/** How a resource does: its worst finding, or `good`. */
export type Health = Severity | 'good';

/** A resource with all of its backups. */
export interface ReportedResource {
  readonly id: string;
  readonly name?: string;
  /** The account that it is in, where that is another one. */
  readonly account?: string;
  /** It is there and marked, so that backups of it are to be expected. */
  readonly marked: boolean;
  readonly health: Health;
  readonly findings: readonly Finding[];
  readonly newest?: ProtectedResource['newest'];
  readonly promised?: Promised;
  readonly gaps: readonly Gap[];
  readonly lanes: readonly Lane[];
  /** The newest first. */
  readonly backups: readonly ReportedBackup[];
}

/** The resources of one type. */
export interface ReportedType {
  readonly type: BackupType;
  /** What needs somebody comes first. */
  readonly resources: readonly ReportedResource[];
  readonly sources: readonly SourceAccount[];
}

/** A finding with its type. */
export interface TypedFinding extends Finding {
  readonly type: BackupType;
}

/** The page of a report, before it is written in HTML. */
export interface Report {
  readonly account: string;
  readonly region: string;
  readonly madeAt: Date;
  /** What the timelines show begins here, and ends at `madeAt`. */
  readonly since: Date;
  readonly counts: {
    readonly resources: number;
    readonly backups: number;
    readonly copies: number;
    readonly gaps: number;
    readonly failed: number;
    readonly missing: number;
    readonly breaches: number;
    readonly warnings: number;
  };
  /** The worst first, without notes. */
  readonly findings: readonly TypedFinding[];
  readonly types: readonly ReportedType[];
  readonly storage: readonly StorageRow[];
  readonly cost: CostEstimate;
  /** What could not be looked at. */
  readonly problems: readonly { readonly type: BackupType; readonly text: string }[];
}

/** Makes the page out of what was seen of each type. */
export function buildReport({ now, home, types, prices }: ReportInput): Report {
  const since = new Date(subYears(new UTCDate(now), 1));
  const seen = types.flatMap(({ type, inventory }) => (inventory === undefined ? [] : [{ type, inventory }]));
  const stored = seen.flatMap(({ type, inventory }) =>
    inventory.listed.filter(takesStorage).map((backup) => ({ type, backup })),
  );
  const reported = seen.map(({ type, inventory: { listed, status, promised } }): ReportedType => ({
    type,
    resources: resourcesOf({ listed, status, promised, home, now, since }),
    sources: status.sources,
  }));
  const resources = reported.flatMap((each) => each.resources);
  const listed = seen.flatMap(({ inventory }) => inventory.listed);
  const findings = seen
    .flatMap(({ type, inventory }) => inventory.status.findings.map((finding) => ({ ...finding, type })))
    .filter(({ severity }) => severity !== 'note')
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return {
    account: home.accountId,
    region: home.region,
    madeAt: now,
    since,
    counts: {
      resources: resources.filter(({ marked }) => marked).length,
      backups: stored.filter(({ backup }) => backup.place === 'local').length,
      copies: stored.filter(({ backup }) => backup.place === 'dr' || backup.place === 'pulled').length,
      gaps: resources.reduce((sum, { gaps }) => sum + gaps.length, 0),
      failed: listed.filter(({ state }) => state === 'failed').length,
      missing: listed.filter(({ state }) => state === 'missing').length,
      breaches: findings.filter(({ severity }) => severity === 'breach').length,
      warnings: findings.filter(({ severity }) => severity === 'warning').length,
    },
    findings,
    types: reported.filter((each) => each.resources.length > 0 || each.sources.length > 0),
    storage: storageOf(stored),
    cost: estimateCost(stored, prices),
    problems: types.flatMap(({ type, problems }) => problems.map((text) => ({ type, text }))),
  };
}

interface ResourcesInput {
  readonly listed: readonly ReportedBackup[];
  readonly status: BackupStatus;
  readonly promised: readonly PromisedResource[];
  readonly home: Home;
  readonly now: Date;
  readonly since: Date;
}

/** The marked resources, and those that only backups are left of. */
function resourcesOf(input: ResourcesInput): readonly ReportedResource[] {
  const { listed, status, home } = input;
  // Of what cannot be read nobody knows the resource; findings tell of it.
  const known = listed.filter(({ resource }) => resource !== '');
  const own = Map.groupBy(known.filter(isFrom(home.accountId)), ({ resource }) => resource);
  const foreign = Map.groupBy(
    known.filter((backup) => !isFrom(home.accountId)(backup)),
    ({ resource, source_account: account }) => JSON.stringify([account, resource]),
  );
  const marked = new Set(status.resources.map(({ id }) => id));
  const resources = [
    ...status.resources.map((row) => resourceOf(row.id, own.get(row.id) ?? [], { ...input, row })),
    ...[...own].flatMap(([id, backups]) => (marked.has(id) ? [] : [resourceOf(id, backups, input)])),
    ...[...foreign.values()].flatMap((backups) =>
      backups
        .slice(0, 1)
        .map((first) => resourceOf(first.resource, backups, { ...input, account: first.source_account })),
    ),
  ];
  return resources.sort((a, b) => HEALTH.indexOf(a.health) - HEALTH.indexOf(b.health) || compare(nameOf(a), nameOf(b)));
}

const HEALTH: readonly Health[] = [...SEVERITIES.filter((severity) => severity !== 'note'), 'good', 'note'];

/** What tells no account was made here. */
function isFrom(account: string): (backup: ReportedBackup) => boolean {
  return ({ source_account: source }) => source === undefined || source === account;
}

interface OneInput extends Omit<ResourcesInput, 'listed'> {
  /** Of a marked resource. */
  readonly row?: ProtectedResource;
  readonly account?: string | undefined;
}

function resourceOf(
  id: string,
  listed: readonly ReportedBackup[],
  { row, account, status, promised, now, since, home }: OneInput,
): ReportedResource {
  const backups = [...listed].sort((a, b) => compare(b.created, a.created));
  const findings = account === undefined ? status.findings.filter(({ resource }) => resource === id) : [];
  const promise = row === undefined ? undefined : promised.find((each) => each.id === id);
  const good = backups.filter(
    ({ place, state }) => place === 'local' && (state === 'available' || state === 'archived'),
  );
  const gaps =
    promise === undefined
      ? []
      : findGaps(
          good.map(({ created }) => new Date(created)),
          promise,
          { now, since },
        );
  const name = row?.name ?? backups.find((backup) => backup.entity_name !== undefined)?.entity_name;
  return {
    id,
    ...present({ name, account, newest: row?.newest, promised: promise }),
    marked: row !== undefined,
    health: healthOf(findings, gaps, backups),
    findings,
    gaps,
    lanes: lanesOf(backups, { home, since }),
    backups,
  };
}

function healthOf(
  findings: readonly Finding[],
  gaps: readonly Gap[],
  backups: readonly ReportedBackup[],
): Exclude<Health, 'note'> {
  if (findings.some(({ severity }) => severity === 'breach')) return 'breach';
  const isOdd =
    gaps.length > 0 ||
    findings.some(({ severity }) => severity === 'warning') ||
    backups.some(({ state }) => state === 'failed' || state === 'missing');
  return isOdd ? 'warning' : 'good';
}

const KINDS: readonly Lane['kind'][] = ['local', 'dr', 'pulled', 'offered'];

/** One line for each place; what does not tell its place is in none. */
function lanesOf(
  backups: readonly ReportedBackup[],
  { home, since }: Pick<ResourcesInput, 'home' | 'since'>,
): readonly Lane[] {
  const placed = backups.flatMap((backup) => {
    const kind = KINDS.find((each) => each === backup.place);
    if (kind === undefined) return [];
    const offered = (backup.shared_with ?? []).map((where) => ({ kind: 'offered' as const, where, backup }));
    return [{ kind, where: backup.region, backup }, ...offered];
  });
  return [
    ...Map.groupBy(placed, ({ kind, where }) => `${String(KINDS.indexOf(kind))} ${where === home.region ? '' : where}`),
  ]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([, group]) =>
      group.slice(0, 1).map(({ kind, where }): Lane => {
        const marks = group.map(({ backup }) => markOf(backup)).reverse();
        const shown = marks.filter(({ at }) => at >= since);
        return { kind, where, marks: shown, before: marks.length - shown.length };
      }),
    );
}

function markOf({ created, retention_type: retention, state, name }: ReportedBackup): Mark {
  return { at: new Date(created), retention, state, name };
}

function nameOf({ name, id }: ReportedResource): string {
  return name ?? id;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
