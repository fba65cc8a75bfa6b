import * as z from 'zod';
import type { Played } from './play.js';

/** So many runs at a time make a seed count. */
const MANY_AT_ONCE = 4;

const SummarySchema = z.object({
  seeds: z.number(),
  /** Seeds in which at least four processes were at work at a time. */
  crowded: z.number(),
  steps: z.number(),
  faults: z.record(z.string(), z.number()),
  checks: z.record(z.string(), z.number()),
  failed: z.array(z.object({ seed: z.number(), violation: z.string() })),
});

/** What came of several seeds. */
export type Summary = z.infer<typeof SummarySchema>;

/** Reads what a process wrote of its share. Throws where that is no summary. */
export function parseSummary(text: string): Summary {
  return SummarySchema.parse(JSON.parse(text));
}

/** What came of one seed. */
export function summarise(seed: number, { steps, struck, checked, mostAtOnce, violations }: Played): Summary {
  const [violation] = violations;
  return {
    seeds: 1,
    crowded: mostAtOnce >= MANY_AT_ONCE ? 1 : 0,
    steps,
    faults: Object.fromEntries(struck),
    checks: Object.fromEntries(checked),
    failed: violation === undefined ? [] : [{ seed, violation }],
  };
}

/** What came of all of them. */
export function addSummaries(summaries: readonly Summary[]): Summary {
  const total = (of: (summary: Summary) => number): number => summaries.reduce((sum, summary) => sum + of(summary), 0);
  const byName = (of: (summary: Summary) => Summary['faults']): Summary['faults'] => {
    const names = [...new Set(summaries.flatMap((summary) => Object.keys(of(summary))))].sort();
    return Object.fromEntries(names.map((name) => [name, total((summary) => of(summary)[name] ?? 0)]));
  };
  return {
    seeds: total(({ seeds }) => seeds),
    crowded: total(({ crowded }) => crowded),
    steps: total(({ steps }) => steps),
    faults: byName(({ faults }) => faults),
    checks: byName(({ checks }) => checks),
    failed: summaries.flatMap(({ failed }) => failed).sort((a, b) => a.seed - b.seed),
  };
}

/** Of one seed, for people. */
export function renderFailed({ seed, violation }: Summary['failed'][number]): string {
  return `seed ${String(seed)} fails: ${violation}`;
}

/** For people. */
export function renderSummary(summary: Summary, seconds: number): string {
  const { seeds, crowded, steps, faults, checks, failed } = summary;
  const list = (counts: Summary['faults']): string =>
    Object.entries(counts)
      .map(([name, times]) => `${name} ${String(times)}`)
      .join(', ');
  return [
    ...failed.map(renderFailed),
    `${String(seeds)} seeds in ${seconds.toFixed(1)} s (${((1000 * seconds) / seeds).toFixed(0)} ms each), ${String(steps)} steps, ${String(failed.length)} failed`,
    `at least ${String(MANY_AT_ONCE)} at work at a time in ${String(crowded)} of them`,
    `faults: ${list(faults)}`,
    `checks: ${list(checks)}`,
  ].join('\n');
}
