import type { BackupType, RunbookPlace, RunbookResource } from '@shelvery/engine/terminal';
import type { JSX } from 'preact';
import { pageHtml } from './page.js';
import { Problems } from './problems.js';
import type { AboutPage } from './report-page.js';
import { Scope } from './scope.js';
import { Table } from './table.js';
import { TYPE_NAMES, counted, dayText, gibText, nothingFoundText, numberText, timeText } from './words.js';

/** What a runbook is made of. */
export interface Runbook {
  readonly account: string;
  readonly region: string;
  readonly madeAt: Date;
  readonly types: readonly {
    readonly type: BackupType;
    /** Nothing where the type could not be looked at. */
    readonly runbook?: readonly RunbookResource[];
    readonly problems: readonly string[];
  }[];
}

/** The document for the day when a region or an account is lost: what each resource is restored from, and how. */
export function runbookPage(runbook: Runbook, about: Omit<AboutPage, 'pricesFrom'>): string {
  const { account, region, madeAt } = runbook;
  return pageHtml({
    title: `Runbook of ${account} in ${region}, ${dayText(madeAt)}`,
    children: <RunbookBody runbook={runbook} about={about} />,
  });
}

interface RunbookParts {
  readonly runbook: Runbook;
  readonly about: Omit<AboutPage, 'pricesFrom'>;
}

function RunbookBody({ runbook, about }: RunbookParts): JSX.Element {
  const { account, region, madeAt, types } = runbook;
  const shown = types.flatMap(({ type, runbook: resources = [] }) =>
    resources.length === 0 ? [] : [{ type, resources }],
  );
  const problems = types.flatMap(({ type, problems: texts }) => texts.map((text) => ({ type, text })));
  return (
    <>
      <header>
        <p class="kicker">Shelvery runbook</p>
        <h1>
          Restoring {account} in {region}
        </h1>
        <p class="made">
          As of <time datetime={madeAt.toISOString()}>{timeText(madeAt)} UTC</time>. Make it anew after each change, and
          keep it where the loss of the region and of the account does not reach: on paper, too.
        </p>
        <Scope scope={about.scope} />
      </header>
      <main id="main">
        {problems.length === 0 ? null : <Problems problems={problems} />}
        <section aria-labelledby="first">
          <h2 id="first">What to do</h2>
          <ol>
            <li>
              <b>A resource is lost, the region is there:</b> take the commands of the place {region}.
            </li>
            <li>
              <b>The region is lost:</b> take those of another region. Networks, groups and keys of {region} mean
              nothing there: the commands ask for others.
            </li>
            <li>
              <b>The account is lost:</b> {accountLostText(runbook)}
            </li>
            <li>
              Save the commands as a file, set what they ask for, and run it with <code>sh</code>. It stops at the first
              error. The backup stays as it is.
            </li>
            <li>
              When something newer may be there: <code>shelvery TYPE list_backups --region REGION</code>, then{' '}
              <code>shelvery TYPE restore_plan ID --region REGION</code>.
            </li>
          </ol>
        </section>
        <section aria-labelledby="what">
          <h2 id="what">What is where</h2>
          {shown.length === 0 ? <p>{nothingFoundText(problems)}</p> : null}
          {shown.map(({ type, resources }) => (
            <>
              <h3>
                {TYPE_NAMES[type]} <small>{numberText(resources.length)}</small>
              </h3>
              <Table<Row>
                caption={`The newest good backup of each of the ${TYPE_NAMES[type]}, in each place`}
                columns={[
                  { title: 'Resource', isHeading: true, cell: ({ resource }) => <Subject resource={resource} /> },
                  {
                    title: 'Place',
                    cell: ({ place }) => (place === undefined ? <b>no good backup</b> : placeText(place)),
                  },
                  { title: 'Of', cell: ({ place }) => (place === undefined ? '' : timeText(place.createdAt)) },
                  { title: 'Backup', cell: ({ place }) => (place === undefined ? '' : <code>{place.id}</code>) },
                  { title: 'Key', cell: ({ place }) => (place === undefined ? '' : keyText(place)) },
                ]}
                rows={resources.flatMap(rowsOf)}
              />
            </>
          ))}
        </section>
        <section aria-labelledby="how">
          <h2 id="how">How to get it back</h2>
          {shown.map(({ type, resources }) => (
            <>
              <h3>{TYPE_NAMES[type]}</h3>
              {resources.map((resource, index) => (
                <HowTo resource={resource} headingId={`${type}-${String(index)}`} />
              ))}
            </>
          ))}
        </section>
      </main>
      <footer>
        <p>Made by Shelvery {about.version}. All times are UTC. This file loads nothing and runs nothing.</p>
      </footer>
    </>
  );
}

/**
 * What is left where the account is lost. That nothing is, is said only where all could be looked at: whoever reads it then
 * looks no further.
 */
function accountLostText({ types }: Runbook): string {
  const resources = types.flatMap(({ runbook = [] }) => runbook);
  const shared = new Set(resources.flatMap(({ sharedWith = [] }) => sharedWith));
  const configured = [...new Set(resources.flatMap(({ toShareWith }) => toShareWith))];
  const isKnown =
    types.every(({ runbook, problems }) => runbook !== undefined && problems.length === 0) &&
    resources.every(({ sharedWith }) => sharedWith !== undefined);
  const there = 'there, run shelvery all runbook --html runbook.html.';
  if (shared.size > 0) {
    const some = isKnown ? '' : ' With whom the others are shared is not known.';
    return `use the runbook of the account that pulls the backups (${[...shared].join(', ')}): ${there}${some}`;
  }
  if (isKnown)
    return configured.length === 0
      ? 'none of these backups is shared with another account, so that nothing of them is left.'
      : `none of these backups is shared with another account yet, so that nothing of them is left. The configuration has them shared with ${configured.join(', ')}.`;
  const unknown = 'whether backups are shared with another account is not known, as not all could be looked at.';
  return configured.length === 0
    ? `${unknown} The configuration names no account to share with. An account that pulls them has a runbook of its own: ${there}`
    : `${unknown} The configuration has them shared with ${configured.join(', ')}: ${there}`;
}

interface Row {
  readonly resource: RunbookResource;
  readonly place?: RunbookPlace;
}

function rowsOf(resource: RunbookResource): readonly Row[] {
  return resource.places.length === 0 ? [{ resource }] : resource.places.map((place) => ({ resource, place }));
}

function Subject({ resource: { name, id } }: { readonly resource: RunbookResource }): JSX.Element {
  return (
    <>
      <bdi>{name ?? id}</bdi>
      {name === undefined || name === id ? null : (
        <>
          <br />
          <code>{id}</code>
        </>
      )}
    </>
  );
}

function placeText({ place, region }: RunbookPlace): string {
  return { local: region, dr: `DR ${region}`, pulled: `pulled, ${region}` }[place];
}

function keyText({ encrypted, kmsKeyId, underOwnedKey }: RunbookPlace): JSX.Element | string {
  if (underOwnedKey === true) return 'encrypted under a key that AWS owns';
  if (!encrypted) return 'not encrypted';
  return kmsKeyId === undefined ? 'encrypted' : <code>{kmsKeyId}</code>;
}

interface HowToParts {
  readonly resource: RunbookResource;
  readonly headingId: string;
}

function HowTo({ resource, headingId }: HowToParts): JSX.Element {
  const { id, name, account, originRegion, places, sharedWith } = resource;
  return (
    <article class="card" aria-labelledby={headingId}>
      <div class="head">
        <h4 id={headingId}>
          <bdi>{name ?? id}</bdi>
        </h4>
        {name === undefined || name === id ? null : <code>{id}</code>}
        <span>
          of <code>{account}</code>
          {originRegion === undefined ? '' : ` in ${originRegion}`}
        </span>
      </div>
      {places.length === 0 ? <p>It has no good backup: there is nothing to restore it from.</p> : null}
      {places.map((place) => (
        <section class="way">
          <h5>
            In {placeText(place)} of {place.account}, from {timeText(place.createdAt)}
          </h5>
          <p>
            <code>{place.id}</code>
            {place.sizeGib === undefined ? '' : `, ${gibText(place.sizeGib)}`}
            {place.archived ? ', in the archive tier: it takes up to 72 hours to be read' : ''}, {keyText(place)}
          </p>
          {place.script === undefined ? (
            <p>{place.problem}</p>
          ) : (
            <pre
              class="script"
              tabindex={0}
              role="region"
              aria-label={`Commands for ${name ?? id} in ${placeText(place)}`}
            >
              {place.script}
            </pre>
          )}
        </section>
      ))}
      {sharedWith?.length === 0 ? null : (
        <p>
          {sharedWith === undefined
            ? 'With whom its backups are shared is not known.'
            : `Its backups are shared with ${counted(sharedWith.length, 'account')}: ${sharedWith.join(', ')}.`}
        </p>
      )}
    </article>
  );
}
