import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { openAwsRuns, resolveRunConfig } from '@shelvery/engine/terminal';
import { ADAPTERS } from '../../../cli/adapters.js';
import { createFakeClock } from '../cli/fake-clock.js';
import { accessAnswering } from '../fuzz/answers.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('runs of several types beside each other', () => {
  it('work on at most 20 items at a time together', async () => {
    const config = resolveRunConfig({ environment: {} });
    const { access } = accessAnswering({ type: 'text/xml', body: '' });
    const open = openAwsRuns({ access, config, clock: createFakeClock(), log, together: 2 });
    const limits = [open(ADAPTERS.ebs).limit, open(ADAPTERS.redshift).limit];
    let running = 0;
    const finish: (() => void)[] = [];
    const all = limits.flatMap((limit) =>
      Array.from({ length: 25 }, () =>
        limit(async () => {
          running += 1;
          await new Promise<void>((resolve) => finish.push(resolve));
        }),
      ),
    );
    await setImmediate();
    // Ten of each: where one run waits for AWS, the other goes on.
    expect(running).toBe(20);
    for (const end of finish.splice(0)) end();
    await setImmediate();
    expect(running).toBe(40);
    for (const end of finish.splice(0)) end();
    await setImmediate();
    for (const end of finish.splice(0)) end();
    await Promise.all(all);
    expect(running).toBe(50);
  });
});
