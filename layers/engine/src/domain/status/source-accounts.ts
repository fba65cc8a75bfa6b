import { hoursSince } from '../calendar.js';
import type { Backup } from '../backup/backup.js';
import { newestPulledAgeHours, silentSources } from '../backup/newest-pulled.js';
import type { RunConfig } from '../config/config.js';
import { sourceAccountsOf } from '../config/targets.js';
import type { Home } from '../config/targets.js';
import { present } from '../present.js';
import type { AccountId } from '../values.js';
import { ageText, newestOf, withAge } from './ages.js';
import type { Finding, SourceAccount } from './backup-status.js';

/** A resource of which nothing was pulled for so long is probably gone, or not backed up any more. */
const NOT_SEEN_HOURS = 60 * 24;

/** What a bunker's sources are judged with. */
export interface SourcesInput {
  readonly now: Date;
  readonly home: Home;
  readonly config: RunConfig;
  /** The copies in this account of other accounts' backups, failed ones among them. */
  readonly pulled: readonly Backup[];
  /** When each file that waits in the bucket of a source account was written; no entry where it could not be listed. */
  readonly waiting: ReadonlyMap<AccountId, readonly Date[]>;
}

/**
 * Judges each source account: the configured ones, and those of which copies are still here. A source that nothing was
 * ever pulled from is no breach: it may back up nothing of this type.
 */
export function judgeSources({ now, home, config, pulled, waiting }: SourcesInput): {
  readonly rows: readonly SourceAccount[];
  readonly findings: readonly Omit<Finding, 'severity'>[];
} {
  const rpo = config.values.shelvery_rpo_hours;
  const good = pulled.filter(({ found }) => found.state === 'available');
  const silent = silentSources(newestPulledAgeHours({ now, backups: pulled, config }), config);
  const judged = [
    ...new Set([...sourceAccountsOf(config.values, home), ...good.map(({ srcAccount }) => srcAccount)]),
  ].map((account) => {
    const own = good.filter(({ srcAccount }) => srcAccount === account);
    const newest = newestOf(own);
    const byResource = Map.groupBy(own, ({ entityId, originRegion }) => `${originRegion ?? ''} ${entityId}`);
    const notSeen = [...byResource.values()].filter((copies) => {
      const last = newestOf(copies);
      return last !== undefined && hoursSince(last.dataTime, now) > NOT_SEEN_HOURS;
    });
    const files = waiting.get(account);
    const row: SourceAccount = {
      account,
      resources: byResource.size,
      not_seen_for_60_days: notSeen.length,
      ...present({
        newest: newest === undefined ? undefined : withAge(newest, now),
        waiting: files?.length,
      }),
    };
    const findings: Omit<Finding, 'severity'>[] = [];
    const objective = `objective: ${String(rpo)} hours`;
    const silentFor = silent.get(account);
    if (silentFor !== undefined) {
      const text = `the data of the newest backup that was pulled from it is ${ageText(silentFor)} old (${objective})`;
      findings.push({ reason: 'source-silent', account, text, ...present({ backups: newest && [newest.id] }) });
    }
    const late = (files ?? []).map((time) => hoursSince(time, now)).filter((hours) => hours > rpo);
    if (late.length > 0) {
      const whichFiles = late.length === 1 ? 'a file waits' : `${String(late.length)} files wait`;
      const text = `${whichFiles} to be pulled from it, the oldest for ${ageText(Math.max(...late))} (${objective})`;
      findings.push({ reason: 'pull-late', account, text });
    }
    return { row, findings };
  });
  return { rows: judged.map(({ row }) => row), findings: judged.flatMap(({ findings }) => findings) };
}
