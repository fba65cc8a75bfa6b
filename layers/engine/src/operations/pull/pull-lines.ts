import type { PullDecision } from '../../domain/plan/plan-pull.js';
import type { PlanLine, RunContext } from '../context.js';
import { copyQuotaLines, leastTimeLines } from '../least-time-lines.js';
import type { HopelessFile } from './read-shared-files.js';

/** The line of a dry run about a file that was read, by what would become of it. */
export function planLine(context: Pick<RunContext, 'home'>, decision: PullDecision): PlanLine {
  const base = { subject: decision.file.id, name: decision.file.document.name, region: context.home.region };
  switch (decision.kind) {
    case 'copy':
      return {
        ...base,
        name: decision.name,
        what: 'pull',
        reason: `copied from ${decision.file.account}${decision.encrypt ? ', encrypted' : ''}`,
      };
    case 'finish':
      return { ...base, what: 'found', reason: `already copied (${decision.copy.id}); its file is moved` };
    case 'wait':
      return { ...base, what: 'found', reason: `being copied (${decision.copy.id})` };
    case 'failed':
      return { ...base, what: 'remake', reason: `its copy ${decision.copy.id} failed`, problem: true };
    case 'later':
    case 'misconfigured':
      return { ...base, what: 'skip', reason: decision.reason, problem: true };
    case 'capped':
      return { ...base, what: 'skip', reason: 'its account has had as many copies as a run makes; pulled by the next' };
    case 'hopeless':
      return { ...base, what: 'refuse', reason: decision.reason, problem: true };
    case 'unsupported':
    case 'expired':
      return { ...base, what: 'refuse', reason: decision.reason };
  }
}

/** The line of a dry run about a file that cannot be read. */
export function refusedLine(context: Pick<RunContext, 'home'>, item: HopelessFile): PlanLine {
  const subject = `${item.account}: ${item.key}`;
  return { what: 'refuse', subject, reason: item.reason, region: context.home.region, problem: true };
}

/** The lines that tell how long AWS makes the copies of a dry run take. */
export function timeLines(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  plan: readonly PlanLine[],
): readonly PlanLine[] {
  const copies = plan.filter(({ what }) => what === 'pull').length;
  const { region } = context.home;
  return [
    ...leastTimeLines(context, 'copy', copies, region),
    ...copyQuotaLines(context, { toRegion: region, copies, rpoHours: context.config.values.shelvery_rpo_hours }),
  ];
}
