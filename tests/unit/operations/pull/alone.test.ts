import { describe, expect, it } from '@jest/globals';
import type { Alone } from '../../../../layers/engine/src/ports.js';
import type { RunParts } from '../../../../layers/engine/src/run/run-action.js';
import { VOLUME, copyingBy, nameOf, openBunker } from '../bunker.js';

/** As many as are worked on at a time, and some more. */
const AT_A_TIME = 20;
const VOLUMES = Array.from({ length: AT_A_TIME + 5 }, (_, index) => `vol-000000${String(10 + index)}`);

const refusing: Alone = () => Promise.reject(new Error('nobody asked to be alone'));
const isInterrupted: Pick<RunParts, 'alone' | 'isInterrupted'> = {
  alone: () => Promise.resolve(undefined),
  isInterrupted: () => true,
};

describe('a pull works while no other does', () => {
  it('from before it lists to after it has begun its copies, and not while these are made', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const first = bunker.called.length;
    let during: readonly string[] = [];
    const ran = await bunker.pull({
      parts: () => ({
        alone: async (work) => {
          const done = await work({ aside: (wait) => wait(), isHeld: () => true });
          during = bunker.called.slice(first).map(({ action }) => action);
          return done;
        },
      }),
    });
    expect([during[0], during.at(-1)]).toEqual(['s3:list', 'ebs:copyShared']);
    // The metadata of the copy, and its file.
    expect(ran.calls.length).toBeGreaterThan(during.length);
    expect(bunker.files()).toEqual([`ebs-processed/${nameOf(VOLUME)}.yaml`]);
  });

  it('save in a dry run, and where there is nobody to pull from', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const parts = () => ({ alone: refusing });
    expect((await bunker.pull({ parts, dryRun: true })).plan).toHaveLength(1);
    expect((await bunker.pull({ parts, settings: { shelvery_source_aws_account_ids: '' } })).report.status).toBe('OK');
    expect((await bunker.pull({ parts })).brokeOff?.message).toContain('nobody asked to be alone');
  });

  it('has begun nothing where whoever runs it ends its wait for another', async () => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    const ran = await bunker.pull({ parts: () => isInterrupted });
    expect([ran.calls, ran.told, ran.remaining]).toEqual([[], [], 0]);
    expect(ran.report.status).toBe('INTERRUPTED');
  });

  it('and begins nothing more once another may be doing so: the rest is left, and the run says so', async () => {
    const bunker = await openBunker();
    await bunker.share(VOLUMES);
    let asked = 0;
    const ran = await bunker.pull({
      parts: (opened) => ({
        ...copyingBy(async (_, make) => {
          asked += 1;
          return await make();
        })(opened),
        alone: (work) => work({ aside: (wait) => wait(), isHeld: () => asked === 0 }),
      }),
    });
    expect([asked, ran.remaining]).toEqual([AT_A_TIME, 5]);
    expect(ran.report).toMatchObject({ status: 'PARTIAL', summary: { failed: 0, unfinished: 5 } });
    expect(bunker.backups()).toHaveLength(AT_A_TIME);
  });
});
