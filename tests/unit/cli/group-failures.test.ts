import { describe, expect, it } from '@jest/globals';
import { AccountId, Region, ResourceId, ShelveryError } from '@shelvery/engine/terminal';
import type { Outcome } from '@shelvery/engine/terminal';
import { reasonTexts } from '../../../cli/group-failures.js';

const region = Region.parse('eu-west-1');
const failed = (id: string, message: string, more: Partial<Outcome> = {}): Outcome =>
  ({
    operation: 'CreateBackup',
    entityId: ResourceId.parse(id),
    region,
    ...more,
    status: 'failed',
    error: new ShelveryError('NotAllowed', message),
  }) satisfies Outcome;

const refused = (id: string): Outcome =>
  failed(
    id,
    `UnauthorizedOperation while backing up ${id}: You may not. Encoded authorization failure message: x${id}y. Allow ec2:CreateSnapshot on ${id}.`,
  );

describe('reasonTexts', () => {
  it('says once, with a count, what failed for one reason', () => {
    expect(reasonTexts(['vol-1', 'vol-2', 'vol-3', 'vol-4', 'vol-5', 'vol-6'].map(refused))).toEqual([
      '6 CreateBackup in eu-west-1 (vol-1, vol-2, vol-3 and 3 more): each as the first: UnauthorizedOperation while backing up vol-1: You may not. Encoded authorization failure message: xvol-1y. Allow ec2:CreateSnapshot on vol-1.',
    ]);
    expect(reasonTexts(['vol-1', 'vol-2'].map(refused))[0]).toMatch(
      /^2 CreateBackup in eu-west-1 \(vol-1, vol-2\): each as the first: /,
    );
  });

  it("says of a reason that names one of them that it is the first one's, and of one that names none no more", () => {
    const full = (id: string): Outcome => failed(id, `EBS volume ${id} was not backed up: the quota is full.`);
    expect(reasonTexts([full('vol-a'), full('vol-b')])).toEqual([
      '2 CreateBackup in eu-west-1 (vol-a, vol-b): each as the first: EBS volume vol-a was not backed up: the quota is full.',
    ]);
    expect(reasonTexts([failed('vol-a', 'The quota is full.'), failed('vol-b', 'The quota is full.')])).toEqual([
      '2 CreateBackup in eu-west-1 (vol-a, vol-b): The quota is full.',
    ]);
  });

  it('tells reasons, operations and places apart', () => {
    const other = Region.parse('eu-central-1');
    const texts = reasonTexts([
      failed('vol-1', 'One reason.'),
      failed('vol-2', 'Another reason.'),
      failed('vol-3', 'One reason.', { region: other }),
      failed('vol-4', 'One reason.', { operation: 'DeleteBackup' }),
      failed('vol-5', 'One reason.', { destinationRegion: other }),
    ]);
    expect(texts).toEqual([
      'vol-1 in eu-west-1: One reason.',
      'vol-2 in eu-west-1: Another reason.',
      'vol-3 in eu-central-1: One reason.',
      'vol-4 in eu-west-1: One reason.',
      'vol-5 in eu-west-1 to eu-central-1: One reason.',
    ]);
  });

  it('names the region and the account that those of one reason were for', () => {
    const operation = 'CopyBackupToRegion';
    const to = (destinationRegion: string) =>
      ({ operation, destinationRegion: Region.parse(destinationRegion) }) as const;
    const shared = { operation: 'ShareBackup', destinationAccount: AccountId.parse('222222222222') } as const;
    const each = (more: Partial<Outcome>): readonly Outcome[] =>
      ['vol-1', 'vol-2'].map((id) => failed(id, 'One reason.', more));
    expect(reasonTexts([...each(to('eu-central-1')), ...each(to('us-east-1')), ...each(shared)])).toEqual([
      '2 CopyBackupToRegion in eu-west-1 to eu-central-1 (vol-1, vol-2): One reason.',
      '2 CopyBackupToRegion in eu-west-1 to us-east-1 (vol-1, vol-2): One reason.',
      '2 ShareBackup in eu-west-1 with 222222222222 (vol-1, vol-2): One reason.',
    ]);
  });

  it('puts together what was skipped for one reason', () => {
    const skipped = (id: string): Outcome => ({
      operation: 'CopyBackupToRegion',
      entityId: ResourceId.parse(id),
      status: 'ignored',
      reason: `${id} cannot be copied`,
    });
    expect(reasonTexts([skipped('db-one'), skipped('db-two')])).toEqual([
      '2 CopyBackupToRegion (db-one, db-two): each as the first: db-one cannot be copied',
    ]);
  });
});
