import { describe, expect, it } from '@jest/globals';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OWN_ACCOUNT } from '../../domain/builders.js';
import { SHARED, openPulled } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import { examineEstate, foundOf } from './doctor-estate.js';

describe('the doctor', () => {
  it('tells of an estate that is well all that it has looked at, in order, and leaves it as it is', async () => {
    const estate = await openPulled();
    const before = [estate.backups(), estate.keys(), estate.keys(DR)];
    const { counts, findings } = await examineEstate(estate, {
      settings: { ...SHARED.settings, shelvery_sns_topic: `arn:aws:sns:${LOCAL}:${OWN_ACCOUNT}:news` },
      types: ['ebs', 'redshift'],
    });
    expect(findings.map(({ check, result, text }) => [check, result, text])).toEqual([
      [
        'credentials',
        'ok',
        `Calls are made as arn:aws:sts::${OWN_ACCOUNT}:assumed-role/operators/ann, with credentials that do not end, or whose end is not known.`,
      ],
      ['clock', 'ok', "This machine's clock is within a minute of AWS's."],
      ['permissions', 'ok', `EBS volumes can be listed, and their backups in ${LOCAL}, ${DR}.`],
      [
        'permissions',
        'ok',
        'The service has no dry runs: whether backups may be made, copied, shared and removed shows when they are.',
      ],
      ['permissions', 'ok', `Redshift clusters can be listed, and their backups in ${LOCAL}. None is marked.`],
      ...[DR, LOCAL].map((region) => [
        'buckets',
        'ok',
        `The data bucket ${bucketNameOf(OWN_ACCOUNT, region)} is this account's, closed, encrypted, complete, and can be read.`,
      ]),
      ['topics', 'ok', `arn:aws:sns:${LOCAL}:${OWN_ACCOUNT}:news is there (shelvery_sns_topic).`],
      ['queues', 'ok', 'No queue is configured: what is begun at a terminal is waited for there.'],
      ['keys', 'ok', 'The configuration names no KMS key that would be used.'],
      ...[DR, LOCAL].map((region) => [
        'quotas',
        'ok',
        `${region} has 1 of Shelvery's backups, and a run adds 1: by default AWS allows 100,000 (quota "Snapshots per Region").`,
      ]),
    ]);
    expect(counts).toEqual({ failed: 0, warning: 0, ok: 12 });
    expect([estate.backups(), estate.keys(), estate.keys(DR)]).toEqual(before);
  });

  it('takes no further look when somebody has interrupted it', async () => {
    const estate = await openPulled();
    const checkup = await examineEstate(estate, {
      settings: { ...SHARED.settings, shelvery_sns_topic: `arn:aws:sns:${LOCAL}:${OWN_ACCOUNT}:news` },
      stack: 'prod',
      parts: () => ({ mayStart: () => false }),
    });
    // What needs no look is told of all the same.
    expect(checkup.findings.map(({ check, text }) => [check, text])).toEqual([
      ['clock', "This machine's clock is within a minute of AWS's."],
      ['keys', 'The configuration names no KMS key that would be used.'],
    ]);
  });

  it('takes each look when there is room for it', async () => {
    const looks: string[] = [];
    await examineEstate(openEstate('ebs'), {
      adapter: (adapter) => ({
        listResources: async () => {
          looks.push('list');
          return await adapter.listResources();
        },
      }),
      parts: ({ limit }) => {
        const counting = async (work: () => Promise<unknown>): Promise<unknown> => {
          looks.push('room');
          return await limit(work);
        };
        return { limit: Object.assign(counting, limit) };
      },
    });
    // Credentials, what is marked, its backups, the regions in use, and the bucket.
    expect(looks.filter((look) => look === 'room')).toHaveLength(5);
    expect(looks[0]).toBe('room');
  });

  it('waits for no region that does not answer, and tells of the others', async () => {
    const estate = await openPulled();
    const patience: number[] = [];
    const checkup = await examineEstate(estate, {
      ...SHARED,
      adapter: (adapter) => ({
        listBackups: async (region) => {
          const listed = await adapter.listBackups(region);
          if (region !== DR) return listed;
          // Time goes by, and no answer comes.
          void estate.pass(1);
          return await new Promise<never>(() => undefined);
        },
      }),
      parts: ({ clock }) => ({
        clock: {
          ...clock,
          timeout: (milliseconds) => {
            patience.push(milliseconds);
            return clock.timeout(milliseconds);
          },
        },
      }),
    });
    expect(new Set(patience)).toEqual(new Set([20_000]));
    expect(foundOf(checkup, 'permissions').slice(0, 1)).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        backup_type: 'ebs',
        region: DR,
        text: `There was no answer within 20 s while listing the backups of EBS volumes in ${DR}. Look at the network.`,
      },
    ]);
    expect(foundOf(checkup, 'quotas').map(({ region }) => region)).toEqual([LOCAL]);
  });

  it('looks with the tags of an installation that has another prefix', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-00000000000000001', { tags: { 'shelvery:create_backup': 'false', 'own:create_backup': '1' } });
    const settings = { shelvery_tag_prefix: 'own' };
    const checkup = await examineEstate(estate, { settings });
    expect(foundOf(checkup, 'permissions').map(({ text }) => text)[0]).toBe(
      `EBS volumes can be listed, and their backups in ${LOCAL}.`,
    );
  });
});
