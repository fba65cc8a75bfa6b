import { DeleteVolumeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { addDays, addHours } from 'date-fns';
import type { Emulator } from '../../../tests/emulator/emulator.js';
import type { Actor, Run } from '../runner.js';
import type { Screen } from '../screen.js';
import { SHOWN_YEAR } from '../shown-time.js';
import { renderTimeline } from './half-year-timeline.js';
import type { TimelineEntry } from './half-year-timeline.js';

const VOLUMES = [
  { tags: { Name: 'web (front/end) #1', 'shelvery:create_backup': 'True', team: 'blue' }, row: 'web (front/end) #1' },
  { tags: { Name: 'Lager für Übersee', 'shelvery:create_backup': 'true' }, row: 'Lager für Übersee' },
  {
    tags: {
      Name: 'build cache',
      'shelvery:create_backup': '1',
      'shelvery:config:shelvery_keep_daily_backups': '3',
      'shelvery:config:shelvery_keep_weekly_backups': '1',
    },
    row: 'build cache (keeps 3 days)',
  },
  { tags: { Name: 'old shop', 'shelvery:create_backup': 'True' }, row: 'old shop (deleted 1 May)' },
  { tags: { 'shelvery:create_backup': 'True' }, row: 'a volume without a name' },
  { tags: { Name: 'scratch' }, row: 'scratch (not marked)' },
] as const;

/** Half a year of daily runs on a few volumes, each run told its time; then what was made, what is kept, and why. */
export async function showHalfYear(
  emulator: Emulator,
  run: Run,
  account: Pick<Actor, 'account' | 'region'>,
  screen: Screen,
): Promise<void> {
  const actor: Actor = { ...account, config: {} };
  const ids = await emulator.seedVolumes(
    VOLUMES.map((volume) => ({ tags: volume.tags })),
    { account: actor.account, region: actor.region },
  );
  const rowOf = new Map(ids.map((id, index) => [id, VOLUMES[index]?.row ?? id]));
  const shop = ids[3];
  await emulator.setSnapshotStates({ pendingMs: 60_000 });
  const year = String(SHOWN_YEAR);
  const first = new Date(Date.UTC(SHOWN_YEAR, 0, 1, 1));
  const last = new Date(Date.UTC(SHOWN_YEAR, 5, 30, 1));
  screen.title(`Half a year of EBS backups, ${year}-01-01 to ${year}-06-30`);
  screen.say(
    'Every day create_backups at 01:00 and clean_backups at 02:00. Each run is given its time (--as-of), so nothing waits.',
  );

  const made = new Map<string, Omit<TimelineEntry, 'kept'>>();
  let removed = 0;
  for (let day = first; day <= last; day = addDays(day, 1)) {
    const text = day.toISOString().slice(0, 10);
    if (text.endsWith('-05-01') && shop !== undefined) {
      await new EC2Client(emulator.clientConfig(actor.account, actor.region)).send(
        new DeleteVolumeCommand({ VolumeId: shop }),
      );
    }
    const created = await run(actor, 'ebs', 'create_backups', day);
    for (const outcome of created.outcomes) {
      if (outcome.operation !== 'CreateBackup' || outcome.status !== 'ok' || outcome.backupId === undefined) continue;
      made.set(outcome.backupId, {
        row: rowOf.get(outcome.entityId ?? '') ?? '',
        created: text,
        retentionType: outcome.retentionType ?? '',
      });
    }
    const cleaned = await run(actor, 'ebs', 'clean_backups', addHours(day, 1));
    removed += cleaned.outcomes.filter(
      (outcome) => outcome.operation === 'DeleteBackup' && outcome.status === 'ok',
    ).length;
    screen.progress(`${text}  ${String(made.size)} made, ${String(removed)} removed`, text.endsWith('-01'));
  }

  const { listed = [] } = await run(actor, 'ebs', 'list_backups', addHours(last, 2));
  const kept = new Set(listed.map((backup) => backup.id));
  screen.title(
    'The timeline: each letter is a backup that is still there (Y yearly, M monthly, w weekly, d daily), of how many made',
  );
  screen.say(
    renderTimeline(
      [...made].map(([id, entry]) => ({ ...entry, kept: kept.has(id) })),
      screen.paint,
    ),
  );
  screen.title('Why each is kept');
  const rowsByReasons = new Map<string, string[]>();
  for (const row of rowOf.values()) {
    const fates = listed.filter((backup) => rowOf.get(backup.resource) === row);
    if (fates.length === 0) continue;
    const reasons = countedReasons(fates.map((backup) => `${backup.retention_type}, ${backup.fate}`));
    const text = reasons.map(([reason, count]) => `  ${count > 1 ? `${String(count)} × ` : ''}${reason}`).join('\n');
    rowsByReasons.set(text, [...(rowsByReasons.get(text) ?? []), row]);
  }
  for (const [text, rows] of rowsByReasons) screen.say(`${rows.join('; ')}:\n${text}`);
}

/** Backups that expire on different days are told from first to last. */
function countedReasons(reasons: readonly string[]): readonly (readonly [string, number])[] {
  const groups = new Map<string, string[]>();
  for (const reason of reasons) {
    const [, head = reason, date] = /^(.*expires )(\d{4}-\d{2}-\d{2})$/.exec(reason) ?? [];
    groups.set(head, [...(groups.get(head) ?? []), ...(date === undefined ? [''] : [date])]);
  }
  return [...groups].map(([head, dates]) => {
    const sorted = dates.filter((date) => date !== '').sort();
    const [from] = sorted;
    const to = sorted.at(-1);
    return [
      from === undefined ? head : from === to ? `${head}${from}` : `${head}between ${from} and ${to ?? ''}`,
      dates.length,
    ];
  });
}
