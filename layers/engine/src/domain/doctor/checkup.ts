import * as z from 'zod';
import type { DiagnosisAt, DiagnosisCode } from '../telling/catalogue.js';
import { BACKUP_TYPES } from '../values.js';

/** What is looked at, in the order in which it is shown. */
export const CHECKS = [
  'credentials',
  'clock',
  'permissions',
  'tags',
  'buckets',
  'topics',
  'queues',
  'keys',
  'quotas',
] as const;
export type Check = (typeof CHECKS)[number];

const FAILED = [
  'call-refused',
  'resource-not-marked',
  'bucket-refused',
  'topic-missing',
  'queue-missing',
  'dead-letters',
  'key-missing',
  'key-elsewhere',
  'key-disabled',
  'key-pending-deletion',
  'key-unusable',
  'key-unshareable',
  'quota-full',
] as const satisfies readonly DiagnosisAt<'error'>[];
const WARNINGS = [
  'credentials-end-soon',
  'clock-off',
  'tag-unusable',
  'bucket-missing',
  'bucket-unfinished',
  'topic-elsewhere',
  'no-dead-letter-queue',
  'key-of-another-account',
  'default-key-unshareable',
  'quota-near',
  'copies-too-slow',
  'not-checked',
] as const satisfies readonly DiagnosisAt<'warn'>[];
const WELL = ['not-tried', 'fine'] as const satisfies readonly DiagnosisAt<'info'>[];

/** Every diagnosis. What each means and what to do about it is in the catalogue. */
export const DIAGNOSIS_CODES = [...FAILED, ...WARNINGS, ...WELL] as const satisfies readonly DiagnosisCode[];

/** The worst first. */
export const RESULTS = ['failed', 'warning', 'ok'] as const;
export type CheckResult = (typeof RESULTS)[number];

/** How bad a diagnosis is. */
export function resultOf(reason: DiagnosisCode): CheckResult {
  if (FAILED.some((code) => code === reason)) return 'failed';
  return WARNINGS.some((code) => code === reason) ? 'warning' : 'ok';
}

/** One thing that was looked at. */
const Diagnosis = z.strictObject({
  check: z.enum(CHECKS),
  result: z.enum(RESULTS),
  reason: z.enum(DIAGNOSIS_CODES),
  /** What is found, in words; they may change. */
  text: z.string(),
  /** What to do, in words. */
  advice: z.string().exactOptional(),
  /** Left out where it is the same for all. */
  backup_type: z.enum(BACKUP_TYPES).exactOptional(),
  region: z.string().exactOptional(),
  /** What it is about: a permission, a bucket, a topic, a queue, a key, a quota. */
  subject: z.string().exactOptional(),
});
export type Diagnosis = Readonly<z.infer<typeof Diagnosis>>;

/** A diagnosis as it is made; how bad it is follows from its reason. */
export type Found = Omit<Diagnosis, 'result'>;

/** The answer of `doctor`, for all types that it was asked of. */
export const Checkup = z.strictObject({
  counts: z.strictObject({ failed: z.number(), warning: z.number(), ok: z.number() }),
  /** In the order of the checks; of each the worst first. */
  findings: z.array(Diagnosis),
});
export type Checkup = Readonly<z.infer<typeof Checkup>>;

/** What was found, each thing once, in the order in which it is shown. */
export function buildCheckup(found: readonly Found[]): Checkup {
  const findings = [...new Map(found.map((each) => [JSON.stringify(each), each])).values()]
    .map(({ check, ...rest }): Diagnosis => ({ check, result: resultOf(rest.reason), ...rest }))
    .sort(
      (a, b) =>
        CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check) ||
        RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result) ||
        compare(orderOf(a), orderOf(b)),
    );
  const count = (result: CheckResult): number => findings.filter((finding) => finding.result === result).length;
  return { counts: { failed: count('failed'), warning: count('warning'), ok: count('ok') }, findings };
}

function orderOf({ backup_type: type, region = '', subject = '', text }: Diagnosis): string {
  const place = type === undefined ? 0 : BACKUP_TYPES.indexOf(type) + 1;
  return [String(place), region, subject, text].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
