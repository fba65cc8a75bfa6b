import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { play } from './play.js';
import { shrink } from './shrink.js';
import { addSummaries, parseSummary, renderFailed, renderSummary, summarise } from './summary.js';
import type { Summary } from './summary.js';
import { planOf } from './workload/plan.js';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    /** Seeds are so far apart: several processes share them. */
    every: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    /** This program, for further processes of it. */
    program: { type: 'string', default: '' },
    story: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
// Metrics go to the standard output, which is for the story.
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
// Thousands of errors are thrown and caught; nobody reads where.
if (values.json) Error.stackTraceLimit = 0;
const first = Number(values.seed);
const count = Number(values.count);
const every = Number(values.every);
const jobs = Math.min(Number(values.jobs), count);
const began = performance.now();
const say = (line: string): void => {
  if (!values.json) process.stdout.write(`${line}\n`);
};

/** Plays seeds one after the other. */
async function playAll(): Promise<Summary> {
  const summaries: Summary[] = [];
  for (let index = 0; index < count; index += 1) {
    const seed = first + index * every;
    const played = await play(planOf(seed), { keepsStory: values.story });
    if (values.story) say(played.story.join('\n'));
    if (count === 1)
      say(
        `seed ${String(seed)}: ${String(played.steps)} steps, ${String(played.faults)} faults, ${played.fingerprint()}`,
      );
    const summary = summarise(seed, played);
    summaries.push(summary);
    // Of half an hour's seeds the first that fails is worth knowing at once.
    if (values.json) process.stderr.write(summary.failed.map((failed) => `${renderFailed(failed)}\n`).join(''));
    if (played.violations.length > 0 && values.shrink) {
      const { plan, tries } = await shrink(planOf(seed));
      const { story } = await play(plan, { keepsStory: true });
      say(`${story.join('\n')}\n${JSON.stringify(plan)}\nShortened in ${String(tries)} tries.`);
    }
  }
  return addSummaries(summaries);
}

/** Has further processes play a share each. */
async function shareOut(): Promise<Summary> {
  const shares = Array.from({ length: jobs }, async (_, job) => {
    const child = spawn(
      process.execPath,
      [
        values.program,
        '--json',
        ...['--seed', String(first + job)],
        ...['--every', String(jobs)],
        ...['--count', String(Math.ceil((count - job) / jobs))],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    return parseSummary(await text(child.stdout));
  });
  return addSummaries(await Promise.all(shares));
}

const summary = jobs > 1 ? await shareOut() : await playAll();
if (values.json) process.stdout.write(JSON.stringify(summary));
else say(renderSummary(summary, (performance.now() - began) / 1000));
process.exitCode = summary.failed.length === 0 ? 0 : 1;
