import { ShelveryError } from '../../domain/errors.js';
import type { PullDecision } from '../../domain/plan/plan-pull.js';
import type { PlanLine, RunContext } from '../context.js';
import { planLine, refusedLine } from './pull-lines.js';
import type { HopelessFile } from './read-shared-files.js';
import { outcomeAside } from './set-aside.js';
import { subjectFor } from './shared-file-subject.js';
import { whyItStays } from './why-it-stays.js';

/** What telling of a run needs that is not done. */
type Foreseeing = Pick<RunContext, 'adapter' | 'home' | 'inStack' | 'report' | 'run' | 'store'>;

/** Tells in a dry run of what a run would report of some files, and gives a line of the plan for each. */
export function foreseePulls(
  context: Foreseeing,
  decisions: readonly PullDecision[],
  hopeless: readonly HopelessFile[],
): readonly PlanLine[] {
  for (const decision of decisions) foresee(context, decision);
  for (const item of hopeless) context.report(outcomeAside(context, item, item.reason, 'failed'));
  return [...decisions.map((item) => planLine(context, item)), ...hopeless.map((item) => refusedLine(context, item))];
}

/** Tells in a dry run of what a run reports without having done anything. A repeat of the dry run would mend nothing. */
function foresee(context: Foreseeing, decision: PullDecision): void {
  const { file } = decision;
  switch (decision.kind) {
    case 'failed':
    case 'later':
    case 'misconfigured': {
      const { code, message } = whyItStays(context, decision);
      context.report({ ...subjectFor(context, file), status: 'failed', error: new ShelveryError(code, message) });
      return;
    }
    case 'hopeless':
      context.report(outcomeAside(context, file, decision.reason, 'failed'));
      return;
    case 'unsupported':
    case 'expired':
      context.report(outcomeAside(context, file, decision.reason, 'ignored'));
      return;
    case 'copy':
    case 'finish':
    case 'wait':
    case 'capped':
  }
}
