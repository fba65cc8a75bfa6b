import { describe, expect, it } from '@jest/globals';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { RegionCopy } from '../../../../layers/engine/src/ports.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import { DONE, again, backedUp, make, named, refusal, step } from '../delayed-work.js';
import type { Stepped } from '../delayed-work.js';
import { about } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { only } from '../one-of.js';
import { lacking, withAdapter } from '../other-parts.js';

/** What is told of a backup that is copied to a region. */
const told = (backup: HeldBackup, toRegion = DR) => ({
  operation: 'CopyBackupToRegion',
  ...about(backup),
  destinationRegion: toRegion,
});

/** Asks for copies of backups in the DR region. */
function copy(
  estate: MemoryEstate,
  backups: readonly HeldBackup[],
  { settings, ...how }: Parameters<typeof step>[2] = {},
  toRegion = DR,
): Promise<Stepped> {
  return step(
    estate,
    backups.map((backup) => ({ action: 'do_copy_backup', ...named(backup), toRegion })),
    { settings: { shelvery_dr_regions: DR, ...settings }, ...how },
  );
}

const copyCalls = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => call.includes(':copyToRegion'));

/** A service that refuses copies, or says something of them. */
const copying = (answer: (request: RegionCopy) => Promise<never>) => withAdapter(() => ({ copyToRegion: answer }));

describe('a backup that is not copied to a DR region', () => {
  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['a copy of another region', { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${THIRD}:snap-7` }],
    [
      'what was pulled from another account',
      { 'shelvery:cross_account_copy': 'true', 'shelvery:src_backup': `${THIRD}:snap-7` },
    ],
    [
      'a re-encrypted snapshot',
      {
        'shelvery:name': 'orders-2026-11-24-0301-daily-re-encrypted',
        'shelvery:src_backup': `${THIRD}:snap-7`,
      },
    ],
  ])('is %s', async (_, tags) => {
    const { estate, backup } = await backedUp();
    const changed = estate.change(backup, {
      copyOf: 'another',
      description: `Copied by Shelvery from snap-7 in ${THIRD}`,
      tags: { ...backup.tags, ...tags },
    });
    const { came, told: outcomes, said, calls } = await copy(estate, [changed]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...told(changed),
        status: 'failed',
        error: `ConfigurationError: ${backup.id} is a copy itself, and copies are not copied further.`,
      },
    ]);
    expect(said).toEqual([]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`, `ebs:findByTags ${DR}`]);
  });

  it('is one of a service that copies to no other region', async () => {
    const { estate, backup } = await backedUp('redshift');
    const { came, told: outcomes } = await copy(estate, [backup]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      { ...told(backup), status: 'ignored', reason: 'Redshift cluster backups cannot be copied to another region' },
    ]);
  });

  it('is one in the archive tier', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { archived: true });
    const { came, told: outcomes, calls } = await copy(estate, [backup]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...told(backup),
        status: 'ignored',
        reason: `${backup.id} is in the archive tier and cannot be copied; restore it to the standard tier first.`,
      },
    ]);
    expect(copyCalls(calls)).toEqual([]);
  });

  it('is one for a region that is none, which all that go there are told of', async () => {
    const estate = openEstate('ebs');
    estate.resource('orders');
    estate.resource('stock');
    const backups = await make(estate);
    const nowhere = Region.parse('eu-centrall-1');
    const noHost = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const { came, told: outcomes } = await copy(
      estate,
      backups,
      { parts: withAdapter(() => ({ findByTags: () => Promise.reject(noHost) })) },
      nowhere,
    );
    expect(came).toEqual([DONE, DONE]);
    expect(outcomes).toEqual(
      backups.map((backup) => ({
        ...told(backup, nowhere),
        status: 'failed',
        error:
          `ConfigurationError: ENOTFOUND while copying ${backup.id} to eu-centrall-1: AWS has nothing in eu-centrall-1, ` +
          'which is no region that this version knows (did you mean eu-central-1?). ' +
          `Correct shelvery_dr_regions, and the tag dr_regions of ${backup.id}, where it stays.`,
      })),
    );
  });

  it('is one whose copy has tags that cannot be understood', async () => {
    const { estate, backup } = await backedUp();
    const { came, told: outcomes } = await copy(estate, [backup], {
      parts: withAdapter((adapter) => ({
        copyToRegion: async (request) => {
          const made = await (adapter.copyToRegion?.(request) ?? lacking());
          return { found: { ...made.found, tags: { ...made.found.tags, 'shelvery:date_created': 'some day' } } };
        },
      })),
    });
    const [made] = estate.backups({ region: DR });
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...told(backup),
        status: 'failed',
        error:
          `BackupUnreadable: the new copy ${made?.id ?? ''}: its tag shelvery:date_created is "some day"; ` +
          'allowed: YYYY-MM-DD-HHmm',
      },
    ]);
  });
});

describe('the encryption of a copy in a DR region', () => {
  const KEY = 'alias/abroad';
  const ENCRYPTED = { tags: { encrypted: 'yes' } };

  it('is under the key that is set for the region', async () => {
    const { estate, backup } = await backedUp('rds', ENCRYPTED);
    const { said } = await copy(estate, [backup], { settings: { shelvery_copy_kms_key_id: `${DR}=${KEY}` } });
    expect(estate.backups({ region: DR })).toMatchObject([{ encrypted: true, kmsKeyId: KEY }]);
    expect(said).toEqual([]);
  });

  it('is also of what was not encrypted, where that is set', async () => {
    const { estate, backup } = await backedUp('rds');
    await copy(estate, [backup], { settings: { shelvery_encrypt_copy: true, shelvery_copy_kms_key_id: KEY } });
    expect(estate.backups({ region: DR })).toMatchObject([{ encrypted: true, kmsKeyId: KEY }]);
  });

  it('needs a key for a database', async () => {
    const { estate, backup } = await backedUp('rds', ENCRYPTED);
    const { came, told: outcomes, calls } = await copy(estate, [backup]);
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([
      {
        ...told(backup),
        status: 'failed',
        error:
          `ConfigurationError: ${backup.id} was not copied: an encrypted copy in ${DR} needs a key of that region: ` +
          `set shelvery_copy_kms_key_id to a key, or to ${DR}=<key>.`,
      },
    ]);
    expect(copyCalls(calls)).toEqual([]);
  });

  it.each<readonly [string, Readonly<Record<string, string>>, boolean, string]>([
    ['where nobody else gets it', {}, false, ''],
    [
      'where it is shared, and that is a key of the own account',
      { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      true,
      ', alias/own',
    ],
  ])('is under the default key of the region, with a warning, %s', async (_, settings, isAsked, which) => {
    const { estate, backup } = await backedUp('ebs', ENCRYPTED);
    const asked: string[] = [];
    const { said, told: outcomes } = await copy(estate, [backup], {
      settings,
      parts: withAdapter(() => ({
        ownDefaultKey: (region) => {
          asked.push(region);
          return Promise.resolve('alias/own');
        },
      })),
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['ok']);
    expect(said).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        `${backup.id}: shelvery_copy_kms_key_id has no key for ${DR}: the copy is encrypted with the default key of that region${which}`,
      ],
    ]);
    expect(asked).toEqual(isAsked ? [DR] : []);
  });

  it.each([
    ['not known', undefined],
    ['that of AWS', () => Promise.resolve(undefined)],
  ])('cannot be under a default key where it is shared and that key is %s', async (_, ownDefaultKey) => {
    const { estate, backup } = await backedUp('ebs', ENCRYPTED);
    const { told: outcomes } = await copy(estate, [backup], {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      parts: withAdapter(() => (ownDefaultKey === undefined ? {} : { ownDefaultKey })),
    });
    expect(outcomes).toEqual([
      {
        ...told(backup),
        status: 'failed',
        error:
          `ConfigurationError: ${backup.id} was not copied: a copy under the default key of ${DR}, which AWS manages, ` +
          `could not be shared: set shelvery_copy_kms_key_id to a key of your own, or to ${DR}=<key>.`,
      },
    ]);
  });
});

describe('a copy that the service refuses', () => {
  const THEIRS = `arn:aws:kms:${DR}:${OTHER_ACCOUNT}:key/0c9a0000-0000-4000-8000-000000000001`;
  const OURS = `arn:aws:kms:${DR}:${OWN_ACCOUNT}:key/0c9a0000-0000-4000-8000-000000000001`;

  it.each<readonly [BackupType, string, string, object]>([
    [
      'ebs',
      'Throttling',
      'Throttling while copying ID to eu-central-1: no. AWS allows only so many calls at a time. This is temporary: run it again.',
      {},
    ],
    ['ebs', 'ResourceLimitExceeded', 'ResourceLimitExceeded while copying ID to eu-central-1: no.', { full: DR }],
    [
      'rds',
      'SnapshotQuotaExceededFault',
      'SnapshotQuotaExceededFault while copying ID to eu-central-1: no.',
      { full: DR },
    ],
    ['rds', 'InvalidDBSnapshotStateFault', 'InvalidDBSnapshotStateFault while copying ID to eu-central-1: no.', {}],
  ])('is asked for again later where that may help (%s: %s)', async (type, code, why, more) => {
    const { estate, backup } = await backedUp(type);
    const { came, told: outcomes } = await copy(estate, [backup], {
      parts: copying(() => Promise.reject(refusal(code, 'no'))),
    });
    const operation = { action: 'do_copy_backup', ...named(backup), toRegion: DR } as const;
    expect(came).toEqual([{ ...again(operation, why.replace('ID', backup.id), type), ...more }]);
    expect(outcomes).toEqual([]);
  });

  it.each<readonly [BackupType, string, string]>([
    [
      'ebs',
      'SnapshotLimitExceeded',
      'QuotaExceeded: copying ID to eu-central-1: the quota "EBS snapshots per Region" is full there. ' +
        'Delete snapshots that are not needed, or ask AWS to raise it (Service Quotas).',
    ],
    ['ebs', 'InvalidSnapshot.NotFound', 'BackupGone: copying ID to eu-central-1: it does not exist any more.'],
  ])('is an error where it will not help (%s: %s)', async (type, code, error) => {
    const { estate, backup } = await backedUp(type);
    const { came, told: outcomes } = await copy(estate, [backup], {
      parts: copying(() => Promise.reject(refusal(code, 'no'))),
    });
    expect(came).toEqual([DONE]);
    expect(outcomes).toEqual([{ ...told(backup), status: 'failed', error: error.replace('ID', backup.id) }]);
  });

  it.each(['SnapshotLimitExceeded', 'InvalidSnapshot.NotFound'])(
    'is told with what AWS answered (%s)',
    async (code) => {
      const { estate, backup } = await backedUp();
      const cause = refusal(code, 'no');
      const { errors } = await copy(estate, [backup], { parts: copying(() => Promise.reject(cause)) });
      const aws = { code, requestId: 'simulated', httpStatus: 400 };
      expect(errors).toMatchObject([
        { cause, mendable: false, aws: code === 'SnapshotLimitExceeded' ? aws : undefined },
      ]);
    },
  );

  it.each(['AccessDenied', 'SomethingThatNoPageNames'])(
    'is left to who delivered it where nobody knows: %s',
    async (code) => {
      const { estate, backup } = await backedUp();
      const { came, told: outcomes } = await copy(estate, [backup], {
        parts: copying(() => Promise.reject(refusal(code, 'no'))),
      });
      expect(came).toEqual([{ kind: 'threw', error: 'no' }]);
      expect(outcomes).toEqual([]);
    },
  );

  it.each<readonly [string, string, string, boolean, string]>([
    ['for a key of another account', 'AccessDenied', THEIRS, true, 'advice'],
    ['for a key that it cannot use', 'KMSKeyNotAccessibleFault', THEIRS, true, 'advice'],
    ['for a key of the own account', 'AccessDenied', OURS, true, 'no'],
    ['for another reason', 'SomethingThatNoPageNames', THEIRS, true, 'no'],
    ['and is made in no stack', 'AccessDenied', THEIRS, false, 'no'],
  ])('%s names the parameter of the stack only where that would help (%s, %s)', async (_, code, key, inStack, says) => {
    const { estate, backup } = await backedUp('rds', { tags: { encrypted: 'yes' } });
    const { came } = await copy(estate, [backup], {
      inStack,
      settings: { shelvery_copy_kms_key_id: key },
      parts: copying(() => Promise.reject(refusal(code, 'no'))),
    });
    const allow =
      code === 'AccessDenied' ? 'Allow the call in the policy of the role or user that Shelvery runs as. ' : '';
    expect(came).toEqual([
      {
        kind: 'threw',
        error:
          says === 'no'
            ? 'no'
            : `NotAllowed: ${code} while copying ${backup.id} to ${DR}: no. ${allow}` +
              `The stack's functions may use ${key} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it.`,
      },
    ]);
  });

  it('for the key of the backup itself names the parameter, too', async () => {
    const { estate, backup } = await backedUp('rds', { tags: { encrypted: 'yes' } });
    const theirs = estate.change(backup, { kmsKeyId: THEIRS });
    const { came } = await copy(estate, [theirs], {
      inStack: true,
      settings: { shelvery_copy_kms_key_id: OURS },
      parts: copying(() => Promise.reject(refusal('KMSKeyNotAccessibleFault', 'no'))),
    });
    expect(came).toMatchObject([{ error: expect.stringContaining(`may use ${THEIRS} only if`) }]);
  });

  it('keeps no other from being looked at, but no other is asked for in a region that is full', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b', 'c', 'd']) estate.resource(id);
    const backups = await make(estate);
    const last = backups.slice(3);
    await copy(estate, last);
    const [there] = estate.backups({ region: DR });
    estate.strike('ebs:copyToRegion', { refuse: 'ResourceLimitExceeded', nth: 2 });
    const { came, told: outcomes, calls } = await copy(estate, estate.backups({ region: LOCAL }));
    const [a, b, , d] = backups;
    const why = `ResourceLimitExceeded while copying ${b?.id ?? ''} to ${DR}: ResourceLimitExceeded.`;
    expect(copyCalls(calls)).toEqual([a, b].map((each) => `ebs:copyToRegion ${DR} ${each?.id ?? ''}`));
    expect(outcomes.map(({ backupId, status, message }) => [backupId, status, message])).toEqual([
      [d?.id, 'ok', `${there?.id ?? ''}, already made by an earlier run`],
      [a?.id, 'ok', estate.backups({ region: DR }).at(-1)?.id],
    ]);
    expect(came.map((each) => (each.kind === 'again' ? [each.why, each.full] : each.kind))).toEqual([
      'done',
      [why, DR],
      [why, DR],
      'done',
    ]);
  });

  it('is asked for beside others where only its own state is wrong', async () => {
    const estate = openEstate('rds');
    for (const id of ['a', 'b']) estate.resource(id);
    const backups = await make(estate);
    estate.strike('rds:copyToRegion', { refuse: 'InvalidDBSnapshotStateFault' });
    const { calls } = await copy(estate, backups);
    expect(copyCalls(calls)).toHaveLength(2);
  });
});

describe('a copy that was made although the service answered by an error', () => {
  it('is found, and not made twice', async () => {
    const { estate, backup } = await backedUp();
    estate.strike('ebs:copyToRegion', 'fail-after');
    const { told: outcomes, calls } = await copy(estate, [backup]);
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: estate.backups({ region: DR })[0]?.id }]);
    expect(calls).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      `ebs:findByTags ${DR}`,
      `ebs:copyToRegion ${DR} ${backup.id}`,
      `ebs:findByTags ${DR}`,
      `ebs:tagBackup ${LOCAL} ${backup.id}`,
    ]);
  });

  it('is told from a copy that failed before, and from its re-encrypted snapshot', async () => {
    const { estate, backup } = await backedUp();
    await copy(estate, [backup]);
    const first = only(estate.backups({ region: DR }));
    estate.change(first, { outcome: 'failed', tags: { ...first.tags, 'shelvery:hold': 'yes' } });
    const name = `${first.tags['shelvery:name'] ?? ''}-re-encrypted`;
    estate.change(
      { ...first, id: 'snap-0' },
      { tags: { ...first.tags, 'shelvery:name': name, 'shelvery:src_backup': `${DR}:${first.id}` } },
    );
    estate.strike('ebs:copyToRegion', 'fail-after');
    const { told: outcomes } = await copy(estate, [backup]);
    const made = estate.backups({ region: DR }).at(-1);
    expect(estate.backups({ region: DR })).toHaveLength(3);
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: made?.id }]);
  });
});

describe('a copy of which the service has something to say', () => {
  it('is warned of, and told with that', async () => {
    const { estate, backup } = await backedUp();
    const { told: outcomes, said } = await copy(estate, [backup], {
      parts: withAdapter((adapter) => ({
        copyToRegion: async (request) => ({
          ...(await (adapter.copyToRegion?.(request) ?? lacking())),
          note: 'it has no option group',
        }),
      })),
    });
    const [made] = estate.backups({ region: DR });
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: `${made?.id ?? ''}, it has no option group` }]);
    expect(said).toEqual([
      [
        'SHELVERY_COPY_DIFFERS',
        `The copy ${made?.id ?? ''} of ${backup.id} in ${DR}: it has no option group`,
        { backupId: made?.id, backupName: backup.tags['shelvery:name'], region: DR },
      ],
    ]);
  });
});

describe('a DR region whose list of copies is refused', () => {
  it.each([
    ['AccessDenied', ['threw', 'threw']],
    ['Throttling', ['again', 'again']],
  ])('keeps all that go there from being copied (%s)', async (code, kinds) => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b']) estate.resource(id);
    const backups = await make(estate);
    estate.strike('ebs:findByTags', { refuse: code });
    const { came, told: outcomes } = await copy(estate, backups);
    expect(came.map(({ kind }) => kind)).toEqual(kinds);
    expect(outcomes).toEqual([]);
  });
});
