import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, Outcome } from '@shelvery/engine/terminal';
import { databaseControls } from '../../../tests/emulator/databases.js';
import type { Emulator } from '../../../tests/emulator/emulator.js';
import type { Actor, Run } from '../runner.js';
import type { Screen } from '../screen.js';
import { shownTime } from '../shown-time.js';
import { creatingCall } from './creating-call.js';
import { makeAutomatedSnapshots, makeEstate } from './every-type-estate.js';
import type { Estate } from './every-type-estate.js';

const WEEKS_LATER = 21;

/**
 * One night of every type: what each makes and how, whom it leaves alone and why; and what cleaning does three weeks
 * later.
 */
export async function showEveryType(
  emulator: Emulator,
  run: Run,
  account: Pick<Actor, 'account' | 'region'>,
  screen: Screen,
): Promise<void> {
  const actor: Actor = { ...account, config: { shelvery_ignore_invalid_resource_state: 'true' } };
  const night = shownTime(0, 1);
  const estate = await makeEstate(emulator, actor);
  await makeAutomatedSnapshots(emulator, actor, shownTime(0, 0, 10));
  await emulator.setSnapshotStates({ pendingMs: 60_000 });
  await databaseControls(emulator).setStates({ pendingMs: 60_000 });

  screen.title(
    `One night of all ${String(BACKUP_TYPES.length)} types: create_backups on ${night.toISOString().slice(0, 10)} at 01:00`,
  );
  const created = await createAll(emulator, run, actor, screen, night);
  screen.table(
    ['TYPE', 'OF', 'BACKUP', 'HOW'],
    created
      .filter(isOk)
      .map(({ type, outcome, how }) => [type, outcome.entityName ?? '', outcome.backupName ?? '', how]),
  );
  screen.title(
    'What was said about them, what was skipped (shelvery_ignore_invalid_resource_state is set), what was left alone',
  );
  screen.table(
    ['TYPE', 'RESOURCE', '', 'WHY'],
    [...saidOf(created), ...stoppedOf(estate, created), ...leftAlone(estate, created)].sort(byType),
  );

  const later = shownTime(WEEKS_LATER, 1);
  screen.title(`Three weeks later, ${later.toISOString().slice(0, 10)}`);
  const held = created.find(({ outcome }) => outcome.entityId === estate.heldVolume)?.outcome.backupId ?? '';
  const ec2 = new EC2Client(emulator.clientConfig(actor.account, actor.region));
  await ec2.send(new CreateTagsCommand({ Resources: [held], Tags: [{ Key: 'shelvery:hold', Value: 'true' }] }));
  const rds = new RDSClient(emulator.clientConfig(actor.account, actor.region));
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'lohn', SkipFinalSnapshot: true }));
  screen.say(
    'The snapshot of Kundenarchiv Süd has been put on hold (tag shelvery:hold = true), and the database lohn is gone.',
  );
  screen.say(
    'create_backups runs again, except for rds, which has had no backup since. Then clean_backups, first with --dry-run:',
  );
  await makeAutomatedSnapshots(emulator, actor, shownTime(WEEKS_LATER, 0, 10));
  for (const type of BACKUP_TYPES) if (type !== 'rds') await run(actor, type, 'create_backups', later);
  await cleanAll(run, actor, screen, shownTime(WEEKS_LATER, 2));
}

interface Created {
  readonly type: BackupType;
  readonly outcome: Outcome;
  readonly how: string;
}

type Row = readonly [type: BackupType, ...cells: readonly string[]];

function byType([one]: Row, [other]: Row): number {
  return BACKUP_TYPES.indexOf(one) - BACKUP_TYPES.indexOf(other);
}

function isOk({ outcome }: Created): boolean {
  return outcome.status === 'ok';
}

async function createAll(
  emulator: Emulator,
  run: Run,
  actor: Actor,
  screen: Screen,
  time: Date,
): Promise<readonly Created[]> {
  const created: Created[] = [];
  for (const type of BACKUP_TYPES) {
    screen.progress(`create_backups of ${type} …`, false);
    await emulator.clearCalls();
    const { outcomes } = await run(actor, type, 'create_backups', time);
    const calls = await emulator.calls();
    for (const outcome of outcomes.filter(({ operation }) => operation === 'CreateBackup')) {
      created.push({ type, outcome, how: creatingCall(calls, outcome.backupName ?? '') });
    }
    const stored = outcomes.filter(
      ({ operation, status }) => operation === 'StoreBackupData' && status === 'ok',
    ).length;
    const made = created.filter((item) => item.type === type && isOk(item)).length;
    if (made === 0 || stored !== made)
      throw new Error(
        `create_backups of ${type} made ${String(made)} backups and stored the metadata of ${String(stored)}.`,
      );
  }
  return created;
}

function saidOf(created: readonly Created[]): readonly Row[] {
  return created.flatMap(({ type, outcome }): Row[] => {
    const { entityId = '', message } = outcome;
    if (outcome.status === 'ignored') return [[type, entityId, 'skipped', outcome.reason]];
    return message === undefined ? [] : [[type, entityId, 'made', message]];
  });
}

function stoppedOf({ stoppedInstance }: Estate, created: readonly Created[]): readonly Row[] {
  const made = created.filter((item) => isOk(item) && item.outcome.entityId === stoppedInstance);
  return made.map(({ type }) => [
    type,
    stoppedInstance,
    'made',
    'the instance is stopped; it is backed up all the same',
  ]);
}

/** @throws Error when something was backed up that is none of its type's. */
function leftAlone({ untouched }: Estate, created: readonly Created[]): readonly Row[] {
  return untouched.map(({ type, id, why }) => {
    if (created.some((item) => item.type === type && item.outcome.entityId === id))
      throw new Error(`${type} took ${id}, which is ${why}.`);
    return [type, id, 'left alone', why];
  });
}

/** @throws Error when a run does not do what its dry run said. */
async function cleanAll(run: Run, actor: Actor, screen: Screen, time: Date): Promise<void> {
  const rows: string[][] = [];
  let changed = 0;
  for (const type of BACKUP_TYPES) {
    screen.progress(`clean_backups of ${type} …`, false);
    const { plan = [] } = await run(actor, type, 'clean_backups', time, { dryRun: true });
    rows.push(
      ...plan.filter(({ what }) => what !== 'change').map(({ what, name = '', reason }) => [type, what, name, reason]),
    );
    changed += plan.filter(({ what }) => what === 'change').length;
    const { outcomes } = await run(actor, type, 'clean_backups', time);
    const removed = outcomes
      .filter(({ operation, status }) => operation === 'DeleteBackup' && status === 'ok')
      .map(({ backupId }) => String(backupId));
    const planned = plan.filter(({ what }) => what === 'remove').map(({ subject }) => subject);
    if (removed.sort().join() !== planned.sort().join())
      throw new Error(`clean_backups of ${type} removed ${removed.join(', ')}, and not ${planned.join(', ')}.`);
  }
  screen.table(['TYPE', 'PLAN', 'BACKUP', 'WHY'], rows);
  const went = rows.filter(([, what]) => what === 'remove').length;
  screen.say(
    `Then clean_backups itself: ${String(went)} were removed and ${String(rows.length - went)} stayed, as planned.`,
  );
  if (changed > 0)
    screen.say(`${String(changed)} snapshots of images were tagged with the id of their image, now that it was known.`);
}
