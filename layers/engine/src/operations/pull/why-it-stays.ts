import { ShelveryError } from '../../domain/errors.js';
import type { PullDecision } from '../../domain/plan/plan-pull.js';
import { withoutFullStop } from '../../domain/telling/full-stop.js';
import type { RunContext } from '../context.js';
import { aboutFailedCopy } from '../follow/refusals.js';
import { failureOf } from '../identify.js';

/** Why a file is not pulled now, and stays. */
export function whyItStays(
  context: Pick<RunContext, 'home' | 'inStack' | 'run'>,
  decision: Extract<PullDecision, { kind: 'failed' | 'later' | 'misconfigured' }>,
): ShelveryError {
  const { file } = decision;
  switch (decision.kind) {
    case 'failed': {
      const { copy } = decision;
      const then = context.run.dryRun ? 'It is deleted; a later' : 'It was deleted; the next';
      return new ShelveryError(
        'BackupFailed',
        `The copy ${copy.id} ${failureOf(copy)}. ${then} pull_shared_backups makes it again.` +
          aboutFailedCopy(context, [copy.found.kmsKeyId]),
        { mendable: true },
      );
    }
    case 'later':
      return staysFor(file.document.name, decision.reason);
    case 'misconfigured':
      return new ShelveryError('ConfigurationError', `${file.document.name}: ${decision.reason}. Its file stays.`);
  }
}

/** That a file stays for the next run, which may pull it. */
export function staysFor(name: string, reason: string, cause?: unknown): ShelveryError {
  return new ShelveryError('NotYet', `${name}: ${withoutFullStop(reason)}. Its file stays for the next run.`, {
    mendable: true,
    cause,
  });
}
