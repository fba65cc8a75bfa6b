import { hoursSince } from '../calendar.js';
import type { Backup, Resource, ServiceRules } from '../backup/backup.js';
import { taggedRegions } from '../backup/backup-tags.js';
import { sourceOf } from '../backup/copy-source.js';
import { keepOf } from '../backup/retention.js';
import { configuredBy } from '../config/targets.js';
import type { Home } from '../config/targets.js';
import type { RunConfig } from '../config/config.js';
import { sharedNamesOf } from '../files/shared-names.js';
import type { SharedFiles } from '../files/shared-names.js';
import { copyAgain } from '../plan/copy-again.js';
import { present } from '../present.js';
import type { AccountId, BackupType, Region } from '../values.js';
import { ageText, newestOf, withAge } from './ages.js';
import type { Finding, ProtectedResource } from './backup-status.js';
import { idsText } from './ids-text.js';

/** What a resource is judged with. */
export interface ResourceInput {
  readonly type: BackupType;
  readonly now: Date;
  readonly home: Home;
  readonly config: RunConfig;
  readonly rules: ServiceRules;
  /** Its backups and their copies, in every region that could be listed; temporary ones are not among them. */
  readonly backups: readonly Backup[];
  /** The regions that could be listed. */
  readonly listed: ReadonlySet<Region>;
  /** Whether the service copies backups to other regions at all. */
  readonly copies: boolean;
  /** Whether other accounts can pull backups of the service at all. */
  readonly pulls: boolean;
  /** The files that other accounts pull backups by; nothing where they could not be listed. */
  readonly shared: ReadonlyMap<AccountId, SharedFiles> | undefined;
}

type Found = Omit<Finding, 'severity'>;

/** A marked resource as `status` shows it, and what is found of it. */
export interface JudgedResource {
  readonly row: ProtectedResource;
  readonly findings: readonly Found[];
  /** Accounts that wait for backups of it and have never pulled one of this type. */
  readonly neverPulledBy: readonly AccountId[];
}

/**
 * Judges whether a marked resource has a good backup that is young enough, and whether each backup that is older than the
 * objective, or a newer one, is in each DR region and was pulled by each account that it is shared with.
 *
 * A resource that keeps no daily backups is not expected to have young ones, unless its own tag sets an objective.
 */
export function judgeResource(resource: Resource, input: ResourceInput): JudgedResource {
  const { now, home, backups, copies, shared } = input;
  const { config, targets } = configuredBy(resource.tags, { home, config: input.config, rules: input.rules });
  const rpo = config.values.shelvery_rpo_hours;
  const local = backups.filter(({ place }) => place === 'local');
  const good = local.filter(({ found }) => found.state === 'available');
  const facts: Facts = { resource, input, rpo, local, good };
  const pulling = input.pulls ? targets.shareAccounts : [];
  const pulls = shared === undefined ? [] : pulling.map((account) => pulledBy(account, shared, facts));
  const expectsYoung =
    keepOf('daily', config.values, 'local') > 0 || config.tagged.some((key) => key === 'shelvery_rpo_hours');
  const regions = copies ? targets.drRegions : [];
  const newest = newestOf(good);
  return {
    row: {
      id: resource.id,
      ...present({ name: resource.tags['Name'] }),
      rpo_hours: rpo,
      ...present({ newest: newest === undefined ? undefined : withAge(newest, now) }),
      copies: regions.map((region) => {
        if (!input.listed.has(region)) return { region, unknown: true };
        const copy = newestOf(copiesIn(region, facts));
        return { region, ...present({ newest: copy === undefined ? undefined : withAge(copy, now) }) };
      }),
      pulled_by:
        shared === undefined
          ? pulling.map((account) => ({ account, unknown: true }))
          : pulls.map(({ account, newest: pulled }) => ({
              account,
              ...present({ newest: pulled === undefined ? undefined : withAge(pulled, now) }),
            })),
      running: backups.filter(({ found }) => found.state === 'pending').length,
      held: backups.filter(({ held }) => held).length,
    },
    findings: [
      ...(resource.unusable === undefined
        ? expectsYoung
          ? ageFindings(facts)
          : []
        : [{ ...subject(facts), reason: 'unusable' as const, text: resource.unusable }]),
      ...regions.flatMap((region) => copyFindings(region, facts)),
      ...pulls.flatMap(({ finding }) => finding ?? []),
      ...heldFindings(facts),
    ],
    neverPulledBy: pulls.flatMap(({ account, never }) => (never ? [account] : [])),
  };
}

interface Facts {
  readonly resource: Resource;
  readonly input: ResourceInput;
  /** The resource's objective, in hours. */
  readonly rpo: number;
  /** Its backups in the home region, and those of them that are available. */
  readonly local: readonly Backup[];
  readonly good: readonly Backup[];
}

function subject({ resource }: Facts): Pick<Found, 'resource' | 'resource_name'> {
  return { resource: resource.id, ...present({ resource_name: resource.tags['Name'] }) };
}

function ageFindings(facts: Facts): readonly Found[] {
  const { resource, local, good, rpo, input } = facts;
  const objective = `objective: ${String(rpo)} hours`;
  const pending = local.some(({ found }) => found.state === 'pending') ? '; one is being made' : '';
  const newest = newestOf(good);
  if (newest !== undefined) {
    const age = hoursSince(newest.dataTime, input.now);
    if (age <= rpo) return [];
    const text = `the data of its newest backup is ${ageText(age)} old (${objective})${pending}`;
    return [{ ...subject(facts), reason: 'backup-too-old', text, backups: [newest.id] }];
  }
  if (resource.createdAt === undefined) {
    return [{ ...subject(facts), reason: 'no-backup', text: `it has no backup (${objective})${pending}` }];
  }
  const age = hoursSince(resource.createdAt, input.now);
  if (age <= rpo) return [];
  const text = `it has no backup, and was made ${ageText(age)} ago (${objective})${pending}`;
  return [{ ...subject(facts), reason: 'no-backup', text }];
}

/** Available copies in a DR region. */
function copiesIn(region: Region, { input }: Facts): readonly Backup[] {
  return input.backups.filter(
    (backup) => backup.place === 'dr' && backup.region === region && backup.found.state === 'available',
  );
}

function copyFindings(region: Region, facts: Facts): readonly Found[] {
  const { input } = facts;
  if (!input.listed.has(region)) return [];
  const prefix = input.config.values.shelvery_tag_prefix;
  const due = newestLate(
    facts.good.filter(({ found }) => found.uncopyable !== true && taggedRegions(found.tags, prefix).includes(region)),
    facts,
  );
  if (due === undefined) return [];
  const copies = copiesIn(region, facts);
  const source = sourceOf(due.region, due.id);
  if (copies.some((copy) => copy.source === source || copy.dataTime >= due.dataTime)) return [];
  const running = input.backups.some(
    (copy) => copy.region === region && copy.source === source && copy.found.state === 'pending',
  );
  const newest = newestOf(copies);
  const text = [
    `the backup of ${ageText(hoursSince(due.createdAt, input.now))} ago has no copy in ${region}`,
    running ? ', it is still being made' : '',
    newest === undefined
      ? ', and none is there'
      : `; the newest there is ${ageText(hoursSince(newest.dataTime, input.now))} old`,
    running ? '' : copyAgain(input.type, due, region),
  ].join('');
  return [{ ...subject(facts), reason: 'dr-copy-missing', region, text, backups: [due.id] }];
}

/** The newest of those backups that have been there for longer than the objective: their copies should be there, too. */
function newestLate(backups: readonly Backup[], { input, rpo }: Facts): Backup | undefined {
  return newestOf(
    backups.filter(({ createdAt, found }) => {
      const began = Math.max(createdAt.getTime(), found.startedAt?.getTime() ?? 0);
      return hoursSince(new Date(began), input.now) > rpo;
    }),
  );
}

interface Pulled {
  readonly account: AccountId;
  readonly newest: Backup | undefined;
  readonly finding?: Found;
  /** Something waits, and the account has never pulled a backup of this type. */
  readonly never: boolean;
}

function pulledBy(account: AccountId, shared: ReadonlyMap<AccountId, SharedFiles>, facts: Facts): Pulled {
  const { good, input } = facts;
  const files = shared.get(account);
  const hasFile = (backup: Backup, names: ReadonlySet<string> | undefined): boolean =>
    sharedNamesOf(backup, input.rules).some((name) => names?.has(name) === true);
  const newest = newestOf(good.filter((each) => hasFile(each, files?.processed) || hasFile(each, files?.setAside)));
  const due = newestLate(good, facts);
  if (due === undefined || (newest !== undefined && newest.dataTime >= due.dataTime)) {
    return { account, newest, never: false };
  }
  const everPulled = (files?.processed.size ?? 0) > 0 || (files?.setAside.size ?? 0) > 0;
  if (!everPulled) return { account, newest, never: true };
  const text = [
    `the backup of ${ageText(hoursSince(due.createdAt, input.now))} ago was not pulled by ${account}`,
    hasFile(due, files?.waiting) ? '; its file waits there' : ', and no file offers it',
  ].join('');
  const finding: Found = { ...subject(facts), reason: 'bunker-copy-missing', account, text, backups: [due.id] };
  return { account, newest, finding, never: false };
}

function heldFindings(facts: Facts): readonly Found[] {
  const held = facts.input.backups.filter((backup) => backup.held);
  if (held.length === 0) return [];
  const text = `${held.length === 1 ? 'a backup is' : `${String(held.length)} backups are`} on hold: ${idsText(held)}`;
  return [{ ...subject(facts), reason: 'held', text, backups: held.map(({ id }) => id) }];
}
