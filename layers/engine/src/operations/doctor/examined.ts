import type { LimitFunction } from 'p-limit';
import type { RunConfig } from '../../domain/config/config.js';
import type { Home } from '../../domain/config/targets.js';
import type { Check, Found } from '../../domain/doctor/checkup.js';
import { ShelveryError } from '../../domain/errors.js';
import { refusedCall, toShelveryError } from '../../domain/telling/faults.js';
import type {
  BackupAdapter,
  BackupStore,
  Clock,
  DataBuckets,
  DryRun,
  DryRunSubjects,
  Keys,
  Surroundings,
} from '../../ports.js';
import { inTime } from '../in-time.js';

/** A backup type that is looked at. */
export interface ExaminedType {
  readonly adapter: BackupAdapter;
  /** Its calls as dry runs; left out where the service has none. */
  readonly dryRuns?: (subjects: DryRunSubjects) => readonly DryRun[];
}

/** What `doctor` works with. */
export interface Examination {
  readonly home: Home;
  readonly config: RunConfig;
  readonly types: readonly ExaminedType[];
  /** The stack whose configuration is in force. */
  readonly stack?: string;
  readonly surroundings: Surroundings;
  readonly buckets: DataBuckets;
  readonly store: BackupStore;
  readonly keys: Keys;
  readonly clock: Clock;
  /** False when nothing more may be looked at: somebody interrupted. */
  readonly mayStart: () => boolean;
  /** Limits how many looks are taken at the same time. */
  readonly limit: LimitFunction;
}

/** How long a look may take, in milliseconds: what does not answer keeps nobody waiting. */
const PATIENCE_MS = 20_000;

/** What is looked at. */
export interface Look extends Pick<Found, 'check' | 'backup_type' | 'region' | 'subject'> {
  /** As a gerund, for what is said where it fails. @example 'looking at the topic arn:…' */
  readonly doing: string;
  /** Whether runs make the calls of this look, too: without the permission Shelvery does not work. Default true. */
  readonly needed?: false;
}

/** Takes one look; a failure is a diagnosis of its own, and stops no other. */
export async function look(
  { clock, limit, mayStart }: Pick<Examination, 'clock' | 'limit' | 'mayStart'>,
  what: Look,
  take: () => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  return await limit(async () => {
    if (!mayStart()) return [];
    try {
      return await inTime(take(), clock.timeout(PATIENCE_MS), () => tooLate(what.doing));
    } catch (error) {
      return [diagnosisOf(error, what)];
    }
  });
}

/** What a failed look comes to. */
function diagnosisOf(error: unknown, { doing, needed, ...about }: Look): Found {
  const call = refusedCall(error);
  if (call === undefined) return { ...about, reason: 'not-checked', text: toShelveryError(error, doing).message };
  const { action, target } = call;
  const { region } = about;
  return {
    ...about,
    subject: action,
    reason: needed === false ? 'not-checked' : 'call-refused',
    text: `AWS refuses ${action}${target === undefined ? '' : ` on ${target}`}${region === undefined ? '' : ` in ${region}`}${needed === false ? ', so this could not be looked at' : ''}.`,
    advice: `Allow ${action} in the policy of the role or user that ${needed === false ? 'runs doctor' : 'Shelvery runs as'}.`,
  };
}

function tooLate(doing: string): ShelveryError {
  const seconds = String(PATIENCE_MS / 1_000);
  return new ShelveryError('AwsError', `There was no answer within ${seconds} s while ${doing}. Look at the network.`);
}

/** A diagnosis of what is as it should be. */
export function fine(check: Check, text: string, about: Omit<Partial<Found>, 'check' | 'text'> = {}): Found {
  return { check, reason: 'fine', text, ...about };
}
