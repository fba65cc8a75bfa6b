import { isMarked, taggedRegions } from '../../domain/backup/backup-tags.js';
import type { FoundBackup, Resource } from '../../domain/backup/backup.js';
import { configuredBy, targetsOf } from '../../domain/config/targets.js';
import type { Configured } from '../../domain/config/targets.js';
import type { Found } from '../../domain/doctor/checkup.js';
import { sharedUnderDefaultKey } from '../../domain/doctor/judge-key.js';
import type { KeyUse } from '../../domain/doctor/judge-key.js';
import { present } from '../../domain/present.js';
import {
  FEWER_COPIES,
  RAISE_QUOTA,
  judgeCopies,
  judgeKept,
  judgeStored,
  keptInTheEnd,
} from '../../domain/plan/quotas.js';
import type { Region } from '../../domain/values.js';
import { backupsAmong, prefixOf } from '../identify.js';
import { notSelectable } from '../marked-resources.js';
import { fine, look } from './examined.js';
import type { ExaminedType, Examination } from './examined.js';

/** What is known of one backup type when its lists have been read. */
export interface LookedAtType extends ExaminedType {
  /** What the marked resources come to. */
  readonly marked: readonly (Configured & { readonly resource: Resource })[];
  /** Why the selected resource (`shelvery_select_entity`) is none of the marked ones, where it is not. */
  readonly notThere?: string;
  /** Where backups of the type go: the local region, then those that copies are made to. */
  readonly regions: readonly Region[];
  /** By each region that could be listed: those, and others where backups of earlier days may lie. */
  readonly backups: ReadonlyMap<Region, readonly FoundBackup[]>;
  /** What the lists came to. */
  readonly found: readonly Found[];
}

/**
 * Reads the lists of one type: its marked resources, and its backups in every region that cleaning looks at.
 *
 * @param withBucket the regions with a data bucket.
 */
export async function readType(
  examination: Examination,
  type: ExaminedType,
  withBucket: readonly Region[],
): Promise<LookedAtType> {
  const { adapter } = type;
  const { config, home } = examination;
  const { resourceNoun: noun } = adapter;
  const about = { check: 'permissions', backup_type: adapter.type } as const;
  const seen: { marked?: LookedAtType['marked']; notThere?: string } = {};
  const doing = `listing the ${noun}s of ${home.region}`;
  const failed = await look(examination, { ...about, region: home.region, doing }, async () => {
    const only = config.values.shelvery_select_entity;
    const resources = (await adapter.listResources()).filter(({ tags }) => isMarked(tags, prefixOf(examination)));
    const notThere = notSelectable({ adapter, config, home }, resources)?.message;
    if (notThere !== undefined) seen.notThere = notThere;
    seen.marked = resources
      .filter(({ id }) => only === undefined || id === only)
      .map((resource) => ({ resource, ...configuredBy(resource.tags, { home, config, rules: adapter.rules }) }));
    if (notThere === undefined) return [];
    return [{ check: 'tags', backup_type: adapter.type, reason: 'resource-not-marked', text: notThere }];
  });
  const { marked = [], notThere } = seen;
  const regions = regionsOf(examination, type, marked);
  const backups = new Map<Region, readonly FoundBackup[]>();
  const list = async (region: Region): Promise<readonly Found[]> => {
    const listing = `listing the backups of ${noun}s in ${region}`;
    return await look(examination, { ...about, region, doing: listing }, async () => {
      backups.set(region, await adapter.listBackups(region));
      return [];
    });
  };
  const here = await list(home.region);
  const tagged = (backups.get(home.region) ?? []).flatMap(({ tags }) => taggedRegions(tags, prefixOf(examination)));
  const known = adapter.copyToRegion === undefined ? [] : [...tagged, ...withBucket].sort();
  const [, ...others] = new Set([home.region, ...regions, ...known]);
  const lists = await Promise.all(others.map(list));
  const found = [...failed, ...here, ...lists.flat()];
  // Where somebody has interrupted, nothing fails, and nothing is listed.
  if (seen.marked !== undefined && backups.size === others.length + 1)
    found.push(
      fine(
        'permissions',
        `${noun}s can be listed, and their backups in ${[home.region, ...others].join(', ')}.${marked.length === 0 && notThere === undefined ? ' None is marked.' : ''}`,
        { backup_type: adapter.type },
      ),
    );
  return { ...type, marked, ...present({ notThere }), regions, backups, found };
}

function regionsOf(
  { config, home }: Examination,
  { adapter }: ExaminedType,
  marked: readonly Configured[],
): readonly Region[] {
  if (adapter.copyToRegion === undefined) return [home.region];
  const named = [targetsOf(config.values, home), ...marked.map(({ targets }) => targets)];
  return [...new Set([home.region, ...named.flatMap(({ drRegions }) => drRegions)])];
}

/** Tries the calls that make something, as dry runs, where the service has such. */
export async function tryCalls(examination: Examination, type: LookedAtType): Promise<readonly Found[]> {
  const { adapter, dryRuns, marked, notThere, backups, regions } = type;
  // A type that nobody uses is not worth more lines than one.
  if (marked.length === 0 && [...backups.values()].every((found) => found.length === 0)) return [];
  const { home } = examination;
  const about = { check: 'permissions', backup_type: adapter.type } as const;
  if (dryRuns === undefined)
    return [
      {
        ...about,
        reason: 'not-tried',
        text: 'The service has no dry runs: whether backups may be made, copied, shared and removed shows when they are.',
      },
    ];
  const backup = backupsAmong(backups.get(home.region) ?? [], { ...examination, adapter })
    .filter(({ found, place }) => place === 'local' && found.state === 'available' && found.archived !== true)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .map(({ found }) => found)[0];
  const resource = marked.find((each) => each.resource.unusable === undefined)?.resource;
  const shareAccounts = marked.flatMap(({ targets }) => targets.shareAccounts);
  const runs = dryRuns({
    ...present({ resource, backup }),
    drRegions: regions.filter((region) => region !== home.region),
    shareAccounts: [...shareAccounts, ...targetsOf(examination.config.values, home).shareAccounts],
  });
  const done: string[] = [];
  const refused = await Promise.all(
    runs.map(async ({ action, region, subject, call }) => {
      const doing = `trying ${action} on ${subject} in ${region} as a dry run`;
      return await look(examination, { ...about, region, subject: action, doing }, async () => {
        await call();
        done.push(region === home.region ? action : `${action} to ${region}`);
        return [];
      });
    }),
  );
  const missing = [
    ...(resource === undefined ? [`no ${notThere === undefined ? 'marked' : 'such'} ${adapter.resourceNoun}`] : []),
    ...(backup === undefined ? ['no available backup'] : []),
  ];
  const untried: readonly Found[] =
    missing.length === 0
      ? []
      : [
          {
            ...about,
            reason: 'not-tried',
            text: `There is ${missing.join(' and ')} to try calls with, so not every permission was tried.`,
          },
        ];
  return [
    ...refused.flat(),
    ...untried,
    ...(done.length === 0
      ? []
      : [
          fine(
            'permissions',
            `Tried as dry runs, and allowed: ${done.sort().join(', ')}. Calls that remove something are never tried.`,
            {
              backup_type: adapter.type,
            },
          ),
        ]),
  ];
}

/** Where the default key of a region is AWS's, and encrypted backups there are to be shared under no other. */
export async function lookAtDefaultKeys(
  examination: Examination,
  { adapter, backups }: LookedAtType,
  uses: readonly KeyUse[],
): Promise<readonly Found[]> {
  if (adapter.ownDefaultKey === undefined) return [];
  const regions = [...new Set(uses.flatMap(sharedUnderDefaultKey))].filter((region) =>
    (backups.get(region) ?? []).some(({ encrypted }) => encrypted),
  );
  const found = await Promise.all(
    regions.map(async (region) => {
      const about = { check: 'keys', region } as const;
      return await look(examination, { ...about, doing: `asking for the default key of ${region}` }, async () => {
        if ((await adapter.ownDefaultKey?.(region)) !== undefined) return [];
        return [
          {
            ...about,
            reason: 'default-key-unshareable',
            subject: 'alias/aws/ebs',
            text: `The default key of ${region} is managed by AWS. Encrypted backups are to be shared, and what is encrypted under that key cannot be.`,
            advice: `Set shelvery_reencrypt_kms_key_id=${region}=<a key of your own>.`,
          },
        ];
      });
    }),
  );
  return found.flat();
}

/** Whether the quotas are enough for what there is, for one more run, and for what the retention keeps in the end. */
export function judgeQuotas(
  { home }: Pick<Examination, 'home'>,
  { adapter, marked, notThere, regions, backups }: LookedAtType,
): readonly Found[] {
  // What a run adds is not known where it is for something that is not there.
  if (notThere !== undefined) return [];
  return regions.flatMap((region) => {
    const isHome = region === home.region;
    const going = isHome ? marked : marked.filter(({ targets }) => targets.drRegions.includes(region));
    const about = { check: 'quotas', backup_type: adapter.type, region } as const;
    const stored = backups.get(region)?.length;
    const kept = judgeKept(
      adapter.type,
      region,
      going.map(({ config }) => keptInTheEnd(config.values, isHome ? 'local' : 'dr')),
    );
    const found: Found[] = [];
    if (stored !== undefined && stored + going.length > 0) {
      const now = judgeStored(adapter.type, { region, stored, added: going.length });
      const worse = now.kind === 'over' || kept.kind === 'fits' ? now : kept;
      found.push(
        worse.kind === 'fits'
          ? fine('quotas', `${worse.text}.`, { ...about, subject: worse.quota })
          : {
              ...about,
              subject: worse.quota,
              reason: now.kind === 'over' ? 'quota-full' : 'quota-near',
              text: `${worse.text}.`,
              advice: `${RAISE_QUOTA}.`,
            },
      );
    }
    if (isHome) return found;
    const rpoHours = Math.min(...going.map(({ config }) => config.values.shelvery_rpo_hours));
    const copies = judgeCopies(adapter.type, { toRegion: region, copies: going.length, rpoHours });
    if (copies === undefined) return found;
    return [
      ...found,
      copies.kind === 'fits'
        ? fine('quotas', `${copies.text}.`, { ...about, subject: copies.quota })
        : {
            ...about,
            subject: copies.quota,
            reason: 'copies-too-slow' as const,
            text: `${copies.text}.`,
            advice: `${FEWER_COPIES}.`,
          },
    ];
  });
}
