import * as z from 'zod';
import type { FindingAt, FindingCode } from '../telling/catalogue.js';

/** What breaks the objective, what looks wrong, and what is only told; each in the order in which it is shown. */
const BREACHES = [
  'no-backup',
  'backup-too-old',
  'dr-copy-missing',
  'bunker-copy-missing',
  'source-silent',
  'pull-late',
] as const satisfies readonly FindingAt<'error'>[];
const WARNINGS = [
  'lost-mark',
  'near-miss',
  'wrong-tag',
  'unmarked-volume',
  'not-pulled',
  'failed',
  'unfinished',
  'no-metadata',
  'kept-by-error',
  'unreadable',
] as const satisfies readonly FindingAt<'warn'>[];
const NOTES = ['unusable', 'held'] as const satisfies readonly FindingAt<'info'>[];

/** Every finding, the worst first. What each means and what to do about it is in the catalogue. */
export const FINDING_CODES = [...BREACHES, ...WARNINGS, ...NOTES] as const satisfies readonly FindingCode[];

export const SEVERITIES = ['breach', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** How bad a finding is. */
export function severityOf(reason: FindingCode): Severity {
  if (BREACHES.some((code) => code === reason)) return 'breach';
  return NOTES.some((code) => code === reason) ? 'note' : 'warning';
}

/** The age of data in hours, to a tenth. */
const Hours = z.number().min(0);

/** One thing that somebody should know. */
const Finding = z.strictObject({
  severity: z.enum(SEVERITIES),
  reason: z.enum(FINDING_CODES),
  /** What is found, in words; they may change. */
  text: z.string(),
  resource: z.string().exactOptional(),
  resource_name: z.string().exactOptional(),
  region: z.string().exactOptional(),
  /** The account that shares, or is shared with. */
  account: z.string().exactOptional(),
  /** Ids of the backups that it is about. */
  backups: z.array(z.string()).exactOptional(),
});
export type Finding = Readonly<z.infer<typeof Finding>>;

/** The newest good backup in a place; nothing where there is none, or where the place could not be looked at. */
const Newest = z.strictObject({ backup: z.string(), age_hours: Hours });
/** The newest copy in a place. `unknown` where the place could not be looked at: one may be there. */
const NewestCopy = { newest: Newest.exactOptional(), unknown: z.literal(true).exactOptional() };

/** One marked resource, and its newest good backup in each place that it should be in. */
const ProtectedResource = z.strictObject({
  id: z.string(),
  name: z.string().exactOptional(),
  rpo_hours: z.number(),
  newest: Newest.exactOptional(),
  /** Copies in the resource's DR regions. */
  copies: z.array(z.strictObject({ region: z.string(), ...NewestCopy })),
  /** Copies that were pulled by the accounts that it is shared with. */
  pulled_by: z.array(z.strictObject({ account: z.string(), ...NewestCopy })),
  /** Backups that are being made. */
  running: z.number(),
  held: z.number(),
});
export type ProtectedResource = Readonly<z.infer<typeof ProtectedResource>>;

/** In a bunker: what was pulled from one source account. */
const SourceAccount = z.strictObject({
  account: z.string(),
  resources: z.number(),
  /** Resources whose newest pulled backup is older than 60 days. */
  not_seen_for_60_days: z.number(),
  newest: Newest.exactOptional(),
  /** Files that wait to be pulled; left out where the account's bucket could not be listed. */
  waiting: z.number().exactOptional(),
});
export type SourceAccount = Readonly<z.infer<typeof SourceAccount>>;

/** The answer of `status` for one backup type. */
export const BackupStatus = z.strictObject({
  /** `broken` where any finding is a breach. */
  objective: z.enum(['met', 'broken']),
  counts: z.strictObject({ resources: z.number(), breach: z.number(), warning: z.number(), note: z.number() }),
  /** The worst first. */
  findings: z.array(Finding),
  /** Findings that are not named because they would not fit a message. */
  findings_omitted: z.number(),
  resources: z.array(ProtectedResource),
  /** Resources that are not named because they would not fit a message. */
  resources_omitted: z.number(),
  sources: z.array(SourceAccount),
});
export type BackupStatus = Readonly<z.infer<typeof BackupStatus>>;

/** What was found, in the order in which it is shown. */
export function buildStatus(found: {
  readonly findings: readonly Omit<Finding, 'severity'>[];
  readonly resources: readonly ProtectedResource[];
  readonly sources: readonly SourceAccount[];
}): BackupStatus {
  const findings = found.findings
    .map((finding): Finding => ({ severity: severityOf(finding.reason), ...finding }))
    .sort(
      (a, b) =>
        FINDING_CODES.indexOf(a.reason) - FINDING_CODES.indexOf(b.reason) ||
        compare(nameOf(a), nameOf(b)) ||
        compare(a.region ?? '', b.region ?? ''),
    );
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const breach = count('breach');
  return {
    objective: breach === 0 ? 'met' : 'broken',
    counts: { resources: found.resources.length, breach, warning: count('warning'), note: count('note') },
    findings,
    findings_omitted: 0,
    resources: [...found.resources].sort((a, b) => compare(a.name ?? a.id, b.name ?? b.id) || compare(a.id, b.id)),
    resources_omitted: 0,
    sources: [...found.sources].sort((a, b) => compare(a.account, b.account)),
  };
}

/** The same within so many bytes of JSON: the worst findings first, then resources. What is left out is counted. */
export function fitStatus(status: BackupStatus, maxBytes: number): BackupStatus {
  let left = maxBytes - Buffer.byteLength(JSON.stringify({ ...status, findings: [], resources: [] }));
  const taken = <T>(items: readonly T[]): T[] => {
    const fitting = items.findIndex((item) => (left -= Buffer.byteLength(JSON.stringify(item)) + 1) < 0);
    return fitting < 0 ? [...items] : items.slice(0, fitting);
  };
  const findings = taken(status.findings);
  const resources = findings.length < status.findings.length ? [] : taken(status.resources);
  return {
    ...status,
    findings,
    findings_omitted: status.findings_omitted + status.findings.length - findings.length,
    resources,
    resources_omitted: status.resources_omitted + status.resources.length - resources.length,
  };
}

function nameOf({ resource_name: name, resource, account }: Omit<Finding, 'severity'>): string {
  return name ?? resource ?? account ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
