import { describe, expect, it } from '@jest/globals';
import type { DelayedMessage, DelayedProgress, Outcome } from '@shelvery/engine/terminal';
import type { ShowParts, Watcher } from '../../../cli/show.js';
import { plain } from '../../../cli/output.js';
import { createProgress, durationText } from '../../../cli/progress.js';
import { showLines } from '../../../cli/show-lines.js';
import { withTicks } from '../../../cli/ticking.js';
import { watchSignals } from '../../../cli/interruption.js';
import { createFakeClock } from './fake-clock.js';
import { HOME, aRequest, aResult, pendingStore, ran } from './runs.js';

const MINUTE_MS = 60_000;
const made: Outcome = { operation: 'CreateBackup', region: HOME.region, status: 'ok' };

function delayed(ended: number, waiting: readonly (readonly [DelayedMessage, Date])[], open = waiting.length) {
  return { ended, open, waiting: new Map(waiting) } satisfies DelayedProgress;
}

describe('createProgress', () => {
  it('says for how long a run has looked, while nothing else is known', async () => {
    const clock = createFakeClock();
    const { activity } = createProgress(clock);
    await clock.advance(45_000);
    expect(activity()).toBe('looking, for 45 s');
  });

  it('says what it waits for before it begins, and nothing more of that once it has begun', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock);
    watcher.awaiting('waiting until another run has made its copies');
    await clock.advance(5_000);
    expect(activity()).toBe('waiting until another run has made its copies; for 5 s');
    watcher.collected(3);
    expect(activity()).toBe('looking, for 5 s');
    watcher.working({ queued: 0, running: 2, done: 1 });
    watcher.awaiting('waiting until another run has made its copies');
    await clock.advance(1_000);
    expect(activity()).toBe('waiting until another run has made its copies; for 1 s');
    watcher.working({ queued: 0, running: 2, done: 1 });
    expect(activity()).toBe('2 running');
  });

  it('says what is running and what is to begin, and how long that takes at the rate so far', async () => {
    const clock = createFakeClock();
    const { activity, watcher, tally } = createProgress(clock);
    watcher.collected(300);
    watcher.working({ queued: 280, running: 20, done: 0 });
    await clock.advance(9_000);
    watcher.outcome(made);
    watcher.working({ queued: 180, running: 20, done: 100 });
    expect([tally.collected, tally.done.get('created')]).toEqual([300, 1]);
    // Nine seconds foretell nothing.
    expect(activity()).toBe('20 running, 180 to begin');
    await clock.advance(51_000);
    expect(activity()).toBe('20 running, 180 to begin; about 2 min until all are begun');
  });

  it('says what waits for AWS and since when, and measures what follows the backups by itself', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock);
    watcher.working({ queued: 0, running: 0, done: 4 });
    await clock.advance(10 * MINUTE_MS);
    watcher.waiting(delayed(0, [], 4));
    const began = clock.now();
    watcher.waiting(
      delayed(0, [
        [pendingStore('snap-1'), began],
        [pendingStore('snap-2'), began],
      ]),
    );
    await clock.advance(2 * MINUTE_MS);
    // Nothing has become available: that foretells nothing.
    expect(activity()).toBe('waiting for 2 backups at AWS, for 2 min');
    watcher.waiting(
      delayed(3, [
        [pendingStore('snap-3'), clock.now()],
        [pendingStore('snap-2'), began],
      ]),
    );
    await clock.advance(MINUTE_MS);
    expect(activity()).toBe('waiting for 2 backups at AWS, for 3 min; about 2 min left');
    watcher.waiting(delayed(5, []));
    expect(activity()).toBe('finishing');
  });
});

describe('an estimate', () => {
  it('is left out once what is left takes longer than the estimate says', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock);
    const since = clock.now();
    watcher.waiting(delayed(0, [], 100));
    await clock.advance(12 * MINUTE_MS);
    watcher.waiting(delayed(99, [[pendingStore('snap-1'), since]]));
    expect(activity()).toBe('waiting for 1 backup at AWS, for 12 min; about 7 s left');
    await clock.advance(8_000);
    expect(activity()).toBe('waiting for 1 backup at AWS, for 12 min');
    await clock.advance(60 * MINUTE_MS);
    // It is asked about now and then, and has not ended.
    watcher.waiting(delayed(99, [[pendingStore('snap-1'), since]]));
    expect(activity()).toBe('waiting for 1 backup at AWS, for 1 h 12 min');
  });

  it('is never shorter than AWS makes the rest take: what it takes at once is no rate', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock, (items) => items * 1_000);
    watcher.working({ queued: 580, running: 20, done: 0 });
    await clock.advance(10_000);
    watcher.working({ queued: 280, running: 20, done: 300 });
    expect(activity()).toBe('20 running, 280 to begin; about 5 min until all are begun');
    await clock.advance(20 * MINUTE_MS);
    watcher.working({ queued: 280, running: 19, done: 301 });
    // Slower than that it may be.
    expect(activity()).toBe('19 running, 280 to begin; about 20 min until all are begun');
  });

  it('counts what AWS took at once only once', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock, (items) => Math.max(0, items - 100) * 200);
    watcher.working({ queued: 230, running: 20, done: 0 });
    await clock.advance(10_000);
    watcher.working({ queued: 80, running: 20, done: 150 });
    expect(activity()).toBe('20 running, 80 to begin; about 20 s until all are begun');
  });

  it('of what follows the backups is by its own rate alone', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock, () => 60 * MINUTE_MS);
    watcher.waiting(delayed(0, [], 4));
    await clock.advance(MINUTE_MS);
    watcher.waiting(delayed(2, [], 2));
    expect(activity()).toBe('about 1 min left');
  });

  it('of what follows the backups counts nothing that ended while they were made', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock);
    watcher.waiting(delayed(4_000, [], 2_000));
    await clock.advance(20_000);
    watcher.waiting(delayed(4_040, [], 1_960));
    expect(activity()).toBe('about 16 min left');
  });

  it('is there again when more comes to an end', async () => {
    const clock = createFakeClock();
    const { activity, watcher } = createProgress(clock);
    watcher.working({ queued: 0, running: 10, done: 0 });
    await clock.advance(MINUTE_MS);
    watcher.working({ queued: 0, running: 4, done: 6 });
    await clock.advance(3 * MINUTE_MS);
    expect(activity()).toBe('4 running');
    watcher.working({ queued: 0, running: 2, done: 8 });
    expect(activity()).toBe('2 running; about 1 min until all are begun');
  });
});

describe('durationText', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [59 * MINUTE_MS, '59 min'],
    [120 * MINUTE_MS, '2 h'],
    [125 * MINUTE_MS, '2 h 5 min'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});

describe('withTicks', () => {
  it('ticks while the work goes on, and not afterwards', async () => {
    const clock = createFakeClock();
    let ticks = 0;
    let finish = (): void => undefined;
    const work = withTicks(
      clock,
      1_000,
      () => (ticks += 1),
      () => new Promise<string>((resolve) => (finish = () => resolve('done'))),
    );
    await clock.advance(999);
    expect(ticks).toBe(0);
    await clock.advance(1);
    await clock.advance(1_000);
    expect(ticks).toBe(2);
    finish();
    expect(await work).toBe('done');
    expect(clock.sleeping()).toBe(0);
    await clock.advance(5_000);
    expect(ticks).toBe(2);
  });

  it('ends its ticks where the work fails, and fails with it', async () => {
    const clock = createFakeClock();
    const failing = withTicks(
      clock,
      1_000,
      () => undefined,
      () => Promise.reject(new Error('broken')),
    );
    await expect(failing).rejects.toThrow('broken');
    expect(clock.sleeping()).toBe(0);
  });
});

describe('showLines', () => {
  /** Two types that have begun and do not end by themselves. */
  function begin(changes: Partial<ShowParts['request']> = {}) {
    const clock = createFakeClock();
    const out: string[] = [];
    const err: string[] = [];
    const watchers = new Map<string, Watcher>();
    const ends: (() => void)[] = [];
    const shown = showLines({
      request: aRequest({ types: ['ebs', 'redshift'], ...changes }),
      output: {
        line: (text) => out.push(text),
        error: (text) => err.push(text),
        isWritten: () => Promise.resolve(true),
        paint: plain,
        isTerminal: false,
        width: undefined,
      },
      clock,
      interruption: watchSignals({ on: () => undefined, off: () => undefined, exit: () => undefined }, () => undefined),
      oneByOne: false,
      leastMs: () => 0,
      heading: 'the heading',
      runType: (type, watcher) => {
        watchers.set(type, watcher);
        return new Promise((resolve) => ends.push(() => resolve({ ...ran(aResult([])), type })));
      },
      render: (runs) => runs.map(({ type }) => type).join(' '),
      renderQuietly: () => '',
    });
    return { clock, out, err, watchers, ends, shown };
  }

  it('begins every type at once, and has a line for each every 30 seconds until it has ended', async () => {
    const { clock, out, watchers, ends, shown } = begin();
    await clock.advance(0);
    expect([...watchers.keys()]).toEqual(['ebs', 'redshift']);
    watchers.get('ebs')?.collected(3);
    watchers.get('ebs')?.outcome(made);
    watchers.get('ebs')?.waiting(delayed(0, [[pendingStore('snap-1'), clock.now()]]));
    await clock.advance(29_999);
    expect(out).toEqual(['the heading', 'ok       ebs          CreateBackup          in eu-west-1']);
    await clock.advance(1);
    expect(out.slice(2)).toEqual([
      'running  ebs: 3 found, 1 created, 0 skipped, 0 failed; waiting for 1 backup at AWS, for 30 s',
      'running  redshift: 0 found, 0 skipped, 0 failed; looking, for 30 s',
    ]);
    ends[0]?.();
    await clock.advance(30_000);
    expect(out.slice(4)).toEqual(['running  redshift: 0 found, 0 skipped, 0 failed; looking, for 1 min']);
    ends[1]?.();
    expect((await shown).map(({ type }) => type)).toEqual(['ebs', 'redshift']);
    expect(out.at(-1)).toBe('ebs redshift');
  });

  it('tells on stderr how a look goes, whose answer goes to stdout', async () => {
    const { clock, out, err, ends, shown } = begin({ action: 'list_backups' });
    await clock.advance(30_000);
    for (const end of ends) end();
    await shown;
    expect(out).toEqual(['the heading', 'ebs redshift']);
    expect(err).toHaveLength(2);
  });
});
