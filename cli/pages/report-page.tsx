import type {
  Health,
  Lane,
  Report,
  ReportedBackup,
  ReportedResource,
  ReportedType,
  TypedFinding,
} from '@shelvery/engine/terminal';
import type { JSX } from 'preact';
import { Cost } from './cost.js';
import { pageHtml } from './page.js';
import { Problems } from './problems.js';
import { Scope } from './scope.js';
import type { PageScope } from './scope.js';
import { Storage } from './storage.js';
import { Table } from './table.js';
import { Axis, GapPattern, Legend, Timeline, gapText } from './timeline.js';
import type { Year } from './timeline.js';
import {
  TYPE_NAMES,
  counted,
  dayText,
  gibText,
  listedTimeText,
  moneyText,
  nothingFoundText,
  numberText,
  spanText,
  timeText,
} from './words.js';

/** What is said of the page beside what is on it. */
export interface AboutPage {
  /** The version that made it. */
  readonly version: string;
  /** The file that the prices are from; nothing for those that are built in. */
  readonly pricesFrom?: string;
  /** Nothing where every type was looked at. */
  readonly scope?: PageScope;
}

/** The document of a report: timelines of a year, what needs somebody, storage and cost. */
export function reportPage(report: Report, about: AboutPage): string {
  return pageHtml({
    title: `Backups of ${report.account} in ${report.region}, ${dayText(report.madeAt)}`,
    children: <ReportBody report={report} about={about} />,
  });
}

/** With more resources than this, those far from what is seen are laid out when they are scrolled to. */
const MANY = 100;

function ReportBody({ report, about }: { readonly report: Report; readonly about: AboutPage }): JSX.Element {
  const { account, region, madeAt, types, problems } = report;
  return (
    <>
      <GapPattern />
      <header>
        <p class="kicker">Shelvery report</p>
        <h1>
          Backups of {account} in {region}
        </h1>
        <p class="made">
          As of <time datetime={madeAt.toISOString()}>{timeText(madeAt)} UTC</time>; copies in DR regions are included
        </p>
        <Scope scope={about.scope} />
        <Verdict report={report} />
        <Figures report={report} />
        <nav aria-label="On this page">
          <ul>
            <li>
              <a href="#attention">What needs somebody</a>
            </li>
            <li>
              <a href="#timelines">A year of backups</a>
            </li>
            <li>
              <a href="#storage">Storage</a>
            </li>
            <li>
              <a href="#cost">Cost</a>
            </li>
            <li>
              <a href="#about">How to read this</a>
            </li>
          </ul>
        </nav>
      </header>
      <main id="main" class={report.counts.resources > MANY ? 'many' : undefined}>
        {problems.length === 0 ? null : <Problems problems={problems} />}
        <Attention report={report} />
        <section aria-labelledby="timelines">
          <h2 id="timelines">A year of backups</h2>
          {types.length === 0 ? <p>{nothingFoundText(problems)}</p> : <Filter />}
          {types.map((type, index) => (
            <TypeSection type={type} year={report} home={region} prefix={`t${String(index)}`} />
          ))}
        </section>
        <Storage rows={report.storage} />
        <Cost cost={report.cost} pricesFrom={about.pricesFrom} />
        <HowToRead />
      </main>
      <footer>
        <p>
          Made by Shelvery {about.version} for {dayText(report.since)} to {dayText(madeAt)}. All times are UTC. This
          file loads nothing and runs nothing.
        </p>
      </footer>
    </>
  );
}

function Verdict({ report: { counts, problems } }: { readonly report: Report }): JSX.Element {
  const { breaches, warnings, resources, gaps } = counts;
  const unseen = problems.length === 0 ? '' : ' Something could not be looked at: see below.';
  if (breaches > 0) {
    return (
      <p class="verdict breach">
        <strong>{counted(breaches, 'breach', 'breaches')} of the objective.</strong> A backup or a copy is missing for
        longer than it may.{unseen}
      </p>
    );
  }
  if (resources === 0)
    return (
      <p class="verdict note">
        <strong>Nothing is marked to be backed up.</strong>
        {unseen}
      </p>
    );
  const also = [
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
    ...(gaps === 0 ? [] : [`${counted(gaps, 'gap')} in the past year`]),
  ];
  return (
    <p class={problems.length === 0 && also.length === 0 ? 'verdict good' : 'verdict warning'}>
      <strong>Every marked resource has a backup in time.</strong>
      {also.length === 0
        ? ''
        : ` There ${also.length === 1 && also[0]?.startsWith('1 ') === true ? 'is' : 'are'} ${also.join(', and ')}.`}
      {unseen}
    </p>
  );
}

function Figures({ report: { counts, cost } }: { readonly report: Report }): JSX.Element {
  const figures: readonly (readonly [name: string, value: string, more: string])[] = [
    ['Resources', numberText(counts.resources), 'marked'],
    ['Backups', numberText(counts.backups), `and ${counted(counts.copies, 'copy', 'copies')}`],
    ['Gaps', numberText(counts.gaps), 'in the past year'],
    [
      'Failed',
      numberText(counts.failed),
      counts.missing === 0 ? 'no copy is missing' : `${counted(counts.missing, 'copy', 'copies')} missing`,
    ],
    [
      'Cost a month',
      `${moneyText(cost.onceCost, cost.currency)} – ${moneyText(cost.mostCost, cost.currency)}`,
      'an estimate; see below',
    ],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, more]) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b> <span>{more}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Attention({ report: { findings } }: { readonly report: Report }): JSX.Element {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">What needs somebody</h2>
      {findings.length === 0 ? (
        <p>Nothing does.</p>
      ) : (
        <Table<TypedFinding>
          caption="Breaches of the objective first, then warnings"
          columns={[
            { title: 'Level', cell: ({ severity }) => <Badge health={severity} /> },
            { title: 'Resource', isHeading: true, cell: (finding) => <Subject {...finding} /> },
            {
              title: 'What is found',
              cell: ({ text, reason }) => (
                <>
                  {text} <code class="code">{reason}</code>
                </>
              ),
            },
          ]}
          rows={findings}
        />
      )}
    </section>
  );
}

function Subject({ type, resource_name: name, resource, region, account }: TypedFinding): JSX.Element {
  const main = name ?? resource ?? account ?? region ?? '';
  return (
    <>
      <bdi>{main}</bdi>
      {resource === undefined || resource === main ? null : (
        <>
          <br />
          <code>{resource}</code>
        </>
      )}
      <br />
      <small>{TYPE_NAMES[type]}</small>
    </>
  );
}

const HEALTH_WORDS: Readonly<Record<Health, string>> = {
  breach: 'Breach',
  warning: 'Warning',
  note: 'Note',
  good: 'Good',
};

function Badge({ health }: { readonly health: Health }): JSX.Element {
  return <span class={`badge ${health}`}>{HEALTH_WORDS[health]}</span>;
}

/** Works without a script: the style sheet looks at which of the two is chosen. */
function Filter(): JSX.Element {
  return (
    <>
      <fieldset class="filter">
        <legend>Show</legend>
        <label>
          <input type="radio" name="show" id="show-all" checked /> every resource
        </label>
        <label>
          <input type="radio" name="show" id="show-odd" /> only what needs somebody
        </label>
      </fieldset>
      <Legend />
    </>
  );
}

interface TypeParts {
  readonly type: ReportedType;
  readonly year: Year;
  readonly home: string;
  readonly prefix: string;
}

function TypeSection({ type: { type, resources, sources }, year, home, prefix }: TypeParts): JSX.Element {
  return (
    <section aria-labelledby={prefix}>
      <h3 id={prefix}>
        {TYPE_NAMES[type]} <small>{numberText(resources.length)}</small>
      </h3>
      {resources.map((resource, index) => (
        <ResourceCard resource={resource} year={year} home={home} id={`${prefix}-${String(index)}`} />
      ))}
      {sources.length === 0 ? null : (
        <Table
          caption={`What was pulled of ${TYPE_NAMES[type]}, by source account`}
          columns={[
            { title: 'Source account', isHeading: true, cell: ({ account }) => <code>{account}</code> },
            {
              title: 'Newest backup',
              cell: ({ newest }) => (newest === undefined ? 'none' : `${spanText(newest.age_hours)} old`),
            },
            { title: 'Resources', numeric: true, cell: (source) => numberText(source.resources) },
            { title: 'Not seen for 60 days', numeric: true, cell: (source) => numberText(source.not_seen_for_60_days) },
            {
              title: 'Waiting to be pulled',
              numeric: true,
              cell: ({ waiting }) => (waiting === undefined ? 'unknown' : numberText(waiting)),
            },
          ]}
          rows={sources}
        />
      )}
    </section>
  );
}

interface ResourceParts {
  readonly resource: ReportedResource;
  readonly year: Year;
  readonly home: string;
  readonly id: string;
}

function ResourceCard({ resource, year, home, id }: ResourceParts): JSX.Element {
  const { name, marked, health, newest, account, gaps, findings, lanes, backups, promised } = resource;
  return (
    <article class={`card ${health}`} aria-labelledby={id}>
      <div class="head">
        <h4 id={id}>
          <bdi>{name ?? resource.id}</bdi>
        </h4>
        {name === undefined || name === resource.id ? null : <code>{resource.id}</code>}
        {account === undefined ? null : (
          <span>
            from account <code>{account}</code>
          </span>
        )}
        {marked || account !== undefined ? (
          <Badge health={health} />
        ) : (
          <span class="badge note">Not backed up any more</span>
        )}
        <span class="fact">
          {newest === undefined ? (marked ? 'no good backup' : '') : `newest data ${spanText(newest.age_hours)} old`}
          {promised === undefined ? '' : `; objective ${spanText(promised.rpoHours)}`}
        </span>
      </div>
      {lanes.length === 0 ? (
        <p>It has no backups.</p>
      ) : (
        <div class="lanes">
          {lanes.map((lane, index) => (
            <>
              <p class="place">
                {placeText(lane, home)} <small>{numberText(lane.marks.length + lane.before)}</small>
              </p>
              <Timeline
                id={`${id}-${String(index)}`}
                label={`Backups of ${name ?? resource.id}: ${placeText(lane, home)}`}
                lane={lane}
                gaps={lane.kind === 'local' ? gaps : []}
                year={year}
              />
            </>
          ))}
          <Axis year={year} />
        </div>
      )}
      {findings.length + gaps.length === 0 ? null : (
        <ul class="found">
          {findings.map(({ severity, text }) => (
            <li class={severity}>{text}</li>
          ))}
          {gaps.map((gap) => (
            <li class="warning">
              {gapText(gap)}; its retention promises one at least every {spanText(gap.promisedHours)}
            </li>
          ))}
        </ul>
      )}
      {backups.length === 0 ? null : (
        <details>
          <summary>
            {counted(backups.length, 'backup')}, one by one<span class="hidden"> of {name ?? resource.id}</span>
          </summary>
          <Backups caption={`Backups of ${name ?? resource.id}, the newest first`} backups={backups} home={home} />
        </details>
      )}
    </article>
  );
}

interface BackupsParts {
  readonly caption: string;
  readonly backups: readonly ReportedBackup[];
  readonly home: string;
}

function Backups({ caption, backups }: BackupsParts): JSX.Element {
  return (
    <Table<ReportedBackup>
      caption={caption}
      columns={[
        { title: 'Created', isHeading: true, cell: ({ created }) => listedTimeText(created) },
        { title: 'Retention', cell: ({ retention_type: type }) => type },
        { title: 'Place', cell: ({ place, region }) => `${place} ${region}` },
        { title: 'State', cell: ({ state }) => state },
        { title: 'Size', numeric: true, cell: ({ size_gib: size }) => (size === undefined ? '' : gibText(size)) },
        { title: 'Expires, or why it is kept', cell: ({ fate }) => fate },
        { title: 'ID', cell: ({ id }) => <code>{id}</code> },
        { title: 'Name', cell: ({ name, id }) => (name === id ? '' : <code>{name}</code>) },
      ]}
      rows={backups}
    />
  );
}

function placeText({ kind, where }: Lane, home: string): string {
  switch (kind) {
    case 'local':
      return where;
    case 'dr':
      return where === home ? `DR copies kept in ${where}` : `DR ${where}`;
    case 'pulled':
      return `pulled, ${where}`;
    case 'offered':
      return `offered to ${where}`;
  }
}

function HowToRead(): JSX.Element {
  return (
    <section aria-labelledby="about" class="about">
      <h2 id="about">How to read this</h2>
      <dl>
        <dt>A mark</dt>
        <dd>
          is a backup that is there now, at the time that it was made. Expired backups are removed, so a year thins out
          to the left as retention says. The last five weeks are drawn wider.
        </dd>
        <dt>A gap</dt>
        <dd>
          is a time in which two backups lie further apart than the retention promises: a day and two hours (or the
          objective, where that is longer) as far back as daily backups are kept, a week as far as weekly ones are, a
          month as far as monthly ones are. It is looked for from the oldest backup on.
        </dd>
        <dt>Offered to an account</dt>
        <dd>
          means that a file offers the backup to that account, which pulls it. Whether its copies are good, only a
          report made there can say.
        </dd>
        <dt>A breach</dt>
        <dd>
          is what <code>shelvery all status</code> calls one: no backup, or no copy, that is as young as the objective (
          <code>shelvery_rpo_hours</code>) asks. Codes are explained in docs/operations.md.
        </dd>
      </dl>
    </section>
  );
}
