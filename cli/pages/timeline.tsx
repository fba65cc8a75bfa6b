import type { Gap, Lane, Mark, Report } from '@shelvery/engine/terminal';
import { scaleUtc } from 'd3-scale';
import { subDays } from 'date-fns';
import type { JSX } from 'preact';
import { counted, dayOfMonthText, dayText, monthText, spanText, timeText } from './words.js';

/** The year that all timelines of a page show. */
export type Year = Pick<Report, 'since' | 'madeAt'>;

/** How wide and high the mark of a retention type is, in pixels; a lane is `LANE_HEIGHT` high. */
const SIZES: Readonly<Record<string, { readonly width: number; readonly height: number }>> = {
  daily: { width: 2, height: 8 },
  weekly: { width: 3, height: 13 },
  monthly: { width: 4, height: 18 },
  yearly: { width: 5, height: 24 },
};
const CUSTOM = { width: 3, height: 11 };
const LANE_HEIGHT = 28;
const BASE = 27;

/** The last weeks, with their daily backups, get this much of the width, in percent. */
const RECENT_DAYS = 35;
const RECENT_WIDTH = 42;

function recentSince({ madeAt }: Year): Date {
  return subDays(madeAt, RECENT_DAYS);
}

/** Where a time is on a timeline, as SVG takes it: in percent, so that it is as wide as there is room. */
function position(year: Year): (time: Date) => string {
  const scale = scaleUtc([year.since, recentSince(year), year.madeAt], [0, 100 - RECENT_WIDTH, 100]).clamp(true);
  return (time) => `${scale(time).toFixed(2)}%`;
}

/** The firsts of months, and in the last weeks the Sundays. */
function ticks(year: Year): readonly { readonly at: Date; readonly label: string }[] {
  const recent = recentSince(year);
  return [
    ...scaleUtc([year.since, recent], [0, 1])
      .ticks(11)
      .map((at) => ({ at, label: at.getUTCMonth() === 0 ? String(at.getUTCFullYear()) : monthText(at) })),
    ...scaleUtc([recent, year.madeAt], [0, 1])
      .ticks(5)
      .map((at) => ({ at, label: dayOfMonthText(at) })),
  ];
}

/** The months and Sundays below the lanes of a resource. */
export function Axis({ year }: { readonly year: Year }): JSX.Element {
  const x = position(year);
  return (
    <svg class="axis" height="16" aria-hidden="true">
      {ticks(year).map(({ at, label }, index) => (
        <text x={x(at)} y="12" class={index % 2 === 1 ? 'second' : undefined}>
          {label}
        </text>
      ))}
    </svg>
  );
}

interface TimelineParts {
  /** Unique on the page. */
  readonly id: string;
  readonly label: string;
  readonly lane: Lane;
  readonly gaps: readonly Gap[];
  readonly year: Year;
}

/** The backups of a resource in one place, as marks on a line. What it shows is in words in its title and description. */
export function Timeline({ id, label, lane, gaps, year }: TimelineParts): JSX.Element {
  const x = position(year);
  return (
    <svg
      class={`lane ${lane.kind}`}
      height={LANE_HEIGHT}
      role="img"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-desc`}
    >
      <title id={`${id}-title`}>{label}</title>
      <desc id={`${id}-desc`}>{descriptionOf(lane, gaps)}</desc>
      <rect class="recent" x={x(recentSince(year))} y="0" width={`${String(RECENT_WIDTH)}%`} height={BASE} />
      {ticks(year).map(({ at }) => (
        <line class="tick" x1={x(at)} x2={x(at)} y1="0" y2={LANE_HEIGHT} />
      ))}
      <line class="base" x1="0" x2="100%" y1={BASE + 0.5} y2={BASE + 0.5} />
      {gaps.map((gap) => (
        <rect
          class="gap"
          x={x(gap.from)}
          width={`${(parseFloat(x(gap.to)) - parseFloat(x(gap.from))).toFixed(2)}%`}
          y="0"
          height={BASE}
          fill="url(#gap)"
        >
          <title>{gapText(gap)}</title>
        </rect>
      ))}
      {lane.marks.map((mark) => (
        <BackupMark mark={mark} x={x(mark.at)} />
      ))}
    </svg>
  );
}

/** The mark of what failed. */
const CROSS = 'M-4 14l8 8m0-8l-8 8';

function BackupMark({ mark, x }: { readonly mark: Mark; readonly x: string }): JSX.Element {
  const { width, height } = SIZES[mark.retention] ?? CUSTOM;
  const kind = mark.retention in SIZES ? mark.retention : 'custom';
  const title = <title>{markText(mark)}</title>;
  if (mark.state === 'failed') {
    return (
      <svg x={x} class="failed">
        {title}
        <path d={CROSS} />
      </svg>
    );
  }
  const isHollow = mark.state === 'missing' || mark.state === 'pending';
  return (
    <rect class={isHollow ? mark.state : kind} x={x} y={BASE - height} width={width} height={height}>
      {title}
    </rect>
  );
}

function markText({ at, retention, state }: Mark): string {
  return `${retention}, ${timeText(at)}${state === 'available' ? '' : `, ${state}`}`;
}

/** @example 'No backup from 2026-10-03 03:00 to 2026-10-07 03:00 (4 days)' */
export function gapText({ from, to, hours }: Gap): string {
  return `No backup from ${timeText(from)} to ${timeText(to)} (${spanText(hours)})`;
}

/** What somebody who does not see the marks should know of them. */
function descriptionOf({ marks, before }: Lane, gaps: readonly Gap[]): string {
  const newest = marks.at(-1);
  const oldest = marks[0];
  if (newest === undefined || oldest === undefined) return `Nothing in this year, ${String(before)} before.`;
  const kinds = Map.groupBy(marks, ({ retention, state }) => (state === 'available' ? retention : state));
  const counts = [...kinds].map(([kind, those]) => `${String(those.length)} ${kind}`);
  return [
    `${counted(marks.length, 'backup')} from ${dayText(oldest.at)} to ${dayText(newest.at)}: ${counts.join(', ')}.`,
    before === 0 ? '' : `${String(before)} are older than a year.`,
    ...gaps.map((gap) => `${gapText(gap)}.`),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** What the marks mean. */
export function Legend(): JSX.Element {
  const kinds = ['daily', 'weekly', 'monthly', 'yearly', 'custom'] as const;
  return (
    <ul class="legend" aria-label="What the marks mean">
      {kinds.map((kind) => {
        const { width, height } = SIZES[kind] ?? CUSTOM;
        return (
          <LegendItem width={12} means={kind}>
            <rect class={kind} x="4" y={BASE - height} width={width} height={height} />
          </LegendItem>
        );
      })}
      <LegendItem width={14} means="being made">
        <rect class="pending" x="5" y="10" width="4" height="16" />
      </LegendItem>
      <LegendItem width={14} means="copy missing">
        <rect class="missing" x="5" y="10" width="4" height="16" />
      </LegendItem>
      <LegendItem width={16} means="failed">
        <svg x="8" class="failed">
          <path d={CROSS} />
        </svg>
      </LegendItem>
      <LegendItem width={28} means="gap: no backup where one is promised">
        <rect class="gap" x="0" y="8" width="26" height="18" fill="url(#gap)" />
      </LegendItem>
    </ul>
  );
}

/** A mark, and what it means. */
function LegendItem({ width, means, children }: LegendItemParts): JSX.Element {
  return (
    <li>
      <svg width={width} height={LANE_HEIGHT} aria-hidden="true">
        {children}
      </svg>
      {means}
    </li>
  );
}

interface LegendItemParts {
  readonly width: number;
  readonly means: string;
  readonly children: JSX.Element;
}

/** What fills gaps, once for the page. */
export function GapPattern(): JSX.Element {
  return (
    <svg class="defs" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" x2="0" y1="0" y2="6" />
        </pattern>
      </defs>
    </svg>
  );
}
