import { once } from 'node:events';

import * as answers from './control-answers.js';
import type {
  AnswerProblem,
  FaultRecord,
  Invocation,
  LoggedCall,
  PublishedMessage,
  Violation,
} from './control-answers.js';
import { controlClient, type Control } from './control-client.js';
import { forkEmulator, type StartedEmulator } from './fork-emulator.js';
import { ADVICE, spawnEmulatorProgram } from './python.js';
import { readEndpoint } from './read-endpoint.js';

/** Names the address of the fork server in the environment, while one runs: `fork-server.mjs`. */
const FORK_SERVER = 'EMULATOR_FORK_SERVER';
/** The account whose credentials `environment()` has. */
const DEFAULT_ACCOUNT = '123456789012';
const DEFAULT_REGION = 'us-east-1';

interface CallFilter {
  readonly service?: string;
  readonly action?: string;
  readonly account?: string;
  readonly region?: string;
  /** Only calls with a higher sequence number. */
  readonly after?: number;
}

/**
 * - `refuse`: answered with an error before anything is done
 * - `throttle`: the same, with the error by which the service refuses a call too many
 * - `fail-after`: done, and then answered with an internal error (or with `code`)
 * - `drop-before`, `drop-after`: the connection is closed without an answer, before or after it was done
 * - `hold-before`, `hold-after`: no answer until `clearFaults` or `reset`, and then the connection is closed; for tests
 *   that
 *   kill the caller meanwhile
 */
type FaultKind = 'refuse' | 'throttle' | 'fail-after' | 'drop-before' | 'drop-after' | 'hold-before' | 'hold-after';

interface Fault {
  readonly kind: FaultKind;
  /** Each that is left out fits every call. */
  readonly service?: string;
  readonly action?: string;
  readonly account?: string;
  readonly region?: string;
  /** Parameters that the call must have, by their names in the call log (dotted where they are nested). */
  readonly match?: Readonly<Record<string, string>>;
  /** Only calls that go on with a list, by the token of the page before. */
  readonly paged?: boolean;
  /** The first call struck, counted from 1 among those that fit since the fault was added. Default 1. */
  readonly nth?: number;
  /** How many calls in a row. Default 1. */
  readonly times?: number | 'always';
  /** The error's code; needed for `refuse`. */
  readonly code?: string;
  readonly message?: string;
  /** HTTP status; 400 for `refuse`, 500 for `fail-after` where it is left out. */
  readonly status?: number;
}

interface SnapshotCourse {
  /** How long new snapshots are pending, by the emulator's clock. Default 0. */
  readonly pendingMs?: number;
  readonly outcome?: 'completed' | 'error';
}

interface SnapshotStates extends SnapshotCourse {
  readonly perVolume?: Readonly<Record<string, SnapshotCourse>>;
  /** For copies, by the id of what is copied. */
  readonly perSourceSnapshot?: Readonly<Record<string, SnapshotCourse>>;
}

type SnapshotState = 'pending' | 'completed' | 'error' | 'recoverable' | 'recovering';

interface VolumeSeed {
  /** One of the emulator's where it is left out. */
  readonly id?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sizeGib?: number;
  readonly volumeType?: string;
  readonly availabilityZone?: string;
}

interface SnapshotSeed {
  /** One of the emulator's where it is left out. */
  readonly id?: string;
  /** May be gone already, or never have been. */
  readonly volumeId: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly state?: SnapshotState;
  /** ISO 8601. */
  readonly startTime?: string;
  readonly description?: string;
  /** Where it is not the account's own: another account, or `amazon`. */
  readonly ownerId?: string;
}

/**
 * How AWS really answers, where a caller that knows less breaks by it. `behaviours.py` says which are on at first.
 * - `creatingAtFirst`: databases and database snapshots are `creating` in the answer that makes them
 * - `newBucketsClosed`: new buckets are private, encrypted and without access control lists
 * - `filterValuesOfAllFilters`: the filters of one EC2 call have at most 200 values together, not each
 * - `failedDatabaseSnapshotsStay`: a database snapshot that failed cannot be deleted
 * - `filtersRefuseWhatIsGone`: a filter that names a database snapshot which is gone is answered by an error (a guess, and off at first)
 */
type Behaviour =
  | 'creatingAtFirst'
  | 'newBucketsClosed'
  | 'filterValuesOfAllFilters'
  | 'failedDatabaseSnapshotsStay'
  | 'filtersRefuseWhatIsGone';

/** Where seeds go. */
interface Place {
  readonly account?: string;
  readonly region?: string;
}

interface TokenBucket {
  readonly size: number;
  readonly refillPerSecond: number;
}

interface EmulatorOptions {
  readonly account?: string;
  readonly region?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Where the emulator's own warnings and stack traces go. Default `inherit`. */
  readonly stderr?: 'inherit' | 'ignore';
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * For S3, whose client puts a bucket with dots in its name before the address otherwise, even before an IP address.
   */
  readonly forcePathStyle: true;
}

/** A running emulator and its control API. */
export interface Emulator {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What a process needs in its environment to call the emulator as the default account. */
  environment(): Record<string, string>;
  /** The same for another account or region. */
  credentials(account: string, region?: string): Record<string, string>;
  /** What an SDK client in this process needs. */
  clientConfig(account?: string, region?: string): ClientConfig;
  /** Everything: resources, call log, faults, settings, the clock. Not the violations. */
  reset(): Promise<void>;
  /** Rejects, after the emulator has ended, if there are violations that nobody took. */
  stop(): Promise<void>;

  /**
   * Calls against AWS's own models or documented rules, since they were last taken; each was answered with an error.
   */
  violations(): Promise<readonly Violation[]>;
  /** The same, and forgets them: for tests that make illegal calls on purpose. */
  takeViolations(): Promise<readonly Violation[]>;

  calls(filter?: CallFilter): Promise<readonly LoggedCall[]>;
  /** By `service:Action`. */
  counts(): Promise<Readonly<Record<string, number>>>;
  clearCalls(): Promise<void>;
  /** Calls with more bytes than this are logged without parameters; null logs all. */
  setLargestLoggedParameters(bytes: number | null): Promise<void>;
  /** Whether calls are logged with what their parameters name: whose it is, its tags and its key. Off after a reset. */
  setLoggedTargets(on: boolean): Promise<void>;

  addFault(fault: Fault): Promise<number>;
  faults(): Promise<readonly FaultRecord[]>;
  clearFaults(): Promise<void>;
  /** The sequence numbers of held calls, as soon as there is one; empty if there was none within the time. */
  waitForHeldCalls(milliseconds: number): Promise<readonly number[]>;

  /** Those that are named, until a reset; the others stay as they are. */
  setBehaviours(behaviours: Readonly<Partial<Record<Behaviour, boolean>>>): Promise<void>;

  /** How long every call takes, or every call of one action. */
  setLatency(milliseconds: number, action?: string): Promise<void>;
  /** Calls of these services are answered by another server; here they are still logged, checked and faulted. */
  forward(services: readonly string[], endpoint: string): Promise<void>;
  /** One bucket for each account, region and action; `*` is for every action without a limit of its own. */
  setThrottle(service: string, action: string, bucket: TokenBucket): Promise<void>;
  /** Page "Request throttling for the Amazon EC2 API". */
  setDocumentedThrottle(service: 'ec2'): Promise<void>;
  clearThrottles(): Promise<void>;
  /** The most items that a page of a list has, whatever is asked for; null imposes nothing. */
  setPageSize(size: number | null): Promise<void>;

  /** Moves the emulator's clock; resolves to its time in milliseconds since 1970. */
  advanceClock(milliseconds: number): Promise<number>;
  /** From here the clock moves by `advanceClock` alone, until `runClock`. */
  freezeClock(): Promise<number>;
  runClock(): Promise<number>;

  /**
   * How much the clock of the services, as callers see it, is ahead of the machine's; requests are refused that are
   * signed by a clock which differs too much. null, as at first, refuses none.
   */
  setClockOffset(milliseconds: number | null): Promise<void>;

  /** How long deleted snapshots and deregistered images are kept in the Recycle Bin, by the emulator's clock. Default 0. */
  setRecycleBin(kept: { readonly snapshotsMs?: number; readonly imagesMs?: number }): Promise<void>;
  /** Product codes of an image; of the type `marketplace` unless it is given. */
  setProductCodes(
    imageId: string,
    codes: readonly { readonly id: string; readonly type?: 'marketplace' | 'devpay' }[],
  ): Promise<void>;

  /** Whether answers are compared with AWS's service models, by `takeAnswerProblems`. Off after a reset. */
  setAnswerChecks(on: boolean): Promise<void>;
  /** What was found since the last time. */
  takeAnswerProblems(): Promise<readonly AnswerProblem[]>;

  /** For snapshots begun from now on. */
  setSnapshotStates(states: SnapshotStates): Promise<void>;
  /** Changes one snapshot; its state then stays. */
  setSnapshot(
    snapshotId: string,
    change: { readonly state?: SnapshotState; readonly startTime?: string },
  ): Promise<void>;
  seedVolumes(volumes: readonly VolumeSeed[], place?: Place): Promise<readonly string[]>;
  seedSnapshots(snapshots: readonly SnapshotSeed[], place?: Place): Promise<readonly string[]>;
  /** Texts by their keys, into a bucket that is there. */
  seedObjects(bucket: string, objects: Readonly<Record<string, string>>, account?: string): Promise<void>;

  /** Every nth entry of SendMessageBatch is answered in `Failed`, at most `times` (1) for entries of the same body. */
  failBatchEntries(failing: { readonly every: number; readonly times?: number }): Promise<void>;
  publishedMessages(): Promise<readonly PublishedMessage[]>;
  clearPublishedMessages(): Promise<void>;
  /** The Lambda invocations since the last time. */
  takeInvocations(): Promise<readonly Invocation[]>;

  /** For controls that have no method here. */
  readonly control: Control;
}

/**
 * Starts an emulator of its own, which ends with this process at the latest. Where a fork server runs, as it does in
 * Jest, that takes milliseconds.
 *
 * @example
 * const emulator = await startEmulator();
 * const ec2 = new EC2Client(emulator.clientConfig());
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { account = DEFAULT_ACCOUNT, region = DEFAULT_REGION, port = 0, stderr = 'inherit' } = options;
  const server = process.env[FORK_SERVER];
  // A fork has the port and the output that its server gives it.
  const canFork = port === 0 && stderr === 'inherit';
  const started = server !== undefined && canFork ? await forkEmulator(server) : await spawnEmulator(port, stderr);
  return connectEmulator(started.endpoint, { account, region, ...started });
}

async function spawnEmulator(port: number, stderr: 'inherit' | 'ignore'): Promise<StartedEmulator> {
  const child = spawnEmulatorProgram(['--port', String(port)], stderr);
  const endpoint = await readEndpoint(child, 'The emulator', ADVICE);
  return {
    endpoint,
    async end() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
    isOver: () => child.exitCode !== null || child.signalCode !== null,
  };
}

const SECRET_ACCESS_KEY = 'emulator';

/** Throws if there is one. */
function refuse(violations: readonly Violation[]): void {
  if (violations.length > 0) {
    const lines = violations.map(
      ({ service, action, parameter, rule, page }) => `- ${service}:${action} ${parameter}: ${rule} (page "${page}")`,
    );
    throw new Error(
      [
        'AWS would have refused calls that were made. Mend them, or take them with takeViolations() where they were meant:',
        ...new Set(lines),
      ].join('\n'),
    );
  }
}

/** Whose an emulator is, and how its process ends. */
interface RunningEmulator extends Omit<StartedEmulator, 'endpoint'> {
  readonly account: string;
  readonly region: string;
}

/** An emulator that runs already. */
export function connectEmulator(endpoint: string, { account, region, end, isOver }: RunningEmulator): Emulator {
  const control = controlClient(endpoint);
  const credentials = (ofAccount: string, inRegion = region): Record<string, string> => ({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: inRegion,
    AWS_DEFAULT_REGION: inRegion,
    AWS_ACCESS_KEY_ID: ofAccount,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Whatever the machine's user has configured stays out of it.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
  const placed = (place: Place): Required<Place> => ({
    account: place.account ?? account,
    region: place.region ?? region,
  });

  const takeViolations = async (): Promise<readonly Violation[]> =>
    answers.violations.parse(await control.send('POST', 'violations/take'));

  return {
    endpoint,
    account,
    region,
    control,
    environment: () => credentials(account),
    credentials,
    clientConfig: (ofAccount = account, inRegion = region) => ({
      endpoint,
      region: inRegion,
      credentials: { accessKeyId: ofAccount, secretAccessKey: SECRET_ACCESS_KEY },
      forcePathStyle: true,
    }),
    async reset() {
      await control.send('POST', 'reset');
    },
    async stop() {
      if (isOver()) return;
      const violations = await takeViolations();
      await end();
      refuse(violations);
    },

    async violations() {
      return answers.violations.parse(await control.send('GET', 'violations'));
    },
    takeViolations,

    async calls(filter = {}) {
      return answers.loggedCalls.parse(await control.send('POST', 'calls', filter));
    },
    async counts() {
      return answers.callCounts.parse(await control.send('GET', 'calls/counts'));
    },
    async clearCalls() {
      await control.send('DELETE', 'calls');
    },
    async setLargestLoggedParameters(bytes) {
      await control.send('PUT', 'calls/settings', { largestParameters: bytes });
    },
    async setLoggedTargets(on) {
      await control.send('PUT', 'calls/targets', { on });
    },

    async addFault(fault) {
      return answers.addedFault.parse(await control.send('POST', 'faults', fault)).id;
    },
    async faults() {
      return answers.faultRecords.parse(await control.send('GET', 'faults'));
    },
    async clearFaults() {
      await control.send('DELETE', 'faults');
    },
    async waitForHeldCalls(milliseconds) {
      return answers.sequenceNumbers.parse(await control.send('POST', 'faults/held', { milliseconds }));
    },

    async setBehaviours(behaviours) {
      await control.send('PUT', 'behaviours', behaviours);
    },
    async setLatency(milliseconds, action) {
      await control.send('PUT', 'latency', { milliseconds, action });
    },
    async forward(services, to) {
      await control.send('PUT', 'forwarding', { services, endpoint: to });
    },
    async setThrottle(service, action, bucket) {
      await control.send('PUT', 'throttle', { service, action, ...bucket });
    },
    async setDocumentedThrottle(service) {
      await control.send('PUT', 'throttle/documented', { service });
    },
    async clearThrottles() {
      await control.send('DELETE', 'throttle');
    },
    async setPageSize(size) {
      await control.send('PUT', 'pages', { size });
    },

    async advanceClock(milliseconds) {
      return answers.clockTime.parse(await control.send('POST', 'clock/advance', { milliseconds })).now;
    },
    async freezeClock() {
      return answers.clockTime.parse(await control.send('POST', 'clock/freeze')).now;
    },
    async runClock() {
      return answers.clockTime.parse(await control.send('POST', 'clock/run')).now;
    },

    async setClockOffset(milliseconds) {
      await control.send('PUT', 'clock/offset', { milliseconds });
    },

    async setRecycleBin(kept) {
      await control.send('PUT', 'recycle-bin', kept);
    },
    async setProductCodes(imageId, codes) {
      await control.send('PUT', 'images/product-codes', { imageId, codes });
    },

    async setAnswerChecks(on) {
      await control.send('PUT', 'answers/shapes', { on });
    },
    async takeAnswerProblems() {
      return answers.answerProblems.parse(await control.send('POST', 'answers/problems/take'));
    },

    async setSnapshotStates(states) {
      await control.send('PUT', 'snapshots/states', states);
    },
    async setSnapshot(snapshotId, change) {
      await control.send('PUT', 'snapshots/one', { snapshotId, ...change });
    },
    async seedVolumes(volumes, place = {}) {
      return answers.resourceIds.parse(await control.send('POST', 'seed/volumes', { volumes, ...placed(place) }));
    },
    async seedSnapshots(snapshots, place = {}) {
      return answers.resourceIds.parse(await control.send('POST', 'seed/snapshots', { snapshots, ...placed(place) }));
    },
    async seedObjects(bucket, objects, ofAccount = account) {
      await control.send('POST', 'seed/objects', { bucket, objects, account: ofAccount });
    },

    async failBatchEntries(failing) {
      await control.send('PUT', 'queues/failing-entries', failing);
    },
    async publishedMessages() {
      return answers.publishedMessages.parse(await control.send('GET', 'published-messages'));
    },
    async clearPublishedMessages() {
      await control.send('DELETE', 'published-messages');
    },
    async takeInvocations() {
      return answers.invocations.parse(await control.send('POST', 'invocations/take'));
    },
  };
}
