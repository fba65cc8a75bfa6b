import { UTCDate } from '@date-fns/utc';
import { addDays, differenceInCalendarDays } from 'date-fns';
import { expiryOf, retentionTypeOfDay } from '../../../layers/engine/src/domain/backup/retention.js';
import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import type { ReportedBackup, SeenType } from '../../../layers/engine/src/domain/report/inventory.js';
import { buildStatus } from '../../../layers/engine/src/domain/status/backup-status.js';
import type { Finding } from '../../../layers/engine/src/domain/status/backup-status.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';

export const NOW = new Date('2026-11-24T06:30:00Z');
const HERE = 'eu-west-1';
const DR = 'eu-central-1';
const OWN = '111111111111';
const BUNKER = '222222222222';

const { values } = resolveRunConfig({ environment: {} });
const KEEP = { daily: 14, weekly: 8, monthly: 12, yearly: 10 };

/** A resource that has been backed up every day, but for what is said otherwise. */
export interface SampleResource {
  readonly id: string;
  readonly name?: string;
  readonly days?: number;
  readonly sizeGib?: number;
  /** Days ago on which nothing was made, and on which it failed. */
  readonly without?: readonly number[];
  readonly failed?: readonly number[];
  readonly dr?: true;
  /** Days ago whose copy is missing. */
  readonly missing?: readonly number[];
  readonly offered?: true;
  readonly gone?: true;
  /** The account that it was pulled from. */
  readonly from?: string;
  readonly findings?: readonly Omit<Finding, 'severity'>[];
}

/** What a type with these resources looks like to a report. */
export function sampleType(
  type: BackupType,
  resources: readonly SampleResource[],
  problems: readonly string[] = [],
): SeenType {
  const marked = resources.filter(({ gone, from }) => gone !== true && from === undefined);
  return {
    type,
    problems,
    inventory: {
      listed: resources.flatMap((resource) => backupsOf(type, resource)),
      status: buildStatus({
        findings: resources.flatMap(({ findings = [] }) => findings),
        resources: marked.map((resource) => ({
          id: resource.id,
          ...present({ name: resource.name }),
          rpo_hours: 26,
          newest: { backup: 'newest', age_hours: 3.5 + 24 * (resource.without?.includes(0) === true ? 2 : 0) },
          copies: [],
          pulled_by: [],
          running: 0,
          held: 0,
        })),
        sources: [],
      }),
      promised: marked.map(({ id }) => ({ id, keep: KEEP, rpoHours: 26 })),
    },
  };
}

function backupsOf(type: BackupType, resource: SampleResource): readonly ReportedBackup[] {
  const { id, name, days = 500, sizeGib, without = [], failed = [], missing = [] } = resource;
  const today = new UTCDate(NOW);
  const backups: ReportedBackup[] = [];
  for (let day = 0; day < days; day += 1) {
    const made = addDays(new UTCDate(today.getFullYear(), today.getMonth(), today.getDate(), 3, 1), -day);
    const at = new Date(made.getTime());
    const retention = retentionTypeOfDay(at);
    const expires = expiryOf(at, retention, values, 'local') ?? at;
    if (expires < NOW || without.includes(day)) continue;
    const stamp = at.toISOString().slice(0, 10);
    const common = {
      name: `${name ?? id}-${stamp}-0301-${retention}`,
      resource: id,
      ...present({ entity_name: name, size_gib: sizeGib }),
      retention_type: retention,
      created: at.toISOString(),
      expires_at: expires.toISOString(),
      reason: 'not-expired',
      fate: `expires ${expires.toISOString().slice(0, 10)}`,
      encrypted: true,
      source_account: resource.from ?? OWN,
    };
    const backupId = `${type === 'ebs' ? 'snap' : type}-${String(differenceInCalendarDays(at, 0)).padStart(6, '0')}${id.slice(-8)}`;
    const state = failed.includes(day) ? 'failed' : 'available';
    backups.push({
      ...common,
      id: backupId,
      region: HERE,
      place: resource.from === undefined ? 'local' : 'pulled',
      state,
      ...(resource.offered === true && state === 'available' ? { shared_with: [BUNKER] } : {}),
    });
    if (resource.dr === true && state === 'available') {
      const isMissing = missing.includes(day);
      backups.push({
        ...common,
        id: isMissing ? '' : `${backupId}c`,
        region: DR,
        place: 'dr',
        ...(isMissing
          ? { state: 'missing', reason: 'missing-copy', fate: `no copy of ${backupId} is there` }
          : { state: 'available' }),
      });
    }
  }
  return backups;
}

/** An estate in which most is well, and something is not. */
export const SAMPLE: readonly SeenType[] = [
  sampleType('ebs', [
    { id: 'vol-0a1b2c3d4e5f60718', name: 'orders-data', sizeGib: 500, dr: true, offered: true },
    {
      id: 'vol-0b2c3d4e5f6071829',
      name: 'search-index',
      sizeGib: 1200,
      dr: true,
      without: [3, 4, 5, 6],
      failed: [9],
      findings: [
        {
          reason: 'failed',
          resource: 'vol-0b2c3d4e5f6071829',
          resource_name: 'search-index',
          region: HERE,
          text: 'a backup failed: no reason given',
        },
      ],
    },
    { id: 'vol-0c3d4e5f607182930', name: 'build-cache', sizeGib: 80, days: 40 },
    {
      id: 'vol-0d4e5f60718293041',
      name: 'wiki',
      sizeGib: 60,
      gone: true,
      without: Array.from({ length: 75 }, (_, day) => day),
    },
  ]),
  sampleType('rds', [
    {
      id: 'billing',
      name: 'billing',
      sizeGib: 200,
      dr: true,
      without: [0, 1],
      missing: [2],
      findings: [
        {
          reason: 'backup-too-old',
          resource: 'billing',
          text: 'the data of its newest backup is 51 hours old (objective: 26 hours)',
        },
        {
          reason: 'dr-copy-missing',
          resource: 'billing',
          region: DR,
          text: 'the backup of 51 hours ago has no copy in eu-central-1; the newest there is 3 days old',
        },
      ],
    },
    { id: 'customers', name: 'customers', sizeGib: 350, dr: true, offered: true },
  ]),
  sampleType('rds_cluster', [
    { id: 'events', name: 'events', days: 200, without: [45, 46, 47, 48, 49, 50, 51, 52, 53, 54] },
  ]),
];
