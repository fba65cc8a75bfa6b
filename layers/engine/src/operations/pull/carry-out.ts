import type { ShelveryError } from '../../domain/errors.js';
import type { PullDecision, SharedFile } from '../../domain/plan/plan-pull.js';
import { present } from '../../domain/present.js';
import { faultName, isNotBegun, isPassing, toShelveryError } from '../../domain/telling/faults.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import type { RunContext } from '../context.js';
import { deleteFailed } from '../delete-failed.js';
import { isFullRefusal } from '../follow/refusals.js';
import { storeAndFinish } from '../follow/store-backup.js';
import { awaitCopy, copyShared } from './copy-shared.js';
import { setAside } from './set-aside.js';
import { subjectFor } from './shared-file-subject.js';
import { staysFor, whyItStays } from './why-it-stays.js';

/** What an operation of this file needs of a run. */
type CarryingOut = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'delayed' | 'home' | 'inStack' | 'log' | 'report' | 'run' | 'store'
>;

/**
 * Does what was decided about a file.
 *
 * @returns whether it came further: what only waits is the same the next time. For a copy that was given no place, the refusal;
 *   `stays` for one that failed and cannot be deleted.
 */
export async function carryOut(
  context: CarryingOut,
  decision: Exclude<PullDecision, { kind: 'capped' }>,
): Promise<boolean | 'stays' | ShelveryError> {
  const { file } = decision;
  const subject = subjectFor(context, file);
  try {
    switch (decision.kind) {
      case 'copy':
        await copyShared(context, decision);
        return true;
      case 'finish': {
        const backupType = context.adapter.type;
        const told = present({ facts: file.document.restore });
        const { account, key } = file;
        const following = await storeAndFinish(context, { ...decision.copy, ...told }, { account, key });
        for (const next of following) context.delayed.send({ backupType, ...next });
        // What follows moves the file.
        return following.length === 0;
      }
      case 'wait':
        awaitCopy(context, decision.copy.id, file);
        return false;
      case 'failed':
        if ((await deleteFailed(context, decision.copy)) === 'stays') return 'stays';
        context.report({ ...subject, status: 'failed', error: whyItStays(context, decision) });
        return true;
      case 'later':
      case 'misconfigured':
        context.report({ ...subject, status: 'failed', error: whyItStays(context, decision) });
        return false;
      case 'hopeless':
        return await setAside(context, file, decision.reason);
      case 'unsupported':
      case 'expired':
        return await setAside(context, file, decision.reason, 'ignored');
    }
  } catch (error) {
    if (isNotBegun(error)) throw error;
    if (decision.kind === 'copy' && isFullRefusal(context.adapter.faults, error))
      return toShelveryError(error, `copying shared backups to ${context.home.region}`);
    return await tellOfFailedPull(context, file, subject, error);
  }
}

/** A temporary fault leaves the file for the next run. What the service can never copy is set aside: it came further. */
async function tellOfFailedPull(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'run' | 'store'>,
  file: SharedFile,
  subject: OutcomeSubject,
  error: unknown,
): Promise<boolean> {
  const { faults } = context.adapter;
  const failure = toShelveryError(error, `pulling ${file.document.name} from ${file.account}`);
  if (faults.gone.includes(faultName(error)) && !isPassing(error)) {
    return await setAside(context, file, failure.message);
  }
  if (failure.code === 'Unsupported') {
    return await setAside(context, file, failure.message, 'ignored');
  }
  const notYet = faults.notYet.includes(faultName(error));
  context.report({
    ...subject,
    status: 'failed',
    error: notYet ? staysFor(file.document.name, failure.message, error) : failure,
  });
  return false;
}
