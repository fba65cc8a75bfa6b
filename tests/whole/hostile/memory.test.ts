import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runShelvery } from '../cli/shelvery.js';
import { BUNKER, SOURCE, SOURCE_2, bucketOf, nameOf, useCopyEstate } from '../../integration/harness/copy-estate.js';

const estate = useCopyEstate();
jest.setTimeout(300_000);

/** What a function of the stack has. */
const MEMORY_MB = 512;
/** Lambda leaves the rest of the memory to what lies outside of JavaScript's heap. */
const HEAP_MB = 400;
const FOLDER = `backups/shared/${BUNKER}/ebs`;
const both = { account: BUNKER, config: { shelvery_source_aws_account_ids: `${SOURCE} ${SOURCE_2}` } };

let folder: string;
let teller: string;
let told: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shelvery-memory-'));
  told = join(folder, 'peak');
  teller = join(folder, 'tell-peak.mjs');
  // Runs before the program, in its process.
  await writeFile(
    teller,
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(told)}, String(process.resourceUsage().maxRSS)));`,
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Half of a function's 15 minutes, for calls of 30 ms that were made one after the other. */
const CALLS = 450_000 / 30;

/** Runs the built program in the bunker; the most memory that it had, in MB. */
async function peakOfPull(): Promise<number> {
  await estate.emulator().clearCalls();
  const ended = await runShelvery(['ebs', 'pull_shared_backups'], {
    environment: {
      ...estate.emulator().environment(),
      ...estate.emulator().credentials(BUNKER),
      ...both.config,
    },
    nodeOptions: [`--max-old-space-size=${String(HEAP_MB)}`, `--import=${pathToFileURL(teller).href}`],
  });
  // 3: some files were refused, and the run went on to its end.
  expect({ code: ended.code, stderr: ended.stderr.slice(-500) }).toMatchObject({ code: 3 });
  expect((await estate.emulator().calls({ account: BUNKER })).length).toBeLessThan(CALLS);
  return Number(await readFile(told, 'utf8')) / 1024;
}

/** Backups of the honest account and of the other one, and as many files as that adds for the bunker. */
async function shareBoth(): Promise<string> {
  for (const [account, name] of [
    [SOURCE, 'mine'],
    [SOURCE_2, 'honest'],
  ] as const) {
    await estate.resource({ account }, name);
    await estate.run('create_backups', { account, config: { shelvery_share_aws_account_ids: BUNKER } });
  }
  const [text = ''] = Object.entries(await estate.files(SOURCE)).flatMap(([key, each]) =>
    key.startsWith(`${FOLDER}/`) ? [each] : [],
  );
  return text;
}

async function plant(count: number, name: (index: number) => string, text: (index: number) => string): Promise<void> {
  const files = Array.from({ length: count }, (_, index) => [`${FOLDER}/${name(index)}.yaml`, text(index)] as const);
  await estate.emulator().seedObjects(bucketOf(SOURCE), Object.fromEntries(files), SOURCE);
}

const pulledNames = async (): Promise<readonly string[]> =>
  (await estate.backups(both)).map((found) => nameOf(found).replace(/-.*/, ''));

describe('a bunker of 512 MB', () => {
  it('has the honest backups after one run, with files of 256 KB that the parser would keep an error a token of', async () => {
    await shareBoth();
    await plant(
      6,
      (at) => `big-${String(at)}`,
      () => `a: ${']'.repeat(256 * 1024 - 3)}`,
    );
    await plant(
      20,
      (at) => `slow-${String(at)}`,
      () => `a: ${']'.repeat(64 * 1024 - 3)}`,
    );
    expect(await peakOfPull()).toBeLessThan(MEMORY_MB);
    expect(await pulledNames()).toEqual(['honest', 'mine']);
  });

  it('has them with 1,000 files that can never be pulled, of resources that were invented', async () => {
    const text = await shareBoth();
    const [, name = ''] = /^name: (\S+)$/m.exec(text) ?? [];
    const [, id = ''] = /^backup_id: (\S+)$/m.exec(text) ?? [];
    const [, entity = ''] = /^entity_id: (\S+)$/m.exec(text) ?? [];
    expect([name, id, entity]).not.toContain('');
    const hex = (at: number): string => at.toString(16).padStart(17, '0');
    // Every tenth is as large as a file may be.
    const padding = `\n# ${'x'.repeat(60_000 - text.length)}\n`;
    await plant(
      1_000,
      (at) => `invented-${String(at)}`,
      (at) =>
        text
          .replaceAll(name, `invented-${String(at)}`)
          .replaceAll(id, `snap-${hex(at)}`)
          .replaceAll(entity, `vol-${hex(at)}`) + (at % 10 === 0 ? padding : ''),
    );
    expect(await peakOfPull()).toBeLessThan(MEMORY_MB);
    expect(await pulledNames()).toEqual(['honest', 'mine']);
  });
});
