import { BackupId, ResourceId } from '../../../layers/engine/src/domain/values.js';
import type { AccountId, BackupType, Region, Tags } from '../../../layers/engine/src/domain/values.js';
import type { DatabaseHarness } from '../../contract/harness.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';
import { SERVICES } from '../../contract/services.js';
import type { Chance } from '../conductor/chance.js';
import { createConductor } from '../conductor/conductor.js';
import type { Call, Conductor, Conditions } from '../conductor/conductor.js';
import type { Process } from '../conductor/process.js';
import { FAIR } from '../conductor/weather.js';
import { begin, createMemoryAdapter } from '../world/adapter.js';
import { awsError } from '../world/aws-error.js';
import type { HeldBackup } from '../world/held.js';
import { serviceOf } from '../world/services.js';
import { createProcess } from '../world/start-process.js';
import { backupAt, backupPlace, createWorld, existing, resourcePlace } from '../world/world.js';
import type { World } from '../world/world.js';

const START = Date.UTC(2026, 10, 24, 3, 1);
const HOUR_MS = 3_600_000;
/** Nothing that comes to pass less often than always does. */
const ALWAYS = 1_000;
/** How often a new backup is one of those that take long. */
const SLOW = 50;

/** A chance that leaves nothing to chance: of a range the least, of several things the first, and ids are counted. */
interface Steered extends Chance {
  /** What comes to pass so many times of 1,000, or more, always does. */
  certainFrom: number;
}

function steeredChance(): Steered {
  let ids = 0;
  const chance: Steered = {
    certainFrom: ALWAYS,
    int: (from) => from,
    happens: (times) => times >= chance.certainFrom,
    pick: ([first]) => first,
    hex: (digits) => {
      ids += 1;
      return ids.toString(16).padStart(digits, '0').slice(-digits);
    },
  };
  return chance;
}

/** Releases whatever is called at once, where nobody conducts. */
function conductedByItself(conductor: Conductor): Conductor {
  return {
    ...conductor,
    call: (process, call, work) => {
      const answer = conductor.call(process, call, work);
      void conductor.runUntil(conductor.now());
      return answer;
    },
    sleep: (process, milliseconds, signal) => {
      const over = conductor.sleep(process, milliseconds, signal);
      void conductor.runUntil(conductor.now() + milliseconds);
      return over;
    },
  };
}

/** Strikes the nth call of an action from now on. */
interface Strike {
  readonly action: string;
  /** A code, or `fail-after`. */
  readonly fault: string;
  after: number;
}

/** An AWS in memory in which nothing is left to chance. */
export interface MemoryAccount {
  readonly world: World;
  readonly chance: Steered;
  /** A process of an account's own, in the home region. */
  open(account: AccountId): Process;
  /** An empty world in fair weather, with no strikes and no calls. */
  reset(): void;
  /** The nth call of an action is refused by a code, or done and then answered by a 500. */
  strike(action: string, fault: { readonly refuse: string; readonly nth?: number } | 'fail-after'): void;
  /** New backups fail. */
  failBackups(): void;
  /** How often each action was called. */
  readonly calls: Map<string, number>;
  /** All calls, in order. */
  readonly called: Call[];
}

/** @param type whose service is used. */
export function openMemoryAccount(type: BackupType): MemoryAccount {
  const chance = steeredChance();
  const calls = new Map<string, number>();
  const called: Call[] = [];
  let strikes: Strike[] = [];
  let fair = FAIR;
  const conditions: Conditions = {
    weather: fair,
    withoutFaults: new Set(),
    inOrder: true,
    refusal: (_process, call) => {
      const { action } = call;
      called.push(call);
      calls.set(action, (calls.get(action) ?? 0) + 1);
      conditions.weather = fair;
      const struck = strikes.filter((strike) => strike.action === action);
      for (const strike of struck) strike.after -= 1;
      const due = struck.find(({ after }) => after === 0);
      if (due?.fault === 'fail-after') conditions.weather = { ...fair, doneButFailed: ALWAYS };
      return due === undefined || due.fault === 'fail-after' ? undefined : awsError(due.fault, { status: 400 });
    },
  };
  const conductor = conductedByItself(createConductor({ chance, start: START, conditions, keepsStory: false }));
  const copiesAtATime = SERVICES[type].mostCopies?.number ?? Infinity;
  const world = createWorld(conductor, { copiesAtATime, copiesAreSlow: false, automated: 'none' });
  return {
    world,
    chance,
    calls,
    called,
    open: (account) =>
      createProcess(world, {
        id: account,
        installation: {
          name: 'contract',
          home: { accountId: account, region: HOME.region },
          type,
          prefix: PREFIX,
          inStack: false,
          environment: {},
        },
        environment: {},
        endsAt: Infinity,
        skew: 0,
      }),
    reset() {
      const { resources, backups, buckets, keysRefusedUntil } = world;
      for (const held of [resources, backups, buckets, keysRefusedUntil, calls]) held.clear();
      called.length = 0;
      strikes = [];
      fair = FAIR;
      conditions.weather = fair;
      chance.certainFrom = ALWAYS;
    },
    strike(action, fault) {
      strikes.push(
        fault === 'fail-after' ? { action, fault, after: 1 } : { action, fault: fault.refuse, after: fault.nth ?? 1 },
      );
    },
    failBackups() {
      fair = { ...FAIR, failing: ALWAYS };
      conditions.weather = fair;
    },
  };
}

/** The adapter of a type over the AWS in memory. */
export function openMemoryHarness(type: BackupType): DatabaseHarness {
  const traits = serviceOf(type);
  const account = openMemoryAccount(type);
  const { world, chance } = account;
  const { conductor } = world;
  const action = (name: string): string => `${type}:${name}`;

  const makeResource = (tags: Tags, owner: AccountId, id = traits.resourceId(chance.hex(17))): string => {
    const resource = { account: owner, region: HOME.region, type, id };
    const uid = chance.hex(16);
    world.resources.set(resourcePlace(resource), { ...resource, uid, tags, createdAt: conductor.now() });
    return id;
  };
  const attach = async (resources: readonly ResourceId[]): Promise<ResourceId> => {
    const attachedTo = `i-${chance.hex(17)}`;
    for (const held of [...world.resources.values()])
      if (resources.some((id) => id === held.id)) world.resources.set(resourcePlace(held), { ...held, attachedTo });
    return ResourceId.parse(attachedTo);
  };
  /** As a person makes it, who is done at once. */
  const makeSnapshot = (owner: AccountId, of: string, name: string, tags: Tags): HeldBackup => {
    const resource = world.resources.get(resourcePlace({ account: owner, region: HOME.region, type, id: of }));
    return begin(
      world,
      type,
      {
        account: owner,
        region: HOME.region,
        name,
        tags,
        of: { of, ofUid: resource?.uid ?? '' },
        dataTime: conductor.now(),
        encrypted: false,
        description: '',
      },
      { by: 'person' },
    );
  };
  const makeKey = async (region: Region): Promise<string> =>
    `arn:aws:kms:${region}:${HOME.accountId}:key/${chance.hex(12)}`;
  return {
    adapter: createMemoryAdapter(world, account.open(HOME.accountId)),
    actions: {
      create: action('createBackup'),
      tag: action('tagBackup'),
      remove: action('deleteBackup'),
      reads: ['listResources', 'findResources', 'listBackups', 'describeBackups', 'findByTags'].map(action),
      list: action('listResources'),
    },
    describedPerCall: 1_000,
    reset: async () => {
      account.reset();
    },
    stop: async () => undefined,
    // The AWS in memory knows by a tag what is encrypted.
    makeResource: async (tags, how) =>
      ResourceId.parse(makeResource(how?.encrypted === true ? { ...tags, encrypted: 'yes' } : tags, HOME.accountId)),
    makeDatabase: async (id, tags) => {
      makeResource(tags, HOME.accountId, id);
    },
    ...(traits.adapter.sets === undefined ? {} : { attach }),
    removeResource: async (id) => {
      world.resources.delete(resourcePlace({ account: HOME.accountId, region: HOME.region, type, id }));
    },
    makeSnapshot: async (resource, name, tags) => BackupId.parse(makeSnapshot(HOME.accountId, resource, name, tags).id),
    makeForeignSnapshot: async (name, tags) => {
      const made = makeSnapshot(OTHER_ACCOUNT, makeResource({}, OTHER_ACCOUNT), name, tags);
      world.backups.set(backupPlace(made), { ...made, sharedWith: [HOME.accountId] });
      return BackupId.parse(made.id);
    },
    stored: async (region) =>
      new Map(
        existing([...world.backups.values()])
          .filter((held) => held.account === HOME.accountId && held.region === region)
          .map(({ id, tags }) => [BackupId.parse(id), tags]),
      ),
    sharedWith: async (region, id) => backupAt(world, { account: HOME.accountId, region, type, id })?.sharedWith ?? [],
    makeKey,
    makeDisabledKey: async (region) => {
      world.keysRefusedUntil.set(`${HOME.accountId} ${region}`, Infinity);
      return await makeKey(region);
    },
    keepPending: async () => {
      chance.certainFrom = SLOW;
    },
    finishPending: () => conductor.runUntil(conductor.now() + HOUR_MS),
    failNextBackup: async () => {
      account.failBackups();
    },
    setPageSize: async () => undefined,
    faultNext: async (struck, fault) => {
      account.strike(struck, fault);
    },
    now: async () => conductor.now(),
    calls: async () => account.calls,
    forgetCalls: async () => {
      account.calls.clear();
    },
  };
}
