import { describe, expect, it } from '@jest/globals';
import { present } from '@shelvery/engine/terminal';
import type { RunbookResource } from '@shelvery/engine/terminal';
import { runbookPage } from '../../../cli/pages.js';
import type { Runbook } from '../../../cli/pages/runbook-page.js';
import type { PageScope } from '../../../cli/pages/scope.js';
import { HOME, TIME } from './runs.js';

const BUNKER = '222222222222';
const ORDERS = { id: 'vol-1', name: 'orders', account: HOME.accountId, toShareWith: [], places: [] } as const;
const UNSHARED: RunbookResource = { ...ORDERS, sharedWith: [] };
const SHARED: RunbookResource = { ...ORDERS, sharedWith: [BUNKER] };
const TO_SHARE: RunbookResource = { ...UNSHARED, toShareWith: [BUNKER] };
const UNKNOWN: RunbookResource = ORDERS;

type Type = Runbook['types'][number];

const ebs = (runbook: readonly RunbookResource[], ...problems: readonly string[]): Type => ({
  type: 'ebs',
  runbook,
  problems,
});

const runbookOf = (types: readonly Type[]): Runbook => ({
  account: HOME.accountId,
  region: HOME.region,
  madeAt: TIME,
  types,
});

/** The texts of a page, without what marks them up. */
function textOf(...types: readonly Type[]): string {
  return plain(runbookPage(runbookOf(types), { version: '1.0.0' }));
}

function plain(html: string): string {
  return html.replace(/<[^>]*>/g, '');
}

describe('the page of a runbook that is not of everything', () => {
  const about = (scope?: PageScope): string =>
    plain(runbookPage(runbookOf([ebs([UNSHARED])]), { version: '1.0.0', ...present({ scope }) }));

  it('says of what it is', () => {
    expect(about({ type: 'ebs' })).toContain('Only EBS volumes are on this page.');
    expect(about({ type: 'ebs', resource: 'vol-1' })).toContain(
      'Of the EBS volumes, only vol-1 is on this page, and nothing of other types.',
    );
    expect(about({ resource: 'vol-1' })).toContain('Only vol-1 is on this page.');
    expect(about()).not.toContain('on this page');
  });
});

describe('the page of a runbook, for the day when the account is lost', () => {
  const lost = (...types: readonly Type[]): string =>
    /The account is lost: (.*?)Save the commands/.exec(textOf(...types))?.[1] ?? '';

  it('sends to the accounts that the backups are shared with', () => {
    expect(lost(ebs([UNSHARED, SHARED]))).toBe(
      'use the runbook of the account that pulls the backups (222222222222): there, run shelvery all runbook --html runbook.html.',
    );
    expect(lost(ebs([SHARED, UNKNOWN]))).toMatch(/runbook.html\. With whom the others are shared is not known\.$/);
  });

  it('says that nothing is left only where all was looked at, and nothing is shared', () => {
    expect(lost(ebs([UNSHARED]))).toBe(
      'none of these backups is shared with another account, so that nothing of them is left.',
    );
    expect(lost(ebs([TO_SHARE]))).toMatch(
      /^none .* account yet, so that nothing of them is left\. The configuration has them shared with 222222222222\.$/,
    );
  });

  it.each<[string, readonly Type[]]>([
    ['the files that offer backups could not be listed', [ebs([UNKNOWN], 'denied')]],
    ['a region could not be listed', [ebs([UNSHARED], 'denied')]],
    ['a type could not be looked at', [ebs([UNSHARED]), { type: 'rds', problems: ['denied'] }]],
    ['a type was not looked at', [ebs([UNSHARED]), { type: 'rds', problems: [] }]],
  ])('says that it is not known where %s', (_what, types) => {
    expect(lost(...types)).toBe(
      'whether backups are shared with another account is not known, as not all could be looked at. The configuration names no account to share with. ' +
        'An account that pulls them has a runbook of its own: there, run shelvery all runbook --html runbook.html.',
    );
  });

  it('names the account that may have them where it is not known', () => {
    expect(lost(ebs([{ ...UNKNOWN, toShareWith: [BUNKER] }], 'denied'))).toMatch(
      /is not known, .* The configuration has them shared with 222222222222: there, run shelvery all runbook/,
    );
  });

  it('says of each resource with whom its backups are shared', () => {
    const SENTENCE = /(?:Its|With whom its) backups are shared/;
    expect(textOf(ebs([SHARED]))).toContain('Its backups are shared with 1 account: 222222222222.');
    expect(textOf(ebs([UNKNOWN]))).toContain('With whom its backups are shared is not known.');
    for (const resource of [UNSHARED, TO_SHARE]) expect(textOf(ebs([resource]))).not.toMatch(SENTENCE);
  });
});

describe('the page of a runbook', () => {
  it.each([
    [{ encrypted: false }, 'not encrypted'],
    [{ encrypted: true }, 'encrypted'],
    [{ encrypted: true, kmsKeyId: 'key-1' }, 'key-1'],
    [{ encrypted: false, underOwnedKey: true }, 'encrypted under a key that AWS owns'],
  ])('calls %j by what it is', (of, words) => {
    const place = {
      place: 'local',
      region: HOME.region,
      account: HOME.accountId,
      id: 'snap-1',
      name: 'orders',
      createdAt: TIME,
      archived: false,
      problem: 'It cannot be planned.',
      ...of,
    } as const;
    expect(textOf(ebs([{ ...UNSHARED, places: [place] }]))).toContain(`snap-1, ${words}It cannot be planned.`);
  });
});

describe('the page of a runbook of nothing', () => {
  it('says that there is nothing only where all was looked at', () => {
    expect(textOf(ebs([]))).toContain('There is no marked resource, and there are no backups.');
    expect(textOf(ebs([], 'denied'))).toContain(
      'In what could be looked at there is no marked resource, and there are no backups.',
    );
  });
});
