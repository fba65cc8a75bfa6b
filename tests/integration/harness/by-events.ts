import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { BackupType } from '@shelvery/engine/terminal';
import { branchOf } from '../../emulator/branches.js';
import { databaseControls } from '../../emulator/databases.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { BUNKER, DR, HOME, SOURCE } from './copy-estate.js';
import { readEndState, withoutFacts } from './end-state.js';
import type { EndState, Places } from './end-state.js';
import { eventsOf } from './event-bus.js';
import { invoke, payloadOf } from './product.js';
import type { Asked, Installation } from './product.js';
import { queueMapping } from './queue-mapping.js';
import { makeResource } from './resources.js';
import { makeQueue } from './surroundings.js';
import { createTestClock } from './test-clock.js';
import { useUnpacedSdk } from './unpaced-sdk.js';

const TIMEOUT_MS = 600_000;
const PLACES: Places = { [SOURCE]: [HOME, DR], [BUNKER]: [HOME] };
const PENDING_MS = 30_000;
const MINUTE_MS = 60_000;
/** Less than messages wait where events are on. */
const SOON_MINUTES = 14;
/** Every message comes within this time. */
const LONG_MS = 901_000;

/** What becomes of the events of AWS on their way. */
export const WAYS_OF_EVENTS = ['dropped', 'in order', 'doubled', 'out of order'] as const;
export type WayOfEvents = (typeof WAYS_OF_EVENTS)[number];

/** Which of a round's events arrive, and when: now, or in the next round. */
function arriving(way: WayOfEvents, events: readonly string[], late: readonly string[]): readonly string[] {
  switch (way) {
    case 'dropped':
      return [];
    case 'in order':
      return events;
    case 'doubled':
      return [...events, ...late, ...events];
    case 'out of order':
      return [...late].reverse();
  }
}

/** What there is before any message has come, and in the end. */
interface Played {
  readonly soon: EndState;
  readonly end: EndState;
}

/**
 * Backups that are made, copied to a DR region, shared and pulled leave the same, whatever becomes of the events of AWS.
 *
 * @param isAllTold AWS tells of every step: with events all is done before the first message comes.
 */
export function describeByEvents(type: BackupType, { isAllTold }: { readonly isAllTold: boolean }): void {
  useUnpacedSdk();

  describe(`${type}, by the events of AWS`, () => {
    let begun: Emulator;
    let parties: Parties;
    let withoutEvents: Played;
    beforeAll(async () => {
      begun = await startEmulator();
      parties = await begin(begun, type);
      withoutEvents = await play(begun, parties, 'dropped');
    }, TIMEOUT_MS);
    afterAll(async () => {
      await begun.stop();
    });

    it('is done by the messages alone where every event is dropped, and by no means soon', () => {
      expect(withoutEvents.end.length).toBeGreaterThan(withoutEvents.soon.length);
    });

    it.each(WAYS_OF_EVENTS.filter((way) => way !== 'dropped'))(
      'leaves the same when they come %s, as when none comes',
      async (way) => {
        const { soon, end } = await play(begun, parties, way);
        expect(end).toEqual(withoutEvents.end);
        expect(soon.length).toBeGreaterThan(withoutEvents.soon.length);
        // What a pulled backup's resource was only its message knows: that adds it to the record.
        if (isAllTold) expect(soon.map(withoutFacts)).toEqual(end.map(withoutFacts));
      },
      TIMEOUT_MS,
    );
  });
}

type Parties = readonly Omit<Installation, 'emulator' | 'clock'>[];

/** Two resources, and the stacks of the account that they are in and of its bunker. */
async function begin(emulator: Emulator, type: BackupType): Promise<Parties> {
  await emulator.setSnapshotStates({ pendingMs: PENDING_MS });
  await databaseControls(emulator).setStates({ pendingMs: PENDING_MS });
  for (const name of ['orders', 'stock']) await makeResource(emulator, { type, account: SOURCE, region: HOME, name });
  const party = async (account: string, config: Readonly<Record<string, string>>): Promise<Parties[number]> => ({
    type,
    account,
    region: HOME,
    config: { shelvery_completion_events: 'ENABLED', ...config },
    queueUrl: await makeQueue(emulator, { account, region: HOME }),
  });
  return [
    await party(SOURCE, { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER }),
    await party(BUNKER, { shelvery_source_aws_account_ids: SOURCE }),
  ];
}

async function play(begun: Emulator, parties: Parties, way: WayOfEvents): Promise<Played> {
  const emulator = await branchOf(begun);
  try {
    const clock = createTestClock(emulator);
    await emulator.freezeClock();
    const [source, bunker] = parties.map((party): Installation => ({ ...party, emulator, clock }));
    if (source === undefined || bunker === undefined) throw new Error('there are two parties');
    const told = new Set<string>();
    const late = new Map<string, readonly string[]>();
    /** What has happened since the last round, in the accounts' event buses, and whatever waits in their queues. */
    const round = async (): Promise<void> => {
      for (const installation of [source, bunker]) {
        const { account, type } = installation;
        const happened = await eventsOf(emulator, type, { account, regions: PLACES[account] ?? [], told });
        await send(installation, arriving(way, happened, late.get(account) ?? []));
        late.set(account, happened);
      }
      for (const installation of [source, bunker]) await queueMapping(installation, functionOf(installation)).deliver();
    };
    const rounds = async (count: number, everyMs: number): Promise<void> => {
      for (let passed = 0; passed < count; passed += 1) {
        await round();
        await clock.advance(everyMs);
      }
    };
    await run(source, { action: 'create_data_buckets' });
    await run(source, { action: 'create_backups', time: '2026-03-03T01:00:00Z' });
    await rounds(SOON_MINUTES, MINUTE_MS);
    const soon = await readEndState(emulator, source.type, PLACES);
    await rounds(4, LONG_MS);
    await run(bunker, { action: 'pull_shared_backups' });
    await rounds(4, LONG_MS);
    return { soon, end: await readEndState(emulator, source.type, PLACES) };
  } finally {
    await emulator.stop();
  }
}

function functionOf(installation: Installation): (event: unknown) => Promise<unknown> {
  return async (event) => {
    const end = await invoke(installation, event, crypto.randomUUID());
    if (end.how === 'finished') return end.answer;
    throw end.error;
  };
}

async function run(installation: Installation, asked: Asked): Promise<void> {
  await functionOf(installation)(payloadOf(installation, asked));
}

/** EventBridge sends an event to a queue as it is. */
async function send({ emulator, account, region, queueUrl }: Installation, events: readonly string[]): Promise<void> {
  // The queue's URL names the emulator that it was made in, of which this one is a branch.
  const sqs = new SQSClient({ ...emulator.clientConfig(account, region), useQueueUrlAsEndpoint: false });
  for (const event of events) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: event }));
}
