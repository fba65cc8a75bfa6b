import process from 'node:process';
import { parseArgs } from 'node:util';
import { play } from './play.js';
import { shrink } from './shrink.js';
import { planOf } from './workload/plan.js';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    story: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});
// Metrics go to the standard output, which is for the story.
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
const first = Number(values.seed);
const count = Number(values.count);
const began = performance.now();
let steps = 0;
let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const played = await play(planOf(seed), { keepsStory: values.story });
  steps += played.steps;
  if (values.story) process.stdout.write(`${played.story.join('\n')}\n`);
  if (count === 1)
    process.stdout.write(
      `seed ${String(seed)}: ${String(played.steps)} steps, ${String(played.faults)} faults, ${played.fingerprint()}\n`,
    );
  if (played.violations.length === 0) continue;
  failed += 1;
  if (values.shrink) {
    const { plan, tries } = await shrink(planOf(seed));
    const { story } = await play(plan, { keepsStory: true });
    process.stdout.write(`${story.join('\n')}\n${JSON.stringify(plan)}\nShortened in ${String(tries)} tries.\n`);
  }
  process.stdout.write(`seed ${String(seed)} fails: ${played.violations[0] ?? ''}\n`);
}
const ms = performance.now() - began;
process.stdout.write(
  `${String(count)} seeds, ${String(Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1000 / count))} ms of processor time each, ${String(steps)} steps, ${String(failed)} failed, ${(ms / 1000).toFixed(1)} s (${(ms / count).toFixed(1)} ms a seed)\n`,
);
process.exit(failed === 0 ? 0 : 1);
