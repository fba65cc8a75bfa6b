import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import type { Log, Notifier } from '../../../layers/engine/src/ports.js';
import type { Process } from '../conductor/process.js';
import type { World } from './world.js';

/** Lines of the log that say why something did not happen. */
const SAID: readonly string[] = [
  'SHELVERY_BACKUP_KEPT',
  'SHELVERY_OUTCOME_IGNORED',
  'SHELVERY_LEASE_AWAITED',
  'SHELVERY_LEASE_MISSING',
];

/** A log that adds what went wrong to the story. */
export function createStoryLog({ conductor, witnesses }: World, process: Process): Log {
  const { id } = process;
  const heard = (code: string, message: string): void => {
    for (const witness of witnesses) witness.saying?.(process, code, message);
  };
  return {
    info: (...[code, message]) => {
      heard(code, message);
      if (SAID.includes(code)) conductor.tell(`${id} says ${code}: ${message}`);
    },
    warn: (...[code, message]) => {
      heard(code, message);
      conductor.tell(`${id} warns ${code}: ${message}`);
    },
    error: (...[code, message]) => {
      heard(code, message);
      conductor.tell(`${id} reports ${code}: ${message}`);
    },
  };
}

/** A notifier whose topic is the world's list of what was told. As on AWS, what cannot be published fails no run. */
export function createMemoryNotifier(world: World, process: Process, log: Log): Notifier {
  const { conductor, told } = world;
  const { home } = process.installation;
  let given: Outcome[] = [];
  const all: Outcome[] = [];
  let lost = 0;
  const publish = async (outcomes: readonly Outcome[], target: string): Promise<void> => {
    try {
      await conductor.call(process, { action: 'sns:publish', region: home.region, changes: true, target }, () => {
        for (const outcome of outcomes) told.push({ at: conductor.now(), process, outcome, published: true });
      });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      lost += outcomes.length;
      for (const outcome of outcomes) told.push({ at: conductor.now(), process, outcome, published: false });
      log.error('SHELVERY_NOTIFICATION_LOST', error.name);
    }
  };
  return {
    notify(outcome) {
      for (const witness of world.witnesses) witness.telling?.(process, outcome);
      conductor.tell(
        `${process.id} tells ${outcome.operation} ${outcome.status} ${outcome.backupId ?? outcome.entityId ?? ''}`,
      );
      given.push(outcome);
      all.push(outcome);
    },
    async flush() {
      const outcomes = given;
      given = [];
      if (outcomes.length > 0) await publish(outcomes, `${String(outcomes.length)} notifications`);
    },
    async report(report) {
      for (const witness of world.witnesses) witness.reporting?.(process, report, all);
      await publish([], 'report');
    },
    lost: () => lost,
  };
}
