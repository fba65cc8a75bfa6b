import { formatDistanceStrict, subSeconds } from 'date-fns';
import type { Found } from '../../domain/doctor/checkup.js';
import { clockOffWarning } from '../../domain/telling/clock-off.js';
import type { Caller } from '../../ports.js';
import { fine, look } from './examined.js';
import type { Examination } from './examined.js';

/** With whose credentials calls are made, and how long these last. */
export async function lookAtCallers(examination: Examination): Promise<readonly Found[]> {
  const { clock, config, home, surroundings } = examination;
  return await look(
    examination,
    { check: 'credentials', doing: 'asking AWS whose credentials these are', needed: false },
    async () => {
      const { own, role } = await surroundings.callers();
      const now = clock.now();
      const waits = config.values.shelvery_wait_snapshot_timeout;
      const { until } = own;
      const what = role === undefined ? 'Calls are made' : 'Topics, queues and SSM parameters are used';
      const text = `${what} as ${own.arn}, ${lasting(own, now)}.`;
      const ofOwn: Found =
        until !== undefined && subSeconds(until, waits) < now
          ? {
              check: 'credentials',
              reason: 'credentials-end-soon',
              subject: own.arn,
              text: `${text} A run waits up to ${String(waits)} seconds for one backup (shelvery_wait_snapshot_timeout).`,
              advice: 'Sign in again before the run, unless these credentials are renewed by themselves.',
            }
          : fine('credentials', text, { subject: own.arn });
      if (role === undefined) return [ofOwn];
      const ofRole = `Resources, backups and data buckets are used as ${role.arn} (role_arn), in account ${home.accountId}, ${lasting(role, now)}; the role is assumed again as needed.`;
      return [ofOwn, fine('credentials', ofRole, { subject: role.arn })];
    },
  );
}

function lasting({ until }: Caller, now: Date): string {
  if (until === undefined) return 'with credentials that do not end, or whose end is not known';
  return `with credentials until ${until.toISOString().slice(0, 16)}Z, ${until > now ? `in ${formatDistanceStrict(until, now)}` : 'which is over'}`;
}

/** How far the machine's clock is from AWS's. To be asked when AWS has answered something. */
export function judgeClock({ clock }: Pick<Examination, 'clock'>): Found {
  const off = clockOffWarning(clock.correction?.offset() ?? 0, 1);
  if (off === undefined) return fine('clock', "This machine's clock is within a minute of AWS's.");
  return { check: 'clock', reason: 'clock-off', text: off };
}
