import { describe, expect, it } from '@jest/globals';
import { createPacing } from '../../../layers/engine/src/aws/pacing.js';
import { createEmulatedTime } from '../../bench/emulated-time.js';

/** Calls at once; see the page "Request throttling for the Amazon EC2 API". */
const BURST = 100;
/** Until the next one: six tokens are left then for calls that come early. */
const FIRST_WAIT_MS = 1_400;
const PATIENT = { mayWait: () => true };

describe('createPacing', () => {
  it('lets calls go in the order in which they come, as fast as AWS takes them', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    const times: number[] = [];
    const calls = Array.from({ length: BURST + 10 }, async () => {
      await pacing.turn('ec2:CreateSnapshot');
      times.push(time.now());
    });
    await time.run(Promise.all(calls));
    expect(times.slice(0, BURST).every((at) => at === 0)).toBe(true);
    expect(times.slice(BURST).map(Math.round)).toEqual(
      Array.from({ length: 10 }, (_, index) => FIRST_WAIT_MS + index * 200),
    );
  });

  it('keeps no other action waiting', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    const changes = Promise.all(Array.from({ length: BURST + 50 }, () => pacing.turn('ec2:DeleteSnapshot')));
    const looked = pacing.turn('ec2:DescribeSnapshots').then(() => time.now());
    expect(await time.run(looked)).toBe(0);
    await time.run(changes);
    expect(time.now()).toBeCloseTo(FIRST_WAIT_MS + 49 * 200, 0);
  });

  it('goes slower once a call was refused', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    await Promise.all(Array.from({ length: 20 }, () => pacing.turn('rds:CreateDBSnapshot')));
    expect(time.now()).toBe(0);
    const last = await pacing.turn('rds:CreateDBSnapshot');
    last.refused();
    await time.run(Promise.all(Array.from({ length: 20 }, () => pacing.turn('rds:CreateDBSnapshot'))));
    expect(time.now()).toBeGreaterThan(1_000);
  });

  it('lets a call that waits wait again when another is refused meanwhile', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    const [made] = await Promise.all(Array.from({ length: BURST }, () => pacing.turn('ec2:CreateSnapshot')));
    const next = pacing.turn('ec2:CreateSnapshot');
    const refusal = time.clock.sleep(1_000).then(() => made?.refused());
    await time.run(Promise.all([next, refusal]));
    // From the refusal on 3.5 tokens a second, 4.5 of them for calls that come early; the rate rises a little meanwhile.
    expect(time.now()).toBeGreaterThan(1_000 + (5.5 / 3.6) * 1_000);
  });

  it('begins no call whose turn comes too late, and the next in line is asked by itself', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    await Promise.all(Array.from({ length: BURST }, () => pacing.turn('ec2:CreateSnapshot')));
    const hasty = { mayWait: (milliseconds: number) => milliseconds < 100 };
    const late = pacing.turn('ec2:CreateSnapshot', hasty);
    const next = pacing.turn('ec2:CreateSnapshot', PATIENT);
    await expect(late).rejects.toMatchObject({ code: 'NotBegun', mendable: true });
    await time.run(next);
    expect(time.now()).toBe(FIRST_WAIT_MS);
  });

  it('ends all waits when it is interrupted', async () => {
    const time = createEmulatedTime();
    const pacing = createPacing(time.clock);
    await Promise.all(Array.from({ length: BURST }, () => pacing.turn('ec2:CreateSnapshot')));
    const controller = new AbortController();
    const patience = { ...PATIENT, signal: controller.signal };
    const waiting = Array.from({ length: 5 }, () => pacing.turn('ec2:CreateSnapshot', patience));
    controller.abort();
    for (const ended of waiting) await expect(ended).rejects.toMatchObject({ code: 'NotBegun' });
    expect(time.now()).toBe(0);
  });
});
