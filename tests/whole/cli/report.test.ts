import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { useEmulatedProgram } from './emulated.js';
import { runShelvery } from './shelvery.js';

const VOLUME = 'vol-0aaaaaaaaaaaaaaaa';
const folder = mkdtempSync(`${tmpdir()}/shelvery-report-`);
const file = `${folder}/report.html`;

const { emulator, shelvery, refuse } = useEmulatedProgram('--no-stack');
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(`${folder}/${name}`, { recursive: true });
});

async function makeBackup(name = 'orders'): Promise<void> {
  await emulator().seedVolumes([{ id: VOLUME, tags: { Name: name, 'shelvery:create_backup': 'true' } }]);
  expect((await shelvery('ebs', 'create_backups', '--config', 'shelvery_dr_regions=eu-central-1')).code).toBe(0);
}

const page = (): string => readFileSync(file, 'utf8');

describe('report --html', () => {
  it('writes a page with the backups of here and of DR regions, and says where', async () => {
    await makeBackup();
    const { code, stdout, stderr } = await shelvery('all', 'report', '--html', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\nall +OK: 1 marked resource: 0 breaches, 0 warnings, 0 notes; 2 backups\n/);
    expect(stdout).toMatch(new RegExp(`\nWrote ${file} \\(\\d+ KB\\)\\. Open it in a browser\\.\n$`));
    expect(page()).toMatch(/^<!doctype html>\n<html lang="en">.*<\/html>\n$/s);
    expect(page()).toContain('<bdi>orders</bdi>');
    expect(page()).toMatch(/Every marked resource has a backup in time\./);
    expect(page()).toMatch(/DR eu-central-1/);
    expect(readdirSync(folder)).toEqual(['report.html']);
  });

  it('writes nothing but the page on standard output for -', async () => {
    await makeBackup('<b>\u202Eorders');
    const { code, stdout, stderr } = await shelvery('ebs', 'report', '--html', '-');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^<!doctype html>\n<html lang="en">.*<\/html>\n$/s);
    expect(stdout).toContain('<bdi>&lt;b>orders</bdi>');
  });

  it('goes by the prices that are given', async () => {
    await makeBackup();
    const prices = `${folder}/prices.json`;
    const all = { ebs: 1, ebs_archive: 1, ec2ami: 1, rds: 1, rds_cluster: 1, docdb: 1, redshift: 1 };
    writeFileSync(prices, JSON.stringify({ as_of: '2026-11-02', currency: 'EUR', default: all }));
    expect((await shelvery('ebs', 'report', '--html', file, '--prices', prices)).code).toBe(0);
    expect(page()).toContain(`the prices in <code>${prices}</code> of 2026-11-02`);
    expect(page()).toContain('€');
  });

  it('says on the page, and in its exit code, what could not be looked at', async () => {
    await makeBackup();
    await refuse('DescribeImages');
    const { code } = await shelvery('all', 'report', '--html', file);
    expect(code).toBe(3);
    expect(page()).toContain('What could not be looked at');
    expect(page()).toMatch(/<b>EC2 instances:<\/b> .*ec2:DescribeImages/);
    expect(page()).toContain('<bdi>orders</bdi>');
    const piped = await shelvery('all', 'report', '--html', '-');
    expect(piped.code).toBe(3);
    expect(piped.stderr).toMatch(/^warning: ec2ami: .*ec2:DescribeImages/);
  });

  it('leaves the page of before where nothing could be looked at', async () => {
    writeFileSync(file, 'the page of before');
    await refuse('DescribeVolumes');
    const { code, stderr } = await shelvery('ebs', 'report', '--html', file);
    expect(code).toBe(1);
    expect(stderr).toContain('error: No page is written, as nothing could be looked at.');
    expect(page()).toBe('the page of before');
  });

  it('replaces a page, and what a link leads to', async () => {
    const link = `${folder}/latest.html`;
    writeFileSync(file, 'the page of before');
    symlinkSync('report.html', link);
    expect((await shelvery('ebs', 'report', '--html', link)).code).toBe(0);
    expect(page()).toContain('Nothing is marked to be backed up.');
    expect(readlinkSync(link)).toBe('report.html');
    expect(readdirSync(folder).sort()).toEqual(['latest.html', 'report.html']);
  });

  it.each([
    [
      'a folder',
      () => folder,
      /--html ".*" is a folder; name a file in it, such as report\.html, or - for standard output\./,
    ],
    ['a device', () => '/dev/null', /--html "\/dev\/null" is no file that could be replaced/],
    ['a file in no folder', () => `${folder}/none/report.html`, /--html ".*" cannot be written \(ENOENT/],
    ['a file in a file', () => `${folder}/file/report.html`, /\/file is no folder/],
  ])('refuses %s before it asks AWS for anything', async (_, target, message) => {
    writeFileSync(`${folder}/file`, '');
    const { code, stderr } = await runShelvery(['ebs', 'report', '--html', target()], {
      environment: { ...emulator().environment(), AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['that are not there', undefined, /--prices ".*" cannot be read \(ENOENT/],
    ['that are no JSON', '{', /--prices ".*" is no JSON: /],
    [
      'of another shape',
      '{"as_of": "2026-11-01", "currency": "USD", "default": {"ebs": "5"}}',
      /is no table of prices:\n.*default\.ebs/s,
    ],
  ])('refuses prices %s', async (_, text, message) => {
    const prices = `${folder}/prices.json`;
    if (text !== undefined) writeFileSync(prices, text);
    const { code, stderr } = await shelvery('ebs', 'report', '--html', file, '--prices', prices);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain(text === undefined ? '' : 'docs/reporting.md shows one.');
  });

  it('says so where the page cannot be written in the end', async () => {
    await makeBackup();
    const { code, stderr } = await shelvery('ebs', 'report', '--html', '/proc/report.html');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: --html "\/proc\/report.html" cannot be written \(/);
  });
});
