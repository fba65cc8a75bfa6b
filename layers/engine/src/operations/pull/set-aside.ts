import { sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { ShelveryError } from '../../domain/errors.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { withoutFullStop } from '../../domain/telling/full-stop.js';
import type { Outcome } from '../../domain/telling/outcome.js';
import type { RunContext } from '../context.js';
import { moveFile } from '../shared-files/move-file.js';
import { nameInKey, textOf } from './read-shared-files.js';
import type { HopelessFile } from './read-shared-files.js';
import { subjectOfFile } from './shared-file-subject.js';

/**
 * Moves a file that can never be pulled to `-failed` in its source's bucket, and reports why: as an ERROR, or, where it
 * is nobody's fault, as an IGNORE. Returns whether it was moved, or is gone.
 */
export async function setAside(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'run' | 'store'>,
  file: Pick<HopelessFile, 'account' | 'key'>,
  reason: string,
  status: 'failed' | 'ignored' = 'failed',
): Promise<boolean> {
  const { account, key } = file;
  try {
    const text = await textOf(context, file);
    if (text === undefined) return true;
    const bucket = { region: context.home.region, account };
    await moveFile(context, bucket, key, keyAside(context, key), `# ${reason.replace(/\s+/g, ' ')}\n${text}`);
    context.report(outcomeAside(context, file, reason, status));
    return true;
  } catch (error) {
    const failure = toShelveryError(error, `setting ${key} aside (${reason})`);
    context.report({ ...subjectOfFile(context, file), status: 'failed', error: failure });
    return false;
  }
}

/** What is told of a file that was, or in a dry run would be, set aside. */
export function outcomeAside(
  context: Pick<RunContext, 'adapter' | 'home' | 'run' | 'store'>,
  file: Pick<HopelessFile, 'account' | 'key'>,
  reason: string,
  status: 'failed' | 'ignored',
): Outcome {
  const { key } = file;
  const said = `${key} ${context.run.dryRun ? 'is' : 'was'} set aside: ${withoutFullStop(reason)}.`;
  const subject = { ...subjectOfFile(context, file), newS3Location: keyAside(context, key) };
  return status === 'ignored'
    ? { ...subject, status, reason: said }
    : { ...subject, status, error: new ShelveryError('MetadataRefused', said) };
}

function keyAside({ adapter, home }: Pick<RunContext, 'adapter' | 'home'>, key: string): string {
  const name = nameInKey(key, sharedPrefix(home.accountId, adapter.type));
  return sharedKey(home.accountId, adapter.type, name, 'failed');
}
