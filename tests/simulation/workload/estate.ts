import { present } from '../../../layers/engine/src/domain/present.js';
import { AccountId, Region } from '../../../layers/engine/src/domain/values.js';
import type { Action } from '../../../layers/engine/src/domain/actions.js';
import type { Process } from '../conductor/process.js';
import type { Call } from '../conductor/conductor.js';
import { begin } from '../world/adapter.js';
import { awsError } from '../world/aws-error.js';
import { createStackFunction } from '../world/functions.js';
import type { StackFunction } from '../world/functions.js';
import type { Installation } from '../world/installation.js';
import type { Tampering } from '../world/ports.js';
import { prefixOfBackup } from '../invariants/terms.js';
import { serviceOf } from '../world/services.js';
import { bucketNameOf, objectOf } from '../world/storage.js';
import { runCommand } from '../world/terminal.js';
import { backupPlace, existing, resourcePlace, stateAt, takeAway } from '../world/world.js';
import type { HeldBackup, HeldResource } from '../world/held.js';
import type { World } from '../world/world.js';
import { ACCOUNTS, HOME_REGION, INSTALLATIONS } from './plan.js';
import type { Deed, InstallationName, Plan } from './plan.js';

/** What the volumes are attached to, where they are. */
const INSTANCE = 'i-0123456789abcdef0';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A create run that was asked for: what it owes is known afterwards. */
export interface AskedCreate {
  readonly installation: Installation;
  readonly time: number;
  /** What was marked for it then. */
  readonly resources: readonly HeldResource[];
}

/** A command in a terminal that came to no end. */
export interface Interrupted {
  readonly installation: Installation;
  readonly action: Action;
  /** The time that its run went by. */
  readonly time: number;
}

/** The estate: its installations, and what happens to it. */
export interface Estate {
  readonly world: World;
  readonly installations: readonly Installation[];
  readonly functions: ReadonlyMap<Installation, StackFunction>;
  readonly asked: AskedCreate[];
  /** Commands whose process was killed: whoever gave them gives them again. */
  readonly interrupted: Interrupted[];
  readonly started: Map<string, Interrupted>;
  /** Does something. */
  perform(deed: Deed): void;
  /** Starts an action of an installation, as its schedule does or as a person does where it has none. */
  run(installation: Installation, action: Action): void;
  /** Gives a command once more, with the time that it had. */
  repeat(interrupted: Interrupted): void;
  /** Gives everything back that was taken. */
  restore(): void;
}

/** Sets an estate up. */
export function createEstate(world: World, plan: Plan, tamper: Tampering): Estate {
  const { conductor } = world;
  const { chance } = conductor;
  const { type } = plan;
  const installations = INSTALLATIONS.flatMap((name): Installation[] => {
    const environment = plan.settings[name];
    return environment === undefined
      ? []
      : [
          {
            name,
            home: { accountId: AccountId.parse(ACCOUNTS[name]), region: Region.parse(HOME_REGION) },
            type,
            prefix: environment['shelvery_tag_prefix'] ?? 'shelvery',
            inStack: name !== 'second',
            environment,
          },
        ];
  });
  const functions = new Map(
    installations
      .filter(({ inStack }) => inStack)
      .map((installation) => [installation, createStackFunction(world, installation, plan.waits, tamper)]),
  );
  const named = (name: InstallationName): Installation | undefined => installations.find((each) => each.name === name);
  const slots = new Map<string, HeldResource>();
  let lives = 0;
  const outages = new Map<string, number>();
  const denials: { readonly account: string; readonly action: string; readonly until: number }[] = [];
  const asked: AskedCreate[] = [];
  const interrupted: Estate['interrupted'] = [];

  conductor.conditions.refusal = (process: Process, call: Call) => {
    const now = conductor.now();
    for (const witness of world.witnesses) witness.calling?.(process, call);
    if ((outages.get(call.region) ?? 0) > now) return awsError('ECONNREFUSED', {});
    const isDenied = denials.some(
      ({ account, action, until }) =>
        until > now && account === process.installation.home.accountId && call.action.includes(action),
    );
    return isDenied ? awsError('AccessDenied', { status: 403 }) : undefined;
  };

  const timeOf = (minutes: number | undefined): Date | undefined =>
    minutes === undefined ? undefined : new Date(new Date(plan.start).getTime() + minutes * MINUTE_MS);
  const put = (resource: HeldResource): void => {
    world.resources.set(resourcePlace(resource), resource);
  };
  const slotsOf = (slot: number): readonly string[] => [`source ${String(slot)}`, `hostile ${String(slot)}`];
  const live = (slot: number): readonly HeldResource[] =>
    slotsOf(slot).flatMap((at) => {
      const known = slots.get(at);
      return known === undefined ? [] : (world.resources.get(resourcePlace(known)) ?? []);
    });
  const make = (deed: Extract<Deed, { kind: 'make' }>): void => {
    for (const name of ['source', 'hostile'] as const) {
      if (named(name) === undefined) continue;
      const at = `${name} ${String(deed.slot)}`;
      const before = slots.get(at);
      if (before !== undefined && world.resources.has(resourcePlace(before))) continue;
      lives += 1;
      const traits = serviceOf(type);
      // A database may be made again under its name; a volume never has the id of another.
      const id = traits.idIsName ? `${deed.name}-${String(deed.slot)}` : traits.resourceId(chance.hex(17));
      const resource: HeldResource = {
        account: ACCOUNTS[name],
        region: Region.parse(HOME_REGION),
        type,
        id,
        uid: `uid-${String(lives)}`,
        tags: {
          Name: deed.name,
          ...(deed.encrypted ? { encrypted: 'yes' } : {}),
          ...(deed.marked
            ? Object.fromEntries(prefixesOf(name).map((prefix) => [`${prefix}:create_backup`, 'true']))
            : {}),
        },
        createdAt: conductor.now(),
        ...(plan.attached === true ? { attachedTo: INSTANCE } : {}),
      };
      slots.set(at, resource);
      put(resource);
    }
  };
  const prefixesOf = (name: string): readonly string[] =>
    name === 'source' && named('second') !== undefined ? ['shelvery', 'second'] : ['shelvery'];
  const retag = (slot: number, change: (tags: Record<string, string>) => void): void => {
    for (const resource of live(slot)) {
      const tags = { ...resource.tags };
      change(tags);
      put({ ...resource, tags });
    }
  };
  const rename = (at: string): void => {
    const known = slots.get(at);
    const resource = known === undefined ? undefined : world.resources.get(resourcePlace(known));
    if (resource === undefined || !serviceOf(type).idIsName) return;
    const renamed = { ...resource, id: `${resource.id}-was` };
    world.resources.delete(resourcePlace(resource));
    slots.set(at, renamed);
    put(renamed);
  };
  const nthBackup = (nth: number): HeldBackup | undefined => {
    const all = existing([...world.backups.values()]).filter(({ account }) => account !== ACCOUNTS.hostile);
    return all.length === 0 ? undefined : all[nth % all.length];
  };
  const retagBackup = (backup: HeldBackup, tags: HeldBackup['tags']): void => {
    world.backups.set(backupPlace(backup), { ...backup, tags });
  };

  const perform = (deed: Deed): void => {
    conductor.tell(`DEED ${JSON.stringify(deed)}`);
    switch (deed.kind) {
      case 'event':
      case 'command':
      case 'dry-run': {
        const installation = named(deed.who);
        if (installation === undefined) return;
        if (deed.kind === 'event' && functions.has(installation)) run(installation, deed.action);
        else command(installation, deed.action, deed.kind === 'dry-run', timeOf(deed.asOf));
        return;
      }
      case 'make':
        make(deed);
        return;
      case 'mark':
        retag(deed.slot, (tags) => {
          tags['shelvery:create_backup'] = 'true';
        });
        return;
      case 'unmark':
        retag(deed.slot, (tags) => {
          delete tags['shelvery:create_backup'];
        });
        return;
      case 'delete':
        for (const resource of live(deed.slot)) world.resources.delete(resourcePlace(resource));
        return;
      case 'rename':
        for (const at of slotsOf(deed.slot)) rename(at);
        return;
      case 'tag':
        retag(deed.slot, (tags) => {
          tags[deed.key.startsWith('config:') ? `shelvery:${deed.key}` : deed.key] = deed.value;
        });
        return;
      case 'hold':
      case 'release':
      case 'delete-backup':
      case 'copy-by-hand':
      case 'untag': {
        const backup = nthBackup(deed.nth);
        if (backup !== undefined) handle(deed.kind, backup);
        return;
      }
      case 'configure': {
        const installation = named(deed.who);
        if (installation === undefined) return;
        installation.environment = { ...installation.environment, [deed.key]: deed.value };
        return;
      }
      case 'outage':
        outages.set(deed.region, conductor.now() + deed.hours * HOUR_MS);
        return;
      case 'deny': {
        denials.push({
          account: ACCOUNTS[deed.who],
          action: deed.action,
          until: conductor.now() + deed.hours * HOUR_MS,
        });
        return;
      }
      case 'leftover':
        leaveOver(deed.slot, deed.days);
        return;
      case 'hostile-file':
        putHostileFile(deed.nth);
        return;
      case 'break-file':
        breakFile(deed.nth);
        return;
      case 'full':
      case 'refuse-keys': {
        const untils = deed.kind === 'full' ? world.fullUntil : world.keysRefusedUntil;
        untils.set(`${ACCOUNTS[deed.who]} ${deed.region}`, conductor.now() + deed.hours * HOUR_MS);
      }
    }
  };

  /** A person writes something else, or half of it, over a file of an honest account. */
  const breakFile = (nth: number): void => {
    const files = [...world.buckets.values()].flatMap((bucket) =>
      bucket.account === ACCOUNTS.hostile
        ? []
        : [...bucket.objects]
            .filter(([key]) => key.startsWith('backups/'))
            .map(([key, { body }]) => ({ bucket, key, body })),
    );
    const file = files[nth % files.length];
    if (file === undefined) return;
    const { bucket, key, body } = file;
    const broken = chance.pick(['', 'backup_id: [', body.slice(0, body.length / 2)]);
    const object = objectOf(world, broken);
    bucket.objects.set(key, object);
    world.brokenByHand.add(object);
    conductor.strike('file-broken');
  };

  const handle = (kind: 'hold' | 'release' | 'delete-backup' | 'copy-by-hand' | 'untag', backup: HeldBackup): void => {
    const hold = `${prefixOfBackup(backup)}:hold`;
    const { [hold]: _, ...without } = backup.tags;
    switch (kind) {
      case 'hold':
        retagBackup(backup, { ...backup.tags, [hold]: 'legal' });
        return;
      case 'release':
        retagBackup(backup, without);
        return;
      case 'delete-backup':
        world.deletedByHand.push(backup);
        takeAway(world, backup);
        return;
      case 'untag': {
        const { [`${prefixOfBackup(backup)}:retention_type`]: _gone, ...rest } = backup.tags;
        retagBackup(backup, rest);
        return;
      }
      case 'copy-by-hand':
        if (stateAt(backup, conductor.now()) !== 'available') return;
        begin(
          world,
          backup.type,
          {
            account: backup.account,
            region: backup.region,
            name: `by-hand-${chance.hex(6)}`,
            tags: backup.tags,
            of: backup,
            dataTime: backup.dataTime,
            source: backup,
            encrypted: backup.encrypted,
            description: 'before the migration',
          },
          { by: 'person' },
        );
    }
  };

  /** A backup as the original product made it, with its tags and without a record. */
  const leaveOver = (slot: number, days: number): void => {
    const [resource] = live(slot);
    if (resource?.account !== ACCOUNTS.source) return;
    const made = conductor.now() - days * 24 * HOUR_MS;
    const date = `${new Date(made).toISOString().slice(0, 10)}-0100`;
    const name = `${resource.id}-${date}-daily`;
    const backup = begin(
      world,
      type,
      {
        account: resource.account,
        region: resource.region,
        name,
        tags: {
          Name: name,
          'shelvery:tag_name': 'shelvery',
          'shelvery:date_created': date,
          'shelvery:src_account': resource.account,
          'shelvery:name': name,
          'shelvery:region': resource.region,
          'shelvery:retention_type': 'daily',
          'shelvery:entity_id': resource.id,
          'shelvery:backup': 'true',
          'shelvery:dr_regions': '',
        },
        of: { of: resource.id, ofUid: resource.uid },
        dataTime: made,
        encrypted: false,
        description: name,
      },
      { by: 'original' },
    );
    world.backups.set(backupPlace(backup), {
      ...backup,
      createdAt: made,
      readyAt: made,
      listedFrom: made,
      outcome: 'available',
    });
    put({ ...resource, createdAt: Math.min(resource.createdAt, made - HOUR_MS) });
  };

  /** A hostile account writes a file of its own into its bucket: it names backups of others, or tells of another time. */
  const putHostileFile = (nth: number): void => {
    const bucket = world.buckets.get(bucketNameOf(ACCOUNTS.hostile, HOME_REGION));
    const victim = nthBackup(nth);
    if (bucket === undefined || victim === undefined) return;
    const honest = [...bucket.objects].find(([key]) => key.startsWith(`backups/shared/${ACCOUNTS.bunker}/`));
    const [key, body] =
      honest !== undefined && nth % 2 === 0
        ? [honest[0], honest[1].body.replace(/daily|weekly|monthly/g, 'yearly')]
        : [
            `backups/shared/${ACCOUNTS.bunker}/${type}/stolen-${chance.hex(6)}-2026-01-01-0300-daily.yaml`,
            forged(victim),
          ];
    bucket.objects.set(key, objectOf(world, body));
  };
  const forged = (victim: HeldBackup): string => {
    const name = `stolen-2026-01-01-0300-daily`;
    return [
      `account_id: '${ACCOUNTS.hostile}'`,
      `backup_id: ${victim.id}`,
      `date_created: '2026-01-01-0300'`,
      `entity_id: ${victim.of}`,
      `name: ${name}`,
      `region: ${HOME_REGION}`,
      `retention_type: daily`,
      `tags: {}`,
    ].join('\n');
  };

  const note = (installation: Installation, action: Action, time: number): void => {
    if (action !== 'create_backups') return;
    const { accountId, region } = installation.home;
    asked.push({
      installation,
      time: Math.floor(time / MINUTE_MS) * MINUTE_MS,
      resources: [...world.resources.values()].filter(
        ({ account, region: at, tags }) =>
          account === accountId && at === region && tags[`${installation.prefix}:create_backup`] === 'true',
      ),
    });
  };
  const run = (installation: Installation, action: Action): void => {
    const stack = functions.get(installation);
    if (stack === undefined) {
      command(installation, action, false);
      return;
    }
    note(installation, action, conductor.now());
    stack.invoke({ backup_type: type, action, scheduled_time: new Date(conductor.now()).toISOString() });
  };
  const command = (installation: Installation, action: Action, dryRun: boolean, asOf?: Date): void => {
    const { id, clock } = runCommand(world, installation, { action, dryRun, ...present({ asOf }) }, tamper);
    if (dryRun) return;
    // A run without a time of its own goes by its clock.
    const time = asOf?.getTime() ?? clock.now().getTime();
    if (asOf === undefined) note(installation, action, time);
    started.set(id, { installation, action, time });
  };
  const started: Estate['started'] = new Map();

  return {
    world,
    installations,
    functions,
    asked,
    interrupted,
    started,
    perform,
    run,
    repeat({ installation, action, time }) {
      command(installation, action, false, action === 'create_backups' ? new Date(time) : undefined);
    },
    restore() {
      for (const untils of [outages, world.fullUntil, world.keysRefusedUntil]) untils.clear();
      denials.length = 0;
    },
  };
}
