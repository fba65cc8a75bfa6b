import type { BackupStatus, Finding, ProtectedResource, SourceAccount } from '@shelvery/engine/terminal';
import { counted } from './output.js';
import type { Paint, Style } from './output.js';
import { renderTable } from './render-table.js';
import type { Column } from './render-table.js';

/** How a status is shown. */
export interface StatusParts {
  readonly paint: Paint;
  readonly width: number | undefined;
  /** Only what needs somebody. */
  readonly quiet: boolean;
}

const STYLES: Readonly<Record<Finding['severity'], Style>> = { breach: 'red', warning: 'yellow', note: 'dim' };

const FINDINGS: readonly Column<Finding>[] = [
  { title: 'LEVEL', cell: ({ severity }) => severity, style: ({ severity }) => STYLES[severity] },
  {
    title: 'RESOURCE',
    cell: ({ resource_name: name, resource, account }) => name ?? resource ?? account ?? '',
    atLeast: 21,
    wraps: 'id',
  },
  {
    title: 'ID',
    cell: ({ resource_name: name, resource }) => (name === undefined || name === resource ? '' : (resource ?? '')),
    atLeast: 21,
    wraps: 'id',
  },
  { title: 'REGION', cell: ({ region }) => region ?? '', dropAt: 2 },
  { title: 'REASON', cell: ({ reason }) => reason },
  { title: 'WHAT IS FOUND', cell: ({ text }) => text, atLeast: 24, wraps: 'words', belowAt: 1 },
];

const RESOURCES: readonly Column<ProtectedResource>[] = [
  { title: 'RESOURCE', cell: ({ name, id }) => name ?? id, atLeast: 21, wraps: 'id' },
  { title: 'ID', cell: ({ name, id }) => (name === undefined || name === id ? '' : id), dropAt: 4 },
  { title: 'NEWEST', cell: ({ newest }) => ageCell(newest) },
  { title: 'OBJECTIVE', cell: ({ rpo_hours: hours }) => `${String(hours)} h`, dropAt: 2 },
  {
    title: 'COPIES',
    cell: ({ copies }) => copies.map((copy) => `${copy.region} ${copyCell(copy)}`).join(', '),
    atLeast: 16,
    wraps: 'words',
  },
  {
    title: 'PULLED BY',
    cell: ({ pulled_by: pulled }) => pulled.map((copy) => `${copy.account} ${copyCell(copy)}`).join(', '),
    atLeast: 16,
    wraps: 'words',
  },
  { title: 'RUNNING', cell: ({ running }) => countCell(running), dropAt: 3 },
  { title: 'HELD', cell: ({ held }) => countCell(held), dropAt: 3 },
];

const SOURCES: readonly Column<SourceAccount>[] = [
  { title: 'SOURCE ACCOUNT', cell: ({ account }) => account },
  { title: 'NEWEST', cell: ({ newest }) => ageCell(newest) },
  { title: 'RESOURCES', cell: ({ resources }) => String(resources) },
  { title: 'NOT SEEN FOR 60 DAYS', cell: ({ not_seen_for_60_days: count }) => String(count), dropAt: 1 },
  { title: 'WAITING', cell: ({ waiting }) => (waiting === undefined ? 'unknown' : String(waiting)) },
];

/** What needs somebody first, then every marked resource, and in a bunker every source account. */
export function renderStatus(status: BackupStatus, { paint, width, quiet }: StatusParts): string {
  const findings = quiet ? status.findings.filter(({ severity }) => severity !== 'note') : status.findings;
  const tables = [
    findings.length === 0 ? '' : renderTable(FINDINGS, findings, paint, width),
    quiet || status.resources.length === 0 ? '' : renderTable(RESOURCES, status.resources, paint, width),
    quiet || status.sources.length === 0 ? '' : renderTable(SOURCES, status.sources, paint, width),
  ].filter((table) => table !== '');
  return tables.join('\n\n');
}

/** @example '12 marked resources: 1 breach, 2 warnings, 0 notes' */
export function statusCounts(statuses: readonly BackupStatus[]): string {
  const sum = (what: keyof BackupStatus['counts']): number =>
    statuses.reduce((before, { counts }) => before + counts[what], 0);
  const found = [
    counted(sum('breach'), 'breach', 'breaches'),
    counted(sum('warning'), 'warning', 'warnings'),
    counted(sum('note'), 'note', 'notes'),
  ];
  return `${counted(sum('resources'), 'marked resource', 'marked resources')}: ${found.join(', ')}`;
}

/** The age of the newest good backup of a place: in hours, from three days on in days. */
function ageCell(newest: ProtectedResource['newest']): string {
  if (newest === undefined) return 'none';
  const { age_hours: hours } = newest;
  return hours < 72 ? `${String(Math.floor(hours))} h` : `${String(Math.floor(hours / 24))} d`;
}

/** The same of a copy, which may be in a place that could not be looked at. */
function copyCell({ newest, unknown }: Pick<ProtectedResource['copies'][number], 'newest' | 'unknown'>): string {
  return unknown === true ? 'unknown' : ageCell(newest);
}

function countCell(count: number): string {
  return count === 0 ? '' : String(count);
}
