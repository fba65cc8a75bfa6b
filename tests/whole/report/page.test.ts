import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as z from 'zod';
import { BUILT_IN_PRICES, buildReport } from '@shelvery/engine/terminal';
import type { RunbookPlace, RunbookResource, SeenType } from '@shelvery/engine/terminal';
import { reportPage, runbookPage } from '../../../cli/pages.js';
import { HOME } from '../../unit/domain/builders.js';
import { startBrowser } from './browser.js';
import { NOW, SAMPLE, sampleType } from './sample-estate.js';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const folder = mkdtempSync(`${tmpdir()}/shelvery-page-`);

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

function htmlOf(types: readonly SeenType[]): string {
  return reportPage(buildReport({ now: NOW, home: HOME, types, prices: BUILT_IN_PRICES }), { version: '1.0.0' });
}

interface Opened {
  readonly page: Page;
  /** What the browser asked for, beside the page itself. */
  readonly requests: readonly string[];
  /** What it wrote on its console, policies that were offended against included. */
  readonly said: readonly string[];
}

/** Opens a page from a file, as a reader does. */
async function open(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const file = `${mkdtempSync(`${folder}/`)}/report.html`;
  writeFileSync(file, html);
  const url = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(url);
  return { page, requests, said };
}

const Violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) }),
);

/** What axe finds against the rules of accessibility, contrast included. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate('axe.run(document).then(({ violations }) => violations)');
  return Violations.parse(found).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  );
}

const sideways = (page: Page): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth - innerWidth');

const HOSTILE = `</title></style></svg><script>document.title = 'run'</script><img src="http://198.51.100.1/a.png"><svg onload="document.title = 'run'">"'&amp;`;

describe('the page of a report', () => {
  it('asks for nothing, runs nothing and says nothing', async () => {
    const { page, requests, said } = await open(htmlOf(SAMPLE));
    expect(await page.title()).toBe('Backups of 111111111111 in eu-west-1, 24 Nov 2026');
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect({ requests, said }).toEqual({ requests: [], said: [] });
  });

  it('would load and run nothing either where something got into it', async () => {
    const smuggled = `<script>document.title = 'run'</script><img src="http://198.51.100.1/a.png"><p style="color: red" id="styled">`;
    const { page, requests, said } = await open(htmlOf(SAMPLE).replace('<main', `${smuggled}<main`));
    expect(await page.title()).not.toBe('run');
    expect(await page.evaluate(`getComputedStyle(document.getElementById('styled')).color`)).not.toBe('rgb(255, 0, 0)');
    expect(said).toHaveLength(3);
    expect(said.join('\n')).toContain('Content Security Policy');
    // Chromium tells of what it refuses to ask for.
    expect(requests.filter((url) => !url.includes('198.51.100.1'))).toEqual([]);
  });

  it('shows names as they are, whatever is in them', async () => {
    const types = [
      sampleType(
        'ebs',
        [
          {
            id: HOSTILE,
            name: HOSTILE,
            days: 20,
            findings: [{ reason: 'failed', resource: HOSTILE, resource_name: HOSTILE, text: HOSTILE }],
          },
        ],
        [HOSTILE],
      ),
    ];
    const { page, requests, said } = await open(htmlOf(types), { viewport: { width: 360, height: 700 } });
    expect(await page.title()).not.toBe('run');
    expect(await page.locator('img, script, [onload]').count()).toBe(0);
    expect(await page.locator('h4').first().textContent()).toBe(HOSTILE);
    expect(await page.locator('.problems li').textContent()).toContain(HOSTILE);
    expect({ requests, said }).toEqual({ requests: [], said: [] });
    expect(await sideways(page)).toBe(0);
  });

  it.each([
    ['light', 'rgb(246, 247, 249)'],
    ['dark', 'rgb(16, 21, 27)'],
  ] as const)('can be read by everybody, in %s colours', async (colorScheme, paper) => {
    const { page } = await open(htmlOf(SAMPLE), { colorScheme });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(paper);
    await page.locator('summary').first().click();
    expect(await violationsOf(page)).toEqual([]);
  });

  it('fits a phone: only tables scroll, by themselves', async () => {
    const { page } = await open(htmlOf(SAMPLE), { viewport: { width: 360, height: 700 } });
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await sideways(page)).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('tells in words what timelines show', async () => {
    const { page } = await open(htmlOf(SAMPLE));
    const search = page.getByRole('article', { name: 'search-index' });
    const lane = search.getByRole('img', { name: 'Backups of search-index: eu-west-1' });
    expect(await lane.locator('desc').textContent()).toBe(
      '27 backups from 1 Dec 2025 to 24 Nov 2026: 11 monthly, 1 yearly, 6 weekly, 8 daily, 1 failed. ' +
        'No backup from 2026-11-14 03:01 to 2026-11-16 03:01 (48 hours). No backup from 2026-11-17 03:01 to 2026-11-22 03:01 (5 days).',
    );
    expect(await search.getByRole('listitem').allTextContents()).toEqual([
      'a backup failed: no reason given',
      expect.stringMatching(/^No backup from 2026-11-14 03:01 .*; its retention promises one at least every 26 hours$/),
      expect.stringMatching(/^No backup from 2026-11-17 03:01 /),
    ]);
  });

  it('is used by keyboard', async () => {
    const { page } = await open(htmlOf(SAMPLE));
    const focused = (): Promise<unknown> =>
      page.evaluate('document.activeElement.textContent || document.activeElement.id');
    const reached: unknown[] = [];
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(await focused());
    }
    expect(reached.slice(0, 6)).toEqual([
      'Skip to the content',
      'What needs somebody',
      'A year of backups',
      'Storage',
      'Cost',
      'How to read this',
    ]);
    expect(reached).toContain('show-all');
    const lists = await page.locator('.card summary').allTextContents();
    expect(lists).toHaveLength(7);
    expect(reached).toEqual(expect.arrayContaining(lists));
  });

  it('opens a list of backups, and narrows the resources to those that need somebody, by keyboard', async () => {
    const { page } = await open(htmlOf(SAMPLE));
    const list = page.locator('.card details').first();
    await list.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await list.getByRole('row').count()).toBeGreaterThan(50);
    expect(await page.locator('.card:visible').count()).toBe(7);
    await page.locator('#show-all').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.card:visible h4').allTextContents()).toEqual(['search-index', 'billing', 'events']);
  });

  it('is printed on white, also where the screen is dark, without what paper cannot do', async () => {
    const { page } = await open(htmlOf(SAMPLE), { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    for (const hidden of ['nav', '.filter', '.card summary'])
      expect(await page.locator(hidden).first().isVisible()).toBe(false);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('opens with 10,000 backups', async () => {
    const resources = Array.from({ length: 330 }, (_, index) => ({
      id: `vol-${String(index).padStart(17, '0')}`,
      sizeGib: 100,
    }));
    const types = [sampleType('ebs', resources)];
    const html = htmlOf(types);
    const { page, said } = await open(html);
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(10_000);
    const last = page.locator('.card').last();
    await last.scrollIntoViewIfNeeded();
    expect(await last.locator('h4').textContent()).toBe('vol-00000000000000329');
    await last.locator('summary').click();
    expect(await last.getByRole('row').count()).toBeGreaterThan(30);
    expect(said).toEqual([]);
    expect(html.length).toBeLessThan(10_000_000);
  });
});

const SCRIPT = [
  '#!/bin/sh',
  '# Restores orders',
  'set -eu',
  `VOLUME_ID=$(aws ec2 create-volume --region eu-west-1 --snapshot-id snap-1 --tag-specifications '[{"ResourceType":"volume","Tags":[{"Key":"Name","Value":"<b>orders</b>"}]}]' --query VolumeId --output text)`,
].join('\n');

const KEY = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';

function place(parts: Partial<RunbookPlace> = {}): RunbookPlace {
  return {
    place: 'local',
    region: 'eu-west-1',
    account: '111111111111',
    id: 'snap-0123456789abcdef0',
    name: 'orders-2026-11-24-0301-daily',
    createdAt: new Date('2026-11-24T03:01:00Z'),
    sizeGib: 500,
    encrypted: false,
    archived: false,
    script: SCRIPT,
    ...parts,
  };
}

function unplanned(parts: Partial<RunbookPlace>): RunbookPlace {
  const { script: _, ...rest } = place(parts);
  return rest;
}

function runbookOf(resources: readonly RunbookResource[], problems: readonly string[] = []): string {
  const types = [{ type: 'ebs' as const, runbook: resources, problems }];
  return runbookPage({ account: '111111111111', region: 'eu-west-1', madeAt: NOW, types }, { version: '1.0.0' });
}

const ORDERS: RunbookResource = {
  id: 'vol-0a1b2c3d4e5f60718',
  name: 'orders',
  account: '111111111111',
  originRegion: 'eu-west-1',
  sharedWith: ['222222222222'],
  toShareWith: ['222222222222'],
  places: [place(), place({ place: 'dr', region: 'eu-central-1', encrypted: true, kmsKeyId: KEY })],
};
const RUNBOOK = runbookOf([
  ORDERS,
  { ...ORDERS, id: 'vol-2', name: 'new', places: [], sharedWith: [] },
  {
    ...ORDERS,
    id: 'vol-3',
    name: 'odd',
    places: [unplanned({ archived: true, encrypted: true, problem: 'It cannot be planned.' })],
  },
]);

describe('the page of a runbook', () => {
  it('tells what is where, and the commands as they are run', async () => {
    const { page, requests, said } = await open(RUNBOOK);
    expect(await page.title()).toBe('Runbook of 111111111111 in eu-west-1, 24 Nov 2026');
    const commands = page.getByRole('region', { name: 'Commands for orders in DR eu-central-1' });
    expect(await commands.textContent()).toBe(SCRIPT);
    const table = page.getByRole('table');
    expect(await table.getByRole('row').nth(2).textContent()).toContain(
      `DR eu-central-12026-11-24 03:01snap-0123456789abcdef0${KEY}`,
    );
    expect(await table.textContent()).toContain('no good backup');
    expect(await page.getByRole('article', { name: 'odd' }).textContent()).toMatch(
      /in the archive tier: it takes up to 72 hours to be read, encryptedIt cannot be planned\./,
    );
    expect(await page.getByRole('listitem').nth(2).textContent()).toContain(
      'use the runbook of the account that pulls the backups (222222222222)',
    );
    expect({ requests, said }).toEqual({ requests: [], said: [] });
  });

  it('says what could not be looked at', async () => {
    const { page } = await open(runbookOf([ORDERS], ['denied']));
    expect(await page.getByRole('listitem').allTextContents()).toContain('EBS volumes: denied');
  });

  it.each(['light', 'dark'] as const)('can be read by everybody, in %s colours, on a phone', async (colorScheme) => {
    const { page } = await open(RUNBOOK, { colorScheme, viewport: { width: 360, height: 700 } });
    expect(await sideways(page)).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('is printed with all of each command', async () => {
    const { page } = await open(RUNBOOK, { viewport: { width: 700, height: 900 } });
    await page.emulateMedia({ media: 'print' });
    const cut = `document.querySelector('pre').scrollWidth - document.querySelector('pre').clientWidth`;
    expect(await page.evaluate(cut)).toBe(0);
    expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
  });
});
