import pLimit from 'p-limit';
import { resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { Checkup } from '../../../../layers/engine/src/domain/doctor/checkup.js';
import type { Check, Diagnosis } from '../../../../layers/engine/src/domain/doctor/checkup.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { AccountId, BackupType } from '../../../../layers/engine/src/domain/values.js';
import { examine } from '../../../../layers/engine/src/operations/doctor/examine.js';
import type { ExaminedType, Examination } from '../../../../layers/engine/src/operations/doctor/examined.js';
import type { BackupAdapter, Log, Surroundings } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { openMemoryParts } from '../../../simulation/world/ports.js';
import { createProcess } from '../../../simulation/world/start-process.js';
import { LOCAL, OWN_ACCOUNT } from '../../domain/builders.js';
import type { MemoryEstate } from '../memory-estate.js';

/** How a doctor is asked. */
export interface DoctorAsked {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly account?: AccountId;
  readonly types?: readonly BackupType[];
  readonly dryRuns?: ExaminedType['dryRuns'];
  readonly stack?: string;
  readonly surroundings?: Partial<Surroundings>;
  /** How each type's adapter is changed. */
  readonly adapter?: (adapter: BackupAdapter) => Partial<BackupAdapter>;
  /** How all else is changed. */
  readonly parts?: (examination: Examination) => Partial<Examination>;
}

/** What surrounds an installation that has all topics that somebody asks for, and no queues. */
const SURROUNDINGS: Surroundings = {
  callers: async () => ({ own: { arn: `arn:aws:sts::${OWN_ACCOUNT}:assumed-role/operators/ann` } }),
  topic: async (arn) => Region.parse(arn.split(':')[3]),
  queue: () => Promise.reject(awsError('QueueDoesNotExist', { status: 400 })),
  queuesOfStack: async () => [],
};

const silent = (): void => undefined;
const NO_LOG: Log = { info: silent, warn: silent, error: silent };

/** What the doctor finds in an estate, in the form that is promised of it. */
export async function examineEstate(
  { world }: Pick<MemoryEstate, 'world'>,
  { settings = {}, account = OWN_ACCOUNT, types = ['ebs'], ...asked }: DoctorAsked = {},
): Promise<Checkup> {
  const environment = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
  const config = resolveRunConfig({ environment, payload: {}, inStack: false });
  const home = { accountId: account, region: LOCAL };
  const partsOf = (type: BackupType): ReturnType<typeof openMemoryParts> => {
    const { shelvery_tag_prefix: prefix } = config.values;
    const installation = { name: 'test', home, type, prefix, inStack: false, environment };
    const process = createProcess(world, {
      id: 'doctor',
      installation,
      environment,
      dryRun: false,
      endsAt: Infinity,
      skew: 0,
    });
    return openMemoryParts(world, process, config, NO_LOG, {});
  };
  const { buckets, store, keys, clock } = partsOf('ebs');
  const examination: Examination = {
    home,
    config,
    types: types.map((type) => {
      const { adapter } = partsOf(type);
      return { adapter: { ...adapter, ...asked.adapter?.(adapter) }, ...present({ dryRuns: asked.dryRuns }) };
    }),
    surroundings: { ...SURROUNDINGS, ...asked.surroundings },
    buckets,
    store,
    keys,
    clock,
    mayStart: () => true,
    limit: pLimit(10),
    ...present({ stack: asked.stack }),
  };
  return Checkup.parse(await examine({ ...examination, ...asked.parts?.(examination) }));
}

/** What is found of one check, in order. */
export function foundOf({ findings }: Checkup, wanted: Check): readonly Omit<Diagnosis, 'check'>[] {
  return findings.filter(({ check }) => check === wanted).map(({ check: _, ...found }) => found);
}

/** What AWS answers where a permission lacks, as the clients pass it on. */
export function refused(action: string, target?: string): Error {
  return Object.assign(awsError('AccessDenied', { status: 403 }), { $call: { action, target } });
}
