import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import * as z from 'zod';
import { findFunction, folderOf } from '../../../scripts/invoke/built-function.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { root, run } from '../sam/sam-cli.js';
import type { Ended } from '../sam/sam-cli.js';

const folder = mkdtempSync(`${tmpdir()}/shelvery-events-`);
const event = (name: string): string => `${root}events/${name}.json`;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ account: '111111111111', region: 'eu-west-1' });
  await emulator.seedVolumes([{ tags: { 'shelvery:create_backup': 'true' } }]);
});
afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const invoke = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = emulator.environment(),
): Promise<Ended> => run(process.execPath, ['scripts/run-ts.mjs', 'scripts/invoke/main.ts', ...args], { environment });

describe('npm run invoke', () => {
  it('makes backups, and does what the function has further invocations of itself do', async () => {
    const { status, stdout, stderr } = await invoke([
      'ebs',
      event('ebs-create_backups'),
      '--env',
      'shelvery_keep_daily_backups=7',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'OK', account_id: '111111111111' });
    expect(stderr).toContain('"code":"SHELVERY_BACKUP_CREATED"');
    expect(stderr).toMatch(/The function invoked itself: .*do_store_backup_data/);
    expect(stderr).toContain('"code":"SHELVERY_BACKUP_STORED"');
  });

  it('shows what a custom resource answers to CloudFormation', async () => {
    const { status, stdout } = await invoke(['data-buckets', event('data-buckets-create')]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Status: 'SUCCESS' });
  });

  it('ends with 1 and the error where the function fails', async () => {
    writeFileSync(`${folder}/misspelt.json`, '{"action":"create_backup"}');
    const { status, stdout } = await invoke(['rds_cluster', `${folder}/misspelt.json`]);
    const { errorMessage } = z.object({ errorMessage: z.string() }).parse(JSON.parse(stdout));
    expect(status).toBe(1);
    expect(errorMessage).toContain('did you mean create_backups?');
  });

  it.each([
    [[], 'Usage: npm run invoke'],
    [['ebs'], 'Usage: npm run invoke'],
    [['ebs', event('ebs-list_backups'), '--verbose'], "Unknown option '--verbose'"],
    [
      ['ebs', event('ebs-list_backups'), '--env', 'shelvery_dr_regions'],
      '--env takes KEY=VALUE, and "shelvery_dr_regions" is not one.',
    ],
    [
      ['esb', event('ebs-list_backups')],
      `There is no function "esb". The functions are ${['data-buckets', ...BACKUP_TYPES.map(folderOf)].sort().join(', ')}.`,
    ],
    [['ebs', 'events/none.json'], 'There is no file events/none.json. Samples are in events/'],
    [['ebs', `${root}README.md`], 'README.md is not JSON'],
  ])('refuses %j', async (args, message) => {
    expect(await invoke(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('asks for a region', async () => {
    expect(await invoke(['ebs', event('ebs-list_backups')], {})).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('No region is set'),
    });
  });

  it('asks for a build', () => {
    expect(() => findFunction('ebs', folder)).toThrow('The functions are not built: run `npm run build`.');
  });
});
